package metrics

import (
	"encoding/binary"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// The part of CBOR that a metric datum needs: definite lengths, text in UTF-8,
// floats of 64 bits, times as tag 1.
// https://www.rfc-editor.org/rfc/rfc8949
// https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
const (
	cborUint     = 0 << 5
	cborNegative = 1 << 5
	cborText     = 3 << 5
	cborArray    = 4 << 5
	cborMap      = 5 << 5
	cborTag      = 6 << 5
	cborFloat64  = 7<<5 | 27
	cborEpoch    = 1 // the tag of a time in seconds
)

// appendHead appends the shortest head for a major type and its argument.
func appendHead(dst []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(dst, major|byte(n))
	case n <= math.MaxUint8:
		return append(dst, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, major|27), n)
}

// appendCBORText appends s; CBOR's text must be UTF-8, so what is not becomes
// U+FFFD.
func appendCBORText(dst []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	dst = appendHead(dst, cborText, uint64(len(s)))
	return append(dst, s...)
}

func appendCBORInt(dst []byte, n int) []byte {
	if n < 0 {
		return appendHead(dst, cborNegative, uint64(-(n + 1)))
	}
	return appendHead(dst, cborUint, uint64(n))
}

func appendCBORFloat(dst []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, cborFloat64), math.Float64bits(f))
}

func appendCBORFloats(dst []byte, fs []float64) []byte {
	dst = appendHead(dst, cborArray, uint64(len(fs)))
	for _, f := range fs {
		dst = appendCBORFloat(dst, f)
	}
	return dst
}

// appendCBORTime appends t in seconds, to the millisecond.
func appendCBORTime(dst []byte, t time.Time) []byte {
	dst = appendHead(dst, cborTag, cborEpoch)
	return appendCBORFloat(dst, float64(t.UnixMilli())/1e3)
}
