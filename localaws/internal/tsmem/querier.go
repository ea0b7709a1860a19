package tsmem

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// What a query is refused for, when its Budget is used up.
var (
	ErrSeries  = errors.New("too many series scanned")
	ErrSamples = errors.New("too many samples scanned")
)

// A Budget is what one query may read, and has read; a limit of 0 is none. It
// must not be shared by queries.
type Budget struct {
	MaxSeries  int // series, each counted once
	MaxSamples int

	Samples int // samples read so far

	seen map[*series]bool
}

// Scanned is how many series the query has read.
func (b *Budget) Scanned() int { return len(b.seen) }

// spend takes a series and so many of its samples out of the budget.
func (b *Budget) spend(e *series, samples int) error {
	if b.seen == nil {
		b.seen = make(map[*series]bool)
	}
	b.seen[e] = true
	b.Samples += samples
	switch {
	case b.MaxSeries > 0 && len(b.seen) > b.MaxSeries:
		return ErrSeries
	case b.MaxSamples > 0 && b.Samples > b.MaxSamples:
		return ErrSamples
	}
	return nil
}

// Queryable is the store for one query of Prometheus' engine. Its errors are
// ErrSeries, ErrSamples, or the context's.
func (s *Store) Queryable(budget *Budget) storage.Queryable {
	return storage.QueryableFunc(func(mint, maxt int64) (storage.Querier, error) {
		return &querier{store: s, budget: budget, mint: mint, maxt: maxt}, nil
	})
}

// A querier reads a range of time.
type querier struct {
	store      *Store
	budget     *Budget
	mint, maxt int64
}

var _ storage.Querier = (*querier)(nil)

// Select copies what it finds, so that the query reads one state of the store.
func (q *querier) Select(ctx context.Context, sortSeries bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	mint, maxt := q.mint, q.maxt
	if hints != nil {
		mint, maxt = hints.Start, hints.End
	}
	q.store.mu.RLock()
	defer q.store.mu.RUnlock()
	var found []storage.Series
	for e := range q.store.candidatesLocked(matchers) {
		if ctx.Err() != nil {
			return storage.ErrSeriesSet(ctx.Err())
		}
		if !matches(e.labels, matchers) {
			continue
		}
		from, _ := slices.BinarySearchFunc(e.samples, mint, byTime)
		to, _ := slices.BinarySearchFunc(e.samples, maxt+1, byTime)
		if from >= to {
			continue
		}
		if err := q.budget.spend(e, to-from); err != nil {
			return storage.ErrSeriesSet(err)
		}
		found = append(found, &selected{labels: e.labels, samples: slices.Clone(e.samples[from:to])})
	}
	if sortSeries {
		slices.SortFunc(found, func(a, b storage.Series) int { return labels.Compare(a.Labels(), b.Labels()) })
	}
	return &seriesSet{series: found, at: -1}
}

// candidatesLocked are the series of one name, where a matcher names it, or all.
func (s *Store) candidatesLocked(matchers []*labels.Matcher) func(yield func(*series) bool) {
	return func(yield func(*series) bool) {
		for _, m := range matchers {
			if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
				for _, e := range s.byName[m.Value] {
					if !yield(e) {
						return
					}
				}
				return
			}
		}
		for _, e := range s.series {
			if !yield(e) {
				return
			}
		}
	}
}

// LabelValues are the values of a label, in order.
func (q *querier) LabelValues(_ context.Context, name string, _ *storage.LabelHints, matchers ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return q.collect(matchers, func(l labels.Labels, add func(string)) {
		if v := l.Get(name); v != "" {
			add(v)
		}
	}), nil, nil
}

// LabelNames are the names of the labels, in order.
func (q *querier) LabelNames(_ context.Context, _ *storage.LabelHints, matchers ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return q.collect(matchers, func(l labels.Labels, add func(string)) {
		l.Range(func(label labels.Label) { add(label.Name) })
	}), nil, nil
}

// collect gathers texts of the series that match, each once.
func (q *querier) collect(matchers []*labels.Matcher, texts func(l labels.Labels, add func(string))) []string {
	seen := make(map[string]bool)
	q.store.Series(q.mint, q.maxt, [][]*labels.Matcher{matchers}, func(l labels.Labels) bool {
		texts(l, func(text string) { seen[strings.Clone(text)] = true })
		return true
	})
	out := make([]string, 0, len(seen))
	for text := range seen {
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

func (q *querier) Close() error { return nil }

// A seriesSet walks over what Select found.
type seriesSet struct {
	series []storage.Series
	at     int
}

func (s *seriesSet) Next() bool                        { s.at++; return s.at < len(s.series) }
func (s *seriesSet) At() storage.Series                { return s.series[s.at] }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// A selected series is the part of one that a query reads.
type selected struct {
	labels  labels.Labels
	samples []Sample
}

func (s *selected) Labels() labels.Labels { return s.labels }

func (s *selected) Iterator(chunkenc.Iterator) chunkenc.Iterator {
	return iterator{storage.NewListSeriesIterator(sampleList(s.samples))}
}

// An iterator hands out samples; histograms as copies, which the engine may change.
type iterator struct{ chunkenc.Iterator }

func (it iterator) AtFloatHistogram(into *histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	t, h := it.Iterator.AtFloatHistogram(nil)
	if into == nil {
		return t, h.Copy()
	}
	h.CopyTo(into)
	return t, into
}

// sampleList is samples as Prometheus reads them.
type sampleList []Sample

func (l sampleList) Get(i int) chunks.Sample { return upstreamSample{&l[i]} }
func (l sampleList) Len() int                { return len(l) }

type upstreamSample struct{ s *Sample }

func (u upstreamSample) T() int64                      { return u.s.T }
func (u upstreamSample) ST() int64                     { return 0 }
func (u upstreamSample) F() float64                    { return u.s.F }
func (u upstreamSample) H() *histogram.Histogram       { return nil }
func (u upstreamSample) FH() *histogram.FloatHistogram { return u.s.H }
func (u upstreamSample) Copy() chunks.Sample           { return u } // samples are not changed

func (u upstreamSample) Type() chunkenc.ValueType {
	if u.s.H != nil {
		return chunkenc.ValFloatHistogram
	}
	return chunkenc.ValFloat
}
