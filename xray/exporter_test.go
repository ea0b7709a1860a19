package xray_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/xray"
)

// A list is a queue that keeps what it is given.
type list struct {
	mu        sync.Mutex
	documents []document
	closed    bool
}

type document struct {
	Name     string
	TraceID  string `json:"trace_id"`
	ParentID string `json:"parent_id"`
	ID       string
	Type     string
	Fault    bool
	Cause    struct {
		Exceptions []struct{ Type, Message string }
	}
	Annotations map[string]any
}

func (l *list) Put(_ string, _ time.Time, body []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var d document
	if err := json.Unmarshal(body, &d); err != nil {
		return err
	}
	l.documents = append(l.documents, d)
	return nil
}

func (l *list) Flush(context.Context) error { return nil }

func (l *list) Shutdown(context.Context) error {
	l.closed = true
	return nil
}

func TestProcessor(t *testing.T) {
	queue := &list{}
	exporter := xray.NewExporter(xray.ExporterConfig{Queue: queue, Indexed: []string{"tenant"}})
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithIDGenerator(xray.NewIDGenerator()), sdktrace.WithSpanProcessor(xray.NewProcessor(exporter)))
	tracer := provider.Tracer("test")

	ctx, root := tracer.Start(t.Context(), "GET /", trace.WithSpanKind(trace.SpanKindServer))
	_, child := tracer.Start(ctx, "charge", trace.WithAttributes(attribute.String("tenant", "acme")))
	child.RecordError(errors.New("card refused"))
	child.SetStatus(codes.Error, "card refused")
	child.End()
	root.End()
	if err := provider.Shutdown(t.Context()); err != nil || !queue.closed {
		t.Fatalf("shutdown: %v, queue closed: %v", err, queue.closed)
	}

	if len(queue.documents) != 2 {
		t.Fatalf("%d documents, want 2", len(queue.documents))
	}
	sub, segment := queue.documents[0], queue.documents[1]
	if sub.ParentID != segment.ID || sub.TraceID != segment.TraceID || sub.Type != "subsegment" || segment.Type != "" {
		t.Errorf("not a segment and its subsegment: %+v, %+v", segment, sub)
	}
	if !sub.Fault || len(sub.Cause.Exceptions) != 1 || sub.Cause.Exceptions[0].Message != "card refused" {
		t.Errorf("the error is not its cause: %+v", sub)
	}
	if sub.Annotations["tenant"] != "acme" {
		t.Errorf("annotations %v, want the indexed attribute", sub.Annotations)
	}
}

// TestExporter_escaped hands over what a call carries, and how long the document
// is.
func TestExporter_escaped(t *testing.T) {
	var escaped []byte
	size := 0
	exporter := xray.NewExporter(xray.ExporterConfig{PutEscaped: func(_ string, _ time.Time, document []byte, n int) error {
		escaped, size = slices.Clone(document), n
		return nil
	}})
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(xray.NewProcessor(exporter)))
	_, span := provider.Tracer("test").Start(t.Context(), "say \"hi\"", trace.WithAttributes(attribute.String("path", `C:\tmp`)))
	span.End()
	var plain string
	if err := json.Unmarshal([]byte(`"`+string(escaped)+`"`), &plain); err != nil {
		t.Fatalf("%v: %s", err, escaped)
	}
	var d document
	if err := json.Unmarshal([]byte(plain), &d); err != nil || d.ID != span.SpanContext().SpanID().String() || len(plain) != size {
		t.Errorf("%s of %d bytes, not %d: %v", plain, len(plain), size, err)
	}
}

func TestProcessor_leavesOutWhatIsNotSampled(t *testing.T) {
	queue := &list{}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSampler(sdktrace.NeverSample()),
		sdktrace.WithSpanProcessor(xray.NewProcessor(xray.NewExporter(xray.ExporterConfig{Queue: queue}))))
	_, span := provider.Tracer("test").Start(t.Context(), "quiet")
	span.End()
	if len(queue.documents) != 0 {
		t.Errorf("%d documents, want none", len(queue.documents))
	}
}

func BenchmarkProcessor(b *testing.B) {
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(xray.NewProcessor(xray.NewExporter(xray.ExporterConfig{Queue: drain{}}))))
	tracer := provider.Tracer("test")
	attributes := trace.WithAttributes(attribute.String("http.request.method", "GET"), attribute.Int("http.response.status_code", 200))
	b.ReportAllocs()
	for b.Loop() {
		_, span := tracer.Start(b.Context(), "GET /", attributes)
		span.End()
	}
}

// drain is a queue that keeps nothing.
type drain struct{}

func (drain) Put(string, time.Time, []byte) error { return nil }
func (drain) Flush(context.Context) error         { return nil }
func (drain) Shutdown(context.Context) error      { return nil }

func ExampleAppendSegment() {
	segment := xray.Segment{
		TraceID: trace.TraceID{0x67, 0x4f, 0x0a, 0x1b, 0xa2, 0xc3, 0xd4, 0xe5, 0xf6, 0x07, 0x18, 0x29, 0x3a, 0x4b, 0x5c, 0x6d},
		SpanID:  trace.SpanID{1, 2, 3, 4, 5, 6, 7, 8},
		Kind:    trace.SpanKindServer, Name: "GET /",
		Start: time.Unix(1733233179, 0), End: time.Unix(1733233179, 250_000_000),
	}
	fmt.Printf("%s\n", xray.AppendSegment(nil, &segment))
	// Output:
	// {"name":"GET /","id":"0102030405060708","trace_id":"1-674f0a1b-a2c3d4e5f60718293a4b5c6d","start_time":1733233179,"end_time":1733233179.25,"error":false,"fault":false,"throttle":false,"aws":{"xray":{"auto_instrumentation":false}},"metadata":{"otel":{"span_name":"GET /"}}}
}
