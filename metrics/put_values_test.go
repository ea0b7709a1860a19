package metrics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func listOf(v *values) (numbers, counts []float64) { return v.list(nil, nil, MaxValues) }

func TestValues_exact(t *testing.T) {
	f := func(want string, numbers ...float64) {
		t.Helper()
		var v values
		for _, n := range numbers {
			v.add(n, 1)
		}
		got, counts := listOf(&v)
		if s := fmt.Sprint(got, counts); s != want {
			t.Errorf("%v: %s, want %s", numbers, s, want)
		}
	}
	f("[1] [3]", 1, 1, 1)
	f("[-2 -1 0 1 2] [1 1 1 1 1]", 2, 1, 0, -1, -2)
	f("[0] [2]", 0, math.Copysign(0, -1))
	f("[-3.0e-324 5e-324] [1 1]"[:0]+fmt.Sprint([]float64{-5e-324, 5e-324})+" [1 1]", 5e-324, -5e-324)
	f(fmt.Sprint([]float64{-MaxValue, MaxValue})+" [1 1]", MaxValue, -MaxValue)
}

// TestValues_many keeps 150 values as they are and what is exact beyond.
func TestValues_many(t *testing.T) {
	var v values
	for i := range 150 {
		v.add(float64(i), 2)
	}
	numbers, counts := listOf(&v)
	if len(numbers) != 150 || numbers[149] != 149 || counts[7] != 2 {
		t.Fatalf("%v %v", numbers, counts)
	}
	v.add(0.5, 1)
	if v.shift == 0 {
		t.Error("151 values are exact")
	}
	if numbers, _ = listOf(&v); len(numbers) > MaxValues {
		t.Errorf("%d values", len(numbers))
	}
}

// TestValues_percentiles reads percentiles back from what many different
// measurements became.
func TestValues_percentiles(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	f := func(name string, within float64, sample func() float64) {
		t.Helper()
		var v values
		all := make([]float64, 100_000)
		sum := 0.0
		for i := range all {
			all[i] = sample()
			sum += all[i]
			v.add(all[i], 1)
		}
		slices.Sort(all)
		numbers, counts := listOf(&v)
		if len(numbers) > MaxValues || len(numbers) != len(counts) || len(v.entries) > maxBuckets {
			t.Fatalf("%s: %d values, %d counts, %d buckets", name, len(numbers), len(counts), len(v.entries))
		}
		total, product := 0.0, 0.0
		for i := range numbers {
			total, product = total+counts[i], product+counts[i]*numbers[i]
		}
		if total != float64(len(all)) || math.Abs(product-sum) > 1e-6*math.Abs(sum) {
			t.Errorf("%s: %v measurements of %v, want %v of %v", name, total, product, len(all), sum)
		}
		if numbers[0] != all[0] || numbers[len(numbers)-1] != all[len(all)-1] {
			t.Errorf("%s: from %v to %v, want %v to %v", name, numbers[0], numbers[len(numbers)-1], all[0], all[len(all)-1])
		}
		for _, q := range []float64{0.5, 0.9, 0.99} {
			want := all[int(q*float64(len(all)))]
			if got := quantile(numbers, counts, q); math.Abs(got-want) > within*math.Abs(want) {
				t.Errorf("%s: p%v is %v, want %v", name, 100*q, got, want)
			}
		}
	}
	f("uniform 1 to 2", 0.01, func() float64 { return 1 + random.Float64() })
	f("latency", 0.04, func() float64 { return 5 * math.Exp(random.NormFloat64()) })
	f("negative", 0.04, func() float64 { return -5 * math.Exp(random.NormFloat64()) })
	f("six decades", 0.06, func() float64 { return math.Pow(10, 6*random.Float64()) })
	f("whole numbers to 200", 0.01, func() float64 { return float64(1 + random.IntN(200)) })
}

func quantile(numbers, counts []float64, q float64) float64 {
	total := 0.0
	for _, c := range counts {
		total += c
	}
	for i, c := range counts {
		if q -= c / total; q <= 0 {
			return numbers[i]
		}
	}
	return numbers[len(numbers)-1]
}

// TestValues_merge has as much from two as from one.
func TestValues_merge(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 40, 149, 400, 5000} {
		var whole, a, b values
		for i := range n {
			f := 1 + 10*random.Float64()
			whole.add(f, 1)
			if i%3 == 0 {
				a.add(f, 1)
			} else {
				b.add(f, 1)
			}
		}
		a.merge(&b)
		numbers, counts := listOf(&a)
		wantNumbers, wantCounts := listOf(&whole)
		if n < MaxValues && (!slices.Equal(numbers, wantNumbers) || !slices.Equal(counts, wantCounts)) {
			t.Errorf("%d: %v %v, want %v %v", n, numbers, counts, wantNumbers, wantCounts)
		}
		if got, want := quantile(numbers, counts, 0.9), quantile(wantNumbers, wantCounts, 0.9); math.Abs(got-want) > 0.03*want {
			t.Errorf("%d: p90 is %v, want %v", n, got, want)
		}
		if a.min != whole.min || a.max != whole.max || math.Abs(a.sum-whole.sum) > 1e-9*whole.sum {
			t.Errorf("%d: %v to %v, sum %v", n, a.min, a.max, a.sum)
		}
	}
}

func FuzzValues(f *testing.F) {
	f.Add(1.0, 2.0, uint16(300))
	f.Add(-MaxValue, MaxValue, uint16(2000))
	f.Add(0.0, 5e-324, uint16(500))
	f.Fuzz(func(t *testing.T, low, high float64, n uint16) {
		if refusal(low) != "" || refusal(high) != "" {
			return
		}
		random := rand.New(rand.NewPCG(uint64(n), 7))
		var v values
		for range n {
			share := random.Float64()
			v.add(low*(1-share)+high*share, 1)
		}
		numbers, counts := listOf(&v)
		total := 0.0
		for i := range numbers {
			if refusal(numbers[i]) != "" || counts[i] <= 0 {
				t.Fatalf("%v %v", numbers[i], counts[i])
			}
			total += counts[i]
		}
		if len(numbers) > MaxValues || total != float64(n) {
			t.Fatalf("%d values, %v measurements of %d", len(numbers), total, n)
		}
	})
}

func BenchmarkValues(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	numbers := make([]float64, 1<<16)
	for i := range numbers {
		numbers[i] = 5 * math.Exp(random.NormFloat64())
	}
	b.Run("one value", func(b *testing.B) {
		b.ReportAllocs()
		var v values
		for b.Loop() {
			v.add(1, 1)
		}
	})
	b.Run("all different", func(b *testing.B) {
		b.ReportAllocs()
		var v values
		for i := 0; b.Loop(); i++ {
			v.add(numbers[i%len(numbers)], 1)
		}
	})
	b.Run("list", func(b *testing.B) {
		b.ReportAllocs()
		var v values
		for _, n := range numbers {
			v.add(n, 1)
		}
		var x, y []float64
		for b.Loop() {
			x, y = v.list(x[:0], y[:0], MaxValues)
		}
	})
}
