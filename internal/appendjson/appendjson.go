// Package appendjson appends JSON to byte slices: strings, numbers and
// OpenTelemetry attribute values, without reflection.
//
// It is what the packages xray, logs and metrics share. Whatever it is given,
// it appends one valid JSON value; it never fails and never panics. It does
// not indent, and it does not escape for HTML.
package appendjson

import (
	"encoding/base64"
	"math"
	"strconv"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/jsonstring"
)

// MaxDepth is how deep maps and slices may nest in a value. What lies deeper
// is replaced by the string TooDeep: readers of JSON have limits of their own.
const MaxDepth = 64

// TooDeep stands where a value was nested deeper than MaxDepth.
const TooDeep = "[nested too deep]"

// String appends s as a JSON string, quotes included. Each byte that is not
// part of valid UTF-8 becomes U+FFFD.
//
// It is not inlined: where a package is compiled that only gets the call of a
// generic function, s would count as kept, and a string made for it be allocated.
//
//go:noinline
func String(dst []byte, s string) []byte { return jsonstring.Append(dst, s) }

// Escape appends s as it stands inside a JSON string, without the quotes.
// It is not inlined, as String.
//
//go:noinline
func Escape(dst []byte, s string) []byte { return jsonstring.Escape(dst, s) }

// EscapedLen is the number of bytes Escape appends for s.
func EscapedLen(s string) int {
	n := 0
	for i := 0; i < len(s); {
		size, escaped := EscapedRune(s[i:])
		i += size
		n += escaped
	}
	return n
}

// EscapedRune says how many bytes the first rune of s takes in s, and how many
// Escape makes of it. s must not be empty.
func EscapedRune(s string) (size, escaped int) {
	c := s[0]
	switch {
	case c >= utf8.RuneSelf:
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError {
			return size, len("\uFFFD")
		}
		return size, size
	case jsonstring.Plain(c):
		return 1, 1
	case c == '"', c == '\\', c == '\n', c == '\r', c == '\t', c == '\b', c == '\f':
		return 1, 2
	}
	return 1, 6
}

// Float appends f in its shortest form that reads back as f. JSON has no word
// for the others, so they become the strings "NaN", "Infinity" and "-Infinity".
func Float(dst []byte, f float64) []byte {
	if short, ok := appendShort(dst, f); ok {
		return short
	}
	return LongFloat(dst, f)
}

// LongFloat appends what Float does. It is the faster one for numbers with many
// digits, the slower one for others.
func LongFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, f, format, -1, 64)
}

// Numbers with few digits, which most measurements are.
const (
	// decimals is how many digits after the point are looked for: millionths.
	decimals = 6
	million  = 1_000_000
	// exactDigits bounds what is written here: of all numbers with up to 15
	// digits no two have the same float64, so that one of them that reads back
	// as f is the shortest text of f.
	exactDigits = 1e15
)

// appendShort appends f if it is a number of millionths, or a whole number,
// with up to 15 digits. Numbers below a millionth are written otherwise.
func appendShort(dst []byte, f float64) (extended []byte, ok bool) {
	if whole := int64(f); float64(whole) == f && math.Abs(f) < exactDigits && (whole != 0 || !math.Signbit(f)) {
		return strconv.AppendInt(dst, whole, 10), true
	}
	scaled := f * million
	all := int64(scaled)
	if float64(all) != scaled || math.Abs(scaled) >= exactDigits || all == 0 || scaled/million != f {
		return dst, false
	}
	if all < 0 {
		dst = append(dst, '-')
		all = -all
	}
	dst = append(strconv.AppendInt(dst, all/million, 10), '.')
	return appendDecimals(dst, all%million), true
}

// appendDecimals appends millionths without the zeros at their end.
func appendDecimals(dst []byte, millionths int64) []byte {
	var digits [decimals]byte
	end := 0
	for i := decimals - 1; i >= 0; i-- {
		digits[i] = byte('0' + millionths%10)
		if end == 0 && millionths%10 != 0 {
			end = i + 1
		}
		millionths /= 10
	}
	return append(dst, digits[:end]...)
}

// Value appends v: an empty value as null, bytes as a base64 string, slices as
// arrays and maps as objects. Of equal keys in a map the last one counts.
func Value(dst []byte, v attribute.Value) []byte { return appendValue(dst, v, MaxDepth) }

func appendValue(dst []byte, v attribute.Value, depth int) []byte {
	switch v.Type() {
	case attribute.BOOL:
		return strconv.AppendBool(dst, v.AsBool())
	case attribute.INT64:
		return strconv.AppendInt(dst, v.AsInt64(), 10)
	case attribute.FLOAT64:
		return Float(dst, v.AsFloat64())
	case attribute.STRING:
		return String(dst, v.AsString())
	case attribute.BYTESLICE:
		return appendBase64(dst, v.AsByteSlice())
	case attribute.BOOLSLICE:
		return appendArray(dst, v.AsBoolSlice(), strconv.AppendBool)
	case attribute.INT64SLICE:
		return appendArray(dst, v.AsInt64Slice(), appendInt)
	case attribute.FLOAT64SLICE:
		return appendArray(dst, v.AsFloat64Slice(), Float)
	case attribute.STRINGSLICE:
		return appendArray(dst, v.AsStringSlice(), String)
	case attribute.SLICE, attribute.MAP:
		return appendNested(dst, v, depth, appendValue)
	}
	return append(dst, "null"...)
}

// valueFunc appends a value that may nest as deep as depth.
type valueFunc func(dst []byte, v attribute.Value, depth int) []byte

func appendNested(dst []byte, v attribute.Value, depth int, value valueFunc) []byte {
	if depth <= 0 {
		return String(dst, TooDeep)
	}
	if v.Type() == attribute.MAP {
		return appendMap(dst, v.AsMap(), depth-1, value)
	}
	return appendArray(dst, v.AsSlice(), func(dst []byte, v attribute.Value) []byte {
		return value(dst, v, depth-1)
	})
}

func appendInt(dst []byte, i int64) []byte { return strconv.AppendInt(dst, i, 10) }

func appendBase64(dst, b []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, '"')
}

func appendArray[T any](dst []byte, vs []T, one func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, v := range vs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = one(dst, v)
	}
	return append(dst, ']')
}

func appendMap(dst []byte, kvs []attribute.KeyValue, depth int, value valueFunc) []byte {
	dst = append(dst, '{')
	first := true
	for i, kv := range kvs {
		if shadowed(kvs, i) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = String(dst, string(kv.Key))
		dst = append(dst, ':')
		dst = value(dst, kv.Value, depth)
	}
	return append(dst, '}')
}

// shadowed says whether a later entry of kvs has the key of entry i. It relies
// on kvs being sorted by key, as attribute.Value keeps maps.
func shadowed(kvs []attribute.KeyValue, i int) bool {
	return i+1 < len(kvs) && kvs[i+1].Key == kvs[i].Key
}
