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

// floatTexts writes the numbers of lists that stand for the buckets of
// histograms. They are computed, so that digits beyond the twelfth say nothing; the
// statistics beside them have what was measured. A nil one writes all digits.
type floatTexts struct {
	known []floatText // all digits of what is remembered, unless nil
}

// newFloatTexts returns one that writes all digits and remembers them, for numbers
// that come again and again.
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
		return appendjson.TwelveDigits(dst, f)
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
