package bench

import (
	"math"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/updraft-otel/updraft/metrics"
)

// A metricReader reads the collector's metrics as package metrics takes them,
// with one Metric and one Point for all, and in a steady state without a new
// piece of memory.
type metricReader struct {
	add       func(*metrics.Metric, *metrics.Point)
	metric    metrics.Metric
	point     metrics.Point
	compat    bool
	namespace string
	texts     valueTexts
	resources []metrics.Resource
}

func (r *metricReader) read(md pmetric.Metrics) {
	list := md.ResourceMetrics()
	r.resources = slices.Grow(r.resources[:0], list.Len())[:list.Len()]
	for i := range list.Len() {
		r.metric.Resource = &r.resources[i]
		r.resource(r.metric.Resource, list.At(i).Resource().Attributes())
		scopes := list.At(i).ScopeMetrics()
		for k := range scopes.Len() {
			r.metric.Scope = scopes.At(k).Scope().Name()
			r.list(scopes.At(k).Metrics())
		}
	}
}

func (r *metricReader) list(list pmetric.MetricSlice) {
	for i := range list.Len() {
		m := list.At(i)
		r.metric.Name, r.metric.Unit = m.Name(), m.Unit()
		r.points(m)
	}
}

// resource names a resource's metrics as the awsemf exporter does, which may
// have a namespace of its own.
func (r *metricReader) resource(to *metrics.Resource, attrs pcommon.Map) {
	to.Labels = r.labels(to.Labels[:0], attrs)
	to.Namespace = r.namespace
	if to.Namespace == "" {
		to.Namespace = r.serviceNamespace(attrs)
	}
	receiver, ok := attrs.Get("receiver")
	to.Prometheus = ok && receiver.Str() == "prometheus"
}

// serviceNamespace is the namespace of metrics of a service.
func (r *metricReader) serviceNamespace(attrs pcommon.Map) string {
	text := func(name string) string {
		v, _ := attrs.Get(name)
		return v.Str()
	}
	namespace, name := text("service.namespace"), text("service.name")
	switch {
	case namespace == "" && name == "":
		return "default"
	case namespace == "":
		return name
	case name == "":
		return namespace
	}
	return r.texts.joined(namespace, name)
}

func (r *metricReader) points(m pmetric.Metric) {
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
		r.is(metrics.KindSummary, pmetric.AggregationTemporalityCumulative, false)
		r.summaries(m.Summary().DataPoints())
	}
}

func (r *metricReader) is(kind metrics.Kind, t pmetric.AggregationTemporality, monotonic bool) {
	r.metric.Kind, r.metric.Monotonic = kind, monotonic
	r.metric.Cumulative = t == pmetric.AggregationTemporalityCumulative
}

// next makes the point anew, in the memory it has.
func (r *metricReader) next(attrs pcommon.Map, start, at pcommon.Timestamp, flags pmetric.DataPointFlags) *metrics.Point {
	p := &r.point
	*p = metrics.Point{
		Labels: r.labels(p.Labels[:0], attrs), Quantiles: p.Quantiles[:0], Bounds: p.Bounds[:0], Buckets: p.Buckets[:0],
		Positive: metrics.PowerBuckets{Counts: p.Positive.Counts[:0]}, Negative: metrics.PowerBuckets{Counts: p.Negative.Counts[:0]},
		Start: timeOf(start), Time: timeOf(at), Missing: flags.NoRecordedValue(),
	}
	return p
}

func (r *metricReader) labels(labels []metrics.Label, attrs pcommon.Map) []metrics.Label {
	for name, v := range attrs.All() {
		labels = append(labels, metrics.Label{Name: name, Value: r.texts.of(v)})
	}
	return labels
}

func (r *metricReader) numbers(list pmetric.NumberDataPointSlice) {
	for i := range list.Len() {
		dp := list.At(i)
		p := r.next(dp.Attributes(), dp.StartTimestamp(), dp.Timestamp(), dp.Flags())
		if p.Value = dp.DoubleValue(); dp.ValueType() == pmetric.NumberDataPointValueTypeInt {
			p.Value = float64(dp.IntValue())
		}
		r.add(&r.metric, p)
	}
}

// known is a member of a histogram, or what stands for it where it is not known:
// NaN, or under Compat zero, as the collector has it.
func (r *metricReader) known(has bool, v float64) float64 {
	if !has && !r.compat {
		return math.NaN()
	}
	return v
}

func (r *metricReader) histograms(list pmetric.HistogramDataPointSlice) {
	for i := range list.Len() {
		dp := list.At(i)
		p := r.next(dp.Attributes(), dp.StartTimestamp(), dp.Timestamp(), dp.Flags())
		p.Count, p.Sum, p.Min, p.Max = dp.Count(), dp.Sum(), r.known(dp.HasMin(), dp.Min()), r.known(dp.HasMax(), dp.Max())
		p.Bounds, p.Buckets = appendFloats(p.Bounds, dp.ExplicitBounds()), appendCounts(p.Buckets, dp.BucketCounts())
		r.add(&r.metric, p)
	}
}

func (r *metricReader) exponentials(list pmetric.ExponentialHistogramDataPointSlice) {
	for i := range list.Len() {
		dp := list.At(i)
		p := r.next(dp.Attributes(), dp.StartTimestamp(), dp.Timestamp(), dp.Flags())
		p.Count, p.Sum, p.Min, p.Max = dp.Count(), dp.Sum(), r.known(dp.HasMin(), dp.Min()), r.known(dp.HasMax(), dp.Max())
		p.Scale, p.ZeroCount, p.ZeroThreshold = dp.Scale(), dp.ZeroCount(), dp.ZeroThreshold()
		p.Positive.Offset, p.Positive.Counts = dp.Positive().Offset(), appendCounts(p.Positive.Counts, dp.Positive().BucketCounts())
		p.Negative.Offset, p.Negative.Counts = dp.Negative().Offset(), appendCounts(p.Negative.Counts, dp.Negative().BucketCounts())
		r.add(&r.metric, p)
	}
}

func (r *metricReader) summaries(list pmetric.SummaryDataPointSlice) {
	for i := range list.Len() {
		dp := list.At(i)
		p := r.next(dp.Attributes(), dp.StartTimestamp(), dp.Timestamp(), dp.Flags())
		p.Count, p.Sum = dp.Count(), dp.Sum()
		quantiles := dp.QuantileValues()
		for k := range quantiles.Len() {
			q := quantiles.At(k)
			p.Quantiles = append(p.Quantiles, metrics.Quantile{Quantile: q.Quantile(), Value: q.Value()})
		}
		r.add(&r.metric, p)
	}
}

func appendFloats(dst []float64, list pcommon.Float64Slice) []float64 {
	for i := range list.Len() {
		dst = append(dst, list.At(i))
	}
	return dst
}

func appendCounts(dst []uint64, list pcommon.UInt64Slice) []uint64 {
	for i := range list.Len() {
		dst = append(dst, list.At(i))
	}
	return dst
}
