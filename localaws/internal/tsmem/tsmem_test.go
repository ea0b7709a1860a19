package tsmem

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
)

func newEngine() *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{MaxSamples: 1 << 20, Timeout: time.Minute, Parser: parser.NewParser(parser.Options{})})
}

// query evaluates an expression at a second, and is the answer as text.
func query(t *testing.T, s *Store, budget *Budget, expr string, at int64) (string, error) {
	t.Helper()
	engine := newEngine()
	defer engine.Close()
	q, err := engine.NewInstantQuery(t.Context(), s.Queryable(budget), nil, expr, time.Unix(at, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	result := q.Exec(t.Context())
	return result.String(), result.Err
}

func number(second int64, v float64) Sample { return Sample{T: second * 1000, F: v} }

func TestQuery(t *testing.T) {
	s := New(1 << 20)
	get, post := labels.FromStrings("__name__", "http.requests", "method", "GET"), labels.FromStrings("__name__", "http.requests", "method", "POST")
	for i := range int64(11) {
		s.Append(get, number(60*i, float64(120*i)))
		s.Append(post, number(60*i, float64(i)))
	}
	f := func(expr, want string) {
		t.Helper()
		got, err := query(t, s, &Budget{}, expr, 600)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s is\n%s\nwant\n%s", expr, got, want)
		}
	}
	f(`{"http.requests", method="GET"}`, `{__name__="http.requests", method="GET"} => 1200 @[600000]`)
	f(`sum(rate({"http.requests", method="GET"}[5m]))`, `{} => 2 @[600000]`)
	f(`sum({"http.requests"})`, `{} => 1210 @[600000]`)
	f(`count({method=~".+"} offset 5m)`, `{} => 2 @[600000]`)
	f(`{"http.requests", method="PUT"}`, ``)
}

func TestAppend_outOfOrderAndTwice(t *testing.T) {
	s := New(1 << 20)
	l := labels.FromStrings("__name__", "x")
	for _, second := range []int64{30, 10, 20, 10} {
		s.Append(l, number(second, float64(second)))
	}
	s.Append(l, number(20, 99))
	got, err := query(t, s, &Budget{}, `sum_over_time(x[1m])`, 60)
	if err != nil || got != `{} => 139 @[60000]` {
		t.Errorf("got %s, %v; want 10+99+30", got, err)
	}
	if c := s.Counts(); c.Series != 1 || c.Samples != 3 || c.Oldest != 10_000 {
		t.Errorf("counts are %+v", c)
	}
}

// TestQuery_histogramsAreCopies reads a histogram twice through functions that
// work in place.
func TestQuery_histogramsAreCopies(t *testing.T) {
	s := New(1 << 20)
	l := labels.FromStrings("__name__", "h")
	for i := range int64(3) {
		s.Append(l, Sample{T: i * 60_000, H: &histogram.FloatHistogram{
			Schema: histogram.CustomBucketsSchema, Count: 4, Sum: 10, CustomValues: []float64{1, 5},
			PositiveSpans: []histogram.Span{{Length: 3}}, PositiveBuckets: []float64{1, 2, 1},
		}})
	}
	for range 2 {
		got, err := query(t, s, &Budget{}, `histogram_count(sum_over_time(h[5m])) + histogram_count(h * 2)`, 120)
		if err != nil || got != `{} => 20 @[120000]` {
			t.Errorf("got %s, %v; want 12+8", got, err)
		}
	}
}

func TestEviction(t *testing.T) {
	const limit = 64 << 10
	s := New(limit)
	for i := range int64(10_000) {
		s.Append(labels.FromStrings("__name__", "x", "series", fmt.Sprint(i%7)), number(i, 1))
	}
	c := s.Counts()
	if c.Bytes > limit || c.Evicted == 0 || int64(c.Samples)+c.Evicted != 10_000 {
		t.Errorf("counts are %+v, want at most %d bytes and every sample kept or counted", c, limit)
	}
	if c.Oldest < 5_000_000 {
		t.Errorf("the oldest sample is of %d ms: not the oldest were dropped", c.Oldest)
	}
	s.dropBeforeLocked(1 << 60)
	if c := s.Counts(); c.Series != 0 || c.Bytes != 0 || c.Samples != 0 || len(s.byName) != 0 {
		t.Errorf("an emptied store counts %+v", c)
	}
}

func TestBudget(t *testing.T) {
	s := New(1 << 20)
	for i := range int64(10) {
		for series := range 3 {
			s.Append(labels.FromStrings("__name__", "x", "series", fmt.Sprint(series)), number(i, 1))
		}
	}
	f := func(budget Budget, expr string, want error) {
		t.Helper()
		if _, err := query(t, s, &budget, expr, 9); !errors.Is(err, want) {
			t.Errorf("%s with %+v: %v, want %v", expr, budget, err, want)
		}
	}
	f(Budget{MaxSeries: 3, MaxSamples: 30}, `sum_over_time(x[1m])`, nil)
	f(Budget{MaxSeries: 3}, `x + x`, nil) // each series counts once
	f(Budget{MaxSeries: 2}, `x`, ErrSeries)
	f(Budget{MaxSamples: 29}, `sum_over_time(x[1m])`, ErrSamples)
}

func TestSeries(t *testing.T) {
	s := New(1 << 20)
	s.Append(labels.FromStrings("__name__", "old"), number(10, 1))
	s.Append(labels.FromStrings("__name__", "new"), number(100, 1))
	f := func(from, to int64, selector string, want int) {
		t.Helper()
		var sets [][]*labels.Matcher
		if selector != "" {
			set, err := parser.NewParser(parser.Options{}).ParseMetricSelector(selector)
			if err != nil {
				t.Fatal(err)
			}
			sets = append(sets, set)
		}
		n := 0
		s.Series(from*1000, to*1000, sets, func(labels.Labels) bool { n++; return true })
		if n != want {
			t.Errorf("%d to %d, %s: %d series, want %d", from, to, selector, n, want)
		}
	}
	f(0, 200, "", 2)
	f(11, 200, "", 1)
	f(10, 100, "", 2)
	f(11, 99, "", 0)
	f(0, 200, `old`, 1)
	f(0, 200, `{__name__=~"o.*|n.*"}`, 2)
}
