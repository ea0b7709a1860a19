package localaws

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/metricstat"
	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// A metricStore holds metric data: for each metric and unit the samples of each
// minute, or of each second for high resolution. With age they are joined into
// longer periods, as CloudWatch does. Over its limit of memory the store drops
// its oldest data.
type metricStore struct {
	mu      sync.RWMutex
	limit   int64
	series  map[string]*metricSeries // by key
	datums  int
	bytes   int64
	evicted int64
}

// A metricSeries is one metric: a namespace, a name and dimensions.
type metricSeries struct {
	key        string
	namespace  string
	name       string
	dimensions []dimension // by name
	units      map[string]*metricPoints
	lastUnit   string
	last       int64 // the newest data point, seconds
}

type dimension struct{ name, value string }

// What a metric costs in memory besides its texts, about.
const metricSeriesOverhead = 512

func newMetricStore(maxBytes int64) *metricStore {
	return &metricStore{limit: maxBytes, series: make(map[string]*metricSeries)}
}

// metricKey tells metrics apart; dimensions must be sorted.
func metricKey(namespace, name string, dimensions []dimension) string {
	var b strings.Builder
	b.WriteString(namespace)
	b.WriteByte(0)
	b.WriteString(name)
	for _, d := range dimensions {
		b.WriteByte(0)
		b.WriteString(d.name)
		b.WriteByte(1)
		b.WriteString(d.value)
	}
	return b.String()
}

// sortedDimensions are the dimensions of a request in their order by name.
func sortedDimensions(list []metricDimension) []dimension {
	out := make([]dimension, len(list))
	for i, d := range list {
		out[i] = dimension{deref(d.Name), deref(d.Value)}
	}
	slices.SortFunc(out, func(a, b dimension) int { return strings.Compare(a.name, b.name) })
	return out
}

// A metricBatch is the accepted datums of one PutMetricData.
type metricBatch struct {
	Namespace string        `json:"namespace"`
	Data      []metricDatum `json:"data"`
}

// add stores a batch whose datums are complete and right.
func (s *metricStore) add(b *metricBatch, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range b.Data {
		s.addLocked(b.Namespace, &b.Data[i], now.Unix())
	}
	s.evictLocked()
}

func (s *metricStore) addLocked(namespace string, d *metricDatum, now int64) {
	series := s.seriesLocked(namespace, deref(d.MetricName), sortedDimensions(d.Dimensions))
	unit := noUnit
	if d.Unit != nil {
		unit = *d.Unit
	}
	points := series.units[unit]
	if points == nil {
		points = &metricPoints{}
		series.units[unit] = points
		s.bytes += metricPointOverhead
	}
	at, resolution := d.Timestamp.Unix(), int64(minuteResolution)
	if deref(d.StorageResolution) == 1 {
		resolution = 1
	}
	series.last, series.lastUnit = max(series.last, at), unit

	before := points.bytes
	points.rollUp(now)
	p := points.at(floorTo(at, resolution), resolution)
	size := p.dist.Len()
	addDatum(&p.dist, d)
	p.datums++
	points.bytes += int64(p.dist.Len()-size) * sampleBytes
	s.bytes += points.bytes - before
	s.datums++
}

// addDatum adds the values of a datum, in whichever of the three forms they came.
func addDatum(dist *metricstat.Distribution, d *metricDatum) {
	switch {
	case d.Value != nil:
		dist.Add(float64(*d.Value), 1)
	case d.StatisticValues != nil:
		v := d.StatisticValues
		dist.AddSet(float64(deref(v.SampleCount)), float64(deref(v.Sum)), float64(deref(v.Minimum)), float64(deref(v.Maximum)))
	default:
		for i, v := range d.Values {
			count := 1.0
			if i < len(d.Counts) {
				count = float64(d.Counts[i])
			}
			dist.Add(float64(v), count)
		}
	}
}

func (s *metricStore) seriesLocked(namespace, name string, dimensions []dimension) *metricSeries {
	key := metricKey(namespace, name, dimensions)
	series := s.series[key]
	if series == nil {
		series = &metricSeries{
			key: key, namespace: namespace, name: name, dimensions: dimensions,
			units: make(map[string]*metricPoints),
		}
		s.series[key] = series
		s.bytes += metricSeriesOverhead + 2*int64(len(key))
	}
	return series
}

// evictSlack is how much more than needed is dropped at once, as a part of the
// limit: finding the oldest data costs a walk over all metrics.
const evictSlack = 16

// evictLocked drops the oldest data until the store is within its limit.
func (s *metricStore) evictLocked() {
	if s.bytes <= s.limit {
		return
	}
	for goal := s.limit - s.limit/evictSlack; s.bytes > goal && s.datums > 0; {
		oldest, newest := s.spanLocked()
		s.dropBeforeLocked(oldest + max(1, (newest-oldest)/evictSlack))
	}
}

// spanLocked is from the oldest to the newest data point.
func (s *metricStore) spanLocked() (oldest, newest int64) {
	first := true
	for _, series := range s.series {
		for _, points := range series.units {
			if n := len(points.list); n > 0 {
				from, to := points.list[0].start, points.list[n-1].start
				if first {
					oldest, newest = from, to
					first = false
				}
				oldest, newest = min(oldest, from), max(newest, to)
			}
		}
	}
	return oldest, newest
}

func (s *metricStore) dropBeforeLocked(before int64) {
	for key, series := range s.series {
		left := 0
		for _, points := range series.units {
			size := points.bytes
			dropped := points.dropBefore(before)
			s.bytes -= size - points.bytes
			s.datums -= dropped
			s.evicted += int64(dropped)
			left += len(points.list)
		}
		if left == 0 {
			delete(s.series, key)
			s.bytes -= metricSeriesOverhead + 2*int64(len(key)) + int64(len(series.units))*metricPointOverhead
		}
	}
}

func (s *metricStore) counts() storeCounts {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := storeCounts{items: s.datums, groups: len(s.series), evicted: s.evicted, bytes: s.bytes}
	if s.datums > 0 {
		oldest, _ := s.spanLocked()
		c.oldest = time.Unix(oldest, 0)
	}
	return c
}

// restore takes back what the journal kept.
func (s *metricStore) restore(_ string, payload []byte) error {
	b := new(metricBatch)
	if err := json.Unmarshal(payload, b); err != nil {
		return fmt.Errorf("restore metric data: %w", err)
	}
	for i := range b.Data {
		if b.Data[i].Timestamp == nil {
			return fmt.Errorf("restore metric data: datum %d has no timestamp", i)
		}
	}
	s.add(b, newestOf(b))
	return nil
}

// newestOf is a clock for a batch of unknown age: it must not be rolled up
// further than when it came.
func newestOf(b *metricBatch) time.Time {
	var newest wire.Time
	for i := range b.Data {
		if t := b.Data[i].Timestamp; t.After(newest.Time) {
			newest = *t
		}
	}
	return newest.Time
}
