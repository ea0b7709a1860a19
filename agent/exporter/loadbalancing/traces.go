package loadbalancing

import (
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// A tracesPart is one collector's share, and where the last span of it came from.
type tracesPart struct {
	traces ptrace.Traces
	scope  ptrace.ScopeSpans
	r, s   int
}

// splitTraces copies each span to the share of the collector that its key belongs to.
func splitTraces(data ptrace.Traces, key *key, choose chooser) map[int]ptrace.Traces {
	parts := map[int]*tracesPart{}
	of := spanKey{key: key}
	for r, rs := range data.ResourceSpans().All() {
		of.resource(rs)
		for s, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				owner := choose(of.span(ss, span))
				part := parts[owner]
				if part == nil {
					part = &tracesPart{traces: ptrace.NewTraces(), r: -1}
					parts[owner] = part
				}
				if part.r != r || part.s != s {
					part.begin(rs, ss, r, s)
				}
				span.CopyTo(part.scope.Spans().AppendEmpty())
			}
		}
	}
	shares := make(map[int]ptrace.Traces, len(parts))
	for owner, part := range parts {
		shares[owner] = part.traces
	}
	return shares
}

func (p *tracesPart) begin(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, r, s int) {
	to := p.traces.ResourceSpans().AppendEmpty()
	rs.Resource().CopyTo(to.Resource())
	to.SetSchemaUrl(rs.SchemaUrl())
	p.scope = to.ScopeSpans().AppendEmpty()
	ss.Scope().CopyTo(p.scope.Scope())
	p.scope.SetSchemaUrl(ss.SchemaUrl())
	p.r, p.s = r, s
}

// A spanKey makes the keys of spans, in one piece of memory.
type spanKey struct {
	*key
	names []string
	from  ptrace.ResourceSpans
	buf   []byte
	whole bool // the resource alone decides, and the key is made
}

// resource begins the spans of a resource.
func (k *spanKey) resource(rs ptrace.ResourceSpans) {
	k.from, k.buf, k.whole, k.names = rs, k.buf[:0], false, k.attributes
	switch k.by {
	case byResource:
		k.buf, k.whole = appendAll(k.buf, rs.Resource().Attributes()), true
		return
	case byService:
		k.names = []string{serviceName}
	}
	if k.by != byTrace {
		var missing []string
		k.buf, missing = appendFound(k.buf, k.names, rs.Resource().Attributes())
		k.whole = len(missing) == 0
	}
}

// span is the key of a span. The attributes are in the order of the configuration, wherever they are found.
func (k *spanKey) span(ss ptrace.ScopeSpans, span ptrace.Span) []byte {
	if k.by == byTrace {
		id := span.TraceID()
		k.buf = append(k.buf[:0], id[:]...)
		return k.buf
	}
	if k.whole {
		return k.buf
	}
	k.buf = k.buf[:0]
	for _, name := range k.names {
		k.buf = appendAttribute(k.buf, name, k.value(name, ss, span))
	}
	return k.buf
}

// value is an attribute of the resource, of the scope, or of the span, in this order.
func (k *spanKey) value(name string, ss ptrace.ScopeSpans, span ptrace.Span) string {
	if v, ok := k.from.Resource().Attributes().Get(name); ok {
		return v.AsString()
	}
	if v, ok := ss.Scope().Attributes().Get(name); ok {
		return v.AsString()
	}
	switch name {
	case "span.kind":
		return span.Kind().String()
	case "span.name":
		return span.Name()
	}
	if v, ok := span.Attributes().Get(name); ok {
		return v.AsString()
	}
	return ""
}
