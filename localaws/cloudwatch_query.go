package localaws

import (
	"slices"
	"strings"
)

// A seriesInfo is a metric as ListMetrics and the console tell of it.
type seriesInfo struct {
	key, namespace, name, unit string
	dimensions                 []dimension
	last                       int64
}

// list is the metrics that want takes, in their order.
func (s *metricStore) list(want func(*metricSeries) bool) []seriesInfo {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := []seriesInfo{}
	for _, m := range s.series {
		if want(m) {
			list = append(list, seriesInfo{m.key, m.namespace, m.name, m.lastUnit, m.dimensions, m.last})
		}
	}
	slices.SortFunc(list, func(a, b seriesInfo) int { return strings.Compare(a.key, b.key) })
	return list
}

// A metricQuery asks for the data of one metric. Times are seconds; a unit of
// "" is any.
type metricQuery struct {
	key                string
	unit               string
	start, end, period int64
	now                int64
}

// query is the data of a metric by unit.
func (s *metricStore) query(q metricQuery) map[string][]metricBucket {
	s.mu.Lock() // rolling up writes
	defer s.mu.Unlock()
	series := s.series[q.key]
	if series == nil {
		return nil
	}
	start := roundedStart(q.start, q.period, q.now)
	out := make(map[string][]metricBucket)
	for unit, points := range series.units {
		if q.unit != "" && q.unit != unit {
			continue
		}
		before := points.bytes
		points.rollUp(q.now)
		s.bytes += points.bytes - before
		if b := points.buckets(start, q.end, q.period); len(b) > 0 {
			out[unit] = b
		}
	}
	return out
}

// queryAny is the data of a metric with all units as one.
func (s *metricStore) queryAny(q metricQuery) []metricBucket {
	var all []metricBucket
	for _, buckets := range s.query(q) {
		if all == nil {
			all = buckets
			continue
		}
		all = append(all, buckets...)
	}
	slices.SortStableFunc(all, func(a, b metricBucket) int { return int(a.start - b.start) })
	joined := all[:0]
	for i := range all {
		if n := len(joined); n > 0 && joined[n-1].start == all[i].start {
			joined[n-1].dist.Merge(&all[i].dist)
			continue
		}
		joined = append(joined, all[i])
	}
	return joined
}

// newest is the time of a metric's newest data, in seconds; -1 for none.
func (s *metricStore) newest(key string) int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if series := s.series[key]; series != nil {
		return series.last
	}
	return -1
}
