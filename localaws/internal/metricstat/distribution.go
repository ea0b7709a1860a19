// Package metricstat computes the statistics of CloudWatch from the samples of
// one period: SampleCount, Sum, Average, Minimum, Maximum, percentiles and the
// trimmed statistics. CloudWatch estimates the latter from a histogram; here
// they are exact.
//
//	var d metricstat.Distribution
//	d.Add(120, 1)
//	d.Add(80, 3) // 80 was seen three times
//	p90, err := metricstat.Parse("p90")
//	value, ok := p90.Of(&d) // 120, true
//
// It follows
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html.
package metricstat

import (
	"cmp"
	"slices"
)

// A Sample is a value and how often it was seen.
type Sample struct {
	Value, Count float64
}

// A Distribution holds the samples of one metric in one period. The zero value
// is empty. It is not safe for concurrent use.
type Distribution struct {
	Count, Sum, Min, Max float64

	samples []Sample
	ordered int  // samples[:ordered] are sorted by value, each value once
	opaque  bool // a statistic set hid its values
}

// compactFrom is how many samples are collected before equal ones are joined.
const compactFrom = 64

// Add adds a value that was seen count times.
func (d *Distribution) Add(value, count float64) {
	if count <= 0 {
		return
	}
	d.widen(value, value)
	d.Count += count
	d.Sum += value * count
	d.samples = append(d.samples, Sample{value, count})
	if len(d.samples) >= compactFrom && len(d.samples) >= 2*d.ordered {
		d.order()
	}
}

// AddSet adds a statistic set. Percentiles and the like remain available only
// if all its values are known: one sample, or minimum and maximum equal and
// the sum their multiple.
func (d *Distribution) AddSet(count, sum, minimum, maximum float64) {
	if count <= 0 {
		return
	}
	if minimum == maximum && sum == minimum*count {
		d.Add(minimum, count)
		return
	}
	d.widen(minimum, maximum)
	d.Count += count
	d.Sum += sum
	d.opaque = true
}

// Merge adds all that another distribution holds.
func (d *Distribution) Merge(other *Distribution) {
	if other.Count <= 0 {
		return
	}
	d.widen(other.Min, other.Max)
	d.Count += other.Count
	d.Sum += other.Sum
	d.opaque = d.opaque || other.opaque
	d.samples = append(d.samples, other.samples...)
	if len(d.samples) >= compactFrom {
		d.order()
	}
}

// Len is how many different samples are held, about.
func (d *Distribution) Len() int { return len(d.samples) }

func (d *Distribution) widen(minimum, maximum float64) {
	if d.Count == 0 {
		d.Min, d.Max = minimum, maximum
		return
	}
	d.Min, d.Max = min(d.Min, minimum), max(d.Max, maximum)
}

// order sorts the samples and joins equal ones.
func (d *Distribution) order() {
	if d.ordered == len(d.samples) {
		return
	}
	slices.SortFunc(d.samples, func(a, b Sample) int { return cmp.Compare(a.Value, b.Value) })
	kept := d.samples[:0]
	for _, s := range d.samples {
		if n := len(kept); n > 0 && kept[n-1].Value == s.Value {
			kept[n-1].Count += s.Count
			continue
		}
		kept = append(kept, s)
	}
	d.samples = kept
	d.ordered = len(kept)
}

// raw are the ordered samples, if percentiles may be computed from them:
// CloudWatch has none of statistic sets and none of negative values.
func (d *Distribution) raw() ([]Sample, bool) {
	if d.Count == 0 || d.opaque || d.Min < 0 {
		return nil, false
	}
	d.order()
	return d.samples, true
}
