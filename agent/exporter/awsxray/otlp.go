package awsxray

import (
	"encoding/base64"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/updraft-otel/updraft/agent/internal/contain"
	"github.com/updraft-otel/updraft/awsapi"
)

// Spans as OTLP: each document is "T1S" and an ExportTraceServiceRequest in base64, of one resource, as the CloudWatch
// agent makes them. What is to be indexed travels as attributes of the resource.
const (
	otlpPrefix         = "T1S"
	otlpIndexAll       = "aws.xray.exporter.config.index_all_attributes"
	otlpIndexed        = "aws.xray.exporter.config.indexed_attributes"
	maxOTLPBytes       = (awsapi.MaxSegmentBytes - len(otlpPrefix)) / 4 * 3 // what fits a document in base64
	otlpSpanOverhead   = 16                                                 // a span's tag and length, with room
	otlpScopeOverheads = 64                                                 // those of the messages around
)

// An otlpDocument gathers spans of one resource until a document is full.
type otlpDocument struct {
	push   *push
	rs     ptrace.ResourceSpans // with the resource of the spans, and what is to be indexed
	traces ptrace.Traces
	bytes  int // of the resource and the spans
	empty  int // of the resource alone
	spans  []place
	newest pcommon.Timestamp
	scope  int // the scope that the last span was of, in the source; -1 at first
}

// addOTLP encodes the spans as OTLP.
func (p *push) addOTLP(traces ptrace.Traces) {
	enc := encoders.Get().(*encoder)
	defer encoders.Put(enc)
	for r, rs := range traces.ResourceSpans().All() {
		if !p.begin(enc, r, rs) {
			continue
		}
		d := p.newOTLPDocument(rs)
		for s, ss := range rs.ScopeSpans().All() {
			for i, span := range ss.Spans().All() {
				at := place{r, s, i}
				p.contained(at, func() {
					size := sizer.SpanSize(span) + otlpSpanOverhead
					if d.empty+size+scopeSize(ss) > maxOTLPBytes {
						p.addSegment(enc, span, ss.Scope().Name(), at) // too long for OTLP; as a segment it is trimmed
						return
					}
					d.add(ss, span, at, size)
				})
			}
		}
		d.flush()
	}
}

var (
	sizer     ptrace.ProtoMarshaler
	marshaler ptrace.ProtoMarshaler
)

func scopeSize(ss ptrace.ScopeSpans) int {
	size := len(ss.Scope().Name()) + len(ss.Scope().Version()) + len(ss.SchemaUrl()) + otlpScopeOverheads
	if ss.Scope().Attributes().Len() > 0 {
		one := ptrace.NewScopeSpans()
		ss.Scope().CopyTo(one.Scope())
		size += sizer.ScopeSpansSize(one)
	}
	return size
}

func (p *push) newOTLPDocument(rs ptrace.ResourceSpans) *otlpDocument {
	d := &otlpDocument{push: p, rs: ptrace.NewResourceSpans()}
	rs.Resource().CopyTo(d.rs.Resource())
	d.rs.SetSchemaUrl(rs.SchemaUrl())
	attributes := d.rs.Resource().Attributes()
	attributes.PutBool(otlpIndexAll, p.encoding.indexAll)
	list := attributes.PutEmptySlice(otlpIndexed)
	for _, name := range p.encoding.indexed {
		list.AppendEmpty().SetStr(name)
	}
	d.empty = sizer.ResourceSpansSize(d.rs) + otlpScopeOverheads
	d.begin()
	return d
}

func (d *otlpDocument) begin() {
	d.traces = ptrace.NewTraces()
	d.rs.CopyTo(d.traces.ResourceSpans().AppendEmpty())
	d.bytes, d.spans, d.newest, d.scope = d.empty, nil, 0, -1
}

// add takes a span, after the document before it is sent if it would not fit.
func (d *otlpDocument) add(ss ptrace.ScopeSpans, span ptrace.Span, at place, size int) {
	around := 0
	if at.scope != d.scope {
		around = scopeSize(ss)
	}
	if d.bytes+around+size > maxOTLPBytes {
		d.flush()
		around = scopeSize(ss)
	}
	scopes := d.traces.ResourceSpans().At(0).ScopeSpans()
	if at.scope != d.scope {
		d.scope = at.scope
		made := scopes.AppendEmpty()
		ss.Scope().CopyTo(made.Scope())
		made.SetSchemaUrl(ss.SchemaUrl())
	}
	span.CopyTo(scopes.At(scopes.Len() - 1).Spans().AppendEmpty())
	d.bytes += around + size
	d.spans = append(d.spans, at)
	d.newest = max(d.newest, span.EndTimestamp())
}

// flush makes a document of what was taken, and begins the next.
func (d *otlpDocument) flush() {
	if len(d.spans) == 0 {
		return
	}
	p := d.push
	if len(p.open.documents) == awsapi.MaxSegments || len(p.open.data) > maxCallBytes-awsapi.MaxSegmentBytes {
		p.flush()
	}
	if p.keepAll(d.spans) {
		d.begin()
		return
	}
	var text []byte
	err := contain.Call(func() { text, _ = marshaler.MarshalTraces(d.traces) }) // which has no way to fail
	if err != nil {
		p.refuseAll(d.spans, err)
		d.begin()
		return
	}
	b := p.open
	b.newest = max(b.newest, d.newest)
	b.data = append(b.data, otlpPrefix...)
	b.data = base64.StdEncoding.AppendEncode(b.data, text)
	b.addSpans(d.spans)
	d.begin()
}

// keepAll keeps spans for another try once no call begins any more, and returns whether it did.
func (p *push) keepAll(spans []place) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		for _, at := range spans {
			p.again[at] = struct{}{}
		}
	}
	return p.stopped
}

func (p *push) refuseAll(spans []place, why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused += len(spans)
	p.refusal = why
	p.stats.Refused(p.ctx, len(spans), contain.Reason, why)
}
