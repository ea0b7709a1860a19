package localaws

import "time"

// Counts says what a server has seen since it started, and holds now.
type Counts struct {
	Requests      int64 `json:"requests"`      // AWS calls, whatever came of them
	Traces        int   `json:"traces"`        // held
	Segments      int   `json:"segments"`      // documents held, subsegments sent alone included
	Spans         int   `json:"spans"`         // segments and subsegments held
	LogEvents     int   `json:"logEvents"`     // held
	Metrics       int   `json:"metrics"`       // name, namespace and dimensions: held
	MetricDatums  int   `json:"metricDatums"`  // held
	Refused       int64 `json:"refused"`       // calls and items refused, ever
	EvictedTraces int64 `json:"evictedTraces"` // for want of memory
	EvictedEvents int64 `json:"evictedLogEvents"`
}

// storeCounts is what a store tells of itself.
type storeCounts struct {
	items   int       // traces, events, datums
	groups  int       // segments, log groups, metrics
	spans   int       // traces only
	evicted int64     // items
	bytes   int64     // memory, by the store's own account
	oldest  time.Time // of the items; zero without one
}

// Counts reads the counters.
func (s *Server) Counts() Counts {
	c, _ := s.counts()
	return c
}

// counts reads them, and the time of the oldest item of all stores.
func (s *Server) counts() (Counts, time.Time) {
	t, l, m := s.traces.counts(), s.logs.counts(), s.metrics.counts()
	oldest := t.oldest
	for _, at := range []time.Time{l.oldest, m.oldest} {
		if oldest.IsZero() || !at.IsZero() && at.Before(oldest) {
			oldest = at
		}
	}
	return Counts{
		Requests:      s.requests.Load(),
		Traces:        t.items,
		Segments:      t.groups,
		Spans:         t.spans,
		LogEvents:     l.items,
		Metrics:       m.groups,
		MetricDatums:  m.items,
		Refused:       s.refused.total(),
		EvictedTraces: t.evicted,
		EvictedEvents: l.evicted,
	}, oldest
}
