// Package jsonstring appends text to byte slices as it stands in JSON strings.
//
// It is what package awsapi and the encoders, through appendjson, share. It
// does not escape for HTML, and each byte that is not part of valid UTF-8
// becomes U+FFFD. It never fails.
package jsonstring

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

const hex = "0123456789abcdef"

// Append appends s as a JSON string, quotes included.
func Append[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	dst = Escape(dst, s)
	return append(dst, '"')
}

// Escape appends s as it stands inside a JSON string, without the quotes.
func Escape[T string | []byte](dst []byte, s T) []byte {
	n := plainPrefix(s)
	dst = append(dst, s[:n]...)
	if n == len(s) {
		return dst
	}
	return escape(dst, s[n:])
}

// escape writes what has something to escape, as JSON within JSON has it every
// few bytes: a word at a time, up to the first byte that must change.
func escape[T string | []byte](dst []byte, s T) []byte {
	for len(s) >= wordBytes {
		w := word(s)
		dst = binary.LittleEndian.AppendUint64(dst, w)
		odd := oddBytes(w)
		if odd == 0 {
			s = s[wordBytes:]
			continue
		}
		n := bits.TrailingZeros64(odd) / 8
		dst = dst[:len(dst)-wordBytes+n]
		if c := byte(w >> (8 * n)); c == '"' || c == '\\' {
			dst = append(dst, '\\', c)
			s = s[n+1:]
			continue
		}
		s = s[n:]
		var size int
		dst, size = appendOdd(dst, s)
		s = s[size:]
	}
	for len(s) > 0 {
		if Plain(s[0]) {
			dst = append(dst, s[0])
			s = s[1:]
			continue
		}
		var size int
		dst, size = appendOdd(dst, s)
		s = s[size:]
	}
	return dst
}

// AppendPlain appends s if it is ASCII that stands in a JSON string as it is.
func AppendPlain(dst []byte, s string) (extended []byte, plain bool) {
	at, n := len(dst), len(s)
	if n < wordBytes/2 || n > 2*wordBytes || cap(dst)-at < n {
		if !isPlain(s) {
			return dst, false
		}
		return append(dst, s...), true
	}
	to := dst[at : at+n] // by two words that overlap: quicker than to look and then copy
	var odd uint64
	if n >= wordBytes {
		first, last := word(s), word(s[n-wordBytes:])
		binary.LittleEndian.PutUint64(to, first)
		binary.LittleEndian.PutUint64(to[n-wordBytes:], last)
		odd = oddBytes(first) | oddBytes(last)
	} else {
		first, last := half(s), half(s[n-wordBytes/2:])
		binary.LittleEndian.PutUint32(to, first)
		binary.LittleEndian.PutUint32(to[n-wordBytes/2:], last)
		odd = oddBytes(uint64(first) | uint64(last)<<32)
	}
	if odd != 0 {
		return dst, false
	}
	return dst[:at+n], true
}

// Unescape appends what s stands for in a JSON string, if nothing in it is
// escaped but quotes and backslashes.
func Unescape(dst, s []byte) []byte {
	for len(s) > wordBytes {
		w := word(s)
		dst = binary.LittleEndian.AppendUint64(dst, w)
		found := backslashes(w)
		if found == 0 {
			s = s[wordBytes:]
			continue
		}
		n := bits.TrailingZeros64(found) / 8
		dst = append(dst[:len(dst)-wordBytes+n], s[n+1])
		s = s[n+2:]
	}
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		dst = append(dst, s[i])
	}
	return dst
}

// UnescapedLen is how many bytes Unescape appends. Of every quote and every
// backslash that is escaped, two bytes are counted here, and one is too many.
func UnescapedLen(s []byte) int {
	return len(s) - (bytes.Count(s, []byte{'"'})+bytes.Count(s, []byte{'\\'}))/2
}

// appendOdd appends the first rune of s, which is not plain, and returns how
// many bytes it takes in s.
func appendOdd[T string | []byte](dst []byte, s T) (extended []byte, size int) {
	c := s[0]
	if c < utf8.RuneSelf {
		return appendControl(dst, c), 1
	}
	if c >= firstOfTwo && c < firstOfThree && len(s) > 1 && s[1]&^continuationBits == continuation {
		return append(dst, c, s[1]), 2
	}
	var first [utf8.UTFMax]byte
	r, size := utf8.DecodeRune(first[:copy(first[:], s)])
	if r == utf8.RuneError {
		return append(dst, "\uFFFD"...), size
	}
	return append(dst, first[:size]...), size
}

// Bytes of UTF-8: the first one of two and of three, and those that follow it.
const (
	firstOfTwo       = 0xC2
	firstOfThree     = 0xE0
	continuation     = 0x80
	continuationBits = 0x3F
)

// Plain says whether c is an ASCII byte that stands in a JSON string as it is.
func Plain(c byte) bool { return c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf }

func isPlain(s string) bool {
	n := len(s)
	if n >= wordBytes {
		for i := 0; i < n-wordBytes; i += wordBytes {
			if oddBytes(word(s[i:])) != 0 {
				return false
			}
		}
		return oddBytes(word(s[n-wordBytes:])) == 0
	}
	for i := range n {
		if !Plain(s[i]) {
			return false
		}
	}
	return true
}

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

// wordBytes is how many bytes are looked at together.
const wordBytes = 8

// plainPrefix is the length of a prefix of s that stands in a JSON string as it
// is: as a rule, all of s.
func plainPrefix[T string | []byte](s T) int {
	i := 0
	for ; i+wordBytes <= len(s); i += wordBytes {
		if oddBytes(word(s[i:])) != 0 {
			return i
		}
	}
	if i > 0 && oddBytes(word(s[len(s)-wordBytes:])) == 0 {
		return len(s)
	}
	for i < len(s) && Plain(s[i]) {
		i++
	}
	return i
}

// word is the first 8 bytes of s as a number; the compiler makes one load of it.
func word[T string | []byte](s T) uint64 {
	_ = s[wordBytes-1]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// half is the first 4 bytes of s as a number.
func half(s string) uint32 {
	_ = s[wordBytes/2-1]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// backslashes is 0 if no byte of w is one; else its lowest bit that is set is
// the highest one of the first that is.
func backslashes(w uint64) uint64 {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	w ^= ones * '\\'
	return (w - ones) &^ w & tops
}

// oddBytes is 0 if all 8 bytes of w are plain ASCII; else its lowest bit that is
// set is the highest one of the first byte that is not. Each of the terms sets
// that bit of a byte beyond ASCII, less than a blank, a quote, a backslash; a
// borrow from such a byte may set others above it besides.
func oddBytes(w uint64) uint64 {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	control := w - ones*' '
	quote := (w ^ ones*'"') - ones
	backslash := (w ^ ones*'\\') - ones
	return (w | control | quote | backslash) & tops
}
