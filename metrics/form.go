package metrics

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// A form is what a document is written as: JSON, or what stands for it within a
// JSON string, as in the body of PutLogEvents. Numbers are the same in both: a
// Splitter refuses those that would be strings.
type form uint8

const (
	plain form = iota
	escaped
)

// key appends a name of the format, which needs no escaping, and a colon.
func (f form) key(dst []byte, name string) []byte {
	if f == escaped {
		return append(append(append(dst, `\"`...), name...), `\":`...)
	}
	return append(append(append(dst, '"'), name...), `":`...)
}

// string appends a string.
func (f form) string(dst []byte, s string) []byte {
	if f == escaped {
		return appendjson.Within(dst, s)
	}
	return appendjson.String(dst, s)
}

// value appends a property's value.
func (f form) value(dst []byte, p *Property) []byte {
	start := len(dst)
	switch {
	case p.JSON != nil:
		dst = append(dst, p.JSON...)
	case p.Value.Type() == attribute.STRING:
		return f.string(dst, p.Value.AsString())
	default:
		dst = appendjson.Value(dst, p.Value)
	}
	if f == escaped {
		dst = appendjson.EscapeFrom(dst, start)
	}
	return dst
}

// size is how long a line is as JSON.
func (f form) size(line []byte) int {
	if f == escaped {
		return appendjson.UnescapedLen(line)
	}
	return len(line)
}
