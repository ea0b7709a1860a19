// Package jsondepth refuses JSON that is nested more deeply than telemetry is.
//
// pdata reads a protobuf message of up to a hundred levels and refuses deeper ones, but JSON of any depth. What came as such
// JSON would be acknowledged, and could then not be read back from a queue on disk, nor would the next collector take it; all
// that is in its batch would go with it. And what reads it calls itself for each level: Go ends a program whose stack has
// grown to a gigabyte.
package jsondepth

import (
	"errors"
	"io"
	"strconv"
)

// Limit is how many objects and lists may be around a value. Values of OTLP take four of them, an object of a value, one of a
// list of members, that list and an object of a member, for three levels of protobuf, so that what is within it is also within
// the hundred levels of https://pkg.go.dev/go.opentelemetry.io/collector/pdata.
const Limit = 128

// ErrTooDeep tells that a text is nested more deeply than [Limit].
var ErrTooDeep = errors.New("JSON is nested more deeply than " + strconv.Itoa(Limit) + " levels")

// NewReader returns a reader of what r has, which must be JSON. It fails with [ErrTooDeep] before it has passed on the byte that
// goes too deep.
func NewReader(r io.Reader) io.Reader { return &reader{from: r} }

type reader struct {
	from   io.Reader
	depth  int
	quoted bool // within a string
	escape bool // after a backslash in a string
}

func (r *reader) Read(p []byte) (int, error) {
	if r.depth > Limit {
		return 0, ErrTooDeep
	}
	n, err := r.from.Read(p)
	for i, c := range p[:n] {
		switch {
		case r.escape:
			r.escape = false
		case c == '"':
			r.quoted = !r.quoted
		case r.quoted:
			r.escape = c == '\\'
		case c == '{', c == '[':
			if r.depth++; r.depth > Limit {
				return i, ErrTooDeep
			}
		case c == '}', c == ']':
			r.depth = max(0, r.depth-1)
		}
	}
	return n, err
}
