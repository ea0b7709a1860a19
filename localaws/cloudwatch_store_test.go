package localaws

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/metricstat"
	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// testDatum is a metric with one value.
func testDatum(name string, at time.Time, value float64, resolution int) metricDatum {
	v := number(value)
	return metricDatum{MetricName: &name, Value: &v, Timestamp: wire.TimePtr(at), StorageResolution: &resolution}
}

func addMetrics(s *metricStore, now time.Time, data ...metricDatum) {
	s.add(&metricBatch{Namespace: "N", Data: data}, now)
}

func TestMetricStore_rollsUp(t *testing.T) {
	s := newMetricStore(1 << 30)
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 7200 { // two hours of seconds
		addMetrics(s, base.Add(2*time.Hour), testDatum("m", base.Add(time.Duration(i)*time.Second), 1, 1))
	}
	f := func(title string, age time.Duration, period int64, wantPoints int, wantSum float64) {
		t.Helper()
		buckets := s.queryAny(metricQuery{
			key: metricKey("N", "m", nil), start: base.Unix(), end: base.Add(2 * time.Hour).Unix(), period: period, now: base.Add(age).Unix(),
		})
		sum := 0.0
		for i := range buckets {
			sum += buckets[i].dist.Sum
		}
		if len(buckets) != wantPoints || sum != wantSum {
			t.Errorf("%s: %d points with a sum of %v, want %d with %v", title, len(buckets), sum, wantPoints, wantSum)
		}
	}
	const day = 24 * time.Hour
	f("seconds within 3 hours", 3*time.Hour, 1, 7200, 7200)
	f("minutes of them", 3*time.Hour, 60, 120, 7200)
	f("seconds after 5 hours and a bit", 5*time.Hour+time.Minute, 1, 0, 0)
	f("minutes after 5 hours", 5*time.Hour+2*time.Minute, 60, 120, 7200)
	f("minutes after 16 days", 16*day, 60, 0, 0)
	f("five minutes after 16 days", 16*day+time.Hour, 300, 24, 7200)
	f("five minutes after 64 days", 64*day, 300, 0, 0)
	f("hours after 64 days", 64*day+time.Hour, 3600, 2, 7200)
	f("hours after 456 days", 456*day, 3600, 0, 0)
}

func TestMetricStore_units(t *testing.T) {
	s := newMetricStore(1 << 30)
	now := time.Date(2026, 1, 1, 0, 0, 30, 0, time.UTC)
	seconds, count := "Seconds", "Count"
	a, b, c := testDatum("m", now, 1, 60), testDatum("m", now, 10, 60), testDatum("m", now, 100, 60)
	a.Unit, b.Unit = &seconds, &count
	addMetrics(s, now, a, b, c)
	q := metricQuery{key: metricKey("N", "m", nil), start: now.Unix() - 600, end: now.Unix(), period: 60, now: now.Unix()}
	f := func(unit string, units int, sum float64) {
		t.Helper()
		q.unit = unit
		buckets := s.queryAny(q)
		if n := len(s.query(q)); n != units || len(buckets) != min(units, 1) || units > 0 && buckets[0].dist.Sum != sum {
			t.Errorf("unit %q: %d units, %+v", unit, n, buckets)
		}
	}
	f("", 3, 111)
	f("Seconds", 1, 1)
	f("Count", 1, 10)
	f("None", 1, 100)
	f("Bytes", 0, 0)
}

func TestMetricStore_evictsOldest(t *testing.T) {
	s := newMetricStore(256 << 10)
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 5000 {
		at := base.Add(time.Duration(i) * time.Minute)
		addMetrics(s, at, testDatum(fmt.Sprint("m", i%5), at, float64(i), 60))
	}
	c := s.counts()
	if c.bytes > s.limit || c.evicted == 0 || c.items+int(c.evicted) != 5000 || c.groups != 5 {
		t.Fatalf("%+v", c)
	}
	if c.oldest.Before(base.Add(time.Duration(c.evicted-1) * time.Minute)) {
		t.Errorf("the oldest of the rest is of %v, %d were evicted", c.oldest, c.evicted)
	}
	s.limit = 0
	addMetrics(s, base, testDatum("m", base, 1, 60))
	if c := s.counts(); c.items != 0 || c.bytes != 0 || c.groups != 0 {
		t.Errorf("an empty store: %+v", c)
	}
}

func TestMetricStore_parallel(t *testing.T) {
	s := newMetricStore(1 << 20)
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	p99, err := metricstat.Parse("p99")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 500 {
				addMetrics(s, now, testDatum("m", now.Add(-time.Duration(i%60)*time.Second), float64(i*w), 1))
			}
		})
		wg.Go(func() {
			for range 50 {
				for _, b := range s.queryAny(metricQuery{key: metricKey("N", "m", nil), start: now.Unix() - 60, end: now.Unix(), period: 10, now: now.Unix()}) {
					p99.Of(&b.dist)
				}
				s.counts()
				s.list(func(*metricSeries) bool { return true })
			}
		})
	}
	wg.Wait()
	if c := s.counts(); c.items != 2000 {
		t.Errorf("%+v", c)
	}
}

func TestMetricStore_restore(t *testing.T) {
	s := newMetricStore(1 << 20)
	f := func(payload string, ok bool) {
		t.Helper()
		if err := s.restore(kindMetricData, []byte(payload)); (err == nil) != ok {
			t.Errorf("%s: %v", payload, err)
		}
	}
	f(`{"namespace":"N","data":[{"MetricName":"m","Timestamp":1795000000.5,"Value":1e300}]}`, true)
	f(`{"namespace":"N","data":[{"MetricName":"m","Value":1}]}`, false)
	f(`{"namespace"`, false)
	if c := s.counts(); c.items != 1 {
		t.Errorf("%+v", c)
	}
}

func BenchmarkMetricStore_add(b *testing.B) {
	s := newMetricStore(256 << 20)
	now := time.Now()
	data := make([]metricDatum, 1000)
	for i := range data {
		name, value := "latency", "web"
		data[i] = testDatum(name, now, float64(i), 60)
		route := fmt.Sprint("/route/", i%50)
		data[i].Dimensions = []metricDimension{{&name, &value}, {&value, &route}}
	}
	b.ReportAllocs()
	for b.Loop() {
		addMetrics(s, now, data...)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/datum")
}
