package xray

import (
	"bytes"
	"encoding/json"
	"flag"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
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

func TestAppendSegment_tooLarge(t *testing.T) {
	s := server(attribute.String("blob", strings.Repeat("x", 100_000)))
	document := AppendSegment(nil, s)
	if len(document) > MaxDocumentBytes {
		t.Fatalf("%d bytes, want at most %d", len(document), MaxDocumentBytes)
	}
	if !bytes.Contains(document, []byte(`"trimmed"`)) {
		t.Errorf("no note of what was left out: %s", document)
	}
	checkEscaped(t, s, document)
}

// TestAppendEscaped_limit counts the document against the limit, not what stands
// for it.
func TestAppendEscaped_limit(t *testing.T) {
	s := server(attribute.String("quoted", strings.Repeat(`"`, MaxDocumentBytes*2/5)))
	document := AppendSegment(nil, s)
	if bytes.Contains(document, []byte(`"trimmed"`)) || len(AppendEscaped(nil, s)) <= MaxDocumentBytes {
		t.Fatal("the document is to fit, and more than it when it is escaped")
	}
	checkEscaped(t, s, document)
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

func BenchmarkAppendSegment(b *testing.B) {
	s := server(
		attribute.String("http.request.method", "GET"), attribute.String("url.scheme", "http"),
		attribute.String("server.address", "shop.example.com"), attribute.Int("server.port", 8080),
		attribute.String("url.path", "/api/products"), attribute.String("network.peer.address", "10.0.0.4"),
		attribute.String("user_agent.original", "curl/8.5"), attribute.Int("http.response.status_code", 200),
		attribute.String("http.route", "/api/products"), attribute.String("tenant", "acme"),
	)
	for name, encode := range map[string]func([]byte, *Segment) []byte{"plain": AppendSegment, "escaped": AppendEscaped} {
		b.Run(name, func(b *testing.B) {
			var document []byte
			b.ReportAllocs()
			for b.Loop() {
				document = encode(document[:0], s)
			}
			b.SetBytes(int64(len(document)))
		})
	}
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
	if n := testing.AllocsPerRun(100, func() { buf = AppendEscaped(buf[:0], s) }); n != 0 {
		t.Errorf("%v allocations where it is escaped, want none", n)
	}
}
