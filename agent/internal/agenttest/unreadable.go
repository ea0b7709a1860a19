package agenttest

import (
	"unsafe"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Unreadable makes a value at which whoever reads it panics. Nothing that comes over a network is like this: it stands for
// the mistake that nobody has found yet.
func Unreadable(v pcommon.Value) {
	v.SetEmptySlice()
	value := *(**any)(unsafe.Pointer(&v))                   //nolint:gosec // pdata's value points to an interface,
	list := (*[2]*unsafe.Pointer)(unsafe.Pointer(value))[1] //nolint:gosec // whose second word points to
	*list = nil                                             // a pointer to the list
}

// UnreadableMetrics are two points of each of the counters before, broken and after, between which are seven that can't be
// read: the last three of broken, and the four of the counter resource, whose resource it is.
func UnreadableMetrics() pmetric.Metrics {
	md := Metrics("before", 2, 3)
	add := func(more pmetric.Metrics) pmetric.ResourceMetrics {
		more.ResourceMetrics().MoveAndAppendTo(md.ResourceMetrics())
		return md.ResourceMetrics().At(md.ResourceMetrics().Len() - 1)
	}
	points := add(Metrics("broken", 5, 3)).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints()
	Unreadable(points.At(2).Attributes().PutEmpty("broken"))
	Unreadable(add(Metrics("resource", 4, 3)).Resource().Attributes().PutEmpty("broken"))
	add(Metrics("after", 2, 3))
	return md
}
