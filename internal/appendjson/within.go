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
	dst = append(dst, '\\', '"')
	if jsonstring.IsPlain(s) {
		dst = append(dst, s...)
	} else {
		start := len(dst)
		dst = EscapeFrom(Escape(dst, s), start)
	}
	return append(dst, '\\', '"')
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

// Unescape is the reverse of EscapeFrom, in place.
func Unescape(within []byte) []byte {
	n := 0
	for i := 0; i < len(within); i++ {
		if within[i] == '\\' && i+1 < len(within) {
			i++
		}
		within[n] = within[i]
		n++
	}
	return within[:n]
}

// UnescapedLen is how many bytes Unescape leaves. Of every quote and every
// backslash of the JSON, two bytes are counted here, and one is too many.
func UnescapedLen(within []byte) int {
	return len(within) - (bytes.Count(within, []byte{'"'})+bytes.Count(within, []byte{'\\'}))/2
}
