package metrics

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// both takes points to both encodings, and to documents in either form.
type both struct {
	t         *testing.T
	data      *DatumEncoder
	documents *EMFEncoder
	escaped   *EMFEncoder
	datums    []json.RawMessage
	lines     []json.RawMessage
}

func newBoth(t *testing.T, c Config) *both {
	t.Helper()
	b := &both{t: t}
	if c.Now == nil {
		c.Now = datumTime
	}
	if c.Namespace == "" {
		c.Namespace = "shop"
	}
	var err error
	b.data, err = NewDatumEncoder(c, func(_ string, d *Datum) { b.datums = append(b.datums, AppendDatumJSON(nil, d)) })
	if err != nil {
		t.Fatal(err)
	}
	if b.documents, err = NewEMFEncoder(c); err != nil {
		t.Fatal(err)
	}
	c.Escaped, c.OnProblem = true, func(error) {}
	if b.escaped, err = NewEMFEncoder(c); err != nil {
		t.Fatal(err)
	}
	return b
}

// export is one round. Documents say the same in either form.
func (b *both) export(m *Metric, points ...Point) {
	b.data.Begin()
	for i := range points {
		b.data.Add(m, &points[i])
		b.documents.Add(m, &points[i])
		b.escaped.Add(m, &points[i])
	}
	next := len(b.lines)
	b.documents.Lines(func(_ string, _ time.Time, line []byte) { b.lines = append(b.lines, bytes.Clone(line)) })
	b.escaped.Lines(func(_ string, _ time.Time, line []byte) {
		if next == len(b.lines) || !bytes.Equal(line, appendjson.EscapeFrom(bytes.Clone(b.lines[next]), 0)) {
			b.t.Errorf("escaped: %s", line)
		}
		next = min(next+1, len(b.lines))
	})
	if next < len(b.lines) {
		b.t.Errorf("not escaped: %s", b.lines[next])
	}
}

type edge struct {
	name   string
	points []Point // a round each
}

func seconds(n int) time.Time { return datumTime().Add(time.Duration(n) * time.Second) }

// numberEdges are those of gauges and sums.
func numberEdges() []edge {
	p := func(start, at int, v float64) Point { return Point{Start: seconds(start), Time: seconds(at), Value: v} }
	huge := math.Ldexp(1, 359)
	return []edge{
		{"empty", []Point{{Missing: true}, p(0, 1, 0)}},
		{"further", []Point{p(0, 1, 5), p(0, 2, 8)}},
		{"older than us", []Point{p(-9, 1, 5), p(-9, 2, 8)}},
		{"reset by start", []Point{p(0, 1, 5), p(2, 3, 8)}},
		{"reset by falling", []Point{p(0, 1, 5), p(0, 2, 3)}},
		{"out of order", []Point{p(0, 5, 5), p(0, 2, 3)}},
		{"negative", []Point{p(0, 1, -5), p(0, 2, -3)}},
		{"huge", []Point{p(0, 1, huge), p(0, 2, math.Nextafter(huge, math.Inf(1))), p(0, 3, math.Ldexp(1, 400))}},
	}
}

func histogramPoint(at int, sum, low, high float64, bounds []float64, buckets ...uint64) Point {
	p := Point{Start: seconds(0), Time: seconds(at), Sum: sum, Min: low, Max: high, Bounds: bounds, Buckets: buckets}
	for _, n := range buckets {
		p.Count += n
	}
	return p
}

func histogramEdges() []edge {
	none, ten := math.NaN(), []float64{10, 20, 30}
	many, counts := make([]float64, 999), make([]uint64, 1000)
	for i := range counts {
		counts[i] = uint64(1 + i%7)
		if i < len(many) {
			many[i] = math.Pow(1.02, float64(i))
		}
	}
	later := histogramPoint(3, 44, 3, 25, ten, 1, 1, 1, 0)
	later.Start = seconds(2)
	return []edge{
		{"empty", []Point{histogramPoint(1, 0, none, none, ten, 0, 0, 0, 0)}},
		{"further", []Point{histogramPoint(1, 44, 3, 25, ten, 1, 1, 1, 0), histogramPoint(2, 99, 3, 40, ten, 1, 2, 1, 1)}},
		{"nothing new", []Point{histogramPoint(1, 44, 3, 25, ten, 1, 1, 1, 0), histogramPoint(2, 44, 3, 25, ten, 1, 1, 1, 0)}},
		{"reset by start", []Point{histogramPoint(1, 44, 3, 25, ten, 1, 1, 1, 0), later}},
		{"reset by falling", []Point{histogramPoint(1, 44, 3, 25, ten, 1, 1, 1, 0), histogramPoint(2, 15, 15, 15, ten, 0, 1, 0, 0)}},
		{"other bounds", []Point{histogramPoint(1, 44, 3, 25, ten, 1, 1, 1, 0), histogramPoint(2, 60, 3, 25, ten[:2], 1, 1, 3)}},
		{"one bucket", []Point{histogramPoint(1, 120, 2, 40, nil, 12)}},
		{"1,000 buckets", []Point{histogramPoint(1, none, 0.5, 4e8, many, counts...)}},
		{"negative", []Point{histogramPoint(1, -70, -40, -5, []float64{-30, -20, -10}, 1, 0, 1, 1)}},
		{"huge", []Point{histogramPoint(1, math.Ldexp(1, 359), 1, math.Ldexp(1, 400), []float64{1e10, 1e100}, 1, 1, 1)}},
		{"no extremes", []Point{histogramPoint(1, 44, none, none, ten, 1, 1, 1, 1)}},
	}
}

func exponentialPoint(at int, sum, low, high float64, scale int32, zero uint64, positive, negative PowerBuckets) Point {
	p := Point{
		Start: seconds(0), Time: seconds(at), Sum: sum, Min: low, Max: high, Scale: scale,
		ZeroCount: zero, Positive: positive, Negative: negative, Count: zero,
	}
	for _, n := range append(append([]uint64{}, positive.Counts...), negative.Counts...) {
		p.Count += n
	}
	return p
}

func exponentialEdges() []edge {
	none, counts := math.NaN(), make([]uint64, 1000)
	for i := range counts {
		counts[i] = uint64(1 + i%7)
	}
	at := func(offset int32, counts ...uint64) PowerBuckets { return PowerBuckets{offset, counts} }
	first := func() Point { return exponentialPoint(1, 20, 1.5, 7, 1, 1, at(1, 1, 0, 2, 1, 1), PowerBuckets{}) }
	later := exponentialPoint(3, 20, 1.5, 7, 1, 1, at(1, 1, 0, 2, 1, 1), PowerBuckets{})
	later.Start = seconds(2)
	wider := exponentialPoint(2, 24, 0.1, 8, 0, 4, at(0, 1, 4), PowerBuckets{})
	wider.ZeroThreshold = 0.5
	return []edge{
		{"empty", []Point{exponentialPoint(1, 0, none, none, 3, 0, PowerBuckets{}, PowerBuckets{})}},
		{"further", []Point{first(), exponentialPoint(2, 30, 1.5, 7, 1, 2, at(1, 1, 1, 2, 1, 2), PowerBuckets{})}},
		{"coarser", []Point{first(), exponentialPoint(2, 60, 1.5, 20, 0, 1, at(0, 1, 4, 1, 1), PowerBuckets{})}},
		{"wider zero", []Point{first(), wider}},
		{"finer", []Point{first(), exponentialPoint(2, 30, 1.5, 7, 2, 2, at(2, 1, 1, 2, 1, 2), PowerBuckets{})}},
		{"reset by start", []Point{first(), later}},
		{"reset by falling", []Point{first(), exponentialPoint(2, 3, 3, 3, 1, 0, at(3, 1), PowerBuckets{})}},
		{"one bucket", []Point{exponentialPoint(1, 120, none, none, 3, 0, at(20, 12), PowerBuckets{})}},
		{"1,000 buckets", []Point{exponentialPoint(1, none, none, none, 5, 9, at(-100, counts...), PowerBuckets{})}},
		{"negative", []Point{exponentialPoint(1, -13, -8, 3, 0, 1, at(1, 1), at(0, 1, 0, 2))}},
		{"huge", []Point{exponentialPoint(1, 1, 1, math.Ldexp(1, 400), 0, 0, at(0, 1), PowerBuckets{}), exponentialPoint(2, 9, none, none, -2, 0, at(80, 3, 2, 3, 5, 6), PowerBuckets{})}},
	}
}

func summaryEdges() []edge {
	p := func(start, at int, count uint64, sum float64, qs ...Quantile) Point {
		return Point{Start: seconds(start), Time: seconds(at), Count: count, Sum: sum, Quantiles: qs}
	}
	qs := []Quantile{{0, 1}, {0.5, 2}, {1, 9}}
	return []edge{
		{"empty", []Point{p(0, 1, 0, 0)}},
		{"further", []Point{p(0, 1, 4, 12, qs...), p(0, 2, 6, 20, qs...)}},
		{"reset by start", []Point{p(0, 1, 4, 12, qs...), p(2, 3, 6, 20, qs...)}},
		{"reset by falling", []Point{p(0, 1, 4, 12, qs...), p(0, 2, 1, 5, qs...)}},
		{"no quantiles", []Point{p(0, 1, 4, 12)}},
		{"negative", []Point{p(0, 1, 4, -12, Quantile{0, -9}, Quantile{1, 2})}},
		{"huge", []Point{p(0, 1, 4, math.Ldexp(1, 359), Quantile{0.5, math.Ldexp(1, 400)}), p(0, 2, 4, math.Ldexp(1, 358))}},
	}
}

// TestMatrix is each type of metric, by temporality and edge, in both encodings.
func TestMatrix(t *testing.T) {
	f := func(name string, m Metric, edges []edge, c Config) {
		t.Helper()
		m.Name, m.Unit, m.Scope = "metric", "s", "shop/cart"
		var out bytes.Buffer
		for i, e := range edges {
			b := newBoth(t, c)
			for _, p := range e.points {
				p.Labels = []Label{{"route", "/cart"}}
				b.export(&m, p)
			}
			text, err := json.Marshal(map[string]any{"datums": b.datums, "documents": b.lines, "dropped": b.documents.Dropped()})
			if err != nil {
				t.Fatal(err)
			}
			separator := ","
			if i == 0 {
				separator = "{"
			}
			fmt.Fprintf(&out, "%s%q:%s", separator, e.name, text)
		}
		golden(t, "matrix_"+name, append(out.Bytes(), '}'))
	}
	f("gauge", Metric{Kind: KindGauge}, numberEdges(), Config{})
	f("sum_delta", Metric{Kind: KindSum, Monotonic: true}, numberEdges(), Config{})
	f("sum_cumulative", Metric{Kind: KindSum, Monotonic: true, Cumulative: true}, numberEdges(), Config{})
	f("updown_delta", Metric{Kind: KindSum}, numberEdges(), Config{})
	f("updown_cumulative", Metric{Kind: KindSum, Cumulative: true}, numberEdges(), Config{})
	f("histogram_delta", Metric{Kind: KindHistogram}, histogramEdges(), Config{})
	f("histogram_cumulative", Metric{Kind: KindHistogram, Cumulative: true}, histogramEdges(), Config{})
	f("exponential_delta", Metric{Kind: KindExponential}, exponentialEdges(), Config{})
	f("exponential_cumulative", Metric{Kind: KindExponential, Cumulative: true}, exponentialEdges(), Config{})
	f("summary_delta", Metric{Kind: KindSummary}, summaryEdges(), Config{})
	f("summary_cumulative", Metric{Kind: KindSummary, Cumulative: true}, summaryEdges(), Config{})
	f("summary_detailed", Metric{Kind: KindSummary, Cumulative: true}, summaryEdges(), Config{DetailedSummaries: true})
}
