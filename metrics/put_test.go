package metrics

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// lines is a queue that keeps items as "key at body".
type lines struct {
	mu               sync.Mutex
	got              []string
	flushes, stopped int
}

func (l *lines) Put(key string, at time.Time, body []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.got = append(l.got, fmt.Sprintf("%s %s %s", key, at.UTC().Format("15:04:05"), body))
	return nil
}

func (l *lines) Flush(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flushes++
	return nil
}

func (l *lines) Shutdown(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped++
	return nil
}

// take returns what came since the last call.
func (l *lines) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	got := l.got
	l.got = nil
	return got
}

func newTestRecorder(t testing.TB, c RecorderConfig, o Output) (*Recorder, *lines) {
	t.Helper()
	q := &lines{}
	if o.Queue == nil {
		o.Queue = q
	}
	c.Outputs = append(c.Outputs, o)
	if c.Namespace == "" {
		c.Namespace = "shop"
	}
	r, err := NewRecorder(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Shutdown(context.Background()) })
	return r, q
}

// pass lets virtual time go by, and what is due happen.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestRecorder_minutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it begins at midnight
		r, q := newTestRecorder(t, RecorderConfig{}, Output{Format: JSONDatums})
		r.Put("Orders", 1, Count, D("Service", "shop"), D("Page", "cart"))
		r.Put("Orders", 1, Count, D("Page", "cart"), D("Service", "shop"))
		r.Put("Orders", 3, Count, D("Service", "shop"), D("Page", "cart"))
		r.Put("Latency", 12.5, "ms")
		r.PutHighResolution("Queue", 7, "")
		pass(11 * time.Second)
		wantLines(t, q.take(), `shop 00:00:00 {"MetricName":"Queue","Timestamp":"2000-01-01T00:00:00Z","Value":7,"StorageResolution":1}`)
		r.PutHighResolution("Queue", 8, "")
		r.Put("Orders", 3, Count, D("Service", "shop"), D("Page", "cart"))
		pass(45 * time.Second)
		wantLines(t, q.take(), `shop 00:00:11 {"MetricName":"Queue","Timestamp":"2000-01-01T00:00:11Z","Value":8,"StorageResolution":1}`)
		pass(5 * time.Second)
		r.Put("Latency", 13, "ms") // of the next minute
		synctest.Wait()
		wantLines(t, q.take(),
			`shop 00:00:00 {"MetricName":"Latency","Timestamp":"2000-01-01T00:00:00Z","Value":12.5,"Unit":"Milliseconds"}`,
			`shop 00:00:00 {"MetricName":"Orders","Dimensions":[{"Name":"Service","Value":"shop"},{"Name":"Page","Value":"cart"}],`+
				`"Timestamp":"2000-01-01T00:00:00Z","Values":[1,3],"Counts":[2,2],"Unit":"Count"}`)
		if err := r.Flush(t.Context()); err != nil || q.flushes != 1 {
			t.Error(err, q.flushes)
		}
		wantLines(t, q.take(), `shop 00:01:00 {"MetricName":"Latency","Timestamp":"2000-01-01T00:01:00Z","Value":13,"Unit":"Milliseconds"}`)
	})
}

func TestRecorder_documents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, q := newTestRecorder(t, RecorderConfig{Dimensions: []Dimension{D("Service", "shop")}}, Output{Format: Documents, Key: "group stream"})
		for i := range 3 {
			r.Put("Latency", float64(i), Milliseconds, D("Page", "cart"))
		}
		r.Put("Orders", 1, Count, D("Page", "cart"))
		r.PutHighResolution("Orders", 2, Count, D("Page", "cart")) // a name stands once in a document
		r.Put("Starts", 1, Count)
		_ = r.Flush(t.Context())
		wantLines(t, q.take(),
			`group stream 00:00:00 {"_aws":{"CloudWatchMetrics":[{"Namespace":"shop","Dimensions":[["Service"]],"Metrics":[`+
				`{"Name":"Starts","Unit":"Count"}]}],"Timestamp":946684800000},"Service":"shop","Starts":1}`,
			`group stream 00:00:00 {"_aws":{"CloudWatchMetrics":[{"Namespace":"shop","Dimensions":[["Service","Page"]],"Metrics":[{"Name":"Latency","Unit":"Milliseconds"},`+
				`{"Name":"Orders","Unit":"Count","StorageResolution":1}]}],"Timestamp":946684800000},"Service":"shop","Page":"cart",`+
				`"Latency":{"Values":[0,1,2],"Counts":[1,1,1],"Max":2,"Min":0,"Count":3,"Sum":3},"Orders":2}`,
			`group stream 00:00:00 {"_aws":{"CloudWatchMetrics":[{"Namespace":"shop","Dimensions":[["Service","Page"]],"Metrics":[`+
				`{"Name":"Orders","Unit":"Count"}]}],"Timestamp":946684800000},"Service":"shop","Page":"cart","Orders":1}`)
		for i := range 250 {
			r.Put(fmt.Sprintf("M%03d", i), 1, "")
		}
		_ = r.Flush(t.Context())
		if got := q.take(); len(got) != 3 {
			t.Errorf("250 metrics are in %d documents", len(got))
		}
	})
}

// TestRecorder_refused puts what CloudWatch does not take; each kind is told
// once.
func TestRecorder_refused(t *testing.T) {
	var told []string
	r, q := newTestRecorder(t, RecorderConfig{Notify: func(m string) { told = append(told, m) }}, Output{})
	many := make([]Dimension, MaxDimensions+1)
	for i := range many {
		many[i] = D(fmt.Sprint("d", i), "x")
	}
	for range 2 {
		r.Put("Latency", 1, "Parsecs")
		r.Put("Latency", math.NaN(), Milliseconds)
		r.Put("Latency", math.Inf(1), Milliseconds)
		r.Put("Latency", math.Ldexp(1, 400), Milliseconds)
		r.Put("", 1, Count)
		r.Put(" ", 1, Count)
		r.Put("Latency", 1, Milliseconds, many...)
		r.Put("Latency", 1, Milliseconds, D("", "x"))
	}
	want := map[string]int64{DropBadUnit: 2, DropNotFinite: 4, DropOutOfRange: 2, DropNoName: 4, DropTooManyDimensions: 2, DropNoDimensionName: 2}
	if got := r.Dropped(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("dropped %v, want %v", got, want)
	}
	if len(told) != len(want) || told[0] != `metric "Latency" dropped: CloudWatch has no unit "Parsecs"; more like it are counted as bad_unit` {
		t.Errorf("%d told: %s", len(told), strings.Join(told, "\n"))
	}
	_ = r.Flush(t.Context())
	wantLines(t, q.take())
	if n := r.registry.count; n != [2]int{} {
		t.Errorf("%v series are left", n)
	}
}

func TestRecorder_repairs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, q := newTestRecorder(t, RecorderConfig{}, Output{Format: JSONDatums})
		r.Put("Größe", 1, "", D("Page", ""), D("Stadt", "Köln"), D("Stadt", "Bonn"))
		_ = r.Flush(t.Context())
		wantLines(t, q.take(), `shop 00:00:00 {"MetricName":"Gr%C3%B6%C3%9Fe","Dimensions":[{"Name":"Stadt","Value":"K%C3%B6ln"}],"Timestamp":"2000-01-01T00:00:00Z","Value":1}`)
	})
}

// TestRecorder_maxSeries keeps what is beyond the bound in one series a metric.
func TestRecorder_maxSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		r, q := newTestRecorder(t, RecorderConfig{MaxSeries: 2, Notify: func(m string) { told = append(told, m) }}, Output{Format: JSONDatums})
		for i := range 5 {
			r.Put("Orders", 1, Count, D("Customer", fmt.Sprint(i)))
		}
		for i := range 3 {
			r.Put(fmt.Sprint("New", i), 1, Count)
		}
		_ = r.Flush(t.Context())
		overflow := `"Dimensions":[{"Name":"otel.metric.overflow","Value":"true"}],"Timestamp":"2000-01-01T00:00:00Z",`
		wantLines(t, q.take(),
			`shop 00:00:00 {"MetricName":"Orders","Dimensions":[{"Name":"Customer","Value":"0"}],"Timestamp":"2000-01-01T00:00:00Z","Value":1,"Unit":"Count"}`,
			`shop 00:00:00 {"MetricName":"Orders","Dimensions":[{"Name":"Customer","Value":"1"}],"Timestamp":"2000-01-01T00:00:00Z","Value":1,"Unit":"Count"}`,
			`shop 00:00:00 {"MetricName":"New0",`+overflow+`"Value":1,"Unit":"Count"}`,
			`shop 00:00:00 {"MetricName":"Orders",`+overflow+`"Values":[1],"Counts":[3],"Unit":"Count"}`)
		if got := r.Dropped(); got[DropSeriesOverflow] != 6 || got[DropSeriesLimit] != 2 {
			t.Errorf("%v", got)
		}
		if len(told) != 2 {
			t.Errorf("told %q", told)
		}
		pass((idleIntervals + 8) * defaultInterval) // and then there is room again
		r.Put("Orders", 1, Count, D("Customer", "9"))
		_ = r.Flush(t.Context())
		if got := q.take(); len(got) != 1 || !strings.Contains(got[0], `"9"`) {
			t.Errorf("%s", got)
		}
		if n := r.registry.count; n != [2]int{1, 0} {
			t.Errorf("%v series", n)
		}
	})
}

func TestRecorder_shutdown(t *testing.T) {
	r, q := newTestRecorder(t, RecorderConfig{}, Output{})
	r.Put("Orders", 1, Count)
	for range 2 {
		if err := r.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.Put("Orders", 1, Count)
	r.Put("Late", 1, Count)
	if got := q.take(); len(got) != 1 || q.stopped != 1 {
		t.Errorf("%q, stopped %d", got, q.stopped)
	}
	if got := r.Dropped()[DropClosed]; got != 2 {
		t.Errorf("%d dropped", got)
	}
	var none *Recorder
	none.Put("Orders", 1, Count)
	if none.Flush(t.Context()) != nil || none.Shutdown(t.Context()) != nil || none.Dropped() != nil {
		t.Error("a nil recorder does something")
	}
}

func TestNewRecorder_refuses(t *testing.T) {
	f := func(c RecorderConfig) {
		t.Helper()
		if _, err := NewRecorder(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	f(RecorderConfig{Namespace: "shop"})
	f(RecorderConfig{Outputs: []Output{{Queue: &lines{}}}})
	f(RecorderConfig{Outputs: []Output{{Queue: &lines{}}}, Namespace: " "})
	f(RecorderConfig{Outputs: []Output{{}}, Namespace: "shop"})
	f(RecorderConfig{Outputs: []Output{{Queue: &lines{}, Format: 9}}, Namespace: "shop"})
	f(RecorderConfig{Outputs: []Output{{Queue: &lines{}}}, Namespace: "shop", Dimensions: manyDimensions(MaxDimensions + 1)})
}

func manyDimensions(n int) []Dimension {
	var list []Dimension
	for i := range n {
		list = append(list, D(fmt.Sprint("d", i), "x"))
	}
	return list
}

// sums adds up what datums say of one metric.
type sums struct {
	lines
	total float64
}

func (s *sums) Put(_ string, _ time.Time, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var d struct{ Counts []float64 } // none: the value was put once
	if err := json.Unmarshal(body, &d); err != nil {
		return err
	}
	if d.Counts == nil {
		s.total++
	}
	for _, n := range d.Counts {
		s.total += n
	}
	return nil
}

// TestRecorder_concurrent counts as much as was put, while it is flushed.
func TestRecorder_concurrent(t *testing.T) {
	q := &sums{}
	r, _ := newTestRecorder(t, RecorderConfig{Interval: time.Millisecond}, Output{Queue: q, Format: JSONDatums})
	const each = 20_000
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Go(func() {
			for k := range each {
				r.Put("Orders", 1, Count, D("A", "1"), D("B", fmt.Sprint(k%7)))
				if i == 0 && k%100 == 0 {
					_ = r.Flush(context.Background())
				}
			}
		})
	}
	wait.Wait()
	if err := r.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if q.total != 4*each {
		t.Errorf("%v arrived of %d, dropped %v", q.total, 4*each, r.Dropped())
	}
}

func TestRecorder_allocations(t *testing.T) {
	r, _ := newTestRecorder(t, RecorderConfig{}, Output{})
	f := func(name string, put func()) {
		t.Helper()
		for range 2000 { // every shard knows it
			put()
		}
		if n := testing.AllocsPerRun(1000, put); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	f("no dimension", func() { r.Put("Orders", 1, Count) })
	f("two dimensions", func() { r.Put("Orders", 1, Count, D("Service", "shop"), D("Page", "cart")) })
	x := 1.0
	f("all different", func() { x *= 1.0001; r.Put("Latency", x, Milliseconds, D("Service", "shop")) })
}

func BenchmarkRecorder(b *testing.B) {
	r, _ := newTestRecorder(b, RecorderConfig{}, Output{})
	b.Run("counter", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r.Put("Orders", 1, Count, D("Service", "shop"), D("Page", "cart"))
		}
	})
	b.Run("latency", func(b *testing.B) {
		b.ReportAllocs()
		x := 1.0
		for b.Loop() {
			x = x*1.37 + 0.1
			if x > 1000 {
				x /= 1000
			}
			r.Put("Latency", x, Milliseconds, D("Service", "shop"), D("Page", "cart"))
		}
	})
	b.Run("counter, parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				r.Put("Orders", 1, Count, D("Service", "shop"), D("Page", "cart"))
			}
		})
	})
}
