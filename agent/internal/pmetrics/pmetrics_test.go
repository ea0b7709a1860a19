package pmetrics_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/updraft-otel/updraft/agent/internal/pmetrics"
	"github.com/updraft-otel/updraft/metrics"
)

var (
	start = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	end   = start.Add(time.Minute)
)

// one is a request with one metric, which fill makes.
func one(fill func(pmetric.Metric)) pmetric.Metrics {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "orders")
	sm := rm.ScopeMetrics().AppendEmpty()
	sm.Scope().SetName("scope")
	m := sm.Metrics().AppendEmpty()
	m.SetName("m")
	m.SetUnit("ms")
	fill(m)
	return md
}

// stamp fills in what all points have.
func stamp(dp interface {
	Attributes() pcommon.Map
	SetStartTimestamp(pcommon.Timestamp)
	SetTimestamp(pcommon.Timestamp)
},
) {
	dp.Attributes().PutStr("route", "/")
	dp.Attributes().PutInt("status", 200)
	dp.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
	dp.SetTimestamp(pcommon.NewTimestampFromTime(end))
}

var labels = []metrics.Label{{Name: "route", Value: "/"}, {Name: "status", Value: "200"}}

// TestReader_each takes one point of each kind.
func TestReader_each(t *testing.T) {
	f := func(md pmetric.Metrics, wantMetric metrics.Metric, wantPoint metrics.Point) {
		t.Helper()
		wantMetric.Scope, wantMetric.Name, wantMetric.Unit = "scope", "m", "ms"
		wantPoint.Labels, wantPoint.Start, wantPoint.Time = labels, start, end
		n := 0
		r := pmetrics.Reader{}
		for range 2 { // the second time in the memory of the first
			r.Each(md, func(m *metrics.Metric, p *metrics.Point) {
				n++
				if got, want := fmt.Sprintf("%+v %+v", *m, *p), fmt.Sprintf("%+v %+v", wantMetric, wantPoint); got != want {
					t.Errorf("%s\nwant %s", got, want)
				}
			}, nil)
		}
		if n != 2 {
			t.Errorf("%d points, want 2", n)
		}
	}
	f(one(func(m pmetric.Metric) {
		dp := m.SetEmptyGauge().DataPoints().AppendEmpty()
		stamp(dp)
		dp.SetDoubleValue(1.5)
	}), metrics.Metric{Kind: metrics.KindGauge}, metrics.Point{Value: 1.5})
	f(one(func(m pmetric.Metric) { // a point without a value
		stamp(m.SetEmptyGauge().DataPoints().AppendEmpty())
	}), metrics.Metric{Kind: metrics.KindGauge}, metrics.Point{Missing: true})
	f(one(func(m pmetric.Metric) {
		sum := m.SetEmptySum()
		sum.SetIsMonotonic(true)
		sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		dp := sum.DataPoints().AppendEmpty()
		stamp(dp)
		dp.SetIntValue(7)
		dp.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	}), metrics.Metric{Kind: metrics.KindSum, Cumulative: true, Monotonic: true}, metrics.Point{Value: 7, Missing: true})
	f(one(func(m pmetric.Metric) {
		h := m.SetEmptyHistogram()
		h.SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
		dp := h.DataPoints().AppendEmpty()
		stamp(dp)
		dp.SetCount(3)
		dp.SetSum(9)
		dp.SetMax(5)
		dp.ExplicitBounds().FromRaw([]float64{1, 10})
		dp.BucketCounts().FromRaw([]uint64{1, 2, 0})
	}), metrics.Metric{Kind: metrics.KindHistogram}, metrics.Point{
		Count: 3, Sum: 9, Min: math.NaN(), Max: 5, Bounds: []float64{1, 10}, Buckets: []uint64{1, 2, 0},
	})
	f(one(func(m pmetric.Metric) {
		h := m.SetEmptyExponentialHistogram()
		h.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		dp := h.DataPoints().AppendEmpty()
		stamp(dp)
		dp.SetCount(6)
		dp.SetMin(-2)
		dp.SetScale(3)
		dp.SetZeroCount(1)
		dp.SetZeroThreshold(0.5)
		dp.Positive().SetOffset(4)
		dp.Positive().BucketCounts().FromRaw([]uint64{2})
		dp.Negative().SetOffset(-4)
		dp.Negative().BucketCounts().FromRaw([]uint64{1, 2})
	}), metrics.Metric{Kind: metrics.KindExponential, Cumulative: true}, metrics.Point{
		Count: 6, Sum: math.NaN(), Min: -2, Max: math.NaN(), Scale: 3, ZeroCount: 1, ZeroThreshold: 0.5,
		Positive: metrics.PowerBuckets{Offset: 4, Counts: []uint64{2}}, Negative: metrics.PowerBuckets{Offset: -4, Counts: []uint64{1, 2}},
	})
	f(one(func(m pmetric.Metric) {
		dp := m.SetEmptySummary().DataPoints().AppendEmpty()
		stamp(dp)
		dp.SetCount(4)
		dp.SetSum(8)
		q := dp.QuantileValues().AppendEmpty()
		q.SetQuantile(0.5)
		q.SetValue(2)
	}), metrics.Metric{Kind: metrics.KindSummary, Cumulative: true}, metrics.Point{
		Count: 4, Sum: 8, Quantiles: []metrics.Quantile{{Quantile: 0.5, Value: 2}},
	})
}

// TestReader_zeroUnknown takes zero for what a histogram does not have.
func TestReader_zeroUnknown(t *testing.T) {
	md := one(func(m pmetric.Metric) { stamp(m.SetEmptyHistogram().DataPoints().AppendEmpty()) })
	r := pmetrics.Reader{ZeroUnknown: true}
	r.Each(md, func(_ *metrics.Metric, p *metrics.Point) {
		if p.Sum != 0 || p.Min != 0 || p.Max != 0 {
			t.Errorf("%v %v %v, want zeros", p.Sum, p.Min, p.Max)
		}
	}, nil)
}

// TestReader_nothing passes over what has no points.
func TestReader_nothing(t *testing.T) {
	r := pmetrics.Reader{}
	r.Each(one(func(pmetric.Metric) {}), func(*metrics.Metric, *metrics.Point) { t.Error("a point of a metric without data") }, nil)
}

// TestReader_allocations counts what an ordinary request costs.
func TestReader_allocations(t *testing.T) {
	md := one(func(m pmetric.Metric) {
		for range 100 {
			dp := m.SetEmptyHistogram().DataPoints().AppendEmpty()
			stamp(dp)
			dp.ExplicitBounds().FromRaw([]float64{1, 10})
			dp.BucketCounts().FromRaw([]uint64{1, 2, 0})
		}
	})
	resources := pmetrics.NewResources(nil)
	r := pmetrics.Reader{Resource: resources.Of}
	add := func(*metrics.Metric, *metrics.Point) {}
	if n := testing.AllocsPerRun(100, func() { r.Each(md, add, nil) }); n > 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// TestResources has one resource for equal attributes, and others for others.
func TestResources(t *testing.T) {
	made := 0
	resources := pmetrics.NewResources(func(attributes pcommon.Map) *metrics.Resource {
		made++
		return &metrics.Resource{Labels: pmetrics.Labels(attributes)}
	})
	of := func(keys map[string]any) *metrics.Resource {
		t.Helper()
		m := pcommon.NewMap()
		if err := m.FromRaw(keys); err != nil {
			t.Fatal(err)
		}
		return resources.Of(m)
	}
	first := of(map[string]any{"a": "1"})
	if again := of(map[string]any{"a": "1"}); again != first || made != 1 {
		t.Errorf("made %d times", made)
	}
	if other := of(map[string]any{"a": 1}); other == first {
		t.Error("a number is taken for its text")
	}
	nested := of(map[string]any{"a": map[string]any{"b": []any{"c", true}}})
	if want := []metrics.Label{{Name: "a", Value: `{"b":["c",true]}`}}; !reflect.DeepEqual(nested.Labels, want) {
		t.Errorf("%v, want %v", nested.Labels, want)
	}
	deep := pcommon.NewMap()
	for in, i := deep.PutEmptySlice("a"), 0; i < 100_000; i++ {
		in = in.AppendEmpty().SetEmptySlice()
	}
	if labels := resources.Of(deep).Labels; len(labels) != 1 || labels[0].Value != "(nested too deep)" {
		t.Errorf("%.80v", labels)
	}
	if plain := pmetrics.NewResources(nil).Of(pcommon.NewMap()); plain == nil || len(plain.Labels) > 0 {
		t.Errorf("%v, want a resource without labels", plain)
	}
}
