package metrics

import (
	"math"
	"slices"
)

// bucket is a part of a distribution: count measurements from low to high, for
// which value stands.
type bucket struct {
	low, high, value, count float64
}

// distribution is a histogram of either kind, on its way to values and counts.
type distribution struct {
	buckets []bucket // ascending, none empty
	sum     float64  // NaN where unknown
	min     float64  // NaN where unknown
	max     float64  // NaN where unknown
	// interval says that min and max were measured in the time the counts are
	// of. Where they were not, they are bounds and no measurements.
	interval bool
}

// values makes the list CloudWatch takes, and says whether a value had to be
// left out because CloudWatch does not take it.
//
// Each bucket is stood for by its middle, within min and max. One measurement
// each is set to min and max exactly; then the others are moved within their
// buckets so that the sum is the recorded one.
func (d *distribution) values(limit int) (values, counts []float64, complete bool) {
	d.bound()
	d.placeTail()
	first, last := d.pullExtremes()
	d.merge(limit, first, last)
	d.matchSum()
	complete = true
	for _, b := range d.buckets {
		if reason := refusal(b.value); reason != "" {
			complete = false
			continue
		}
		values = append(values, b.value)
		counts = append(counts, b.count)
	}
	return values, counts, complete
}

// bound gives every bucket two finite ends, within min and max, and its middle
// as value. Where an end is not known, the bucket is stood for by the other
// end; zero counts as the lower end of what reaches above zero.
func (d *distribution) bound() {
	for i := range d.buckets {
		b := &d.buckets[i]
		if !math.IsNaN(d.min) {
			b.low, b.high = max(b.low, d.min), max(b.high, d.min)
		}
		if !math.IsNaN(d.max) {
			b.low, b.high = min(b.low, d.max), min(b.high, d.max)
		}
		if math.IsInf(b.low, -1) && math.IsInf(b.high, 1) {
			b.low, b.high = d.mean(), d.mean()
		}
		if math.IsInf(b.low, -1) {
			b.low = min(0, b.high)
		}
		if math.IsInf(b.high, 1) {
			b.high = b.low
		}
		b.value = b.low/2 + b.high/2
	}
}

// placeTail gives a last bucket whose upper end is unknown the mean that the
// sum leaves for it.
func (d *distribution) placeTail() {
	if len(d.buckets) == 0 || !math.IsNaN(d.max) || !finite(d.sum) {
		return
	}
	tail := &d.buckets[len(d.buckets)-1]
	if tail.low != tail.high {
		return
	}
	rest := d.sum
	for _, b := range d.buckets[:len(d.buckets)-1] {
		rest -= b.value * b.count
	}
	if mean := rest / tail.count; mean > tail.value {
		tail.low, tail.high, tail.value = mean, mean, mean
	}
}

func (d *distribution) count() float64 {
	n := 0.0
	for _, b := range d.buckets {
		n += b.count
	}
	return n
}

// mean is what is left to say where no bucket has bounds.
func (d *distribution) mean() float64 {
	if n := d.count(); n > 0 && finite(d.sum) {
		return d.sum / n
	}
	return 0
}

// pullExtremes takes one measurement each out of the first and the last bucket
// and sets it to min and max. It says which of the two it did.
func (d *distribution) pullExtremes() (first, last bool) {
	if !d.interval || len(d.buckets) == 0 {
		return false, false
	}
	if first = !math.IsNaN(d.min); first {
		pulled := bucket{d.min, d.min, d.min, 1}
		d.takeOne(0)
		d.buckets = slices.Insert(d.buckets, 0, pulled)
	}
	end := len(d.buckets) - 1
	if last = !math.IsNaN(d.max) && (!first || end > 0); last {
		if d.takeOne(end) {
			end--
		}
		d.buckets = slices.Insert(d.buckets, end+1, bucket{d.max, d.max, d.max, 1})
	}
	return first, last
}

// takeOne takes one measurement out of bucket i, and the bucket away if that
// was all it had.
func (d *distribution) takeOne(i int) (emptied bool) {
	if d.buckets[i].count > 1 {
		d.buckets[i].count--
		return false
	}
	d.buckets = slices.Delete(d.buckets, i, i+1)
	return true
}

// merge joins neighbours until limit buckets are left, always the two that make
// the narrowest bucket in relation to its size: how far any percentile can be
// off is then as little as it can be. The pulled extremes stay.
func (d *distribution) merge(limit int, first, last bool) {
	for len(d.buckets) > limit {
		from, to := 0, len(d.buckets)-1
		if first {
			from++
		}
		if last {
			to--
		}
		if from >= to {
			return
		}
		best := from
		for i := from; i < to; i++ {
			if joinedWidth(d.buckets[i], d.buckets[i+1]) < joinedWidth(d.buckets[best], d.buckets[best+1]) {
				best = i
			}
		}
		d.buckets[best] = joined(d.buckets[best], d.buckets[best+1])
		d.buckets = slices.Delete(d.buckets, best+1, best+2)
	}
}

// joinedWidth is the width of what a and b would make, in relation to its
// larger end.
func joinedWidth(a, b bucket) float64 {
	size := max(math.Abs(a.low), math.Abs(b.high))
	if size == 0 {
		return 0
	}
	return b.high/size - a.low/size
}

func joined(a, b bucket) bucket {
	n := a.count + b.count
	value := a.value*(a.count/n) + b.value*(b.count/n)
	return bucket{low: a.low, high: b.high, value: min(max(value, a.low), b.high), count: n}
}

// matchSum moves all values by one share of the way to their bucket's end, so
// that values times counts make the recorded sum, as far as the ends allow.
func (d *distribution) matchSum() {
	missing, up, down := d.sum, 0.0, 0.0
	for _, b := range d.buckets {
		missing -= b.value * b.count
		up += (b.high - b.value) * b.count
		down += (b.value - b.low) * b.count
	}
	room := up
	if missing < 0 {
		room = down
	}
	share := min(1, math.Abs(missing)/room)
	if room <= 0 || !finite(share) || !finite(missing) {
		return
	}
	for i := range d.buckets {
		b := &d.buckets[i]
		if missing > 0 {
			b.value = min(b.high, b.value+share*(b.high-b.value))
		} else {
			b.value = max(b.low, b.value-share*(b.value-b.low))
		}
	}
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
