package metrics

import (
	"math"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

const (
	// floatTextBits makes 4096 texts, in 160 kB: a histogram has some 160
	// buckets, and many have the same.
	floatTextBits = 12
	// maxFloatText is the longest text that is remembered.
	maxFloatText = 31
	// goldenRatio is 2^64 divided by the golden ratio: it spreads numbers that differ
	// in few bits.
	goldenRatio = 0x9E3779B97F4A7C15
)

// floatTexts remembers numbers as text: those that stand for the buckets of
// histograms have many digits and come again and again. A nil one remembers
// nothing.
type floatTexts struct {
	known [1 << floatTextBits]floatText
}

type floatText struct {
	bits uint64
	size uint8 // zero: none is known
	text [maxFloatText]byte
}

// append appends f as JSON.
func (t *floatTexts) append(dst []byte, f float64) []byte {
	if t == nil {
		return appendjson.Float(dst, f)
	}
	bits := math.Float64bits(f)
	at := &t.known[bits*goldenRatio>>(64-floatTextBits)]
	if at.size > 0 && at.bits == bits {
		return append(dst, at.text[:at.size]...)
	}
	start := len(dst)
	dst = appendjson.Float(dst, f)
	if text := dst[start:]; len(text) <= maxFloatText {
		at.bits, at.size = bits, uint8(copy(at.text[:], text))
	}
	return dst
}
