package metrics

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// differences turns running totals into increases. The exporter asks the SDK
// for increases; totals come from producers outside it, such as bridges.
type differences struct {
	since  time.Time // totals that began before have been counted by others
	round  uint64
	totals map[series]*total
}

type series struct {
	scope      instrumentation.Scope
	name       string
	attributes attribute.Distinct
}

type total struct {
	round   uint64
	start   time.Time
	sum     float64
	count   uint64
	bounds  []float64
	buckets []uint64
}

func newDifferences(since time.Time) *differences {
	return &differences{since: since, totals: map[series]*total{}}
}

// next forgets the series that the last round did not report, and begins a new
// round.
func (d *differences) next() {
	for key, t := range d.totals {
		if t.round != d.round {
			delete(d.totals, key)
		}
	}
	d.round++
}

// swap stores now and returns what stood there before. Where nothing did, the
// increase is everything since now.start, if that is ours to report.
func (d *differences) swap(key series, now *total) (before *total, ok bool) {
	now.round = d.round
	before, known := d.totals[key]
	d.totals[key] = now
	if known && before.start.Equal(now.start) && now.count >= before.count {
		return before, true
	}
	return &total{}, known || !now.start.Before(d.since)
}

// sum is the increase of a total; ok is false for the first one seen of a
// series that is older than the exporter.
func (d *differences) sum(key series, start time.Time, value float64) (increase float64, ok bool) {
	before, ok := d.swap(key, &total{start: start, sum: value})
	if value < before.sum {
		return value, ok // the total began anew
	}
	return value - before.sum, ok
}

// histogram is the increase of a histogram. Its min and max are of all time,
// so they only bound the values.
func histogramIncrease[N int64 | float64](d *differences, key series, p *metricdata.HistogramDataPoint[N]) (*distribution, bool) {
	before, ok := d.swap(key, &total{
		start: p.StartTime, sum: float64(p.Sum), count: p.Count,
		bounds: slices.Clone(p.Bounds), buckets: slices.Clone(p.BucketCounts),
	})
	point := *p
	if slices.Equal(before.bounds, p.Bounds) && grown(before.buckets, p.BucketCounts) {
		point.BucketCounts = slices.Clone(p.BucketCounts)
		for i, n := range before.buckets {
			point.BucketCounts[i] -= n
		}
		point.Count -= before.count
	} else {
		before.sum = 0
	}
	dist := explicit(&point)
	dist.sum -= before.sum
	dist.interval = before.count == 0
	return dist, ok
}

func grown(before, now []uint64) bool {
	if len(before) != len(now) {
		return false
	}
	for i := range before {
		if now[i] < before[i] {
			return false
		}
	}
	return true
}
