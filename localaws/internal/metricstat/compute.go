package metricstat

import "math"

// Of computes the statistic. Without samples, or where the samples do not
// carry it, there is no value.
func (s Stat) Of(d *Distribution) (float64, bool) {
	if d.Count == 0 {
		return 0, false
	}
	switch s.kind {
	case sampleCount:
		return d.Count, true
	case sum:
		return d.Sum, true
	case average:
		return d.Sum / d.Count, true
	case minimum:
		return d.Min, true
	case maximum:
		return d.Max, true
	}
	samples, ok := d.raw()
	if !ok {
		return 0, false
	}
	if s.kind == percentile {
		return quantile(samples, d.Count, s.point), true
	}
	return s.trimmed(samples, d.Count)
}

// quantile is the largest value of the lowest p percent of the samples: "p99 is
// the maximum value of the remaining 99%".
func quantile(samples []Sample, count, p float64) float64 {
	want := p / 100 * count
	want -= want * 1e-12 // 0.07*100 is 7.000000000000001
	seen := 0.0
	for _, s := range samples {
		if seen += s.Count; seen >= want {
			return s.Value
		}
	}
	return samples[len(samples)-1].Value
}

func (s Stat) trimmed(samples []Sample, count float64) (float64, bool) {
	if s.kind == winsorizedMean {
		return s.winsorized(samples, count), true
	}
	kept, total := 0.0, 0.0
	seen := 0.0
	for _, sample := range samples {
		n := s.inside(sample, seen, count)
		seen += sample.Count
		kept += n
		total += n * sample.Value
	}
	switch s.kind {
	case trimmedCount:
		return kept, true
	case trimmedSum:
		return total, true
	case percentileRank:
		return 100 * kept / count, true
	}
	if kept == 0 {
		return 0, false
	}
	return total / kept, true
}

// inside is how many occurrences of a sample lie within the bounds: with
// percentages a part of them, with values all (above the lower bound, up to
// the upper one) or none.
func (s Stat) inside(sample Sample, before, count float64) float64 {
	low, high := math.Inf(-1), math.Inf(1)
	if s.hasLow {
		low = s.low
	}
	if s.hasHigh {
		high = s.high
	}
	if !s.percent {
		if sample.Value > low && sample.Value <= high {
			return sample.Count
		}
		return 0
	}
	from := math.Max(before, low/100*count)
	to := math.Min(before+sample.Count, high/100*count)
	return math.Max(0, to-from)
}

// winsorized is the mean with what is beyond a bound moved onto it.
func (s Stat) winsorized(samples []Sample, count float64) float64 {
	low, high := math.Inf(-1), math.Inf(1)
	if s.hasLow {
		low = s.low
		if s.percent {
			low = quantile(samples, count, s.low)
		}
	}
	if s.hasHigh {
		high = s.high
		if s.percent {
			high = quantile(samples, count, s.high)
		}
	}
	total := 0.0
	for _, sample := range samples {
		total += sample.Count * math.Min(math.Max(sample.Value, low), high)
	}
	return total / count
}
