package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

func floats(fs ...float64) []float64 { return fs }

// histogram makes a point without min and max.
func histogram(sum float64, bounds []float64, counts ...uint64) *metricdata.HistogramDataPoint[float64] {
	p := &metricdata.HistogramDataPoint[float64]{Sum: sum, Bounds: bounds, BucketCounts: counts}
	for _, n := range counts {
		p.Count += n
	}
	return p
}

func within(p *metricdata.HistogramDataPoint[float64], low, high float64) *metricdata.HistogramDataPoint[float64] {
	p.Min, p.Max = metricdata.NewExtrema(low), metricdata.NewExtrema(high)
	return p
}

func close64(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) <= 1e-9*max(1, math.Abs(x)) })
}

// explicit and exponential are what a converter does with a point.

func explicit[N int64 | float64](p *metricdata.HistogramDataPoint[N]) *distribution {
	d := &distribution{}
	histograms(&sdkPoints{add: func(_ *Metric, p *Point) { d.explicit(p) }, labels: map[attribute.Distinct][]Label{}}, []metricdata.HistogramDataPoint[N]{*p})
	return d
}

func exponential[N int64 | float64](p *metricdata.ExponentialHistogramDataPoint[N]) *distribution {
	d := &distribution{}
	exponentials(&sdkPoints{add: func(_ *Metric, p *Point) { d.exponential(p) }, labels: map[attribute.Distinct][]Label{}}, []metricdata.ExponentialHistogramDataPoint[N]{*p})
	return d
}

func TestExplicit(t *testing.T) {
	f := func(name string, p *metricdata.HistogramDataPoint[float64], values, counts []float64) {
		t.Helper()
		gotValues, gotCounts, complete := explicit(p).values(MaxValues)
		if !close64(gotValues, values) || !close64(gotCounts, counts) || !complete {
			t.Errorf("%s: got %v × %v (complete: %v), want %v × %v", name, gotValues, gotCounts, complete, values, counts)
		}
	}
	ten := floats(10, 20, 30)
	none := math.NaN()
	f("empty", histogram(0, ten, 0, 0, 0, 0), nil, nil)
	f("middles", histogram(none, ten, 1, 2, 3, 0), floats(5, 15, 25), floats(1, 2, 3))
	f("tail without max", histogram(none, ten, 0, 0, 0, 2), floats(30), floats(2))
	f("tail takes what the sum leaves", histogram(15+200, ten, 0, 1, 0, 2), floats(15, 100), floats(1, 2))
	f("sum is kept", histogram(3*18, ten, 0, 3, 0, 0), floats(18), floats(3))
	f("sum is kept, below the middle", histogram(11+21, ten, 0, 1, 1, 0), floats(11, 21), floats(1, 1))
	f("sum beyond the bounds", histogram(1000, ten, 0, 1, 0, 0), floats(20), floats(1))
	f("one measurement", within(histogram(12, ten, 0, 1, 0, 0), 12, 12), floats(12), floats(1))
	f("two measurements", within(histogram(40, ten, 0, 1, 0, 1), 12, 28), floats(12, 28), floats(1, 1))
	f("extremes are exact", within(histogram(102, ten, 0, 2, 1, 1), 12, 50), floats(12, 16-4.0/9, 25-5.0/9, 50), floats(1, 1, 1, 1))
	f("extremes without a sum", within(histogram(none, ten, 0, 3, 0, 0), 12, 14), floats(12, 13, 14), floats(1, 1, 1))
	f("all the same", within(histogram(36, ten, 0, 3, 0, 0), 12, 12), floats(12, 12, 12), floats(1, 1, 1))
	f("zero bound", histogram(none, floats(0, 5), 2, 3, 0), floats(0, 2.5), floats(2, 3))
	f("negative", within(histogram(none, floats(-10, 0), 2, 0, 0), -30, -20), floats(-30, -20), floats(1, 1))
	f("no bounds", histogram(12, nil, 3), floats(4), floats(3))
	f("no bounds but extremes", within(histogram(12, nil, 3), 1, 6), floats(1, 5, 6), floats(1, 1, 1))
	f("no buckets at all", within(&metricdata.HistogramDataPoint[float64]{Count: 2, Sum: 6}, 2, 4), floats(2, 4), floats(1, 1))
	f("no buckets, no extremes", &metricdata.HistogramDataPoint[float64]{Count: 2, Sum: 6}, floats(3), floats(2))
	f("infinite extreme", within(histogram(math.Inf(1), ten, 0, 1, 0, 1), 12, math.Inf(1)), floats(12, 30), floats(1, 1))
	f("contradicting extremes", within(histogram(none, ten, 0, 2, 0, 0), 300, 400), floats(300, 400), floats(1, 1))
}

func TestExplicit_beyondRange(t *testing.T) {
	values, counts, complete := explicit(within(histogram(0, floats(1), 1, 3), 0.5, 1e200)).values(MaxValues)
	if complete || slices.Max(values) > MaxValue || len(values) != len(counts) {
		t.Errorf("got %v × %v, complete: %v", values, counts, complete)
	}
}

func TestExponential(t *testing.T) {
	p := &metricdata.ExponentialHistogramDataPoint[int64]{
		Count: 7, Sum: -12, Scale: 0, ZeroCount: 2,
		Min: metricdata.NewExtrema[int64](-16), Max: metricdata.NewExtrema[int64](4),
		NegativeBucket: metricdata.ExponentialBucket{Offset: 1, Counts: []uint64{1, 0, 1}},     // [-4,-2) and [-16,-8)
		PositiveBucket: metricdata.ExponentialBucket{Offset: -1, Counts: []uint64{0, 1, 1, 1}}, // (1,2], (2,4], (4,8]
	}
	values, counts, complete := exponential(p).values(MaxValues)
	if !slices.IsSorted(values) || !complete {
		t.Errorf("got %v × %v, complete: %v", values, counts, complete)
	}
	if values[0] != -16 || values[len(values)-1] != 4 || !slices.Contains(values, 0) {
		t.Errorf("got %v", values)
	}
	if got := weighted(values, counts); math.Abs(got+12) > 1e-9 {
		t.Errorf("sum %v, want -12", got)
	}
}

func TestExponential_farOut(t *testing.T) {
	for _, scale := range []int32{math.MinInt32, -10, 0, 20, math.MaxInt32} {
		for _, offset := range []int32{math.MinInt32, 0, math.MaxInt32} {
			p := &metricdata.ExponentialHistogramDataPoint[float64]{
				Count: 2, Sum: 1, Scale: scale,
				PositiveBucket: metricdata.ExponentialBucket{Offset: offset, Counts: []uint64{1}},
				NegativeBucket: metricdata.ExponentialBucket{Offset: offset, Counts: []uint64{1}},
			}
			values, counts, _ := exponential(p).values(MaxValues)
			if len(values) != len(counts) {
				t.Errorf("scale %d, offset %d: %v × %v", scale, offset, values, counts)
			}
			for _, v := range values {
				if refusal(v) != "" {
					t.Errorf("scale %d, offset %d: %v", scale, offset, v)
				}
			}
		}
	}
}

func weighted(values, counts []float64) float64 {
	sum := 0.0
	for i, v := range values {
		sum += v * counts[i]
	}
	return sum
}

// percentile is the value below which the share p of all measurements lies.
func percentile(values, counts []float64, p float64) float64 {
	n := 0.0
	for _, c := range counts {
		n += c
	}
	rank := p * n
	for i, c := range counts {
		if rank -= c; rank <= 0 {
			return values[i]
		}
	}
	return values[len(values)-1]
}

// TestValues_closeToTheMeasurements records latencies over five orders of
// magnitude and compares what CloudWatch would compute with the measurements.
func TestValues_closeToTheMeasurements(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	measured := make([]float64, 20_000)
	for i := range measured {
		measured[i] = 0.02 * math.Exp(1.5*random.NormFloat64())
	}
	sort.Float64s(measured)
	sum := 0.0
	for _, v := range measured {
		sum += v
	}
	const scale = 5 // more than 150 buckets, so that merging shows
	base := power(scale, 1)
	d := &distribution{sum: sum, min: measured[0], max: measured[len(measured)-1], interval: true}
	for i := 0; i < len(measured); {
		index := int64(math.Ceil(math.Log(measured[i])/math.Log(base))) - 1
		from := i
		for i < len(measured) && (measured[i] <= power(scale, index+1) || i == from) {
			i++
		}
		d.add(power(scale, index), power(scale, index+1), uint64(i-from))
	}
	buckets := len(d.buckets)
	values, counts, complete := d.values(MaxValues)
	if buckets <= MaxValues || len(values) != MaxValues || !complete {
		t.Fatalf("%d buckets became %d values", buckets, len(values))
	}
	if values[0] != measured[0] || values[len(values)-1] != measured[len(measured)-1] {
		t.Errorf("min %v, max %v", values[0], values[len(values)-1])
	}
	if got := weighted(values, counts); math.Abs(got-sum) > 1e-9*sum {
		t.Errorf("sum %v, measured %v", got, sum)
	}
	for _, p := range []float64{0.01, 0.1, 0.5, 0.9, 0.99, 0.999} {
		got, want := percentile(values, counts, p), measured[int(p*float64(len(measured)))]
		allowed := 0.03
		if p < 0.1 {
			allowed = 0.05 // where buckets are joined first
		}
		if math.Abs(got-want) > allowed*want {
			t.Errorf("p%g = %v, measured %v", 100*p, got, want)
		}
	}
}

func FuzzExplicit(f *testing.F) {
	f.Add(10.0, 20.0, uint64(1), uint64(2), uint64(3), 5.0, 25.0, 90.0, true)
	f.Add(math.NaN(), math.Inf(1), uint64(1), uint64(0), uint64(math.MaxUint64), math.Inf(-1), math.NaN(), math.Inf(1), true)
	f.Add(20.0, 10.0, uint64(5), uint64(5), uint64(5), 1e300, -1e300, -1e308, false)
	f.Fuzz(func(t *testing.T, b1, b2 float64, c1, c2, c3 uint64, low, high, sum float64, known bool) {
		p := histogram(sum, floats(b1, b2), c1, c2, c3)
		if known {
			within(p, low, high)
		}
		for _, limit := range []int{MaxValues, 10} {
			values, counts, _ := explicit(p).values(limit)
			if len(values) != len(counts) || len(values) > limit {
				t.Fatalf("%v × %v", values, counts)
			}
			for i, v := range values {
				if refusal(v) != "" || !(counts[i] > 0) {
					t.Fatalf("%v × %v", values, counts)
				}
				if known && b1 <= b2 && finite(low) && finite(high) && low <= high && (v < low || v > high) {
					t.Fatalf("%v lies outside %v to %v", v, low, high)
				}
			}
		}
	})
}
