package metrics

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestMemory sends more than there is memory for: names, labels, long texts, and buckets.
func TestMemory(t *testing.T) {
	now := datumTime()
	many := make([]uint64, maxParts)
	for i := range many {
		many[i] = 1
	}
	cumulative := Metric{Name: "m", Kind: KindSum, Monotonic: true, Cumulative: true}
	f := func(name string, series int, point func(i int) (Metric, Point)) {
		t.Helper()
		problems := 0
		b := newBoth(t, Config{Now: func() time.Time { return now }, OnProblem: func(error) { problems++ }})
		const memory = 256 << 10
		all := []*converter{b.data.points, b.documents.points}
		sent := 0
		export := func(m Metric, p Point) {
			p.Time, p.Start = now, now
			b.data.Begin()
			b.data.Add(&m, &p)
			b.documents.Add(&m, &p)
			b.documents.Lines(func(string, time.Time, []byte) { sent++ })
		}
		for _, c := range all {
			c.memory = memory
		}
		for i := range series {
			export(point(i))
		}
		for _, c := range all {
			if c.held > memory+memory/4 { // a set of labels is counted where it is made
				t.Errorf("%s: %d bytes are remembered, want %d", name, c.held, memory)
			}
			if c.dropped[DropSeriesLimit] == 0 {
				t.Errorf("%s: no total is dropped for want of memory", name)
			}
		}
		if problems != 2 { // one an encoder
			t.Errorf("%s: %d problems are told", name, problems)
		}
		before := sent
		export(Metric{Name: "needs no memory"}, Point{Value: 1})
		if sent != before+1 {
			t.Errorf("%s: a gauge is lost", name)
		}
		now = now.Add(SeriesMemory)
		export(Metric{Name: "later"}, Point{Value: 1})
		for _, c := range all {
			if len(c.instruments) != 1 || len(c.sets) > 1 || c.held <= 0 || c.held > 4<<10 {
				t.Errorf("%s: %d instruments and %d bytes are left, want those of the last gauge", name, len(c.instruments), c.held)
			}
		}
	}
	f("names", 1000, func(i int) (Metric, Point) {
		m := cumulative
		m.Name = fmt.Sprint("m", i)
		return m, Point{Value: 1}
	})
	f("labels", 1000, func(i int) (Metric, Point) {
		return cumulative, Point{Value: 1, Labels: []Label{{"user", fmt.Sprint(i)}}}
	})
	f("long labels", 50, func(i int) (Metric, Point) {
		return cumulative, Point{Value: 1, Labels: []Label{{"statement", fmt.Sprint(i, strings.Repeat("x", 20_000))}}}
	})
	f("buckets", 10, func(i int) (Metric, Point) {
		m := cumulative
		m.Kind = KindExponential
		return m, Point{Count: maxParts, Positive: PowerBuckets{Counts: many}, Labels: []Label{{"user", fmt.Sprint(i)}}}
	})
}

// TestTooLarge drops points with more than any application measures, and only those.
func TestTooLarge(t *testing.T) {
	labels := make([]Label, maxLabels)
	for i := range labels {
		labels[i] = Label{fmt.Sprint("k", maxLabels-i), "v"}
	}
	f := func(m Metric, p Point, dropped bool) {
		t.Helper()
		b := newBoth(t, Config{OnProblem: func(error) {}})
		p.Time, p.Count = datumTime(), 1
		m.Name = "m"
		b.export(&m, p)
		want := int64(0)
		if dropped {
			want = 1
		}
		if n := b.documents.Dropped()[DropTooLarge]; n != want || (len(b.lines) == 0) != dropped {
			t.Errorf("%d points dropped, %d documents", n, len(b.lines))
		}
	}
	f(Metric{}, Point{Labels: labels}, false)
	f(Metric{Resource: &Resource{Labels: labels[:1]}}, Point{Labels: labels}, true)
	one := make([]uint64, maxParts)
	one[0] = 1
	f(Metric{Kind: KindExponential}, Point{Negative: PowerBuckets{Counts: one}}, false)
	f(Metric{Kind: KindExponential}, Point{Negative: PowerBuckets{Counts: one}, Positive: PowerBuckets{Counts: one[:1]}}, true)
	f(Metric{Kind: KindHistogram}, Point{Buckets: one, Bounds: make([]float64, maxParts-1)}, true)
}

// TestEMFEncoder_hostile holds that a request of many points takes time by their number: by its square it were hours, and
// go test would end it.
func TestEMFEncoder_hostile(t *testing.T) {
	const points = 600_000
	f := func(name string, point func(i int) Point) {
		t.Helper()
		b := newBoth(t, Config{Now: datumTime})
		for i := range points {
			p := point(i)
			b.documents.Add(gauge("m"), &p)
		}
		lines := 0
		b.documents.Lines(func(string, time.Time, []byte) { lines++ })
		if lines != points {
			t.Errorf("%s: %d documents, want one a point", name, lines)
		}
	}
	f("a time each", func(i int) Point { return Point{Time: datumTime().Add(-time.Duration(i) * time.Millisecond), Value: 1} })
	f("one time", func(int) Point { return Point{Time: datumTime(), Value: 1} })
}
