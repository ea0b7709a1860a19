package metrics

import "math"

// reset makes d empty, with a point's sum, min and max.
func (d *distribution) reset(p *Point) {
	d.buckets = d.buckets[:0]
	d.sum, d.min, d.max, d.interval = p.Sum, p.Min, p.Max, true
	for _, e := range [...]*float64{&d.sum, &d.min, &d.max} {
		if !finite(*e) {
			*e = math.NaN()
		}
	}
}

// explicit makes d the distribution of a histogram with bounds. Where bounds
// and counts do not fit together, only sum and count are believed.
func (d *distribution) explicit(p *Point) {
	d.reset(p)
	if len(p.Buckets) != len(p.Bounds)+1 || !ascending(p.Bounds) {
		d.add(math.Inf(-1), math.Inf(1), p.Count)
		return
	}
	low := math.Inf(-1)
	for i, count := range p.Buckets {
		high := math.Inf(1)
		if i < len(p.Bounds) {
			high = p.Bounds[i]
		}
		d.add(low, high, count)
		low = high
	}
}

func ascending(bounds []float64) bool {
	for i, b := range bounds {
		if math.IsNaN(b) || i > 0 && b < bounds[i-1] {
			return false
		}
	}
	return true
}

// exponential makes d the distribution of a histogram whose bounds are the
// powers of a base.
func (d *distribution) exponential(p *Point) {
	d.reset(p)
	negative := &p.Negative
	for i := len(negative.Counts) - 1; i >= 0; i-- {
		if n := negative.Counts[i]; n > 0 {
			index := int64(negative.Offset) + int64(i)
			d.add(-d.powers.of(p.Scale, index+1), -d.powers.of(p.Scale, index), n)
		}
	}
	threshold := p.ZeroThreshold
	if !(threshold > 0) || math.IsInf(threshold, 1) {
		threshold = 0
	}
	d.add(-threshold, threshold, p.ZeroCount)
	low, known := 0.0, false
	for i, n := range p.Positive.Counts {
		if n == 0 {
			known = false
			continue
		}
		index := int64(p.Positive.Offset) + int64(i)
		if !known {
			low = d.powers.of(p.Scale, index)
		}
		high := d.powers.of(p.Scale, index+1)
		d.add(low, high, n)
		low, known = high, true
	}
}

func (d *distribution) add(low, high float64, count uint64) {
	if count > 0 {
		d.buckets = append(d.buckets, bucket{low: low, high: high, count: float64(count)})
	}
}

// subtract takes the counts of before from those of d, bucket by bucket. It
// says whether each was there and large enough.
func (d *distribution) subtract(before *distribution) bool {
	i, kept := 0, d.buckets[:0]
	for _, b := range d.buckets {
		if i < len(before.buckets) && before.buckets[i].low == b.low && before.buckets[i].high == b.high {
			b.count -= before.buckets[i].count
			i++
		}
		if b.count < 0 {
			return false
		}
		if b.count > 0 {
			kept = append(kept, b)
		}
	}
	d.buckets = kept
	return i == len(before.buckets)
}
