package appendjson

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// TwelveDigits appends what Float does, rounded to twelve significant digits where
// that is shorter, in a third of the time that all digits take.
func TwelveDigits(dst []byte, f float64) []byte {
	abs := math.Abs(f)
	if !(abs >= leastTwelve && abs < mostTwelve) {
		return Float(dst, f)
	}
	if f < 0 {
		dst = append(dst, '-')
	}
	// Places after the point: abs is less than the next power of two, so that fewer leave less than twelve digits.
	// 1233/4096 is the logarithm of two to the base of ten.
	next := int(math.Float64bits(abs)>>52) - 1022
	places := max(0, 12+(-next*1233)>>12)
	scaled := abs * float64(tens[places])
	if scaled < wholeTwelve && places < maxPlaces {
		places++
		scaled = abs * float64(tens[places])
	}
	return appendPlaces(dst, uint64(scaled+0.5), places)
}

const (
	// leastTwelve and mostTwelve are the range of numbers that are rounded: smaller
	// ones are written with an exponent, larger ones have no digits to lose.
	leastTwelve = 1e-6
	mostTwelve  = 1e12
	// wholeTwelve is the first number with twelve digits before the point.
	wholeTwelve = 1e11
	// twelve is how many are written.
	twelve = 12
	// maxPlaces is how many a number of leastTwelve has after the point.
	maxPlaces = 17
)

// tens are the powers of ten.
var tens = func() (t [maxPlaces + 1]uint64) {
	t[0] = 1
	for i := 1; i < len(t); i++ {
		t[i] = 10 * t[i-1]
	}
	return t
}()

// appendPlaces appends n / 10^places, n of twelve digits, without zeros at the end.
func appendPlaces(dst []byte, n uint64, places int) []byte {
	if n >= mostTwelve { // rounded up to it
		n /= 10
		if places--; places < 0 {
			return append(dst, "1000000000000"...)
		}
	}
	first, last := digits(uint32(n/10_000)), digits(uint32(n%10_000))>>32
	used := 16 - bits.LeadingZeros64(last)/8
	if last == 0 {
		used = 8 - bits.LeadingZeros64(first)/8
	}
	first, last = first|ascii, last|ascii
	start, point := len(dst), twelve-places
	dst = append(dst, "0.0000000000000000000000"...) // room, most of which is written over
	if point <= 0 {
		start += len("0.") - point
		put(dst[start:], first, last)
		return dst[:start+used]
	}
	put(dst[start:], first, last)
	if used <= point {
		return dst[:start+point]
	}
	fraction := dst[start+point:]
	first, last = binary.LittleEndian.Uint64(fraction), binary.LittleEndian.Uint64(fraction[4:])
	binary.LittleEndian.PutUint64(fraction[5:], last)
	binary.LittleEndian.PutUint64(fraction[1:], first)
	fraction[0] = '.'
	return dst[:start+used+1]
}

func put(to []byte, first, last uint64) {
	binary.LittleEndian.PutUint64(to, first)
	binary.LittleEndian.PutUint32(to[8:], uint32(last))
}

// ascii makes characters of digits.
const ascii = 0x3030303030303030

// digits are the eight digits of a number, the first in the lowest byte: divided into halves, then quarters, then eighths.
func digits(n uint32) uint64 {
	all := uint64(n/10_000) | uint64(n%10_000)<<32
	quarters := all * 10486 >> 20 & 0x7f0000007f // by 100
	all = quarters | (all-100*quarters)<<16
	eighths := all * 103 >> 10 & 0xf000f000f000f // by 10
	return eighths | (all-10*eighths)<<8
}
