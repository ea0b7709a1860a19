package metrics

import "math"

// power is the base of a scale, 2^(2^-scale), raised to index.
func power(scale int32, index int64) float64 {
	return math.Exp2(math.Ldexp(float64(index), -int(scale)))
}

// maxPowers is how many powers are remembered, a power of two.
const maxPowers = 1 << 11

// powers remembers what it computed, since the buckets of a histogram are the
// same from point to point. A nil one computes.
type powers struct {
	known []knownPower
}

type knownPower struct {
	index int64
	value float64 // zero: none is known
	scale int32
}

// of is power.
func (m *powers) of(scale int32, index int64) float64 {
	if m == nil {
		return power(scale, index)
	}
	if m.known == nil {
		m.known = make([]knownPower, maxPowers)
	}
	at := &m.known[(uint64(index)+uint64(scale)*placesApart)%maxPowers]
	if at.index != index || at.scale != scale || at.value == 0 {
		*at = knownPower{index: index, scale: scale, value: power(scale, index)}
	}
	return at.value
}

// placesApart is how far from those of one scale the powers of the next one
// are kept: a histogram has some 160 buckets.
const placesApart = 331
