package appendjson

import (
	"encoding/base64"

	"go.opentelemetry.io/otel/attribute"
)

// Trim cuts long strings while it appends. Its limit is in bytes of JSON, that
// is after escaping and without the quotes; a string that would be longer is
// cut between two runes and ends with Mark, and is then no longer than Limit.
// Keys are left as they are.
type Trim struct {
	Limit int
	Mark  string
}

// String appends s like the function String, cut where it is too long.
func (t Trim) String(dst []byte, s string) []byte {
	if len(s) <= t.Limit && EscapedLen(s) <= t.Limit {
		return String(dst, s)
	}
	dst = append(dst, '"')
	dst = Escape(dst, s[:t.fits(s)])
	dst = Escape(dst, t.Mark)
	return append(dst, '"')
}

// fits is how many bytes of s leave room for the mark.
func (t Trim) fits(s string) int {
	room := t.Limit - EscapedLen(t.Mark)
	n := 0
	for n < len(s) {
		size, escaped := EscapedRune(s[n:])
		if room -= escaped; room < 0 {
			break
		}
		n += size
	}
	return n
}

func (t Trim) bytes(dst, b []byte) []byte {
	if base64.StdEncoding.EncodedLen(len(b)) <= t.Limit {
		return appendBase64(dst, b)
	}
	room := max(0, t.Limit-EscapedLen(t.Mark))
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b[:min(len(b), room/4*3)])
	dst = Escape(dst, t.Mark)
	return append(dst, '"')
}

// Value appends v like the function Value, with every string in it cut where
// it is too long.
func (t Trim) Value(dst []byte, v attribute.Value) []byte { return t.value(dst, v, MaxDepth) }

func (t Trim) value(dst []byte, v attribute.Value, depth int) []byte {
	switch v.Type() {
	case attribute.STRING:
		return t.String(dst, v.AsString())
	case attribute.BYTESLICE:
		return t.bytes(dst, v.AsByteSlice())
	case attribute.STRINGSLICE:
		return appendArray(dst, v.AsStringSlice(), t.String)
	case attribute.SLICE, attribute.MAP:
		return appendNested(dst, v, depth, t.value)
	}
	return Value(dst, v)
}

// Lengths appends the length of every string Trim could cut in v, in bytes of
// JSON without the quotes.
func Lengths(dst []int, v attribute.Value) []int { return lengths(dst, v, MaxDepth) }

func lengths(dst []int, v attribute.Value, depth int) []int {
	switch v.Type() {
	case attribute.STRING:
		return append(dst, EscapedLen(v.AsString()))
	case attribute.BYTESLICE:
		return append(dst, base64.StdEncoding.EncodedLen(len(v.AsByteSlice())))
	case attribute.STRINGSLICE:
		for _, s := range v.AsStringSlice() {
			dst = append(dst, EscapedLen(s))
		}
	case attribute.SLICE:
		for _, e := range v.AsSlice() {
			dst = lengthsBelow(dst, e, depth)
		}
	case attribute.MAP:
		kvs := v.AsMap()
		for i, kv := range kvs {
			if !shadowed(kvs, i) {
				dst = lengthsBelow(dst, kv.Value, depth)
			}
		}
	}
	return dst
}

func lengthsBelow(dst []int, v attribute.Value, depth int) []int {
	if depth <= 0 {
		return dst
	}
	return lengths(dst, v, depth-1)
}
