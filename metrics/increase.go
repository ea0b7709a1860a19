package metrics

import (
	"slices"
	"time"
)

// A total is what a series' last point said, of which the next one's increase
// is taken.
type total struct {
	start, at time.Time
	value     float64 // or a histogram's sum
	count     uint64
	bounds    []float64
	buckets   []uint64
	scale     int32
	threshold float64
	zero      uint64
	positive  PowerBuckets
	negative  PowerBuckets
	bytes     int // of its bounds and buckets, as far as they are counted
}

// An advance says what a point is in relation to the one before.
type advance uint8

const (
	// unknown: the first of a series that began before this process did. Its
	// increase has been counted by others, or is not known.
	unknown advance = iota
	// anew: all of it is increase.
	anew
	// further: the increase is the difference.
	further
	// stale: it is older than the one before.
	stale
)

// advance compares a point with the total before it. grown says whether none
// of its counts is less than before.
func (c *converter) advance(s *series, p *Point, grown func(*total, *Point) bool) advance {
	t := s.total
	switch {
	case t == nil:
		s.total = &total{}
		if !c.config.RetainFirst && (p.Start.IsZero() || p.Start.Before(c.since)) {
			return unknown
		}
		return anew
	case p.Time.Before(t.at):
		return stale
	case !p.Start.Equal(t.start) || !grown(t, p):
		return anew
	}
	return further
}

func grownValue(t *total, p *Point) bool { return p.Value >= t.value }

func grownCount(t *total, p *Point) bool { return p.Count >= t.count }

// sumIncrease is the increase of a counter.
func (c *converter) sumIncrease(s *series, p *Point) (float64, bool) {
	how := c.advance(s, p, grownValue)
	if how == stale {
		c.drop(DropOutOfOrder, 1)
		return 0, false
	}
	t := s.total
	before := t.value
	t.start, t.at, t.value = p.Start, p.Time, p.Value
	if how == further {
		return p.Value - before, true
	}
	return p.Value, how == anew
}

// histogramIncrease makes c.dist the increase of a histogram of either kind.
// The point's min and max are of all time, so they only bound the values,
// unless the increase is all there is.
func (c *converter) histogramIncrease(s *series, m *Metric, p *Point) bool {
	how := c.advance(s, p, grownCount)
	if how == stale {
		c.drop(DropOutOfOrder, 1)
		return false
	}
	fill := c.dist.explicit
	subtract := (*converter).subtractExplicit
	if m.Kind == KindExponential {
		fill, subtract = c.dist.exponential, (*converter).subtractExponential
	}
	fill(p)
	if how == further && !subtract(c, s.total, p) {
		fill(p) // the buckets have changed in a way that only a new beginning explains
		how = anew
	}
	if how == further {
		c.dist.sum = p.Sum - s.total.value
		c.dist.interval = false
	}
	if !c.keep(s, p) {
		c.drop(DropSeriesLimit, 1)
		return false
	}
	return how != unknown
}

// keep copies p, in memory it has.
func (t *total) keep(p *Point) {
	t.start, t.at, t.value, t.count = p.Start, p.Time, p.Sum, p.Count
	t.bounds = append(t.bounds[:0], p.Bounds...)
	t.buckets = append(t.buckets[:0], p.Buckets...)
	t.scale, t.threshold, t.zero = p.Scale, p.ZeroThreshold, p.ZeroCount
	t.positive = PowerBuckets{p.Positive.Offset, append(t.positive.Counts[:0], p.Positive.Counts...)}
	t.negative = PowerBuckets{p.Negative.Offset, append(t.negative.Counts[:0], p.Negative.Counts...)}
}

// subtractExplicit takes the counts of t from c.dist, if the buckets are the
// same and none has become less.
func (c *converter) subtractExplicit(t *total, p *Point) bool {
	if !slices.Equal(t.bounds, p.Bounds) || len(t.buckets) != len(p.Buckets) {
		return false
	}
	c.before.explicit(&Point{Count: t.count, Bounds: t.bounds, Buckets: t.buckets, Sum: t.value})
	return c.dist.subtract(&c.before)
}

// subtractExponential does the same for the other kind. A total may become
// coarser as its range grows: what was before then is made as coarse.
func (c *converter) subtractExponential(t *total, p *Point) bool {
	if t.scale < p.Scale {
		return false // finer than before
	}
	before := Point{
		Count: t.count, Sum: t.value, Scale: p.Scale, ZeroThreshold: p.ZeroThreshold, ZeroCount: t.zero,
		Positive: t.positive.coarser(int64(t.scale) - int64(p.Scale)),
		Negative: t.negative.coarser(int64(t.scale) - int64(p.Scale)),
	}
	if t.threshold != p.ZeroThreshold {
		before.widenZero()
	}
	c.before.exponential(&before)
	return c.dist.subtract(&c.before)
}

// coarser joins 2^steps buckets each, in place.
func (b *PowerBuckets) coarser(steps int64) PowerBuckets {
	if steps == 0 || len(b.Counts) == 0 {
		return *b
	}
	shift := uint(min(steps, 63))
	first := int64(b.Offset) >> shift
	last := int64(0)
	for i, n := range b.Counts {
		b.Counts[i] = 0
		last = (int64(b.Offset)+int64(i))>>shift - first
		b.Counts[last] += n
	}
	b.Offset, b.Counts = int32(first), b.Counts[:last+1]
	return *b
}

// widenZero counts what lies within the bucket around zero as part of it.
func (p *Point) widenZero() {
	for _, side := range [...]*PowerBuckets{&p.Positive, &p.Negative} {
		for i := range side.Counts {
			if power(p.Scale, int64(side.Offset)+int64(i)+1) > p.ZeroThreshold {
				break
			}
			p.ZeroCount += side.Counts[i]
			side.Counts[i] = 0
		}
	}
}
