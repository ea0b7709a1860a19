package appendjson

import (
	"math"
	"strconv"
)

// NineDigits appends what Float does, rounded to nine significant digits where
// that is shorter, in about a third of the time that all digits take.
func NineDigits(dst []byte, f float64) []byte {
	abs := math.Abs(f)
	if !(abs >= leastNine && abs < mostNine) {
		return Float(dst, f)
	}
	if f < 0 {
		dst = append(dst, '-')
	}
	places := 0 // after the point
	scaled := abs
	for scaled < wholeNine && places < maxPlaces {
		places++
		scaled = abs * float64(tens[places])
	}
	return appendPlaces(dst, uint64(scaled+0.5), places)
}

const (
	// leastNine and mostNine are the range of numbers that are rounded: smaller
	// ones are written with an exponent, larger ones have no digits to lose.
	leastNine = 1e-6
	mostNine  = 1e9
	// wholeNine is the first number with nine digits before the point.
	wholeNine = 1e8
	// maxPlaces is how many a number of leastNine has after the point.
	maxPlaces = 14
)

// tens are the powers of ten.
var tens = func() (t [maxPlaces + 1]uint64) {
	t[0] = 1
	for i := 1; i < len(t); i++ {
		t[i] = 10 * t[i-1]
	}
	return t
}()

// appendPlaces appends n / 10^places without zeros at the end.
func appendPlaces(dst []byte, n uint64, places int) []byte {
	whole := n / tens[places]
	dst = strconv.AppendUint(dst, whole, 10)
	rest := n - whole*tens[places]
	if rest == 0 {
		return dst
	}
	for rest%10 == 0 {
		rest /= 10
		places--
	}
	dst = append(dst, '.')
	start := len(dst)
	dst = append(dst, zeros[:places]...)
	for i := len(dst) - 1; i >= start; i-- {
		dst[i] = byte('0' + rest%10)
		rest /= 10
	}
	return dst
}

const zeros = "00000000000000"
