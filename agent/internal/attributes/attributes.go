// Package attributes turns the collector's attributes into OpenTelemetry's, which the library takes.
package attributes

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/otel/attribute"
)

// MaxDepth is how deep values may be nested. A request from outside may nest them a million times, for which a stack is no
// place.
const MaxDepth = 64

// TooDeep stands for what is nested deeper.
const TooDeep = "(nested too deep)"

// Of is a map of the collector's as OpenTelemetry's attributes.
func Of(m pcommon.Map) []attribute.KeyValue {
	return Append(make([]attribute.KeyValue, 0, m.Len()), m)
}

// Append appends a map's attributes to list.
func Append(list []attribute.KeyValue, m pcommon.Map) []attribute.KeyValue {
	return appendAt(list, m, 0)
}

// Value is a value of the collector's as OpenTelemetry's.
func Value(v pcommon.Value) attribute.Value { return valueAt(v, 0) }

func appendAt(list []attribute.KeyValue, m pcommon.Map, depth int) []attribute.KeyValue {
	for key, v := range m.All() {
		list = append(list, attribute.KeyValue{Key: attribute.Key(key), Value: valueAt(v, depth)})
	}
	return list
}

func valueAt(v pcommon.Value, depth int) attribute.Value {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return attribute.StringValue(v.Str())
	case pcommon.ValueTypeBool:
		return attribute.BoolValue(v.Bool())
	case pcommon.ValueTypeInt:
		return attribute.Int64Value(v.Int())
	case pcommon.ValueTypeDouble:
		return attribute.Float64Value(v.Double())
	case pcommon.ValueTypeBytes:
		return attribute.ByteSliceValue(v.Bytes().AsRaw())
	case pcommon.ValueTypeSlice:
		return sliceAt(v.Slice(), depth+1)
	case pcommon.ValueTypeMap:
		if depth >= MaxDepth {
			return attribute.StringValue(TooDeep)
		}
		return attribute.MapValue(appendAt(make([]attribute.KeyValue, 0, v.Map().Len()), v.Map(), depth+1)...)
	default:
		return attribute.Value{}
	}
}

func sliceAt(s pcommon.Slice, depth int) attribute.Value {
	if depth > MaxDepth {
		return attribute.StringValue(TooDeep)
	}
	list := make([]attribute.Value, 0, s.Len())
	for _, e := range s.All() {
		list = append(list, valueAt(e, depth))
	}
	return attribute.SliceValue(list...)
}

// Text is a value as text, as the collector has it, which for lists and maps is JSON.
func Text(v pcommon.Value) string {
	if v.Type() == pcommon.ValueTypeStr {
		return v.Str()
	}
	if Deeper(v, MaxDepth) {
		return TooDeep
	}
	return v.AsString()
}

// Deeper tells whether a value is nested deeper than so many levels.
func Deeper(v pcommon.Value, levels int) bool {
	switch v.Type() {
	case pcommon.ValueTypeSlice:
		for _, e := range v.Slice().All() {
			if levels == 0 || Deeper(e, levels-1) {
				return true
			}
		}
	case pcommon.ValueTypeMap:
		for _, e := range v.Map().All() {
			if levels == 0 || Deeper(e, levels-1) {
				return true
			}
		}
	default:
	}
	return false
}
