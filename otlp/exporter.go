package otlp

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// A Queue takes encoded items and sees to their delivery. Put copies the item,
// never blocks, and counts itself what it can't take. Package outbox has one.
type Queue interface {
	Put(key string, at time.Time, item []byte) error
	Flush(ctx context.Context) error
	Shutdown(ctx context.Context) error
}

// A TraceExporter encodes spans as items and hands them to its queue, under the
// keys of their resources. It fits any OpenTelemetry SDK set-up, behind a span
// processor of the SDK's or behind [NewTraceProcessor], and is safe for
// concurrent use.
type TraceExporter struct {
	queue    Queue
	buffers  sync.Pool // of *encoding
	resource atomic.Pointer[encodedResource]
}

var _ sdktrace.SpanExporter = (*TraceExporter)(nil)

type encodedResource struct {
	of  *resource.Resource
	key string
}

// encoding is the reused memory of one encoding.
type encoding struct {
	span Span
	item []byte
}

// maxPooledItem keeps a rare large item from being held for good.
const maxPooledItem = 128 << 10

// NewTraceExporter returns an exporter that encodes into queue.
func NewTraceExporter(queue Queue) *TraceExporter {
	return &TraceExporter{queue: queue, buffers: sync.Pool{New: func() any { return new(encoding) }}}
}

// ExportSpans implements sdktrace.SpanExporter. It returns when the queue has
// taken the spans; the queue retries, and counts what it drops.
func (e *TraceExporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	var failed error
	for _, span := range spans {
		if err := e.put(span); err != nil {
			failed = err
		}
	}
	return failed
}

// Shutdown delivers what the queue holds, until ctx ends.
func (e *TraceExporter) Shutdown(ctx context.Context) error { return e.queue.Shutdown(ctx) }

// ForceFlush delivers what the queue holds, until ctx ends.
func (e *TraceExporter) ForceFlush(ctx context.Context) error { return e.queue.Flush(ctx) }

func (e *TraceExporter) put(span sdktrace.ReadOnlySpan) error {
	enc := e.buffers.Get().(*encoding)
	s := &enc.span
	FromSpan(s, span)
	enc.item = AppendItem(enc.item[:0], s)
	err := e.queue.Put(e.key(span.Resource()), s.Start, enc.item)

	clear(s.Events)
	clear(s.Links)
	*s = Span{Events: s.Events[:0], Links: s.Links[:0]}
	if cap(enc.item) <= maxPooledItem {
		e.buffers.Put(enc)
	}
	return err
}

// key returns the encoded form of a resource; a process has one as a rule, so
// the last is kept.
func (e *TraceExporter) key(r *resource.Resource) string {
	if last := e.resource.Load(); last != nil && last.of == r {
		return last.key
	}
	fresh := encodeResource(r)
	e.resource.Store(fresh)
	return fresh.key
}

func encodeResource(r *resource.Resource) *encodedResource {
	encoded := AppendResource(nil, &Resource{Attributes: r.Attributes(), SchemaURL: r.SchemaURL()})
	return &encodedResource{of: r, key: string(encoded)}
}

// NewTraceProcessor returns a span processor that encodes each sampled span as
// it ends, on the goroutine that ends it: about half a microsecond, and no
// second queue in front of the exporter's.
func NewTraceProcessor(e *TraceExporter) sdktrace.SpanProcessor {
	return processor{exporter: e, sampled: true}
}

// NewUnsampledProcessor is like [NewTraceProcessor], for the spans that are
// recorded but not sampled.
func NewUnsampledProcessor(e *TraceExporter) sdktrace.SpanProcessor { return processor{exporter: e} }

type processor struct {
	exporter *TraceExporter
	sampled  bool // which spans
}

func (p processor) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

func (p processor) OnEnd(span sdktrace.ReadOnlySpan) {
	if span.SpanContext().IsSampled() == p.sampled {
		_ = p.exporter.put(span) // the queue has counted what it could not take
	}
}

func (p processor) ForceFlush(ctx context.Context) error { return p.exporter.ForceFlush(ctx) }
func (p processor) Shutdown(ctx context.Context) error   { return p.exporter.Shutdown(ctx) }
