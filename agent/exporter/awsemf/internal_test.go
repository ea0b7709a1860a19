package awsemf

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/agent/internal/encoded"
	"github.com/updraft-otel/updraft/logs"
	"github.com/updraft-otel/updraft/metrics"
)

// TestAppendBefore rewrites documents in the format before _aws.
func TestAppendBefore(t *testing.T) {
	f := func(document, want string) {
		t.Helper()
		got := appendBefore([]byte("x"), []byte(document), 5)[1:]
		if string(got) != want || !json.Valid(got) {
			t.Errorf("%s becomes %s, want %s", document, got, want)
		}
	}
	f(`{"_aws":{"CloudWatchMetrics":[{"Metrics":[{"Name":"],\"Timestamp\":5}"}]}],"Timestamp":5},"a":"b","m":1}`,
		`{"Timestamp":"5","Version":"0","CloudWatchMetrics":[{"Metrics":[{"Name":"],\"Timestamp\":5}"}]}],"a":"b","m":1}`)
	f(`{"_aws":{"CloudWatchMetrics":[{}],"Timestamp":5},"m":1}`, `{"Timestamp":"5","Version":"0","CloudWatchMetrics":[{}],"m":1}`)
	f(`{"_aws":{"CloudWatchMetrics":[{}],"Timestamp":5},"j":{"a":1,"Version":"1"},"Version":"1","m":1}`,
		`{"Timestamp":"5","Version":"0","CloudWatchMetrics":[{}],"j":{"a":1,"Version":"1"},"m":1}`)
	f(`{"a":"b"}`, `{"Timestamp":"5","a":"b"}`)
	f(`{}`, `{"Timestamp":"5"}`)
}

// TestEncoder_allocations counts what a push costs once its series are known.
func TestEncoder_allocations(t *testing.T) {
	c := defaultConfig().(*Config)
	e, err := newEncoder(c, newTargets(c, "stream"), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	md := agenttest.Metrics("requests", 1000, 1)
	var pool encoded.Pool
	encode := func() {
		l := pool.Get()
		defer pool.Put(l)
		e.encode(md, l, func(reason string, n int) { t.Errorf("%d dropped for %s", n, reason) }, panicked(t))
	}
	encode()
	if n := testing.AllocsPerRun(10, encode); n > 100 {
		t.Errorf("%v allocations for 1000 points, want next to none", n)
	}
}

func panicked(t testing.TB) func(int, error) {
	return func(n int, why error) { t.Errorf("%d points: %v", n, why) }
}

// TestEncoder_startsAnew has the writing of documents panic: the next push has an encoder that works.
func TestEncoder_startsAnew(t *testing.T) {
	c := defaultConfig().(*Config)
	e, err := newEncoder(c, newTargets(c, "stream"), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	e.emf = nil
	md := agenttest.Metrics("requests", 10, 1)
	lost := 0
	var pool encoded.Pool
	for _, want := range []int{0, 10} {
		l := pool.Get()
		e.encode(md, l, func(reason string, n int) { t.Errorf("%d dropped for %s", n, reason) }, func(n int, why error) {
			lost += n
			if want > 0 {
				t.Errorf("%d points: %v", n, why)
			}
		})
		if l.Len() != want {
			t.Errorf("%d documents, want %d", l.Len(), want)
		}
		pool.Put(l)
	}
	if lost < 10 {
		t.Errorf("%d points lost, want all 10", lost)
	}
}

// BenchmarkEncoder makes documents of a batch of requests as the SDK of a service sends them.
func BenchmarkEncoder(b *testing.B) {
	c := defaultConfig().(*Config)
	e, err := newEncoder(c, newTargets(c, "stream"), zap.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	md := serviceMetrics(33)
	points := md.DataPointCount()
	var pool encoded.Pool
	b.ReportAllocs()
	for b.Loop() {
		l := pool.Get()
		e.encode(md, l, func(string, int) {}, panicked(b))
		pool.Put(l)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(points), "ns/point")
}

// serviceMetrics are requests of 6 instruments with 20 series each, two of them histograms.
func serviceMetrics(requests int) pmetric.Metrics {
	md := pmetric.NewMetrics()
	for k := range requests {
		at := pcommon.NewTimestampFromTime(time.Now().Add(time.Duration(k) * 6 * time.Millisecond))
		rm := md.ResourceMetrics().AppendEmpty()
		rm.Resource().Attributes().PutStr("service.name", "orders")
		sm := rm.ScopeMetrics().AppendEmpty()
		sm.Scope().SetName("shop/orders")
		for i := range 6 {
			m := sm.Metrics().AppendEmpty()
			m.SetName(fmt.Sprint("orders.measure", i))
			if i%3 == 0 {
				m.SetUnit("s")
				m.SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
			} else {
				m.SetEmptyGauge()
			}
			for n := range 20 {
				var labels pcommon.Map
				if i%3 == 0 {
					labels = duration(m.Histogram().DataPoints().AppendEmpty(), at)
				} else {
					p := m.Gauge().DataPoints().AppendEmpty()
					p.SetTimestamp(at)
					p.SetIntValue(int64(17 + n))
					labels = p.Attributes()
				}
				labels.PutStr("http.route", fmt.Sprint("/orders/", n%5))
				labels.PutStr("http.request.method", []string{"GET", "POST"}[n%2])
				labels.PutStr("tenant", fmt.Sprint("tenant-", n))
			}
		}
	}
	return md
}

// duration makes p a distribution, and returns its attributes.
func duration(p pmetric.HistogramDataPoint, at pcommon.Timestamp) pcommon.Map {
	p.SetTimestamp(at)
	p.ExplicitBounds().FromRaw([]float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10})
	p.BucketCounts().FromRaw([]uint64{0, 1, 7, 22, 30, 14, 9, 3, 1, 0, 1, 0, 0, 0, 0})
	p.SetCount(88)
	p.SetSum(7.31)
	p.SetMin(0.007)
	p.SetMax(1.9)
	return p.Attributes()
}

// TestTarget_longNames remembers no more of an attribute than the name of a log stream has room for.
func TestTarget_longNames(t *testing.T) {
	targets := newTargets(&Config{LogGroupName: "/g/{ServiceName}", LogStreamName: "{TaskId}"}, "stream")
	long := strings.Repeat("x", 1<<20)
	resource := pcommon.NewMap()
	resource.PutStr("service.name", long)
	of := targets.new(resource)
	for i := range 3 {
		labels := []metrics.Label{{Name: "TaskId", Value: fmt.Sprint(i, long)}}
		if n := len(of.with(labels).Key); n > logs.MaxGroupName+logs.MaxStreamName+len(keySeparator) {
			t.Errorf("%d bytes of names", n)
		}
	}
}
