package xray

import (
	"go.opentelemetry.io/otel/trace"
)

// localRoot is the value of aws.span.kind that Application Signals gives the
// first span of a service.
const localRoot = "LOCAL_ROOT"

// A role is which of a split span's two documents a segment stands for.
type role uint8

const (
	roleSpan role = iota
	roleDependency
	roleService
)

// Split divides the first span of a service that is itself a call, as
// aws.span.kind LOCAL_ROOT on a span that is neither server nor internal says:
// s becomes the subsegment of what was called, and service is the segment
// around it, with an id of its own derived from the span's. Others are left as
// they are, and split is false.
func (s *Segment) Split() (service Segment, split bool) {
	if s.Kind == trace.SpanKindServer || s.Kind == trace.SpanKindInternal || s.role != roleSpan {
		return Segment{}, false
	}
	for _, kv := range s.Attributes {
		if kv.Key == "aws.span.kind" && str(kv.Value) == localRoot {
			split = true
		}
	}
	if !split {
		return Segment{}, false
	}
	service = *s
	service.role, service.SpanID = roleService, serviceID(s.SpanID)
	s.role, s.ParentID = roleDependency, service.SpanID
	return service, true
}

// serviceID derives the id of the service segment, the same each time.
func serviceID(id trace.SpanID) trace.SpanID {
	for i := range id {
		id[i] ^= 0xA5
	}
	if !id.IsValid() {
		id[7] = 1
	}
	return id
}

// ofDependency tells attributes of what was called, no business of the
// service's segment.
func ofDependency(sl slot) bool { return sl == slotRemoteService || sl == slotRemote }
