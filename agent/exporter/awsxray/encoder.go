package awsxray

import (
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/updraft-otel/updraft/agent/internal/attrkey"
	"github.com/updraft-otel/updraft/agent/internal/xraydoc"
	"github.com/updraft-otel/updraft/xray"
)

// encoding is how spans become documents.
type encoding struct {
	indexed  []string
	indexAll bool
	compat   bool
	timely   bool // refuse trace ids of other times
	dotless  bool // annotations have keys without dots
}

// An encoder turns spans into documents, one at a time; it keeps the slices of the last one for the next.
type encoder struct {
	segment  xray.Segment
	service  xray.Segment // the second segment, of a span that makes two
	encoding *encoding
	resource *xray.Resource
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// begin says what the next spans have in common.
func (e *encoder) begin(how *encoding, resource *xray.Resource) {
	e.encoding, e.resource = how, resource
}

// fill takes a span, and tells whether it makes two segments.
func (e *encoder) fill(span ptrace.Span, scope string) (split bool) {
	s := &e.segment
	FillSegment(s, span)
	s.Scope, s.Resource = scope, e.resource
	s.Indexed, s.IndexAll, s.Compat = e.encoding.indexed, e.encoding.indexAll, e.encoding.compat
	e.service, split = s.Split()
	return split
}

// append appends the document of the span that was taken, escaped unless its keys must be without dots.
func (e *encoder) append(dst []byte) []byte { return e.document(dst, &e.segment) }

// appendService appends that of its second segment.
func (e *encoder) appendService(dst []byte) []byte { return e.document(dst, &e.service) }

func (e *encoder) document(dst []byte, s *xray.Segment) []byte {
	if !e.encoding.dotless {
		return xray.AppendEscaped(dst, s)
	}
	return append(dst, xraydoc.WithoutDots(xray.AppendSegment(nil, s))...)
}

// maxResources is how many resources are kept encoded: an agent has a few applications, a gateway a few hundred.
const maxResources = 512

// resources keeps the encoded form of resources from one push to the next, since applications repeat theirs with every
// request. It may be used from any goroutine.
type resources struct {
	logGroups []string

	mu    sync.Mutex
	known map[string]*xray.Resource // by the attributes as OTLP
	key   []byte
}

func (r *resources) of(attributes pcommon.Map) *xray.Resource {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, simple := attrkey.Append(r.key[:0], attributes)
	r.key = key
	if !simple {
		return xray.NewResource(Attributes(attributes), r.logGroups...)
	}
	if known, ok := r.known[string(key)]; ok {
		return known
	}
	if len(r.known) >= maxResources || r.known == nil {
		r.known = map[string]*xray.Resource{}
	}
	made := xray.NewResource(Attributes(attributes), r.logGroups...)
	r.known[string(key)] = made
	return made
}
