// Package attrkey makes keys of attributes, by which what was made of a resource once is found again when it comes with
// the next request: an application repeats its resource with each.
package attrkey

import (
	"encoding/binary"
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// maxKey is the longest key; what has a larger resource is better made anew each time.
const maxKey = 16 << 10

// Append appends what tells a resource's attributes from others, in their order, and whether it does: not for a
// resource that is very large, or nested.
func Append(dst []byte, m pcommon.Map) (key []byte, ok bool) {
	for name, v := range m.All() {
		dst = appendText(dst, name)
		if dst, ok = appendValue(append(dst, byte(v.Type())), v); !ok || len(dst) > maxKey {
			return dst, false
		}
	}
	return dst, true
}

func appendValue(dst []byte, v pcommon.Value) (key []byte, ok bool) {
	switch v.Type() {
	case pcommon.ValueTypeEmpty:
		return dst, true
	case pcommon.ValueTypeStr:
		return appendText(dst, v.Str()), true
	case pcommon.ValueTypeBool:
		if v.Bool() {
			return append(dst, 1), true
		}
		return append(dst, 0), true
	case pcommon.ValueTypeInt:
		return binary.LittleEndian.AppendUint64(dst, uint64(v.Int())), true
	case pcommon.ValueTypeDouble:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v.Double())), true
	case pcommon.ValueTypeSlice:
		return appendSlice(dst, v.Slice())
	default:
		return dst, false
	}
}

// appendSlice takes the lists that resources have: a process's arguments, a container's tags.
func appendSlice(dst []byte, s pcommon.Slice) (key []byte, ok bool) {
	dst = binary.AppendUvarint(dst, uint64(s.Len()))
	for _, v := range s.All() {
		if v.Type() == pcommon.ValueTypeSlice {
			return dst, false
		}
		if dst, ok = appendValue(append(dst, byte(v.Type())), v); !ok || len(dst) > maxKey {
			return dst, false
		}
	}
	return dst, true
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
