package metrics

import (
	"math"
	"slices"
)

// bucket is a part of a distribution: count measurements from low to high, for
// which value stands.
type bucket struct {
	low, high, value, count float64
	// fixed says that value is a measurement, or as good as one, and not to be
	// joined with others.
	fixed bool
	// from and to are where in the bucket its measurements lie; the same where
	// that is not known better than low and high tell.
	from, to float64
}

// distribution is a histogram of either kind, on its way to values and counts.
type distribution struct {
	buckets []bucket // ascending, none empty
	pulled  []bucket // what pullPercentiles makes of them
	sum     float64  // NaN where unknown
	min     float64  // NaN where unknown
	max     float64  // NaN where unknown
	// interval says that min and max were measured in the time the counts are
	// of. Where they were not, they are bounds and no measurements.
	interval bool
	powers   *powers // may be nil
}

// fill makes the list CloudWatch takes, and says whether a value had to be left
// out because CloudWatch does not take it.
//
// Each bucket is stood for by its middle, within min and max. One measurement
// each is set to min and max exactly, and one to each of the percentiles people
// ask for, which lies in its bucket as if the measurements there were spread
// evenly. Then all but min and max are moved within their buckets so that the
// sum is the recorded one.
func (d *distribution) fill(v *value, limit int) (complete bool) {
	d.bound()
	d.placeTail()
	d.pullExtremes()
	d.pullPercentiles()
	d.merge(limit)
	d.matchSum()
	complete = true
	for i := range d.buckets {
		b := &d.buckets[i]
		if !(math.Abs(b.value) <= MaxValue && b.count <= MaxValue) {
			complete = false
			continue
		}
		v.values = append(v.values, settled(b.value))
		v.counts = append(v.counts, b.count)
	}
	return complete
}

// values is fill, as lists of its own.
func (d *distribution) values(limit int) (values, counts []float64, complete bool) {
	var v value
	complete = d.fill(&v, limit)
	return v.values, v.counts, complete
}

// bound gives every bucket two finite ends, within min and max, and its middle
// as value. Where an end is not known, the bucket is stood for by the other
// end; zero counts as the lower end of what reaches above zero.
func (d *distribution) bound() {
	least, most := d.min, d.max
	if math.IsNaN(least) {
		least = math.Inf(-1)
	}
	if math.IsNaN(most) {
		most = math.Inf(1)
	}
	for i := range d.buckets {
		b := &d.buckets[i]
		b.low, b.high = min(max(b.low, least), most), min(max(b.high, least), most)
		if b.low < -math.MaxFloat64 || b.high > math.MaxFloat64 {
			d.close(b)
		}
		b.value = b.low/2 + b.high/2
	}
}

// close gives a bucket without an end, or without both, the other one, zero, or
// the mean of all.
func (d *distribution) close(b *bucket) {
	if math.IsInf(b.low, -1) && math.IsInf(b.high, 1) {
		b.low, b.high = d.mean(), d.mean()
	}
	if math.IsInf(b.low, -1) {
		b.low = min(0, b.high)
	}
	if math.IsInf(b.high, 1) {
		b.high = b.low
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
// and sets it to min and max.
func (d *distribution) pullExtremes() {
	if !d.interval || len(d.buckets) == 0 {
		return
	}
	first := !math.IsNaN(d.min)
	if first {
		d.takeOne(0)
		d.buckets = slices.Insert(d.buckets, 0, single(d.min))
	}
	end := len(d.buckets) - 1
	if !math.IsNaN(d.max) && (!first || end > 0) {
		if d.takeOne(end) {
			end--
		}
		d.buckets = slices.Insert(d.buckets, end+1, single(d.max))
	}
}

// single is one measurement whose value is known.
func single(v float64) bucket { return bucket{low: v, high: v, value: v, count: 1, fixed: true} }

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

const (
	// pullFrom is how many measurements a bucket must have for a percentile in
	// it to be more than a guess.
	pullFrom = 8
	// pullWidth is how wide in relation to its size it must be for the guess
	// to be of use.
	pullWidth = 0.005
)

// pullPercentiles takes one measurement each out of the buckets in which p50,
// p90, p95, p99 and p99.9 lie.
func (d *distribution) pullPercentiles() {
	total, before, i := d.count(), 0.0, 0
	d.pulled = d.pulled[:0]
	for _, share := range [...]float64{0.5, 0.9, 0.95, 0.99, 0.999} {
		rank := math.Ceil(share * total * (1 - 1e-12)) // 0.07*100 is 7.000000000000001
		for i < len(d.buckets) && before+d.buckets[i].count < rank {
			before += d.buckets[i].count
			d.pass(&d.buckets[i])
			i++
		}
		if i == len(d.buckets) {
			break
		}
		before += d.pull(&d.buckets[i], rank-before)
	}
	for ; i < len(d.buckets); i++ {
		d.pass(&d.buckets[i])
	}
	d.buckets, d.pulled = d.pulled, d.buckets
}

// pass takes over what is left of a bucket.
func (d *distribution) pass(b *bucket) {
	if b.count > 0 {
		d.pulled = append(d.pulled, *b)
	}
}

// pull takes the measurement of a rank, from 1 on, out of b, and those below it,
// and returns how many they are.
func (d *distribution) pull(b *bucket, rank float64) float64 {
	if b.count < pullFrom || joinedWidth(b.low, b.high) < pullWidth || rank < 1 || rank > b.count {
		return 0
	}
	from, to := b.from, b.to
	if from == to {
		from, to = b.low, b.high
	}
	at := from + (rank-0.5)/b.count*(to-from)
	below, one := *b, *b // all may move within the whole, for the sum
	below.count, below.from, below.to, below.value = rank-1, from, at, from/2+at/2
	one.count, one.from, one.to, one.value, one.fixed = 1, at, at, at, true
	d.pass(&below)
	d.pass(&one)
	b.count, b.from, b.to, b.value = b.count-rank, at, to, at/2+to/2
	return rank
}

// mergeExactly is how close merge comes to the least width that will do.
const mergeExactly = 1e-7

// merge joins neighbours until limit buckets are left, so that the widest of
// them, in relation to its size, is as narrow as it can be: how far any
// percentile can be off is then as little as it can be. It begins with the
// lowest, which are asked for least. What was pulled stays.
//
// A width that is tried tells more than whether it will do: the widest bucket it
// made would do too, and with less than the narrowest it refused nothing would
// be different. As a rule few trials are enough.
func (d *distribution) merge(limit int) {
	if len(d.buckets) <= limit {
		return
	}
	low, high := 0.0, float64(maxJoinedWidth)
	width := d.likelyWidth(limit)
	for high-low > mergeExactly {
		if n, used, refused := d.tryWidth(width); n <= limit {
			high = used
		} else {
			low = refused
		}
		width = low/2 + high/2
	}
	d.join(high, limit)
}

// likelyWidth is the width that joins as many as must be, where all are equal.
func (d *distribution) likelyWidth(limit int) float64 {
	each := (len(d.buckets) + limit - 1) / limit
	middle := (len(d.buckets) - each) / 2
	return joinedWidth(d.buckets[middle].low, d.buckets[middle+each-1].high) + mergeExactly/2
}

// tryWidth counts what would be left if neighbours were joined from the left on,
// as long as the result is not wider than width. It tells the widest that would
// be made and the narrowest that was refused.
func (d *distribution) tryWidth(width float64) (n int, used, refused float64) {
	refused = math.Inf(1)
	for i := 0; i < len(d.buckets); n++ {
		low, fixed := d.buckets[i].low, d.buckets[i].fixed
		for i++; i < len(d.buckets) && !fixed && !d.buckets[i].fixed; i++ {
			w := joinedWidth(low, d.buckets[i].high)
			if w > width {
				refused = min(refused, w)
				break
			}
			used = max(used, w)
		}
	}
	return n, used, refused
}

// join joins neighbours as tryWidth does, as long as more than limit are left.
func (d *distribution) join(width float64, limit int) {
	n, extra := 0, len(d.buckets)-limit
	for i := 0; i < len(d.buckets); n++ {
		one := d.buckets[i]
		for i++; extra > 0 && i < len(d.buckets) && !one.fixed && !d.buckets[i].fixed; i++ {
			if joinedWidth(one.low, d.buckets[i].high) > width {
				break
			}
			one = joined(one, d.buckets[i])
			extra--
		}
		d.buckets[n] = one
	}
	d.buckets = d.buckets[:n]
}

// maxJoinedWidth is the width of what reaches from below zero to above.
const maxJoinedWidth = 2

// joinedWidth is the width of a bucket in relation to its larger end.
func joinedWidth(low, high float64) float64 {
	switch {
	case low >= 0 && high > 0:
		return 1 - low/high
	case low == high:
		return 0
	case low < 0 && high > 0:
		return maxJoinedWidth
	}
	return high/-low + 1
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
