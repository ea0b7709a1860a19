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

// floatTexts writes the numbers of lists, which stand for the buckets of
// histograms: they have many digits. A nil one writes any.
type floatTexts struct {
	known []floatText // what is remembered, unless nil
}

// newFloatTexts returns one that remembers numbers as text, for those that come
// again and again.
func newFloatTexts() *floatTexts {
	return &floatTexts{known: make([]floatText, 1<<floatTextBits)}
}

type floatText struct {
	bits uint64
	size uint8 // zero: none is known
	text [maxFloatText]byte
}

// append appends f as JSON.
func (t *floatTexts) append(dst []byte, f float64) []byte {
	switch {
	case t == nil:
		return appendjson.Float(dst, f)
	case t.known == nil:
		return appendjson.LongFloat(dst, f)
	}
	bits := math.Float64bits(f)
	at := &t.known[bits*goldenRatio>>(64-floatTextBits)]
	if at.size > 0 && at.bits == bits {
		return append(dst, at.text[:at.size]...)
	}
	start := len(dst)
	dst = appendjson.LongFloat(dst, f)
	if text := dst[start:]; len(text) <= maxFloatText {
		at.bits, at.size = bits, uint8(copy(at.text[:], text))
	}
	return dst
}
