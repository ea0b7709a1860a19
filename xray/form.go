package xray

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// A form is what a document is written as: JSON, or what stands for it within a
// JSON string, as in the body of PutTraceSegments. What most documents have is
// written in either form at once; the rest as JSON, and [form.within] then.
type form uint8

const (
	plain form = iota
	escaped
	forms // how many there are
)

// quote begins a string, or ends it.
func (f form) quote(dst []byte) []byte {
	if f == escaped {
		dst = append(dst, '\\')
	}
	return append(dst, '"')
}

// key begins the first member of an object. The name is one of X-Ray's.
func (f form) key(dst []byte, name string) []byte {
	if f == escaped {
		return append(append(append(dst, `\"`...), name...), `\":`...)
	}
	return append(append(append(dst, '"'), name...), `":`...)
}

// member begins a member behind others.
func (f form) member(dst []byte, name string) []byte { return f.key(append(dst, ','), name) }

// word is a member whose value needs no escaping.
func (f form) word(dst []byte, name, value string) []byte {
	dst = append(f.quote(f.member(dst, name)), value...)
	return f.quote(dst)
}

// id is a member whose value is an id in hex.
func (f form) id(dst []byte, name string, id []byte) []byte {
	dst = appendjson.Hex(f.quote(f.member(dst, name)), id)
	return f.quote(dst)
}

// flag is a member that is true or false.
func (f form) flag(dst []byte, name string, set bool) []byte {
	dst = f.member(dst, name)
	if set {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}

// string appends a string.
func (f form) string(dst []byte, s string) []byte {
	if f == plain {
		return appendjson.String(dst, s)
	}
	return appendjson.Within(dst, s)
}

// part appends a part of a string.
func (f form) part(dst []byte, s string) []byte {
	if f == plain {
		return appendjson.Escape(dst, s)
	}
	return appendjson.EscapeWithin(dst, s)
}

// text is a string member, unless it is empty. first is where the object's first
// member would stand.
func (f form) text(dst []byte, first int, name, value string) []byte {
	if value == "" {
		return dst
	}
	return f.string(f.key(appendSeparator(dst, first), name), value)
}

// value appends an attribute's value.
func (f form) value(dst []byte, v *attribute.Value) []byte {
	if v.Type() == attribute.STRING {
		return f.string(dst, v.AsString())
	}
	start := len(dst)
	return f.within(appendjson.Value(dst, *v), start)
}

// within gives what was written as JSON from start on this form.
func (f form) within(dst []byte, start int) []byte {
	if f == plain {
		return dst
	}
	return appendjson.EscapeFrom(dst, start)
}
