package xray

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// A Queue takes encoded documents and sees to their delivery. Put copies the
// document, never blocks, and counts itself what it can't take. Package outbox
// has one.
type Queue interface {
	Put(key string, at time.Time, document []byte) error
	Flush(ctx context.Context) error
	Shutdown(ctx context.Context) error
}

// ExporterConfig says how an [Exporter] encodes, and where to.
type ExporterConfig struct {
	// Queue takes the segment documents. Required.
	Queue Queue

	// PutEscaped, where it is set, takes the documents instead of Queue.Put,
	// escaped as they must be in the body of PutTraceSegments: see
	// [AppendEscaped]. Size is the document's length unescaped. It spares who
	// sends them a pass, as PutEncoded of package outbox together with
	// PutEscapedTraceSegments of package awsapi.
	PutEscaped func(key string, at time.Time, escaped []byte, size int) error

	// Indexed names the span attributes that become annotations, which X-Ray
	// indexes for search; a span adds its own by aws.xray.annotations.
	Indexed []string

	// IndexAll makes annotations of all scalar attributes, 50 a document.
	IndexAll bool

	// LogGroups are the service's log groups, where its resource names none.
	LogGroups []string

	// Compat restores the documents of the OpenTelemetry collector's awsxray
	// exporter where ours differ on purpose.
	Compat bool

	// MaxBytes is the longest document, [MaxDocumentBytes] if 0; larger ones
	// are trimmed.
	MaxBytes int
}

// An Exporter encodes spans as segment documents and hands them to its queue.
// It fits any OpenTelemetry SDK set-up, behind a span processor of the SDK's
// or behind [NewProcessor], and is safe for concurrent use.
type Exporter struct {
	config   ExporterConfig
	buffers  sync.Pool // of *encoding
	resource atomic.Pointer[encodedResource]
}

var _ sdktrace.SpanExporter = (*Exporter)(nil)

type encodedResource struct {
	of      *resource.Resource
	encoded *Resource
}

// encoding is the reused memory of one encoding.
type encoding struct {
	segment, service Segment
	document         []byte
}

// maxPooledDocument keeps a rare large document from being held for good.
const maxPooledDocument = 2 * MaxDocumentBytes

// NewExporter returns an exporter that encodes into c.Queue.
func NewExporter(c ExporterConfig) *Exporter {
	return &Exporter{config: c, buffers: sync.Pool{New: func() any { return new(encoding) }}}
}

// ExportSpans implements sdktrace.SpanExporter. It returns when the queue has
// taken the documents; the queue retries, and counts what it drops.
func (e *Exporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	var failed error
	for _, span := range spans {
		if err := e.put(span); err != nil {
			failed = err
		}
	}
	return failed
}

// Shutdown delivers what the queue holds, until ctx ends.
func (e *Exporter) Shutdown(ctx context.Context) error { return e.config.Queue.Shutdown(ctx) }

// ForceFlush delivers what the queue holds, until ctx ends.
func (e *Exporter) ForceFlush(ctx context.Context) error { return e.config.Queue.Flush(ctx) }

func (e *Exporter) put(span sdktrace.ReadOnlySpan) error {
	enc := e.buffers.Get().(*encoding)
	s := &enc.segment
	FromSpan(s, span)
	s.Resource = e.encode(span.Resource())
	s.Indexed, s.IndexAll, s.Compat, s.MaxBytes = e.config.Indexed, e.config.IndexAll, e.config.Compat, e.config.MaxBytes
	var split bool
	enc.service, split = s.Split()
	err := e.putSegment(enc, s)
	if split {
		err = errors.Join(err, e.putSegment(enc, &enc.service))
	}

	clear(s.Events)
	clear(s.Links)
	*s, enc.service = Segment{Events: s.Events[:0], Links: s.Links[:0]}, Segment{}
	if cap(enc.document) <= maxPooledDocument {
		e.buffers.Put(enc)
	}
	return err
}

func (e *Exporter) putSegment(enc *encoding, s *Segment) error {
	if e.config.PutEscaped == nil {
		enc.document = AppendSegment(enc.document[:0], s)
		return e.config.Queue.Put("", s.Start, enc.document)
	}
	enc.document = AppendEscaped(enc.document[:0], s)
	return e.config.PutEscaped("", s.Start, enc.document, appendjson.UnescapedLen(enc.document))
}

// encode returns the encoded form of a resource; a process has one as a rule,
// so the last is kept.
func (e *Exporter) encode(r *resource.Resource) *Resource {
	if last := e.resource.Load(); last != nil && last.of == r {
		return last.encoded
	}
	fresh := &encodedResource{of: r, encoded: NewResource(r.Attributes(), e.config.LogGroups...)}
	e.resource.Store(fresh)
	return fresh.encoded
}

// NewProcessor returns a span processor that encodes each sampled span as it
// ends, on the goroutine that ends it: about a microsecond, and no second
// queue in front of the exporter's.
func NewProcessor(e *Exporter) sdktrace.SpanProcessor { return processor{e} }

type processor struct{ exporter *Exporter }

func (p processor) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

func (p processor) OnEnd(span sdktrace.ReadOnlySpan) {
	if span.SpanContext().IsSampled() {
		_ = p.exporter.put(span) // the queue has counted what it could not take
	}
}

func (p processor) ForceFlush(ctx context.Context) error { return p.exporter.ForceFlush(ctx) }
func (p processor) Shutdown(ctx context.Context) error   { return p.exporter.Shutdown(ctx) }
