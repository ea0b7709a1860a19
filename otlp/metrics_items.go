package otlp

import (
	"iter"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// MetricItems ranges over the data points of rm, each with its time and as the
// item that travels to [AppendMetrics]. An item is good until the next one. The
// resource is not in them: its key is made by [AppendResource].
func MetricItems(rm *metricdata.ResourceMetrics) iter.Seq2[time.Time, []byte] {
	return func(yield func(time.Time, []byte) bool) {
		e := metricEncoder{yield: yield}
		e.encode(rm)
	}
}

// A metricEncoder makes items. Its buffer holds scope, metric and point; of
// those the first two stay while the points change.
type metricEncoder struct {
	buf    []byte
	scope  int // how long the scope's part is
	prefix int // how long the parts of scope and metric are
	yield  func(time.Time, []byte) bool
	done   bool // yield wants no more

	limits *metricLimits // may be nil
	counts labelCounts   // of what a point inherits
}

func (e *metricEncoder) encode(rm *metricdata.ResourceMetrics) {
	e.done = false
	for i := range rm.ScopeMetrics {
		s := &rm.ScopeMetrics[i]
		scope := Scope{Name: s.Scope.Name, Version: s.Scope.Version, Attributes: s.Scope.Attributes, SchemaURL: s.Scope.SchemaURL}
		e.buf = end(appendScope(append(e.buf[:0], 0), &scope), 1)
		e.scope = len(e.buf)
		if e.limits != nil {
			e.counts = e.limits.inherited(rm.Resource, &scope)
		}
		for k := range s.Metrics {
			if e.metric(&s.Metrics[k]); e.done {
				return
			}
		}
	}
}

func (e *metricEncoder) metric(m *metricdata.Metrics) {
	switch d := m.Data.(type) {
	case metricdata.Gauge[int64]:
		encodePoints(e, m, head{dataGauge, 0, false}, d.DataPoints, appendNumberPoint)
	case metricdata.Gauge[float64]:
		encodePoints(e, m, head{dataGauge, 0, false}, d.DataPoints, appendNumberPoint)
	case metricdata.Sum[int64]:
		encodePoints(e, m, head{dataSum, d.Temporality, d.IsMonotonic}, d.DataPoints, appendNumberPoint)
	case metricdata.Sum[float64]:
		encodePoints(e, m, head{dataSum, d.Temporality, d.IsMonotonic}, d.DataPoints, appendNumberPoint)
	case metricdata.Histogram[int64]:
		encodePoints(e, m, head{dataHistogram, d.Temporality, false}, d.DataPoints, appendHistogramPoint)
	case metricdata.Histogram[float64]:
		encodePoints(e, m, head{dataHistogram, d.Temporality, false}, d.DataPoints, appendHistogramPoint)
	case metricdata.ExponentialHistogram[int64]:
		encodePoints(e, m, head{dataExponentialHistogram, d.Temporality, false}, d.DataPoints, appendExponentialPoint)
	case metricdata.ExponentialHistogram[float64]:
		encodePoints(e, m, head{dataExponentialHistogram, d.Temporality, false}, d.DataPoints, appendExponentialPoint)
	case metricdata.Summary:
		encodePoints(e, m, head{dataSummary, 0, false}, d.DataPoints, appendSummaryPoint)
	}
}

// head is what a metric's head says besides names.
type head struct {
	data        byte
	temporality metricdata.Temporality
	monotonic   bool
}

func encodePoints[P any](e *metricEncoder, m *metricdata.Metrics, h head, points []P, appendPoint func([]byte, *P) []byte) {
	if len(points) == 0 {
		return
	}
	e.buf = append(e.buf[:e.scope], 0)
	e.buf = end(appendMetricHead(e.buf, m, h.data, h.temporality, h.monotonic), e.scope+1)
	e.prefix = len(e.buf)
	for i := range points {
		at, attributes := identity(&points[i])
		if e.limits != nil && !e.limits.allow(&e.counts, at, attributes) {
			continue
		}
		e.buf = appendPoint(e.buf[:e.prefix], &points[i])
		if !e.yield(at, e.buf) {
			e.done = true
			return
		}
	}
}

// identity is what all kinds of points have.
func identity(point any) (time.Time, *attribute.Set) {
	switch p := point.(type) {
	case *metricdata.DataPoint[int64]:
		return p.Time, &p.Attributes
	case *metricdata.DataPoint[float64]:
		return p.Time, &p.Attributes
	case *metricdata.HistogramDataPoint[int64]:
		return p.Time, &p.Attributes
	case *metricdata.HistogramDataPoint[float64]:
		return p.Time, &p.Attributes
	case *metricdata.ExponentialHistogramDataPoint[int64]:
		return p.Time, &p.Attributes
	case *metricdata.ExponentialHistogramDataPoint[float64]:
		return p.Time, &p.Attributes
	case *metricdata.SummaryDataPoint:
		return p.Time, &p.Attributes
	}
	return time.Time{}, attribute.EmptySet()
}
