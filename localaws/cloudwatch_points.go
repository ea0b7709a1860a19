package localaws

import (
	"cmp"
	"slices"

	"github.com/updraft-otel/updraft/localaws/internal/metricstat"
)

// How long CloudWatch keeps data at which resolution, in seconds; see
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
const (
	minuteResolution = 60
	fiveMinutes      = 300
	anHour           = 3600

	keepSeconds     = 3 * 3600
	keepMinutes     = 15 * 24 * 3600
	keepFiveMinutes = 63 * 24 * 3600
	keepHours       = 455 * 24 * 3600
)

// What a point and a sample cost in memory, about.
const (
	metricPointOverhead = 128
	sampleBytes         = 16
)

// A metricPoint is the samples of one period.
type metricPoint struct {
	start      int64 // of the period, seconds
	resolution int64 // its length
	datums     int
	dist       metricstat.Distribution
}

// metricPoints are the data of one metric in one unit, oldest first.
type metricPoints struct {
	list     []*metricPoint
	bytes    int64
	rolledUp int64 // when, seconds
}

// at is the point of a period, a new one if need be.
func (m *metricPoints) at(start, resolution int64) *metricPoint {
	n := len(m.list)
	if n > 0 {
		if last := m.list[n-1]; last.start == start && last.resolution == resolution {
			return last
		}
	}
	p := &metricPoint{start: start, resolution: resolution}
	i, found := slices.BinarySearchFunc(m.list, p, comparePoints)
	if found {
		return m.list[i]
	}
	m.list = slices.Insert(m.list, i, p)
	m.bytes += metricPointOverhead
	return p
}

func comparePoints(a, b *metricPoint) int {
	return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.resolution, b.resolution))
}

// resolutionAt is the resolution that data of an age has; 0: it is gone.
func resolutionAt(age, resolution int64) int64 {
	switch {
	case age > keepHours:
		return 0
	case age > keepFiveMinutes:
		return anHour
	case age > keepMinutes:
		return max(resolution, fiveMinutes)
	case age > keepSeconds:
		return max(resolution, minuteResolution)
	}
	return resolution
}

// rollUpEvery is how often, in seconds, old points are looked for.
const rollUpEvery = 60

// rollUp joins points that have grown too old for their resolution.
func (m *metricPoints) rollUp(now int64) {
	if now-m.rolledUp < rollUpEvery {
		return
	}
	m.rolledUp = now
	if !slices.ContainsFunc(m.list, func(p *metricPoint) bool {
		return resolutionAt(now-p.start, p.resolution) != p.resolution
	}) {
		return
	}
	old := m.list
	m.list, m.bytes = nil, 0
	for _, p := range old {
		resolution := resolutionAt(now-p.start, p.resolution)
		if resolution == 0 {
			continue
		}
		to := m.at(floorTo(p.start, resolution), resolution)
		to.dist.Merge(&p.dist)
		to.datums += p.datums
	}
	for _, p := range m.list {
		m.bytes += int64(p.dist.Len()) * sampleBytes
	}
}

// dropBefore drops points and reports how many datums they held.
func (m *metricPoints) dropBefore(before int64) (datums int) {
	n := 0
	for n < len(m.list) && m.list[n].start < before {
		p := m.list[n]
		datums += p.datums
		m.bytes -= metricPointOverhead + int64(p.dist.Len())*sampleBytes
		n++
	}
	m.list = slices.Delete(m.list, 0, n)
	return datums
}

// A metricBucket is the samples of one period of a query.
type metricBucket struct {
	start int64
	dist  metricstat.Distribution
}

// buckets puts the points from start on and before end into periods that begin
// at start; empty ones are left out. Points of a coarser resolution than the
// period are not told.
func (m *metricPoints) buckets(start, end, period int64) []metricBucket {
	var out []metricBucket
	i, _ := slices.BinarySearchFunc(m.list, start, func(p *metricPoint, at int64) int { return cmp.Compare(p.start, at) })
	for ; i < len(m.list) && m.list[i].start < end; i++ {
		p := m.list[i]
		if period%p.resolution != 0 {
			continue
		}
		at := start + (p.start-start)/period*period
		if n := len(out); n == 0 || out[n-1].start != at {
			out = append(out, metricBucket{start: at})
		}
		out[len(out)-1].dist.Merge(&p.dist)
	}
	return out
}

// floorTo is the last multiple of step that is not after at.
func floorTo(at, step int64) int64 {
	r := at % step
	if r < 0 {
		r += step
	}
	return at - r
}

// roundedStart is the start of a query as CloudWatch rounds it: down to the
// minute, with age to five minutes or the hour; for short periods to the period.
func roundedStart(start, period, now int64) int64 {
	switch age := now - start; {
	case age > keepFiveMinutes:
		return floorTo(start, anHour)
	case age > keepMinutes:
		return floorTo(start, fiveMinutes)
	case period < minuteResolution:
		return floorTo(start, period)
	}
	return floorTo(start, minuteResolution)
}

// isPeriod reports whether CloudWatch knows the period.
func isPeriod(seconds int) bool {
	switch seconds {
	case 1, 5, 10, 20, 30:
		return true
	}
	return seconds > 0 && seconds%minuteResolution == 0
}
