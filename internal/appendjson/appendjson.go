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
)

// MaxDepth is how deep maps and slices may nest in a value. What lies deeper
// is replaced by the string TooDeep: readers of JSON have limits of their own.
const MaxDepth = 64

// TooDeep stands where a value was nested deeper than MaxDepth.
const TooDeep = "[nested too deep]"

const hex = "0123456789abcdef"

// String appends s as a JSON string, quotes included. Each byte that is not
// part of valid UTF-8 becomes U+FFFD.
func String(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = Escape(dst, s)
	return append(dst, '"')
}

// Escape appends s as it stands inside a JSON string, without the quotes.
func Escape(dst []byte, s string) []byte {
	n := plainPrefix(s)
	dst = append(dst, s[:n]...)
	if n == len(s) {
		return dst
	}
	return escape(dst, s[n:])
}

func escape(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += size
			continue
		}
		if plain(c) {
			i++
			continue
		}
		dst = appendControl(append(dst, s[start:i]...), c)
		i++
		start = i
	}
	return append(dst, s[start:]...)
}

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
	case plain(c):
		return 1, 1
	case c == '"', c == '\\', c == '\n', c == '\r', c == '\t', c == '\b', c == '\f':
		return 1, 2
	}
	return 1, 6
}

// plain says whether the ASCII byte c may stand in a JSON string as it is.
func plain(c byte) bool { return c >= ' ' && c != '"' && c != '\\' }

func appendControl(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// wordBytes is how many bytes plainPrefix looks at together.
const wordBytes = 8

// plainPrefix is the length of a prefix of s that stands in a JSON string as it
// is: as a rule, all of s.
func plainPrefix(s string) int {
	i := 0
	for ; i+wordBytes <= len(s); i += wordBytes {
		if !plainWord(word(s, i)) {
			return i
		}
	}
	if i > 0 && plainWord(word(s, len(s)-wordBytes)) {
		return len(s)
	}
	for i < len(s) && s[i] < utf8.RuneSelf && plain(s[i]) {
		i++
	}
	return i
}

// word is the 8 bytes of s at i as a number; the compiler makes one load of it.
func word(s string, i int) uint64 {
	s = s[i : i+wordBytes]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// plainWord says whether all 8 bytes of w are plain ASCII. Each of the terms
// sets the highest bit of a byte that is not: beyond ASCII, less than a blank, a
// quote, a backslash. A borrow from such a byte may set others besides.
func plainWord(w uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	control := w - ones*' '
	quote := (w ^ ones*'"') - ones
	backslash := (w ^ ones*'\\') - ones
	return (w|control|quote|backslash)&tops == 0
}

// Float appends f in its shortest form that reads back as f. JSON has no word
// for the others, so they become the strings "NaN", "Infinity" and "-Infinity".
func Float(dst []byte, f float64) []byte {
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
