package xray

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
)

// smallDocument is what a document has beside what made it too large: events
// are nothing to the collector's exporter.
const smallDocument = 2_000

func TestAppendSegment_alwaysFits(t *testing.T) {
	f := func(name string, s *Segment) {
		t.Helper()
		for _, s.Compat = range []bool{false, true} {
			document := AppendSegment(nil, s)
			if len(document) > MaxDocumentBytes {
				t.Errorf("%s, compat %v: %d bytes, want at most %d", name, s.Compat, len(document), MaxDocumentBytes)
			}
			if err := checkMembers(json.NewDecoder(bytes.NewReader(document))); err != nil {
				t.Errorf("%s, compat %v: %v", name, s.Compat, err)
			}
			if !json.Valid(document) || (!bytes.Contains(document, []byte(`"trimmed"`)) && len(document) > smallDocument) {
				t.Errorf("%s, compat %v: no JSON, or no note of what was left out: %.300s", name, s.Compat, document)
			}
		}
	}
	big := strings.Repeat("<ü\x00", 12_000)
	some := big[:4_000] // of many
	f("one large attribute", server(attribute.String("blob", big)))
	many := server()
	for i := range 128 {
		many.Attributes = append(many.Attributes, attribute.String(fmt.Sprint("key", i), big[:2000]))
	}
	f("many attributes", many)
	f("a large statement", client(attribute.String("db.system.name", "mysql"), attribute.String("db.query.text", big)))
	failed := server()
	failed.Status, failed.StatusMessage = codes.Error, big
	for range 128 {
		failed.Events = append(failed.Events, Event{Name: "exception", Attributes: []attribute.KeyValue{
			attribute.String("exception.message", some), attribute.String("exception.type", some),
			attribute.String("exception.stacktrace", "goroutine 1 [running]:\n"+strings.Repeat("f()\n\t/src/file.go:1\n", 200)),
		}})
	}
	f("many exceptions", failed)
	linked := server()
	for range 128 {
		linked.Links = append(linked.Links, Link{TraceID: traceID, SpanID: spanID, Attributes: []attribute.KeyValue{attribute.String("k", some)}})
	}
	f("many links", linked)
	events := server()
	for range 128 {
		events.Events = append(events.Events, Event{Name: some, Attributes: []attribute.KeyValue{attribute.String("k", some)}})
	}
	f("many events", events)
	resource := server()
	resource.Resource = NewResource([]attribute.KeyValue{attribute.String("service.name", big), attribute.String("k", big), attribute.String("aws.log.group.names", big)})
	f("a large resource", resource)
	named := client(attribute.String("peer.service", big), attribute.String("url.query", big), attribute.String("url.full", big))
	f("a large name and URL", named)
	indexed := server()
	indexed.IndexAll = true
	for i := range 128 {
		indexed.Attributes = append(indexed.Attributes, attribute.String(strings.Repeat("k", 500)+fmt.Sprint(i), some))
	}
	f("many annotations", indexed)
}

func TestAppendSegment_verdict(t *testing.T) {
	f := func(s *Segment, want string) {
		t.Helper()
		var d struct{ Error, Fault, Throttle bool }
		if err := json.Unmarshal(AppendSegment(nil, s), &d); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(d.Error, d.Fault, d.Throttle); got != want {
			t.Errorf("%v: error, fault, throttle are %s, want %s", s.Attributes, got, want)
		}
	}
	f(server(attribute.Int("http.response.status_code", 200)), "false false false")
	f(server(attribute.Int("http.response.status_code", 404)), "true false false")
	f(server(attribute.Int("http.status_code", 429)), "true false true")
	f(server(attribute.Int("http.response.status_code", 503)), "false true false")
	f(server(attribute.Int("rpc.grpc.status_code", 8)), "true false true")
	f(server(attribute.String("rpc.response.status_code", "RESOURCE_EXHAUSTED")), "true false true")
	f(server(attribute.Int("rpc.grpc.status_code", 5)), "true false false")
	f(server(attribute.Int("rpc.grpc.status_code", 14)), "false true false")
	f(server(attribute.Int("rpc.grpc.status_code", 0)), "false false false")
	failed := server()
	failed.Status = codes.Error
	f(failed, "false true false")
}

func TestAppendSegment_throttledCall(t *testing.T) {
	f := func(name string, s *Segment, want string) {
		t.Helper()
		var d struct{ Error, Fault, Throttle bool }
		if err := json.Unmarshal(AppendSegment(nil, s), &d); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(d.Error, d.Fault, d.Throttle); got != want {
			t.Errorf("%s: error, fault, throttle are %s, want %s", name, got, want)
		}
	}
	call := func(attributes ...attribute.KeyValue) *Segment {
		return client(append(attributes, attribute.String("rpc.system", "aws-api"))...)
	}
	status := attribute.Int("http.response.status_code", 400)
	code := func(code string) attribute.KeyValue { return attribute.String("error.type", code) }
	for _, of := range []string{
		"ThrottlingException", "Throttling", "TooManyRequestsException", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
		"software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException", "*types.LimitExceededException",
	} {
		f(of, call(status, code(of)), "true false true")
	}
	f("another error", call(status, code("ValidationException")), "true false false")
	f("aws.error.code", call(status, attribute.String("aws.error.code", "SlowDown")), "true false true")
	f("a fault by its status", call(attribute.Int("http.status_code", 503), code("SlowDown")), "false true true")
	f("a service of one's own", client(status, code("ThrottlingException")), "true false false")
	f("at last without an error", call(attribute.Int("http.status_code", 200), code("ThrottlingException")), "false false false")

	failed := call(code("ThrottlingException"))
	failed.Status = codes.Error
	f("no status", failed, "true false true")
	failed = call(status)
	failed.Events = []Event{{Name: "exception", Attributes: []attribute.KeyValue{attribute.String("exception.type", "botocore.errorfactory.ThrottlingException")}}}
	f("an exception", failed, "true false true")
	failed.Compat = true
	f("as the collector's exporter", failed, "true false false")
}

func TestSegment_Split(t *testing.T) {
	s := client(attribute.String("aws.span.kind", "LOCAL_ROOT"), attribute.String("aws.local.service", "shop"),
		attribute.String("aws.remote.service", "AWS::SQS"), attribute.String("rpc.system", "aws-api"))
	service, split := s.Split()
	if !split {
		t.Fatal("not split")
	}
	var call, around struct {
		Name, ID, Type, Namespace string
		ParentID                  string `json:"parent_id"`
	}
	for to, of := range map[any]*Segment{&call: s, &around: &service} {
		if err := json.Unmarshal(AppendSegment(nil, of), to); err != nil {
			t.Fatal(err)
		}
	}
	if call.Type != "subsegment" || call.ID != spanID.String() || call.ParentID != around.ID || call.Name != "SQS" || call.Namespace != "aws" {
		t.Errorf("the call is %+v", call)
	}
	if around.Type != "" || around.Name != "shop" || around.ParentID != parentID.String() || around.Namespace != "" {
		t.Errorf("the service is %+v", around)
	}
	if _, split := server(attribute.String("aws.span.kind", "LOCAL_ROOT")).Split(); split {
		t.Error("a server span was split")
	}
}
