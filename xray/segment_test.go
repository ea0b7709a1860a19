package xray

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var (
	traceID  = trace.TraceID{0x67, 0x4f, 0x0a, 0x1b, 0xa2, 0xc3, 0xd4, 0xe5, 0xf6, 0x07, 0x18, 0x29, 0x3a, 0x4b, 0x5c, 0x6d}
	spanID   = trace.SpanID{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88}
	parentID = trace.SpanID{0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11}
	start    = time.Unix(1733233179, 123456789).UTC()
)

func shop() *Resource {
	return NewResource([]attribute.KeyValue{
		attribute.String("service.name", "shop"),
		attribute.String("service.version", "1.4.2"),
		attribute.String("deployment.environment.name", "production"),
		attribute.String("telemetry.sdk.name", "opentelemetry"),
		attribute.String("telemetry.sdk.language", "go"),
		attribute.String("telemetry.sdk.version", "1.47.0"),
	})
}

func server(attributes ...attribute.KeyValue) *Segment {
	return &Segment{
		TraceID: traceID, SpanID: spanID, Kind: trace.SpanKindServer, Name: "GET /api/products",
		Start: start, End: start.Add(25 * time.Millisecond), Attributes: attributes, Resource: shop(), Scope: "otelhttp",
	}
}

func client(attributes ...attribute.KeyValue) *Segment {
	s := server(attributes...)
	s.Kind, s.ParentID, s.Name = trace.SpanKindClient, parentID, "GET"
	return s
}

const goStack = `goroutine 7 [running]:
runtime/debug.Stack()
	/usr/local/go/src/runtime/debug/stack.go:26 +0x64
example.com/shop.(*Cart).Pay(0xc000012345, {0x1, 0x2})
	/src/shop/cart.go:81 +0x1d
created by example.com/shop.Run in goroutine 1
	/src/shop/main.go:14
`

func TestAppendSegment_golden(t *testing.T) {
	f := func(name string, s *Segment) {
		t.Helper()
		got := AppendSegment(nil, s)
		var indented bytes.Buffer
		if err := json.Indent(&indented, got, "", "  "); err != nil {
			t.Fatalf("%s: not JSON: %v\n%s", name, err, got)
		}
		indented.WriteByte('\n')
		file := filepath.Join("testdata", name+".golden.json")
		if *update {
			if err := os.WriteFile(file, indented.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(indented.Bytes(), want) {
			t.Errorf("%s: the document changed; read the difference, then go test -update\n%s", name, indented.Bytes())
		}
	}

	f("server", server(
		attribute.String("http.request.method", "GET"), attribute.String("url.scheme", "http"),
		attribute.String("server.address", "shop.example.com"), attribute.Int("server.port", 8080),
		attribute.String("url.path", "/api/products"), attribute.String("url.query", "page=2"),
		attribute.String("client.address", "203.0.113.9"), attribute.String("network.peer.address", "10.0.0.4"),
		attribute.String("user_agent.original", "curl/8.5"), attribute.Int("http.response.status_code", 200),
		attribute.Int("http.response.body.size", 512), attribute.String("http.route", "/api/products"),
		attribute.StringSlice("aws.xray.annotations", []string{"tenant.id"}), attribute.String("tenant.id", "acme"),
	))
	f("server_old_conventions", server(
		attribute.String("http.method", "POST"), attribute.String("http.host", "shop.example.com"),
		attribute.String("http.scheme", "https"), attribute.String("http.target", "/api/orders?dry=1"),
		attribute.Int("http.status_code", 429), attribute.String("enduser.id", "u-17"),
	))
	f("client", client(
		attribute.String("http.request.method", "GET"), attribute.String("url.full", "http://user:secret@inventory:8081/stock?id=3"),
		attribute.String("server.address", "inventory"), attribute.Int("server.port", 8081), attribute.Int("http.response.status_code", 503),
	))
	f("database", client(
		attribute.String("db.system.name", "postgresql"), attribute.String("db.namespace", "shop"),
		attribute.String("server.address", "db.internal"), attribute.String("db.query.text", "SELECT * FROM stock WHERE id = $1"),
		attribute.String("db.operation.name", "SELECT"),
	))
	f("database_embedded", client(attribute.String("db.system.name", "sqlite"), attribute.String("db.namespace", "inventory")))
	f("aws_call", client(
		attribute.String("rpc.system.name", "aws-api"), attribute.String("rpc.method", "SQS/SendMessage"),
		attribute.String("aws.request_id", "r-1"), attribute.String("aws.region", "eu-central-1"),
		attribute.String("aws.sqs.queue.url", "https://sqs.eu-central-1.amazonaws.com/1/orders"),
	))

	internal := server(attribute.Int("items", 3), attribute.Float64("total", 12.5))
	internal.Kind, internal.ParentID, internal.Name = trace.SpanKindInternal, parentID, "price cart"
	f("internal", internal)

	worker := server()
	worker.Kind, worker.Name = trace.SpanKindInternal, "nightly clean-up"
	f("worker_root", worker)

	failed := server(attribute.String("http.request.method", "POST"), attribute.Int("http.response.status_code", 500))
	failed.Status, failed.StatusMessage = codes.Error, "payment failed"
	failed.Events = []Event{
		{Name: "charge", Time: start.Add(time.Millisecond), Attributes: []attribute.KeyValue{attribute.Int("attempt", 2)}},
		{Name: "exception", Time: start, Attributes: []attribute.KeyValue{
			attribute.String("exception.type", "*shop.CardError"), attribute.String("exception.message", "card refused"),
			attribute.String("exception.stacktrace", goStack),
		}},
	}
	failed.Links = []Link{{TraceID: traceID, SpanID: parentID, Attributes: []attribute.KeyValue{attribute.Bool("retry", true)}}}
	f("failed", failed)

	status := client()
	status.Status, status.StatusMessage = codes.Error, "dial tcp: connection refused"
	f("failed_without_event", status)

	progress := server()
	progress.End = time.Time{}
	f("in_progress", progress)

	f("hostile_names", &Segment{
		TraceID: traceID, SpanID: spanID, Name: "bad*name!? (é) \xff \"quoted\" \\ " + strings.Repeat("ü", 300), Start: start, End: start,
		Attributes: []attribute.KeyValue{attribute.String("k\"ey", "\x00\xfe<script>"), attribute.StringSlice("list", []string{"a", "b"})},
	})

	onECS := server()
	onECS.Resource = NewResource([]attribute.KeyValue{
		attribute.String("service.name", "shop"), attribute.String("cloud.provider", "aws"), attribute.String("cloud.platform", "aws_ecs"),
		attribute.String("aws.ecs.launchtype", "fargate"), attribute.String("aws.ecs.cluster.arn", "arn:aws:ecs:eu-central-1:1:cluster/c"),
		attribute.String("aws.ecs.task.arn", "arn:aws:ecs:eu-central-1:1:task/t"), attribute.String("container.name", "shop"),
	})
	f("ecs", onECS)
}

func TestAppendSegment_tooLarge(t *testing.T) {
	s := server(attribute.String("blob", strings.Repeat("x", 100_000)))
	document := AppendSegment(nil, s)
	if len(document) > MaxDocumentBytes {
		t.Fatalf("%d bytes, want at most %d", len(document), MaxDocumentBytes)
	}
	if !bytes.Contains(document, []byte(`"trimmed"`)) {
		t.Errorf("no note of what was left out: %s", document)
	}
}

func TestNewResource_bareBeanstalk(t *testing.T) {
	s := server()
	s.Resource = NewResource([]attribute.KeyValue{
		attribute.String("cloud.platform", "aws_elastic_beanstalk"), attribute.String("service.instance.id", "7"),
	})
	if document := AppendSegment(nil, s); !json.Valid(document) || !bytes.Contains(document, []byte(`"elastic_beanstalk":{"deployment_id":7}`)) {
		t.Errorf("no deployment: %s", document)
	}
}

func TestAppendSegment_atMost50Annotations(t *testing.T) {
	s := server()
	s.IndexAll = true
	for i := range 80 {
		s.Attributes = append(s.Attributes, attribute.Int("key."+strings.Repeat("k", i), i))
	}
	var document struct{ Annotations map[string]any }
	if err := json.Unmarshal(AppendSegment(nil, s), &document); err != nil {
		t.Fatal(err)
	}
	if len(document.Annotations) != MaxAnnotations {
		t.Errorf("%d annotations, want %d", len(document.Annotations), MaxAnnotations)
	}
}

func FuzzAppendSegment(f *testing.F) {
	f.Add("GET /", "http.method", "GET", "exception", goStack, int64(1), byte(2))
	f.Add("", "db.system", "mysql", "e", "", int64(-5), byte(3))
	f.Fuzz(func(t *testing.T, name, key, value, event, stack string, at int64, kind byte) {
		s := &Segment{
			TraceID: traceID, SpanID: spanID, Name: name, Kind: trace.SpanKind(kind % 6), Start: time.Unix(0, at), End: time.Unix(at, 1),
			Attributes: []attribute.KeyValue{attribute.String(key, value), attribute.String("url.full", value), attribute.String("peer.service", name)},
			Events:     []Event{{Name: event, Attributes: []attribute.KeyValue{attribute.String("exception.stacktrace", stack)}}},
			Resource:   NewResource([]attribute.KeyValue{attribute.String(key, value)}), IndexAll: kind%2 == 0, Compat: kind%3 == 0,
			Status: codes.Error, StatusMessage: stack,
		}
		if kind > 6 {
			s.ParentID = parentID
		}
		document := AppendSegment(nil, s)
		if !json.Valid(document) {
			t.Fatalf("not JSON: %s", document)
		}
	})
}

func BenchmarkAppendSegment(b *testing.B) {
	s := server(
		attribute.String("http.request.method", "GET"), attribute.String("url.scheme", "http"),
		attribute.String("server.address", "shop.example.com"), attribute.Int("server.port", 8080),
		attribute.String("url.path", "/api/products"), attribute.String("network.peer.address", "10.0.0.4"),
		attribute.String("user_agent.original", "curl/8.5"), attribute.Int("http.response.status_code", 200),
		attribute.String("http.route", "/api/products"), attribute.String("tenant", "acme"),
	)
	var document []byte
	b.ReportAllocs()
	for b.Loop() {
		document = AppendSegment(document[:0], s)
	}
	b.SetBytes(int64(len(document)))
}

func TestAppendSegment_allocatesNothing(t *testing.T) {
	s := server(
		attribute.String("http.request.method", "GET"), attribute.String("url.scheme", "http"), attribute.String("url.path", "/api"),
		attribute.String("server.address", "shop.example.com"), attribute.Int("server.port", 8080), attribute.String("tenant", "acme"),
	)
	buf := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { buf = AppendSegment(buf[:0], s) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
