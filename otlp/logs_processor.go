package otlp

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
)

// A LogProcessor encodes each log record at once, on the goroutine that logs
// it, and hands it to its queue under the key of its resource. It is safe for
// concurrent use.
type LogProcessor struct {
	queue    Queue
	now      func() time.Time
	buffers  sync.Pool // of *logEncoding
	resource atomic.Pointer[encodedResource]
	closed   atomic.Bool
}

var _ sdklog.Processor = (*LogProcessor)(nil)

type logEncoding struct {
	record LogRecord
	item   []byte
}

// NewLogProcessor returns a processor that encodes into queue.
func NewLogProcessor(queue Queue) *LogProcessor {
	return &LogProcessor{queue: queue, now: time.Now, buffers: sync.Pool{New: func() any { return new(logEncoding) }}}
}

// Enabled says yes until Shutdown.
func (p *LogProcessor) Enabled(context.Context, sdklog.EnabledParameters) bool {
	return !p.closed.Load()
}

// OnEmit puts r into the queue. It returns no error: the queue counts what it
// can't take.
func (p *LogProcessor) OnEmit(_ context.Context, r *sdklog.Record) error {
	enc := p.buffers.Get().(*logEncoding)
	FromRecord(&enc.record, r)
	if enc.record.Observed.IsZero() {
		enc.record.Observed = p.now()
	}
	at := enc.record.Time
	if at.IsZero() {
		at = enc.record.Observed
	}
	enc.item = AppendLogItem(enc.item[:0], &enc.record)
	_ = p.queue.Put(p.key(r.Resource()), at, enc.item)

	clear(enc.record.Attributes)
	enc.record = LogRecord{Attributes: enc.record.Attributes[:0]}
	if cap(enc.item) <= maxPooledItem {
		p.buffers.Put(enc)
	}
	return nil
}

// key returns the encoded form of a resource, of which the last is kept.
func (p *LogProcessor) key(r *resource.Resource) string {
	if last := p.resource.Load(); last != nil && last.of == r {
		return last.key
	}
	fresh := encodeResource(r)
	p.resource.Store(fresh)
	return fresh.key
}

// ForceFlush delivers what the queue holds, until ctx ends.
func (p *LogProcessor) ForceFlush(ctx context.Context) error { return p.queue.Flush(ctx) }

// Shutdown delivers what the queue holds, until ctx ends.
func (p *LogProcessor) Shutdown(ctx context.Context) error {
	if p.closed.Swap(true) {
		return nil
	}
	return p.queue.Shutdown(ctx)
}

// FromRecord fills to from an SDK's log record, reusing the slice it has. The
// record's resource is not in it.
func FromRecord(to *LogRecord, r *sdklog.Record) {
	scope := r.InstrumentationScope()
	to.Scope = Scope{Name: scope.Name, Version: scope.Version, Attributes: scope.Attributes, SchemaURL: scope.SchemaURL}
	to.Time, to.Observed = r.Timestamp(), r.ObservedTimestamp()
	to.Severity, to.SeverityText = int(r.Severity()), r.SeverityText()
	to.EventName, to.Body = r.EventName(), r.Body()
	to.TraceID, to.SpanID, to.Flags = r.TraceID(), r.SpanID(), r.TraceFlags()
	to.Attributes, to.DroppedAttributes = to.Attributes[:0], r.DroppedAttributes()
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		to.Attributes = append(to.Attributes, kv)
		return true
	})
}
