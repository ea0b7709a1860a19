package bench

import (
	"encoding/binary"
	"math"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// maxTexts is how many texts are remembered.
const maxTexts = 10_000

// valueTexts remembers what values are as text, so that one that comes again
// costs no memory.
type valueTexts struct {
	known map[string]string
	key   []byte
}

// of is a value as text, as the collector has it.
func (t *valueTexts) of(v pcommon.Value) string {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return v.Str()
	case pcommon.ValueTypeBool:
		return strconv.FormatBool(v.Bool())
	}
	t.key = appendValueKey(t.key[:0], v)
	if text, ok := t.known[string(t.key)]; ok {
		return text
	}
	return t.keep(v.AsString())
}

// joined is a service's namespace and name.
func (t *valueTexts) joined(namespace, name string) string {
	t.key = append(append(append(append(t.key[:0], noType), namespace...), '/'), name...)
	if text, ok := t.known[string(t.key)]; ok {
		return text
	}
	return t.keep(string(t.key[1:]))
}

// keep remembers the text of what t.key tells apart from all else.
func (t *valueTexts) keep(text string) string {
	if t.known == nil || len(t.known) >= maxTexts {
		t.known = map[string]string{}
	}
	t.known[string(t.key)] = text
	return text
}

// noType is the type of no value.
const noType = 0xFF

// appendValueKey appends what tells v from other values: a byte of its type,
// and what is in it.
func appendValueKey(dst []byte, v pcommon.Value) []byte {
	dst = append(dst, byte(v.Type()))
	switch v.Type() {
	case pcommon.ValueTypeStr:
		dst = appendKeyText(dst, v.Str())
	case pcommon.ValueTypeBool:
		dst = strconv.AppendBool(dst, v.Bool())
	case pcommon.ValueTypeInt:
		dst = binary.LittleEndian.AppendUint64(dst, uint64(v.Int()))
	case pcommon.ValueTypeDouble:
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v.Double()))
	case pcommon.ValueTypeBytes:
		dst = binary.AppendUvarint(dst, uint64(v.Bytes().Len()))
		for i := range v.Bytes().Len() {
			dst = append(dst, v.Bytes().At(i))
		}
	case pcommon.ValueTypeSlice:
		dst = binary.AppendUvarint(dst, uint64(v.Slice().Len()))
		for i := range v.Slice().Len() {
			dst = appendValueKey(dst, v.Slice().At(i))
		}
	case pcommon.ValueTypeMap:
		dst = binary.AppendUvarint(dst, uint64(v.Map().Len()))
		for name, member := range v.Map().All() {
			dst = appendValueKey(appendKeyText(dst, name), member)
		}
	}
	return dst
}

func appendKeyText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
