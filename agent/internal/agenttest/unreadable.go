package agenttest

import (
	"unsafe"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Unreadable makes a value at which whoever reads it panics. Nothing that comes over a network is like this: it stands for
// the mistake that nobody has found yet.
func Unreadable(v pcommon.Value) {
	v.SetEmptySlice()
	value := *(**any)(unsafe.Pointer(&v))                   //nolint:gosec // pdata's value points to an interface,
	list := (*[2]*unsafe.Pointer)(unsafe.Pointer(value))[1] //nolint:gosec // whose second word points to
	*list = nil                                             // a pointer to the list
}
