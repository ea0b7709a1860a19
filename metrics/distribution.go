package metrics

import (
	"math"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// explicit is the distribution of a histogram with bounds. Where bounds and
// counts do not fit together, only sum and count are believed.
func explicit[N int64 | float64](p *metricdata.HistogramDataPoint[N]) *distribution {
	d := &distribution{sum: float64(p.Sum), min: extremum(p.Min), max: extremum(p.Max), interval: true}
	if len(p.BucketCounts) != len(p.Bounds)+1 {
		d.add(math.Inf(-1), math.Inf(1), p.Count)
		return d
	}
	low := math.Inf(-1)
	for i, count := range p.BucketCounts {
		high := math.Inf(1)
		if i < len(p.Bounds) {
			high = p.Bounds[i]
		}
		d.add(low, high, count)
		low = high
	}
	return d
}

// exponential is the distribution of a histogram whose bounds are the powers
// of a base.
func exponential[N int64 | float64](p *metricdata.ExponentialHistogramDataPoint[N]) *distribution {
	d := &distribution{sum: float64(p.Sum), min: extremum(p.Min), max: extremum(p.Max), interval: true}
	negative := p.NegativeBucket
	for i := len(negative.Counts) - 1; i >= 0; i-- {
		index := int64(negative.Offset) + int64(i)
		d.add(-power(p.Scale, index+1), -power(p.Scale, index), negative.Counts[i])
	}
	d.add(-p.ZeroThreshold, p.ZeroThreshold, p.ZeroCount)
	for i, count := range p.PositiveBucket.Counts {
		index := int64(p.PositiveBucket.Offset) + int64(i)
		d.add(power(p.Scale, index), power(p.Scale, index+1), count)
	}
	return d
}

// power is the base of a scale, 2^(2^-scale), raised to index.
func power(scale int32, index int64) float64 {
	return math.Exp2(math.Ldexp(float64(index), -int(scale)))
}

func (d *distribution) add(low, high float64, count uint64) {
	if count > 0 {
		d.buckets = append(d.buckets, bucket{low: low, high: high, count: float64(count)})
	}
}

// extremum is a histogram's min or max, NaN where it has none to rely on.
func extremum[N int64 | float64](e metricdata.Extrema[N]) float64 {
	v, ok := e.Value()
	if f := float64(v); ok && finite(f) {
		return f
	}
	return math.NaN()
}
