package metrics

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPowers holds what is remembered against what is computed, with more
// powers than there is room for.
func TestPowers(t *testing.T) {
	var remembered powers
	r := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		scale, index := int32(r.IntN(31)-10), int64(r.IntN(4000)-2000)
		if got, want := remembered.of(scale, index), power(scale, index); got != want {
			t.Fatalf("scale %d, index %d: %g, want %g", scale, index, got, want)
		}
	}
	for _, index := range []int64{math.MinInt64, math.MaxInt64} {
		if got, want := remembered.of(math.MinInt32, index), power(math.MinInt32, index); got != want {
			t.Errorf("index %d: %g, want %g", index, got, want)
		}
	}
}

// TestFloatTexts holds the remembered texts of numbers to those that are written.
func TestFloatTexts(t *testing.T) {
	remembered := newFloatTexts()
	var nothing *floatTexts
	r := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		f := math.Float64frombits(r.Uint64() | r.Uint64N(8)<<61)
		if r.IntN(2) == 0 {
			f = power(int32(r.IntN(5)), int64(r.IntN(300)))
		}
		if got, want := string(remembered.append(nil, f)), string(nothing.append(nil, f)); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
}
