package otlp

import (
	"encoding/binary"
	"math/bits"
	"time"
	"unicode/utf8"
)

// The protobuf wire form: https://protobuf.dev/programming-guides/encoding/.

// Wire types.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

func appendUvarint(dst []byte, v uint64) []byte { return binary.AppendUvarint(dst, v) }

// appendTag begins a field; all numbers of OTLP's messages are below 32.
func appendTag(dst []byte, field, wire int) []byte {
	return appendUvarint(dst, uint64(field)<<3|uint64(wire))
}

func appendVarint(dst []byte, field int, v uint64) []byte {
	if v == 0 {
		return dst
	}
	return appendUvarint(appendTag(dst, field, wireVarint), v)
}

func appendFixed64(dst []byte, field int, v uint64) []byte {
	return binary.LittleEndian.AppendUint64(appendTag(dst, field, wireFixed64), v)
}

func appendFixed32(dst []byte, field int, v uint32) []byte {
	return binary.LittleEndian.AppendUint32(appendTag(dst, field, wireFixed32), v)
}

func appendBytes(dst []byte, field int, b []byte) []byte {
	dst = appendUvarint(appendTag(dst, field, wireBytes), uint64(len(b)))
	return append(dst, b...)
}

// appendText appends a field unless s is empty, which is what its absence says.
func appendText(dst []byte, field int, s string) []byte {
	if s == "" {
		return dst
	}
	return appendString(dst, field, s)
}

// appendString appends a field of UTF-8: a receiver refuses a whole request
// for one string that is not.
func appendString(dst []byte, field int, s string) []byte {
	if !utf8.ValidString(s) {
		dst, at := begin(dst, field)
		for _, r := range s { // an invalid byte is ranged over as U+FFFD
			dst = utf8.AppendRune(dst, r)
		}
		return end(dst, at)
	}
	dst = appendUvarint(appendTag(dst, field, wireBytes), uint64(len(s)))
	return append(dst, s...)
}

// begin opens a message whose length is not known yet; end, given what begin
// returned, closes it. One byte is kept for the length, enough for almost all.
func begin(dst []byte, field int) (opened []byte, at int) {
	dst = append(appendTag(dst, field, wireBytes), 0)
	return dst, len(dst)
}

func end(dst []byte, at int) []byte {
	size := len(dst) - at
	if size < 0x80 {
		dst[at-1] = byte(size)
		return dst
	}
	more := uvarintLen(size) - 1
	var room [binary.MaxVarintLen64]byte
	dst = append(dst, room[:more]...)
	copy(dst[at+more:], dst[at:at+size])
	binary.PutUvarint(dst[at-1:], uint64(size))
	return dst
}

func uvarintLen(n int) int { return uvarintLen64(uint64(n)) }

func uvarintLen64(n uint64) int { return (bits.Len64(n|1) + 6) / 7 }

// fieldLen is the length of a message field of that many bytes, for field
// numbers below 16.
func fieldLen(size int) int { return 1 + uvarintLen(size) + size }

// nanos is a time as OTLP has it; none before 1970.
func nanos(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(max(0, t.UnixNano()))
}

// count is a number as OTLP's uint32 has it.
func count(n int) uint64 { return uint64(max(0, min(n, 1<<32-1))) }
