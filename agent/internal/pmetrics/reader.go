package pmetrics

import (
	"math"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/updraft-otel/updraft/agent/internal/contain"
	"github.com/updraft-otel/updraft/metrics"
)

// A Reader reads metrics as Metric and Point, of which it has one each for all. It allocates nothing for a point whose
// attributes are texts, whole numbers it has seen, or flags. It must not be used from two goroutines at a time.
type Reader struct {
	// Resource makes the library's resource of the attributes of one; see Resources. Default: the points have none.
	Resource func(pcommon.Map) *metrics.Resource
	// ZeroUnknown takes zero for a sum, minimum or maximum that is not known, as the collector's awsemf exporter does,
	// instead of NaN.
	ZeroUnknown bool

	add    func(*metrics.Metric, *metrics.Point)
	added  int // points of the metric
	metric metrics.Metric
	point  metrics.Point
	texts  texts
}

// Each calls add with each point, which must keep nothing of what it is given but the metric's resource, until it has
// returned. Metrics without data are passed over. A panic, while points are read or in add, costs the point and those of its
// metric that follow, or all of a resource that can't be read: lost is told how many.
func (r *Reader) Each(md pmetric.Metrics, add func(*metrics.Metric, *metrics.Point), lost func(points int, why error)) {
	r.add = add
	for _, rm := range md.ResourceMetrics().All() {
		if err := contain.Call(func() { r.resource(rm) }); err != nil {
			lost(pointsOf(rm), err)
			continue
		}
		for _, sm := range rm.ScopeMetrics().All() {
			r.metric.Scope = sm.Scope().Name()
			for _, m := range sm.Metrics().All() {
				r.added = 0
				if err := contain.Call(func() { r.points(m) }); err != nil {
					lost(count(m)-r.added, err)
				}
			}
		}
	}
	r.add, r.metric = nil, metrics.Metric{}
}

func (r *Reader) resource(rm pmetric.ResourceMetrics) {
	r.metric.Resource = nil
	if r.Resource != nil {
		r.metric.Resource = r.Resource(rm.Resource().Attributes())
	}
}

func pointsOf(rm pmetric.ResourceMetrics) int {
	n := 0
	for _, sm := range rm.ScopeMetrics().All() {
		for _, m := range sm.Metrics().All() {
			n += count(m)
		}
	}
	return n
}

func count(m pmetric.Metric) int {
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		return m.Gauge().DataPoints().Len()
	case pmetric.MetricTypeSum:
		return m.Sum().DataPoints().Len()
	case pmetric.MetricTypeHistogram:
		return m.Histogram().DataPoints().Len()
	case pmetric.MetricTypeExponentialHistogram:
		return m.ExponentialHistogram().DataPoints().Len()
	case pmetric.MetricTypeSummary:
		return m.Summary().DataPoints().Len()
	}
	return 0
}

// end passes the point on.
func (r *Reader) end() {
	r.add(&r.metric, &r.point)
	r.added++
}

func (r *Reader) points(m pmetric.Metric) {
	r.metric.Name, r.metric.Unit = m.Name(), m.Unit()
	r.clear()
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		r.is(metrics.KindGauge, 0, false)
		r.numbers(m.Gauge().DataPoints())
	case pmetric.MetricTypeSum:
		r.is(metrics.KindSum, m.Sum().AggregationTemporality(), m.Sum().IsMonotonic())
		r.numbers(m.Sum().DataPoints())
	case pmetric.MetricTypeHistogram:
		r.is(metrics.KindHistogram, m.Histogram().AggregationTemporality(), false)
		r.histograms(m.Histogram().DataPoints())
	case pmetric.MetricTypeExponentialHistogram:
		r.is(metrics.KindExponential, m.ExponentialHistogram().AggregationTemporality(), false)
		r.exponentials(m.ExponentialHistogram().DataPoints())
	case pmetric.MetricTypeSummary:
		// Sums and counts of summaries are totals:
		// https://opentelemetry.io/docs/specs/otel/metrics/data-model/#summary-legacy
		r.is(metrics.KindSummary, pmetric.AggregationTemporalityCumulative, false)
		r.summaries(m.Summary().DataPoints())
	}
}

func (r *Reader) is(kind metrics.Kind, t pmetric.AggregationTemporality, monotonic bool) {
	r.metric.Kind, r.metric.Monotonic = kind, monotonic
	r.metric.Cumulative = t == pmetric.AggregationTemporalityCumulative
}

// clear makes the point anew, in the memory of the one before, for a metric of another kind.
func (r *Reader) clear() {
	p := &r.point
	*p = metrics.Point{
		Labels: p.Labels[:0], Quantiles: p.Quantiles[:0], Bounds: p.Bounds[:0], Buckets: p.Buckets[:0],
		Positive: metrics.PowerBuckets{Counts: p.Positive.Counts[:0]},
		Negative: metrics.PowerBuckets{Counts: p.Negative.Counts[:0]},
	}
}

// next gives the point what points of all kinds have. The others fill in all the members of their kind.
func (r *Reader) next(attributes pcommon.Map, start, at pcommon.Timestamp, flags pmetric.DataPointFlags) *metrics.Point {
	p := &r.point
	p.Start, p.Time, p.Missing = timeOf(start), timeOf(at), flags.NoRecordedValue()
	p.Labels = p.Labels[:0]
	for name, v := range attributes.All() {
		p.Labels = append(p.Labels, metrics.Label{Name: name, Value: r.texts.of(v)})
	}
	return p
}

// timeOf is a time, zero where there is none, as the collector has it.
func timeOf(t pcommon.Timestamp) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return t.AsTime()
}

func (r *Reader) numbers(list pmetric.NumberDataPointSlice) {
	for _, dp := range list.All() {
		p := r.next(dp.Attributes(), dp.StartTimestamp(), dp.Timestamp(), dp.Flags())
		switch dp.ValueType() {
		case pmetric.NumberDataPointValueTypeInt:
			p.Value = float64(dp.IntValue())
		case pmetric.NumberDataPointValueTypeDouble:
			p.Value = dp.DoubleValue()
		default:
			p.Value, p.Missing = 0, true
		}
		r.end()
	}
}

// known is a member of a histogram, or what stands for it where it is not known.
func (r *Reader) known(has bool, v float64) float64 {
	switch {
	case has:
		return v
	case r.ZeroUnknown:
		return 0
	}
	return math.NaN()
}

func (r *Reader) histograms(list pmetric.HistogramDataPointSlice) {
	for _, dp := range list.All() {
		p := r.next(dp.Attributes(), dp.StartTimestamp(), dp.Timestamp(), dp.Flags())
		p.Count, p.Sum = dp.Count(), r.known(dp.HasSum(), dp.Sum())
		p.Min, p.Max = r.known(dp.HasMin(), dp.Min()), r.known(dp.HasMax(), dp.Max())
		p.Bounds = appendFloats(p.Bounds[:0], dp.ExplicitBounds())
		p.Buckets = appendCounts(p.Buckets[:0], dp.BucketCounts())
		r.end()
	}
}

func (r *Reader) exponentials(list pmetric.ExponentialHistogramDataPointSlice) {
	for _, dp := range list.All() {
		p := r.next(dp.Attributes(), dp.StartTimestamp(), dp.Timestamp(), dp.Flags())
		p.Count, p.Sum = dp.Count(), r.known(dp.HasSum(), dp.Sum())
		p.Min, p.Max = r.known(dp.HasMin(), dp.Min()), r.known(dp.HasMax(), dp.Max())
		p.Scale, p.ZeroCount, p.ZeroThreshold = dp.Scale(), dp.ZeroCount(), dp.ZeroThreshold()
		p.Positive.Offset = dp.Positive().Offset()
		p.Positive.Counts = appendCounts(p.Positive.Counts[:0], dp.Positive().BucketCounts())
		p.Negative.Offset = dp.Negative().Offset()
		p.Negative.Counts = appendCounts(p.Negative.Counts[:0], dp.Negative().BucketCounts())
		r.end()
	}
}

func (r *Reader) summaries(list pmetric.SummaryDataPointSlice) {
	for _, dp := range list.All() {
		p := r.next(dp.Attributes(), dp.StartTimestamp(), dp.Timestamp(), dp.Flags())
		p.Count, p.Sum = dp.Count(), dp.Sum()
		p.Quantiles = p.Quantiles[:0]
		for _, q := range dp.QuantileValues().All() {
			p.Quantiles = append(p.Quantiles, metrics.Quantile{Quantile: q.Quantile(), Value: q.Value()})
		}
		r.end()
	}
}

func appendFloats(dst []float64, list pcommon.Float64Slice) []float64 {
	for _, v := range list.All() {
		dst = append(dst, v)
	}
	return dst
}

func appendCounts(dst []uint64, list pcommon.UInt64Slice) []uint64 {
	for _, v := range list.All() {
		dst = append(dst, v)
	}
	return dst
}
