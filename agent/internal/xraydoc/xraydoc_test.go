package xraydoc

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// full has what X-Ray's documentation gives documents, and members it does not
// know.
const full = `{
 "name":"shop.example.com","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979",
 "start_time":1478293361.271000001,"end_time":1478293361.449,"origin":"AWS::ECS::Container","error":true,"throttle":true,
 "user":"u1","precursor_ids":["aaaaaaaaaaaaaaaa"],"resource_arn":"arn:aws:elasticloadbalancing:x","custom":[1,2.50],
 "service":{"version":"7","compiler":"gc"},
 "http":{"request":{"method":"POST","client_ip":"78.255.233.48","url":"http://www.example.com/api/user","user_agent":"Mozilla","x_forwarded_for":true},"response":{"status":429,"content_length":11}},
 "aws":{"account_id":"123456789012","ecs":{"container":"web","container_id":"c1","container_arn":"arn:c"},"ec2":{"availability_zone":"us-west-2c","instance_id":"i-0"},
  "xray":{"sdk":"X-Ray for Go","sdk_version":"1.8","sampling_rule_name":"r"},"cloudwatch_logs":[{"log_group":"g","arn":"arn:g"}]},
 "annotations":{"tier":"gold","n":3,"ok":true},
 "metadata":{"default":{"big":12345678901234567890},"debug":{"a":[1]},"list":[1]},
 "links":[{"trace_id":"1-581cf771-a006649127e371903a2de978","id":"70de5b6f19ff9a0b","attributes":{"k":"v"}}],
 "cause":{"working_directory":"/w","paths":["/p"],"exceptions":[{"id":"e1","type":"T","message":"secret","remote":true,"stack":[{"path":"a.go","line":3,"label":"main.f"}],"skipped":2}]},
 "subsegments":[
  {"name":"DynamoDB","id":"53995c3f42cd8ad8","start_time":1478293361.3,"end_time":1478293361.4,"namespace":"aws","aws":{"operation":"PutItem","table_name":"t","retries":2,"region":"us-west-2","id_2":"x"},
   "subsegments":[{"name":"attempt","id":"53995c3f42cd8ad9","start_time":1478293361.3,"in_progress":true}]},
  {"name":"db@host","id":"53995c3f42cd8ada","start_time":1478293361.3,"end_time":1478293361.4,"namespace":"remote","sql":{"url":"jdbc:postgresql://aawijb5u25wdoy.cpamxznpdoq8.us-west-2.rds.amazonaws.com:5432/ebdb","preparation":"statement","database_type":"PostgreSQL","user":"dbuser","sanitized_query":"SELECT ?"}},
  {"name":"odd","id":"short","start_time":1},
  17]}`

func read(t *testing.T, doc string) ptrace.Traces {
	t.Helper()
	td := ptrace.NewTraces()
	if _, err := AppendSpans(td, []byte(doc)); err != nil {
		t.Fatal(err)
	}
	return td
}

func spansOf(td ptrace.Traces) (pcommon.Resource, ptrace.SpanSlice) {
	rs := td.ResourceSpans().At(0)
	return rs.Resource(), rs.ScopeSpans().At(0).Spans()
}

func write(t *testing.T, resource pcommon.Resource, span ptrace.Span) map[string]any {
	t.Helper()
	doc, ok := Document(resource, span, nil)
	if !ok {
		t.Fatal("the span has no document")
	}
	o, err := decode(doc)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestUnchanged: what no processor touched is what came, each subsegment alone.
func TestUnchanged(t *testing.T) {
	resource, spans := spansOf(read(t, full))
	if spans.Len() != 4 {
		t.Fatalf("%d spans, want 4", spans.Len())
	}
	whole, err := decode([]byte(full))
	if err != nil {
		t.Fatal(err)
	}
	subsegments := whole["subsegments"].([]any)
	whole["subsegments"] = subsegments[2:] // what is no span stays
	if got := write(t, resource, spans.At(0)); !reflect.DeepEqual(got, whole) {
		t.Errorf("segment:\n got %s\nwant %s", encode(got), encode(whole))
	}
	first := standAlone(subsegments[0].(map[string]any), whole)
	inner := standAlone(first["subsegments"].([]any)[0].(map[string]any), first)
	delete(first, "subsegments")
	for i, want := range []map[string]any{first, inner, standAlone(subsegments[1].(map[string]any), whole)} {
		if got := write(t, resource, spans.At(i+1)); !reflect.DeepEqual(got, want) {
			t.Errorf("subsegment %d:\n got %s\nwant %s", i, encode(got), encode(want))
		}
	}
	if parent := spans.At(2).ParentSpanID(); parent != spans.At(1).SpanID() {
		t.Errorf("the inner subsegment's parent is %s", parent)
	}
}

// TestAttributes: processors see what the collector's receiver would show them.
func TestAttributes(t *testing.T) {
	resource, spans := spansOf(read(t, full))
	f := func(attributes pcommon.Map, name string, want any) {
		t.Helper()
		v, ok := attributes.Get(name)
		if !ok || !reflect.DeepEqual(v.AsRaw(), want) {
			t.Errorf("%s = %v, want %v", name, v.AsRaw(), want)
		}
	}
	segment := spans.At(0)
	f(segment.Attributes(), "http.method", "POST")
	f(segment.Attributes(), "http.status_code", int64(429))
	f(segment.Attributes(), "tier", "gold")
	f(segment.Attributes(), "n", int64(3))
	f(segment.Attributes(), "aws.xray.annotations", []any{"n", "ok", "tier"})
	f(segment.Attributes(), "aws.xray.metadata.debug", `{"a":[1]}`)
	f(segment.Attributes(), "enduser.id", "u1")
	f(spans.At(1).Attributes(), "aws.service", "DynamoDB")
	f(spans.At(1).Attributes(), "aws.xray.retries", int64(2))
	f(spans.At(3).Attributes(), "db.name", "ebdb")
	f(spans.At(3).Attributes(), "db.connection_string", "jdbc:postgresql://aawijb5u25wdoy.cpamxznpdoq8.us-west-2.rds.amazonaws.com:5432")
	f(resource.Attributes(), "service.name", "shop.example.com")
	f(resource.Attributes(), "cloud.provider", "aws")
	f(resource.Attributes(), "host.id", "i-0")
	f(resource.Attributes(), "telemetry.sdk.language", "go")
	f(resource.Attributes(), "aws.log.group.arns", []any{"arn:g"})
	f(segment.Events().At(0).Attributes(), "exception.stacktrace", "T: secret\n\tat main.f(a.go: 3)\n")
	if segment.Kind() != ptrace.SpanKindServer || spans.At(1).Kind() != ptrace.SpanKindClient || spans.At(2).Kind() != ptrace.SpanKindInternal {
		t.Errorf("kinds %v, %v, %v", segment.Kind(), spans.At(1).Kind(), spans.At(2).Kind())
	}
	if segment.Status().Code() != ptrace.StatusCodeError || segment.StartTimestamp() != 1478293361271000001 || segment.Links().Len() != 1 {
		t.Errorf("status %v, start %d, %d links", segment.Status().Code(), segment.StartTimestamp(), segment.Links().Len())
	}
}

// TestChanged: what a processor changes is changed, and nothing else.
func TestChanged(t *testing.T) {
	f := func(name string, change func(pcommon.Resource, ptrace.Span), differ func(map[string]any)) {
		t.Helper()
		resource, spans := spansOf(read(t, full))
		want := write(t, resource, spans.At(0))
		change(resource, spans.At(0))
		differ(want)
		wanted, err := decode(encode(want)) // numbers as they are read
		if err != nil {
			t.Fatal(err)
		}
		if got := write(t, resource, spans.At(0)); !reflect.DeepEqual(got, wanted) {
			t.Errorf("%s:\n got %s\nwant %s", name, encode(got), encode(want))
		}
	}
	f("url", func(_ pcommon.Resource, s ptrace.Span) { s.Attributes().PutStr("http.url", "http://x/") },
		func(o map[string]any) { put(o, "http://x/", "http", "request", "url") })
	f("user removed", func(_ pcommon.Resource, s ptrace.Span) { s.Attributes().Remove("enduser.id") },
		func(o map[string]any) { remove(o, "user") })
	f("annotation removed", func(_ pcommon.Resource, s ptrace.Span) { s.Attributes().Remove("tier") },
		func(o map[string]any) { remove(o, "annotations", "tier") })
	f("annotation changed", func(_ pcommon.Resource, s ptrace.Span) { s.Attributes().PutStr("tier", "tin") },
		func(o map[string]any) { put(o, "tin", "annotations", "tier") })
	f("attribute", func(_ pcommon.Resource, s ptrace.Span) { s.Attributes().PutInt("shard", 7) },
		func(o map[string]any) { put(o, 7, "metadata", "default", "shard") })
	f("annotation", func(_ pcommon.Resource, s ptrace.Span) {
		s.Attributes().PutInt("shard-1", 7)
		v, _ := s.Attributes().Get("aws.xray.annotations")
		v.Slice().AppendEmpty().SetStr("shard-1")
	}, func(o map[string]any) { put(o, 7, "annotations", "shard_1") })
	f("metadata", func(_ pcommon.Resource, s ptrace.Span) {
		s.Attributes().PutStr("aws.xray.metadata.debug", `{"b":1}`)
		s.Attributes().Remove("aws.xray.metadata.list")
	}, func(o map[string]any) {
		put(o, map[string]any{"b": 1}, "metadata", "debug")
		remove(o, "metadata", "list")
	})
	f("resource", func(r pcommon.Resource, _ ptrace.Span) {
		r.Attributes().PutStr("deployment.environment.name", "prod")
		r.Attributes().PutStr("host.id", "i-1")
		r.Attributes().Remove("cloud.account.id")
	}, func(o map[string]any) {
		put(o, "prod", "metadata", "default", "otel.resource.deployment.environment.name")
		put(o, "i-1", "aws", "ec2", "instance_id")
		remove(o, "aws", "account_id")
	})
	f("service", func(r pcommon.Resource, _ ptrace.Span) { r.Attributes().PutStr("service.name", "web*1") },
		func(o map[string]any) { o["name"] = "web1" })
	f("letters of other scripts", func(_ pcommon.Resource, s ptrace.Span) { s.SetName("Bestell\u00fcbersicht *\u6ce8\u6587 \xff1") },
		func(o map[string]any) { o["name"] = "Bestell\u00fcbersicht \u6ce8\u6587 1" })
	f("long name", func(_ pcommon.Resource, s ptrace.Span) { s.SetName(strings.Repeat("\u00fc", 300)) },
		func(o map[string]any) { o["name"] = strings.Repeat("\u00fc", 200) })
	f("name", func(_ pcommon.Resource, s ptrace.Span) { s.SetName("other") }, func(o map[string]any) { o["name"] = "other" })
	f("message", func(_ pcommon.Resource, s ptrace.Span) {
		s.Events().At(0).Attributes().PutStr("exception.message", "***")
		s.Events().At(0).Attributes().PutStr("exception.stacktrace", "***")
	}, func(o map[string]any) {
		e := at(o, "cause", "exceptions").([]any)[0].(map[string]any)
		e["message"] = "***"
		delete(e, "stack")
	})
}

func TestTooLong(t *testing.T) {
	resource, spans := spansOf(read(t, full))
	before := write(t, resource, spans.At(0))
	spans.At(0).Attributes().PutStr("blob", strings.Repeat("x", maxDocumentBytes))
	spans.At(0).Attributes().PutStr("enduser.id", "u2")
	before["user"] = "u2"
	if got := write(t, resource, spans.At(0)); !reflect.DeepEqual(got, before) {
		t.Errorf("got %s", encode(got))
	}
}

func TestErrors(t *testing.T) {
	f := func(doc, want string) {
		t.Helper()
		td := ptrace.NewTraces()
		n, err := AppendSpans(td, []byte(doc))
		if err == nil || !strings.Contains(err.Error(), want) || n != 0 || td.ResourceSpans().Len() != 0 {
			t.Errorf("%s: %d spans, error %v", doc, n, err)
		}
	}
	f(``, "EOF")
	f(`null`, "no JSON object")
	f(`{} {}`, "something follows")
	f(`{"name":"a"}`, `"id"`)
	f(`{"id":"70de5b6f19ff9a0a"}`, `"name"`)
	f(`{"name":"a","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979xxxxxxxx","start_time":1}`, `"trace_id"`)
	f(`{"name":"a","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979"}`, `"start_time"`)
	f(`{"name":"a","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","start_time":-1}`, `"start_time"`)
}

func TestNanos(t *testing.T) {
	f := func(s string, want uint64, ok bool) {
		t.Helper()
		if got, is := nanos(json.Number(s)); got != want || is != ok {
			t.Errorf("%s: got %d, %v", s, got, is)
		}
	}
	f("1478293361.271000001", 1478293361271000001, true)
	f("1478293361", 1478293361000000000, true)
	f("1.5", 1500000000, true)
	f("1.4782933612E9", 1478293361200000000, true)
	f("1.23456789012", 1234567890, true)
	f("-1", 0, false)
	f("1e300", 0, false)
	f("", 0, false)
}

func TestVerbatim(t *testing.T) {
	td := ptrace.NewTraces()
	spans := NewVerbatim(td)
	doc := []byte("T1Sabc")
	AppendVerbatim(spans, doc)
	doc[0] = 'x'
	if scope := td.ResourceSpans().At(0).ScopeSpans().At(0); !IsVerbatim(scope.Scope()) || string(Verbatim(scope.Spans().At(0))) != "T1Sabc" {
		t.Errorf("got %q", Verbatim(scope.Spans().At(0)))
	}
	if _, ok := Document(pcommon.NewResource(), spans.At(0), nil); ok {
		t.Error("what is no document was one")
	}
}

func TestOwnID(t *testing.T) {
	f := func(doc, want string) {
		t.Helper()
		if got := ownID([]byte(doc)); got.String() != want {
			t.Errorf("%s: id %s, want %s", doc, got, want)
		}
	}
	f(full, "70de5b6f19ff9a0a")
	f(`{"subsegments":[{"id":"53995c3f42cd8ad8"}],"a":"\\\"id\":{","id" : "70de5b6f19ff9a0a"}`, "70de5b6f19ff9a0a")
	f(`{"id":"short","x":"id"}`, "")
	f(`{"id":`, "")
	f(`{"id":"zzde5b6f19ff9a0a"}`, "")
	f(`{"id`, "")
	f("T1Sabc", "")
	f(`"\`, "")
}

// FuzzDocument: any document gives spans or an error, and spans that nobody
// touched give documents with every member of it.
func FuzzDocument(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(`{"name":"a","id":"70de5b6f19ff9a0a","trace_id":"581cf771a006649127e371903a2de979","start_time":1,"cause":{"exceptions":[{},1]},"subsegments":{},"annotations":[],"http":{"request":1},"links":[{}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		ownID(doc)
		td := ptrace.NewTraces()
		n, err := AppendSpans(td, doc)
		if err != nil {
			return
		}
		resource, spans := spansOf(td)
		if n != spans.Len() {
			t.Fatalf("%d spans, said %d", spans.Len(), n)
		}
		for _, span := range spans.All() {
			if again, ok := Document(resource, span, nil); !ok || string(again) != string(kept(span.Attributes())) {
				t.Fatalf("%s became %s", doc, again)
			}
			span.Attributes().PutStr("added", "x")
			span.Events().RemoveIf(func(ptrace.SpanEvent) bool { return true })
			if _, ok := Document(resource, span, nil); !ok {
				t.Fatal("no document")
			}
		}
	})
}
