package appendjson

import (
	"bytes"
	"slices"

	"github.com/updraft-otel/updraft/internal/jsonstring"
)

// This file writes JSON as it stands within a JSON string: each of its quotes
// and backslashes has a backslash before it, and nothing else is different,
// since JSON has no control characters.

// Within appends what String does, as it stands within a JSON string.
func Within(dst []byte, s string) []byte {
	dst, plain := jsonstring.AppendPlain(append(dst, '\\', '"'), s)
	if !plain {
		dst = escapeWithin(dst, s)
	}
	return append(dst, '\\', '"')
}

// EscapeWithin appends what Escape does, as it stands within a JSON string.
func EscapeWithin(dst []byte, s string) []byte {
	dst, plain := jsonstring.AppendPlain(dst, s)
	if !plain {
		dst = escapeWithin(dst, s)
	}
	return dst
}

func escapeWithin(dst []byte, s string) []byte {
	return EscapeFrom(Escape(dst, s), len(dst))
}

// EscapeFrom changes the JSON that begins at start into what stands within a
// JSON string.
func EscapeFrom(dst []byte, start int) []byte {
	extra := bytes.Count(dst[start:], []byte{'"'}) + bytes.Count(dst[start:], []byte{'\\'})
	from := len(dst)
	dst = slices.Grow(dst, extra)[:from+extra]
	for to := len(dst); from < to; {
		from, to = from-1, to-1
		dst[to] = dst[from]
		if c := dst[to]; c == '"' || c == '\\' {
			to--
			dst[to] = '\\'
		}
	}
	return dst
}

// Unescape is the reverse of EscapeFrom: it appends the JSON that within stands
// for.
func Unescape(dst, within []byte) []byte { return jsonstring.Unescape(dst, within) }

// UnescapedLen is how many bytes Unescape appends.
func UnescapedLen(within []byte) int { return jsonstring.UnescapedLen(within) }
