package otlp

import (
	"math"

	"go.opentelemetry.io/otel/attribute"
)

// Field numbers of AnyValue.
const (
	valueString = 1
	valueBool   = 2
	valueInt    = 3
	valueDouble = 4
	valueArray  = 5
	valueMap    = 6
	valueBytes  = 7
)

// maxDepth is how deep values may nest; protobuf's own parsers stop at 100
// messages, of which each level of ours takes up to three. What lies deeper is
// written as text.
const maxDepth = 24

// appendAttributes appends KeyValue messages.
func appendAttributes(dst []byte, field int, attributes []attribute.KeyValue) []byte {
	for i := range attributes {
		dst = appendKeyValue(dst, field, &attributes[i], 0)
	}
	return dst
}

func appendKeyValue(dst []byte, field int, kv *attribute.KeyValue, depth int) []byte {
	dst, at := begin(dst, field)
	dst = appendText(dst, 1, string(kv.Key))
	dst, value := begin(dst, 2)
	dst = appendValue(dst, &kv.Value, depth)
	return end(end(dst, value), at)
}

// appendValue appends the fields of an AnyValue. Within its oneof, unlike
// elsewhere, zeros are written: their absence would say that there is no value.
func appendValue(dst []byte, v *attribute.Value, depth int) []byte {
	switch v.Type() {
	case attribute.EMPTY:
		return dst
	case attribute.STRING:
		return appendString(dst, valueString, v.AsString())
	case attribute.BOOL:
		return appendBool(dst, v.AsBool())
	case attribute.INT64:
		return appendInt(dst, v.AsInt64())
	case attribute.FLOAT64:
		return appendFixed64(dst, valueDouble, math.Float64bits(v.AsFloat64()))
	case attribute.BYTESLICE:
		return appendBytes(dst, valueBytes, v.AsByteSlice())
	}
	if depth >= maxDepth {
		return appendString(dst, valueString, v.String())
	}
	return appendList(dst, v, depth+1)
}

func appendList(dst []byte, v *attribute.Value, depth int) []byte {
	kind := valueArray
	if v.Type() == attribute.MAP {
		kind = valueMap
	}
	dst, at := begin(dst, kind)
	switch v.Type() {
	case attribute.BOOLSLICE:
		dst = appendArray(dst, v.AsBoolSlice(), func(dst []byte, e *bool) []byte { return appendBool(dst, *e) })
	case attribute.INT64SLICE:
		dst = appendArray(dst, v.AsInt64Slice(), func(dst []byte, e *int64) []byte { return appendInt(dst, *e) })
	case attribute.FLOAT64SLICE:
		dst = appendArray(dst, v.AsFloat64Slice(), func(dst []byte, e *float64) []byte {
			return appendFixed64(dst, valueDouble, math.Float64bits(*e))
		})
	case attribute.STRINGSLICE:
		dst = appendArray(dst, v.AsStringSlice(), func(dst []byte, e *string) []byte { return appendString(dst, valueString, *e) })
	case attribute.SLICE:
		dst = appendArray(dst, v.AsSlice(), func(dst []byte, e *attribute.Value) []byte { return appendValue(dst, e, depth) })
	case attribute.MAP:
		members := v.AsMap()
		for i := range members {
			dst = appendKeyValue(dst, 1, &members[i], depth)
		}
	}
	return end(dst, at)
}

// appendArray appends the fields of an ArrayValue.
func appendArray[E any](dst []byte, elements []E, appendOne func([]byte, *E) []byte) []byte {
	for i := range elements {
		var at int
		dst, at = begin(dst, 1)
		dst = end(appendOne(dst, &elements[i]), at)
	}
	return dst
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, valueBool<<3|wireVarint, 1)
	}
	return append(dst, valueBool<<3|wireVarint, 0)
}

func appendInt(dst []byte, n int64) []byte {
	dst = appendTag(dst, valueInt, wireVarint)
	return appendUvarint(dst, uint64(n))
}
