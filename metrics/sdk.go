package metrics

import (
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// sdkPoints reads an SDK's metrics as Metric and Point, of which it has one
// each for all.
type sdkPoints struct {
	add    func(*Metric, *Point)
	metric Metric
	point  Point
	at     time.Time // of the first point of this collection
	labels map[attribute.Distinct][]Label
}

// maxKnownSets is how many attribute sets are remembered as labels.
const maxKnownSets = 100_000

func (s *sdkPoints) each(rm *metricdata.ResourceMetrics) {
	if s.labels == nil || len(s.labels) > maxKnownSets {
		s.labels = map[attribute.Distinct][]Label{}
	}
	s.metric.Resource, s.at = nil, time.Time{}
	if rm.Resource != nil && rm.Resource.Len() > 0 {
		s.metric.Resource = &Resource{Labels: s.labelsOf(rm.Resource.Set())}
	}
	for i := range rm.ScopeMetrics {
		scope := &rm.ScopeMetrics[i]
		s.metric.Scope = scope.Scope.Name
		for j := range scope.Metrics {
			m := &scope.Metrics[j]
			s.metric.Name, s.metric.Unit = m.Name, m.Unit
			s.points(m.Data)
		}
	}
}

func (s *sdkPoints) points(data metricdata.Aggregation) {
	switch data := data.(type) {
	case metricdata.Gauge[int64]:
		numbers(s.is(KindGauge, 0, false), data.DataPoints)
	case metricdata.Gauge[float64]:
		numbers(s.is(KindGauge, 0, false), data.DataPoints)
	case metricdata.Sum[int64]:
		numbers(s.is(KindSum, data.Temporality, data.IsMonotonic), data.DataPoints)
	case metricdata.Sum[float64]:
		numbers(s.is(KindSum, data.Temporality, data.IsMonotonic), data.DataPoints)
	case metricdata.Histogram[int64]:
		histograms(s.is(KindHistogram, data.Temporality, false), data.DataPoints)
	case metricdata.Histogram[float64]:
		histograms(s.is(KindHistogram, data.Temporality, false), data.DataPoints)
	case metricdata.ExponentialHistogram[int64]:
		exponentials(s.is(KindExponential, data.Temporality, false), data.DataPoints)
	case metricdata.ExponentialHistogram[float64]:
		exponentials(s.is(KindExponential, data.Temporality, false), data.DataPoints)
	case metricdata.Summary:
		s.summaries(data.DataPoints)
	}
}

func (s *sdkPoints) is(kind Kind, t metricdata.Temporality, monotonic bool) *sdkPoints {
	s.metric.Kind, s.metric.Monotonic = kind, monotonic
	s.metric.Cumulative = t == metricdata.CumulativeTemporality
	return s
}

// next makes the point anew.
func (s *sdkPoints) next(attrs attribute.Set, start, at time.Time) *Point {
	s.point = Point{Labels: s.labelsOf(&attrs), Start: start, Time: s.collected(at), Quantiles: s.point.Quantiles[:0]}
	return &s.point
}

// maxCollection is how far apart the points of one collection may be. It is the
// shortest period that CloudWatch has; a producer may add points of other times.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/publishingMetrics.html#high-resolution-metrics
const maxCollection = HighResolution * time.Second

// collected is the time of a collection's first point for all of its points: the
// SDK reads the clock for each instrument, and points that are a millisecond
// apart could not share a document.
func (s *sdkPoints) collected(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	if s.at.IsZero() {
		s.at = at
	}
	if at.Sub(s.at).Abs() < maxCollection {
		return s.at
	}
	return at
}

func (s *sdkPoints) labelsOf(attrs *attribute.Set) []Label {
	key := attrs.Equivalent()
	if labels, ok := s.labels[key]; ok {
		return labels
	}
	labels := make([]Label, 0, attrs.Len())
	for iter := attrs.Iter(); iter.Next(); {
		kv := iter.Attribute()
		labels = append(labels, Label{string(kv.Key), kv.Value.String()})
	}
	s.labels[key] = labels
	return labels
}

func numbers[N int64 | float64](s *sdkPoints, dps []metricdata.DataPoint[N]) {
	for i := range dps {
		p := s.next(dps[i].Attributes, dps[i].StartTime, dps[i].Time)
		p.Value = float64(dps[i].Value)
		s.add(&s.metric, p)
	}
}

func histograms[N int64 | float64](s *sdkPoints, dps []metricdata.HistogramDataPoint[N]) {
	for i := range dps {
		d := &dps[i]
		p := s.next(d.Attributes, d.StartTime, d.Time)
		p.Count, p.Sum, p.Min, p.Max = d.Count, float64(d.Sum), extremum(d.Min), extremum(d.Max)
		p.Bounds, p.Buckets = d.Bounds, d.BucketCounts
		s.add(&s.metric, p)
	}
}

func exponentials[N int64 | float64](s *sdkPoints, dps []metricdata.ExponentialHistogramDataPoint[N]) {
	for i := range dps {
		d := &dps[i]
		p := s.next(d.Attributes, d.StartTime, d.Time)
		p.Count, p.Sum, p.Min, p.Max = d.Count, float64(d.Sum), extremum(d.Min), extremum(d.Max)
		p.Scale, p.ZeroCount, p.ZeroThreshold = d.Scale, d.ZeroCount, d.ZeroThreshold
		p.Positive = PowerBuckets{d.PositiveBucket.Offset, d.PositiveBucket.Counts}
		p.Negative = PowerBuckets{d.NegativeBucket.Offset, d.NegativeBucket.Counts}
		s.add(&s.metric, p)
	}
}

// summaries come from bridges alone, whose sums and counts are totals:
// https://opentelemetry.io/docs/specs/otel/metrics/data-model/#summary-legacy
func (s *sdkPoints) summaries(dps []metricdata.SummaryDataPoint) {
	s.is(KindSummary, metricdata.CumulativeTemporality, false)
	for i := range dps {
		d := &dps[i]
		p := s.next(d.Attributes, d.StartTime, d.Time)
		p.Count, p.Sum = d.Count, d.Sum
		for _, q := range d.QuantileValues {
			p.Quantiles = append(p.Quantiles, Quantile{q.Quantile, q.Value})
		}
		s.add(&s.metric, p)
	}
}

// extremum is a histogram's min or max, NaN where it has none to rely on.
func extremum[N int64 | float64](e metricdata.Extrema[N]) float64 {
	if v, ok := e.Value(); ok {
		return float64(v)
	}
	return math.NaN()
}

// points counts the points of data, whatever its kind.
func points(data metricdata.Aggregation) int {
	n := 0
	counted := sdkPoints{add: func(*Metric, *Point) { n++ }, labels: map[attribute.Distinct][]Label{}}
	counted.points(data)
	return n
}
