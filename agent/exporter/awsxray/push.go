package awsxray

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/updraft-otel/updraft/agent/internal/contain"
	"github.com/updraft-otel/updraft/agent/internal/xraydoc"
	"github.com/updraft-otel/updraft/awsapi"
)

// maxCallBytes bounds the documents of a call. AWS states no limit; 50 documents of the largest size would be 3.2 MB.
const maxCallBytes = 1 << 20

// A push sends what the queue handed over: the spans are encoded one after the other, and each full batch goes out
// beside those under way, as soon as the limit lets a call begin.
type push struct {
	*traceExporter
	ctx   context.Context
	open  *batch
	calls sync.WaitGroup

	mu      sync.Mutex
	again   map[place]struct{} // spans that are worth another try
	stopped bool               // no call begins any more: X-Ray takes nothing at present, or the time is up
	delay   time.Duration      // how long to wait before the next try
	last    error              // why spans are to be tried again
	refused int                // spans that never will be taken
	refusal error
}

// push is what exporterhelper calls. It returns nil when every span was taken or refused one by one, an error with the spans
// that are worth another try, or a permanent error when all were refused.
func (e *traceExporter) push(ctx context.Context, traces ptrace.Traces) error {
	p := &push{traceExporter: e, ctx: ctx, open: newBatch(), again: map[place]struct{}{}}
	if e.config.TransitSpansInOTLPFormat {
		p.addOTLP(traces)
	} else {
		p.addSegments(traces)
	}
	p.flush()
	p.calls.Wait()
	return p.result(traces)
}

// addSegments encodes the spans as segment documents.
func (p *push) addSegments(traces ptrace.Traces) {
	enc := encoders.Get().(*encoder)
	defer encoders.Put(enc)
	for r, rs := range traces.ResourceSpans().All() {
		if !p.begin(enc, r, rs) {
			continue
		}
		for s, ss := range rs.ScopeSpans().All() {
			if xraydoc.IsVerbatim(ss.Scope()) || xraydoc.IsRead(ss.Scope()) {
				p.addReceived(rs.Resource(), ss, r, s)
				continue
			}
			scope := ss.Scope().Name()
			for i, span := range ss.Spans().All() {
				at := place{r, s, i}
				p.contained(at, func() { p.addSegment(enc, span, scope, at) })
			}
		}
	}
}

// begin has the encoder take the spans of a resource. Where that panics all of them are refused.
func (p *push) begin(enc *encoder, r int, rs ptrace.ResourceSpans) bool {
	err := contain.Call(func() { enc.begin(&p.encoding, p.resources.of(rs.Resource().Attributes())) })
	if err == nil {
		return true
	}
	for s, ss := range rs.ScopeSpans().All() {
		for i := range ss.Spans().Len() {
			p.drop(place{r, s, i}, contain.Reason, err)
		}
	}
	return false
}

// contained adds a span. Where that panics the span is refused, with what there is of it in the open batch.
func (p *push) contained(at place, add func()) {
	if err := contain.Call(add); err != nil {
		p.open.cut(at)
		p.drop(at, contain.Reason, err)
	}
}

// addReceived adds documents that came to the awsxray receiver: as they came, but
// for what the pipeline changed about spans that it could see.
func (p *push) addReceived(resource pcommon.Resource, ss ptrace.ScopeSpans, r, s int) {
	indexed := func(name string) bool { return p.encoding.indexAll || slices.Contains(p.encoding.indexed, name) }
	for i, span := range ss.Spans().All() {
		at := place{r, s, i}
		p.contained(at, func() {
			doc := xraydoc.Verbatim(span)
			if xraydoc.IsRead(ss.Scope()) {
				doc, _ = xraydoc.Document(resource, span, indexed)
			}
			p.addDocument(doc, span, at)
		})
	}
}

// addDocument adds the document of a span that came as one.
func (p *push) addDocument(doc []byte, span ptrace.Span, at place) {
	if doc == nil { // somebody took it away
		p.drop(at, reasonNoDocument, errNoDocument)
		return
	}
	if p.full(1) {
		p.flush()
	}
	if p.skipped(at) {
		return
	}
	if p.encoding.dotless {
		doc = xraydoc.WithoutDots(doc)
	}
	b := p.open
	b.newest = max(b.newest, span.EndTimestamp())
	b.data = append(b.data, doc...)
	b.add(span.SpanID(), at, false)
}

// errNoDocument is why a span of the awsxray receiver's can't be sent.
var errNoDocument = errors.New("a processor removed the attribute " + xraydoc.DocumentAttribute)

const reasonNoDocument = "no_document"

// drop counts a span that is not sent.
func (p *push) drop(at place, reason string, why error) {
	p.mu.Lock()
	p.refuseLocked(&document{one: [1]place{at}}, why)
	p.mu.Unlock()
	p.stats.Refused(p.ctx, 1, reason, why)
}

// full tells whether the open batch has no room for so many documents more.
func (p *push) full(documents int) bool {
	return len(p.open.documents)+documents > awsapi.MaxSegments || len(p.open.data) > maxCallBytes-awsapi.MaxSegmentBytes
}

// addSegment encodes a span into the open batch: one document or two, in the same call.
func (p *push) addSegment(enc *encoder, span ptrace.Span, scope string, at place) {
	if p.skipped(at) {
		return
	}
	if p.encoding.timely && !timely(span.TraceID(), time.Now()) {
		p.drop(at, reasonTraceTime, errTraceTime)
		return
	}
	split := enc.fill(span, scope)
	documents := 1
	if split {
		documents = 2
	}
	if p.full(documents) {
		p.flush()
		if p.skipped(at) {
			return
		}
	}
	b := p.open
	b.newest = max(b.newest, span.EndTimestamp())
	b.data = enc.append(b.data)
	b.add(span.SpanID(), at, !p.encoding.dotless)
	if split {
		b.data = enc.appendService(b.data)
		b.add([8]byte(enc.service.SpanID), at, !p.encoding.dotless)
	}
}

// skipped keeps a span for another try once no call begins any more.
func (p *push) skipped(at place) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		p.again[at] = struct{}{}
	}
	return p.stopped
}

// flush sends the open batch as soon as a call may begin.
func (p *push) flush() {
	b := p.open
	if len(b.documents) == 0 {
		return
	}
	p.open = newBatch()
	pause, err := p.limit.Acquire(p.ctx)
	if pause > 0 || err != nil {
		p.stop(b, pause, err)
		return
	}
	p.calls.Go(func() {
		defer b.free()
		p.send(b)
	})
}

// stop keeps a batch, and all that comes after it, for another try.
func (p *push) stop(b *batch, pause time.Duration, err error) {
	defer b.free()
	if err == nil {
		err = errPaused
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	for i := range b.documents {
		p.keepLocked(&b.documents[i], pause, err)
	}
}

// keepLocked marks the spans of a document for another try.
func (p *push) keepLocked(d *document, delay time.Duration, why error) {
	for _, at := range d.places() {
		p.again[at] = struct{}{}
	}
	p.delay, p.last = max(p.delay, delay), why
}

// refuseLocked counts the spans of a document that X-Ray will never take.
func (p *push) refuseLocked(d *document, why error) {
	p.refused += len(d.places())
	p.refusal = why
}
