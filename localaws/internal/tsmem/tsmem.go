// Package tsmem keeps time series in memory for Prometheus' query engine:
// samples with labels go in, a storage.Queryable reads them. A sample is a
// number or a native histogram.
//
// It has no disk, no chunks and no compression; over its limit of memory it
// drops its oldest samples. A Store may be used by several goroutines at once.
//
//	store := tsmem.New(64 << 20)
//	store.Append(labels.FromStrings("__name__", "requests", "path", "/"), tsmem.Sample{T: 1000, F: 1})
//	query, err := engine.NewInstantQuery(ctx, store.Queryable(&tsmem.Budget{}), nil, "requests", at)
package tsmem

import (
	"cmp"
	"slices"
	"sync"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
)

// A Sample is one measurement of a series.
type Sample struct {
	T int64                     // milliseconds since 1970
	F float64                   // the value, where H is nil
	H *histogram.FloatHistogram // must not be changed once it is in a Store
}

// What a series, a sample and a bucket cost in memory, about.
const (
	seriesOverhead = 256
	sampleBytes    = 24
	histogramBytes = 176
	bucketBytes    = 8
	spanBytes      = 8
)

func (s *Sample) size() int64 {
	if s.H == nil {
		return sampleBytes
	}
	buckets := len(s.H.PositiveBuckets) + len(s.H.NegativeBuckets) + len(s.H.CustomValues)
	return sampleBytes + histogramBytes + int64(buckets)*bucketBytes +
		int64(len(s.H.PositiveSpans)+len(s.H.NegativeSpans))*spanBytes
}

// A series is what was measured under one set of labels.
type series struct {
	labels  labels.Labels
	bytes   int64    // of the labels
	samples []Sample // by time, each once
}

// A Store holds series up to a limit of memory.
type Store struct {
	mu      sync.RWMutex
	limit   int64
	series  map[string]*series   // by the bytes of their labels
	byName  map[string][]*series // by __name__
	samples int
	bytes   int64
	evicted int64
}

// New is an empty store that holds about limit bytes.
func New(limit int64) *Store {
	return &Store{limit: limit, series: make(map[string]*series), byName: make(map[string][]*series)}
}

// Append adds a sample to the series with the labels, which need not be the
// newest; a second sample at the same time takes the first one's place.
func (s *Store) Append(l labels.Labels, sample Sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.seriesLocked(l)
	i, found := slices.BinarySearchFunc(e.samples, sample.T, byTime)
	if found {
		s.bytes -= e.samples[i].size()
		e.samples[i] = sample
	} else {
		e.samples = slices.Insert(e.samples, i, sample)
		s.samples++
	}
	s.bytes += sample.size()
	s.evictLocked()
}

func byTime(s Sample, t int64) int { return cmp.Compare(s.T, t) }

// Has reports whether the store knows the series.
func (s *Store) Has(l labels.Labels) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.series[string(l.Bytes(nil))] != nil
}

func (s *Store) seriesLocked(l labels.Labels) *series {
	key := string(l.Bytes(nil))
	if e := s.series[key]; e != nil {
		return e
	}
	e := &series{labels: l, bytes: seriesOverhead + 2*int64(len(key))}
	s.series[key] = e
	name := l.Get(model.MetricNameLabel)
	s.byName[name] = append(s.byName[name], e)
	s.bytes += e.bytes
	return e
}

// evictSlack is how much more than needed is dropped at once, as a part of the
// limit: finding the oldest samples costs a walk over all series.
const evictSlack = 16

// evictLocked drops the oldest samples until the store is within its limit.
func (s *Store) evictLocked() {
	if s.bytes <= s.limit {
		return
	}
	for goal := s.limit - s.limit/evictSlack; s.bytes > goal && s.samples > 0; {
		oldest, newest := s.spanLocked()
		s.dropBeforeLocked(oldest + max(1, (newest-oldest)/evictSlack))
	}
}

// spanLocked is from the oldest to the newest sample.
func (s *Store) spanLocked() (oldest, newest int64) {
	first := true
	for _, e := range s.series {
		n := len(e.samples)
		if n == 0 {
			continue
		}
		from, to := e.samples[0].T, e.samples[n-1].T
		if first {
			oldest, newest, first = from, to, false
		}
		oldest, newest = min(oldest, from), max(newest, to)
	}
	return oldest, newest
}

func (s *Store) dropBeforeLocked(before int64) {
	for key, e := range s.series {
		n, _ := slices.BinarySearchFunc(e.samples, before, byTime)
		for i := range e.samples[:n] {
			s.bytes -= e.samples[i].size()
		}
		s.samples -= n
		s.evicted += int64(n)
		e.samples = slices.Delete(e.samples, 0, n)
		if len(e.samples) == 0 {
			s.forgetLocked(key, e)
		}
	}
}

func (s *Store) forgetLocked(key string, e *series) {
	delete(s.series, key)
	s.bytes -= e.bytes
	name := e.labels.Get(model.MetricNameLabel)
	left := slices.DeleteFunc(s.byName[name], func(other *series) bool { return other == e })
	if len(left) == 0 {
		delete(s.byName, name)
		return
	}
	s.byName[name] = left
}

// Counts says how full a store is.
type Counts struct {
	Series  int
	Samples int
	Bytes   int64
	Evicted int64 // samples dropped for want of room
	Oldest  int64 // time of the oldest sample, 0 without one
}

// Counts walks over all series for the oldest sample.
func (s *Store) Counts() Counts {
	s.mu.RLock()
	defer s.mu.RUnlock()
	oldest, _ := s.spanLocked()
	return Counts{Series: len(s.series), Samples: s.samples, Bytes: s.bytes, Evicted: s.evicted, Oldest: oldest}
}

// Series calls yield with the labels of each series that has a sample from
// mint to maxt, both included, and matches one of the sets of matchers; of all
// such series without a set. It ends when yield says false. The order is none.
func (s *Store) Series(mint, maxt int64, sets [][]*labels.Matcher, yield func(labels.Labels) bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, e := range s.series {
		if !e.within(mint, maxt) || len(sets) > 0 && !matchesOne(e.labels, sets) {
			continue
		}
		if !yield(e.labels) {
			return
		}
	}
}

func (e *series) within(mint, maxt int64) bool {
	i, _ := slices.BinarySearchFunc(e.samples, mint, byTime)
	return i < len(e.samples) && e.samples[i].T <= maxt
}

func matchesOne(l labels.Labels, sets [][]*labels.Matcher) bool {
	return slices.ContainsFunc(sets, func(set []*labels.Matcher) bool { return matches(l, set) })
}

func matches(l labels.Labels, set []*labels.Matcher) bool {
	for _, m := range set {
		if !m.Matches(l.Get(m.Name)) {
			return false
		}
	}
	return true
}
