package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/xray"
)

// The typical server span: 10 attributes of a request, 12 of the resource, and
// about 1.4 KB as a segment document.
var (
	typicalSpan = []attribute.KeyValue{
		attribute.String("http.request.method", "GET"), attribute.String("url.scheme", "https"),
		attribute.String("server.address", "shop.example.com"), attribute.Int("server.port", 8443),
		attribute.String("url.path", "/api/products/4711/reviews"), attribute.String("url.query", "page=2&per_page=50"),
		attribute.String("network.peer.address", "10.0.17.4"), attribute.Int("http.response.status_code", 200),
		attribute.String("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0)"),
		attribute.String("http.route", "/api/products/{id}/reviews"),
	}
	typicalResource = []attribute.KeyValue{
		attribute.String("service.name", "shop"), attribute.String("service.version", "1.4.2"),
		attribute.String("deployment.environment.name", "production"), attribute.String("cloud.provider", "aws"),
		attribute.String("cloud.platform", "aws_ecs"), attribute.String("cloud.region", "eu-central-1"),
		attribute.String("cloud.account.id", "123456789012"), attribute.String("aws.ecs.launchtype", "fargate"),
		attribute.String("aws.ecs.task.arn", "arn:aws:ecs:eu-central-1:123456789012:task/shop/0f9de17a6465404e8b1b2356dc13c2f8"),
		attribute.String("telemetry.sdk.name", "opentelemetry"), attribute.String("telemetry.sdk.language", "go"),
		attribute.String("telemetry.sdk.version", "1.47.0"),
	}
	typicalStart = time.Unix(1_790_000_000, 123_456_789)
)

// typicalTraces are so many typical spans, as the collector holds them.
func typicalTraces(spans int) ptrace.Traces {
	traces := ptrace.NewTraces()
	rs := traces.ResourceSpans().AppendEmpty()
	putAll(rs.Resource().Attributes(), typicalResource)
	ss := rs.ScopeSpans().AppendEmpty()
	ss.Scope().SetName("go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp")
	for i := range spans {
		span := ss.Spans().AppendEmpty()
		var id pcommon.SpanID
		binary.BigEndian.PutUint64(id[:], uint64(i+1))
		span.SetSpanID(id)
		span.SetTraceID(pcommon.TraceID{0: 0x6a, 1: 0xb1, 2: 0x3b, 15: 1})
		span.SetParentSpanID(pcommon.SpanID{0: 9})
		span.SetKind(ptrace.SpanKindServer)
		span.SetName("GET /api/products/{id}/reviews")
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(typicalStart))
		span.SetEndTimestamp(pcommon.NewTimestampFromTime(typicalStart.Add(25 * time.Millisecond)))
		putAll(span.Attributes(), typicalSpan)
	}
	return traces
}

func putAll(m pcommon.Map, attributes []attribute.KeyValue) {
	for _, kv := range attributes {
		_ = m.PutEmpty(string(kv.Key)).FromRaw(kv.Value.AsInterface())
	}
}

// typicalSegment is the typical span as package xray takes it.
func typicalSegment() *xray.Segment {
	ss := typicalTraces(1).ResourceSpans().At(0).ScopeSpans().At(0)
	return segmentOf(ss.Spans().At(0), ss.Scope().Name(), xray.NewResource(typicalResource), settings{})
}

// TestEncode_typical holds what the benchmarks are about: the size of the
// document, that both exporters make the same one, and that ours allocates
// nothing.
func TestEncode_typical(t *testing.T) {
	segment := typicalSegment()
	buf := make([]byte, 0, 4096)
	for _, compat := range []bool{false, true} {
		segment.Compat = compat
		if n := testing.AllocsPerRun(100, func() { buf = xray.AppendSegment(buf[:0], segment) }); n != 0 {
			t.Errorf("compat %v: %v allocations, want none", compat, n)
		}
		if len(buf) < 1300 || len(buf) > 1600 {
			t.Errorf("compat %v: %d bytes, want about 1.4 KB", compat, len(buf))
		}
		t.Logf("compat %v: %d bytes", compat, len(buf))
	}
	exporter, spans := typicalExporter()
	if n := testing.AllocsPerRun(100, func() { _ = exporter.ExportSpans(t.Context(), spans) }); n != 0 && !underRace() {
		t.Errorf("from the SDK's span: %v allocations, want none", n)
	}
	theirs := newXRayCollector(t, settings{}).export(t, typicalTraces(1))
	want, err := readAll(theirs)
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll([]string{string(buf)})
	if err != nil {
		t.Fatal(err)
	}
	if d := differences(want[0], got[0]); len(d) > 0 {
		t.Errorf("the documents differ: %v", d)
	}
}

// underRace tells the race detector, under which a sync.Pool loses on purpose.
func underRace() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

func perSpan(b *testing.B, spans int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(spans), "ns/span")
}

// BenchmarkEncode_updraft encodes the typical span.
func BenchmarkEncode_updraft(b *testing.B) { encodeTypical(b, false) }

// BenchmarkEncode_updraftCompat makes the very document that the collector does.
func BenchmarkEncode_updraftCompat(b *testing.B) { encodeTypical(b, true) }

func encodeTypical(b *testing.B, compat bool) {
	segment := typicalSegment()
	segment.Compat = compat
	var buf []byte
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		buf = xray.AppendSegment(buf[:0], segment)
		n++
	}
	perSpan(b, n)
}

// typicalExporter is an exporter with the typical span as the SDK hands it over.
func typicalExporter() (*xray.Exporter, []sdktrace.ReadOnlySpan) {
	sc := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{0: 0x6a, 15: 1}, SpanID: trace.SpanID{7: 1}, TraceFlags: trace.FlagsSampled})
	spans := tracetest.SpanStubs{{
		Name: "GET /api/products/{id}/reviews", SpanContext: sc, SpanKind: trace.SpanKindServer,
		StartTime: typicalStart, EndTime: typicalStart.Add(25 * time.Millisecond), Attributes: typicalSpan,
		Resource: resource.NewSchemaless(typicalResource...), InstrumentationScope: instrumentation.Scope{Name: "otelhttp"},
	}}.Snapshots()
	return xray.NewExporter(xray.ExporterConfig{Queue: forgetful{}}), spans
}

// BenchmarkEncode_updraftExporter takes the span as the SDK hands it over, and
// puts the document into a queue that forgets it.
func BenchmarkEncode_updraftExporter(b *testing.B) {
	exporter, spans := typicalExporter()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if err := exporter.ExportSpans(b.Context(), spans); err != nil {
			b.Fatal(err)
		}
		n++
	}
	perSpan(b, n)
}

// forgetful is a queue that keeps nothing.
type forgetful struct{}

func (forgetful) Put(string, time.Time, []byte) error { return nil }
func (forgetful) Flush(context.Context) error         { return nil }
func (forgetful) Shutdown(context.Context) error      { return nil }

// BenchmarkEncode_collector is the collector's exporter without its calls: it
// encodes all it is given before it calls the first time, and its context has
// ended by then. What is left of one call is shared by 2,000 spans.
func BenchmarkEncode_collector(b *testing.B) {
	const spans = 2_000
	peer, traces := newXRayCollector(b, settings{}), typicalTraces(spans)
	ended, end := context.WithCancel(b.Context())
	end()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if err := peer.exporter.ConsumeTraces(ended, traces); !errors.Is(err, context.Canceled) {
			b.Fatal(err)
		}
		n += spans
	}
	perSpan(b, n)
	if len(peer.documents) > 0 {
		b.Error("it did call")
	}
}

// BenchmarkEncode_collectorPut is the collector's exporter with its calls: 50
// documents each, to a server on this machine, whose work is in the time.
func BenchmarkEncode_collectorPut(b *testing.B) {
	const spans = 50
	peer, traces := newXRayCollector(b, settings{}), typicalTraces(spans)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		peer.export(b, traces)
		n += spans
	}
	perSpan(b, n)
}
