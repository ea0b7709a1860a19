package bench

import (
	"math"
	"regexp"
	"strconv"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsemfexporter"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/metrics"
)

// A metricReader reads the collector's metrics as package metrics takes them,
// with one Metric and one Point for all.
type metricReader struct {
	add       func(*metrics.Metric, *metrics.Point)
	metric    metrics.Metric
	point     metrics.Point
	compat    bool
	namespace string
	texts     map[string]string
	text      []byte
}

func (r *metricReader) read(md pmetric.Metrics) {
	for _, rm := range md.ResourceMetrics().All() {
		r.metric.Resource = resourceOf(rm.Resource(), r.namespace)
		for _, sm := range rm.ScopeMetrics().All() {
			r.metric.Scope = sm.Scope().Name()
			for _, m := range sm.Metrics().All() {
				r.metric.Name, r.metric.Unit = m.Name(), m.Unit()
				r.points(m)
			}
		}
	}
}

// resourceOf names a resource's metrics as the awsemf exporter does, which may
// have a namespace of its own.
func resourceOf(resource pcommon.Resource, own string) *metrics.Resource {
	r := &metrics.Resource{}
	for name, v := range resource.Attributes().All() {
		r.Labels = append(r.Labels, metrics.Label{Name: name, Value: v.AsString()})
	}
	service, _ := resource.Attributes().Get("service.name")
	namespace, ok := resource.Attributes().Get("service.namespace")
	if r.Namespace = service.Str(); ok {
		r.Namespace = namespace.Str() + "/" + service.Str()
	}
	if own != "" {
		r.Namespace = own
	}
	receiver, ok := resource.Attributes().Get("receiver")
	r.Prometheus = ok && receiver.Str() == "prometheus"
	return r
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

// aPoint is what the points of all kinds have.
type aPoint interface {
	Attributes() pcommon.Map
	StartTimestamp() pcommon.Timestamp
	Timestamp() pcommon.Timestamp
	Flags() pmetric.DataPointFlags
}

func (r *metricReader) next(dp aPoint) *metrics.Point {
	p := &r.point
	labels, quantiles := p.Labels[:0], p.Quantiles[:0]
	for name, v := range dp.Attributes().All() {
		labels = append(labels, metrics.Label{Name: name, Value: r.valueText(v)})
	}
	bounds, buckets, positive, negative := p.Bounds[:0], p.Buckets[:0], p.Positive.Counts[:0], p.Negative.Counts[:0]
	*p = metrics.Point{
		Labels: labels, Quantiles: quantiles, Bounds: bounds, Buckets: buckets,
		Positive: metrics.PowerBuckets{Counts: positive}, Negative: metrics.PowerBuckets{Counts: negative},
		Start: timeOf(dp.StartTimestamp()), Time: timeOf(dp.Timestamp()), Missing: dp.Flags().NoRecordedValue(),
	}
	return p
}

// maxTexts is how many texts of numbers are remembered.
const maxTexts = 10_000

// valueText is a label's value as text, which for whole numbers is remembered.
func (r *metricReader) valueText(v pcommon.Value) string {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return v.Str()
	case pcommon.ValueTypeInt:
		r.text = strconv.AppendInt(r.text[:0], v.Int(), 10)
		if known, ok := r.texts[string(r.text)]; ok {
			return known
		}
		if r.texts == nil || len(r.texts) >= maxTexts {
			r.texts = map[string]string{}
		}
		r.texts[string(r.text)] = string(r.text)
	}
	return v.AsString()
}

func (r *metricReader) numbers(list pmetric.NumberDataPointSlice) {
	for _, dp := range list.All() {
		p := r.next(dp)
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
	for _, dp := range list.All() {
		p := r.next(dp)
		p.Count, p.Sum, p.Min, p.Max = dp.Count(), dp.Sum(), r.known(dp.HasMin(), dp.Min()), r.known(dp.HasMax(), dp.Max())
		p.Bounds, p.Buckets = appendAll(p.Bounds, dp.ExplicitBounds()), appendAll(p.Buckets, dp.BucketCounts())
		r.add(&r.metric, p)
	}
}

func (r *metricReader) exponentials(list pmetric.ExponentialHistogramDataPointSlice) {
	for _, dp := range list.All() {
		p := r.next(dp)
		p.Count, p.Sum, p.Min, p.Max = dp.Count(), dp.Sum(), r.known(dp.HasMin(), dp.Min()), r.known(dp.HasMax(), dp.Max())
		p.Scale, p.ZeroCount, p.ZeroThreshold = dp.Scale(), dp.ZeroCount(), dp.ZeroThreshold()
		p.Positive.Offset, p.Positive.Counts = dp.Positive().Offset(), appendAll(p.Positive.Counts, dp.Positive().BucketCounts())
		p.Negative.Offset, p.Negative.Counts = dp.Negative().Offset(), appendAll(p.Negative.Counts, dp.Negative().BucketCounts())
		r.add(&r.metric, p)
	}
}

func (r *metricReader) summaries(list pmetric.SummaryDataPointSlice) {
	for _, dp := range list.All() {
		p := r.next(dp)
		p.Count, p.Sum = dp.Count(), dp.Sum()
		for _, q := range dp.QuantileValues().All() {
			p.Quantiles = append(p.Quantiles, metrics.Quantile{Quantile: q.Quantile(), Value: q.Value()})
		}
		r.add(&r.metric, p)
	}
}

func appendAll[T any](dst []T, list interface {
	Len() int
	At(int) T
},
) []T {
	for i := range list.Len() {
		dst = append(dst, list.At(i))
	}
	return dst
}

// neverFits is a dimension set that no point has.
const neverFits = "\x00never"

// configOf is the awsemf exporter's settings as package metrics has them.
func configOf(c *awsemfexporter.Config) metrics.Config {
	ours := metrics.Config{
		Namespace: c.Namespace, Compat: true, ScopeDimension: "OTelLib", RetainFirst: c.RetainInitialValueOfDeltaMetric,
		DetailedSummaries: c.DetailedMetrics, JSONLabels: c.ParseJSONEncodedAttributeValues, DeclaredOnly: len(c.MetricDeclarations) > 0,
		MaxSeries: -1,
	}
	if c.ResourceToTelemetrySettings.Enabled {
		ours.ResourceAttributes = func(name attribute.Key) bool {
			return !c.ResourceToTelemetrySettings.ExcludeServiceAttributes ||
				name != "service.name" && name != "service.namespace" && name != "service.instance.id"
		}
	}
	rollUp := map[string]string{
		"ZeroAndSingleDimensionRollup": metrics.RollUpZeroAndSingle, "SingleDimensionRollupOnly": metrics.RollUpSingle,
	}[c.DimensionRollupOption]
	for _, d := range c.MetricDescriptors {
		ours.Declarations = append(ours.Declarations, metrics.Declaration{
			Metrics: []string{"/^" + regexp.QuoteMeta(d.MetricName) + "$/"}, Unit: d.Unit, OverwriteUnit: d.Overwrite,
		})
	}
	for _, d := range c.MetricDeclarations {
		one := metrics.Declaration{Dimensions: d.Dimensions, RollUp: rollUp}
		if len(one.Dimensions) == 0 {
			one.Dimensions = [][]string{{neverFits}}
		}
		for _, selector := range d.MetricNameSelectors {
			one.Metrics = append(one.Metrics, "/"+selector+"/")
		}
		for _, l := range d.LabelMatchers {
			one.Labels = append(one.Labels, metrics.LabelCondition{Names: l.LabelNames, Separator: l.Separator, Pattern: "/" + l.Regex + "/"})
		}
		ours.Declarations = append(ours.Declarations, one)
	}
	if len(c.MetricDeclarations) == 0 && rollUp != "" {
		ours.Declarations = append(ours.Declarations, metrics.Declaration{RollUp: rollUp})
	}
	return ours
}
