package loadbalancing

import (
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// A metricsPart is one collector's share, and where the last data point of it came from.
type metricsPart struct {
	metrics pmetric.Metrics
	scope   pmetric.ScopeMetrics
	metric  pmetric.Metric
	r, s, m int
}

// A metricsSplit copies metrics to the shares of collectors.
type metricsSplit struct {
	pointKey
	choose  chooser
	parts   map[int]*metricsPart
	rm      pmetric.ResourceMetrics
	sm      pmetric.ScopeMetrics
	r, s, m int
}

// splitMetrics copies each data point to the share of the collector that its key belongs to.
func splitMetrics(data pmetric.Metrics, key *key, choose chooser) map[int]pmetric.Metrics {
	x := metricsSplit{pointKey: pointKey{key: key}, choose: choose, parts: map[int]*metricsPart{}}
	for x.r, x.rm = range data.ResourceMetrics().All() {
		x.resource(x.rm)
		for x.s, x.sm = range x.rm.ScopeMetrics().All() {
			x.scope(x.sm)
			var metric pmetric.Metric
			for x.m, metric = range x.sm.Metrics().All() {
				x.add(metric)
			}
		}
	}
	shares := make(map[int]pmetric.Metrics, len(x.parts))
	for owner, part := range x.parts {
		shares[owner] = part.metrics
	}
	return shares
}

// add copies a metric: whole, if its data points belong together, else point by point.
func (x *metricsSplit) add(from pmetric.Metric) {
	key, whole := x.metric(from)
	if whole {
		from.CopyTo(x.part(key).scope.Metrics().AppendEmpty())
		return
	}
	switch from.Type() {
	case pmetric.MetricTypeGauge:
		spread(x, from, from.Gauge().DataPoints(), func(m pmetric.Metric) pmetric.NumberDataPointSlice { return m.Gauge().DataPoints() })
	case pmetric.MetricTypeSum:
		spread(x, from, from.Sum().DataPoints(), func(m pmetric.Metric) pmetric.NumberDataPointSlice { return m.Sum().DataPoints() })
	case pmetric.MetricTypeHistogram:
		spread(x, from, from.Histogram().DataPoints(), func(m pmetric.Metric) pmetric.HistogramDataPointSlice { return m.Histogram().DataPoints() })
	case pmetric.MetricTypeExponentialHistogram:
		spread(x, from, from.ExponentialHistogram().DataPoints(), func(m pmetric.Metric) pmetric.ExponentialHistogramDataPointSlice {
			return m.ExponentialHistogram().DataPoints()
		})
	case pmetric.MetricTypeSummary:
		spread(x, from, from.Summary().DataPoints(), func(m pmetric.Metric) pmetric.SummaryDataPointSlice { return m.Summary().DataPoints() })
	}
}

// dataPoint and dataPoints are what the five kinds of data points have in common.
type dataPoint[P any] interface {
	Attributes() pcommon.Map
	CopyTo(P)
}

type dataPoints[P any] interface {
	Len() int
	At(int) P
	AppendEmpty() P
}

// spread copies the data points of a metric to the shares that they belong to.
func spread[P dataPoint[P], S dataPoints[P]](x *metricsSplit, from pmetric.Metric, points S, of func(pmetric.Metric) S) {
	for i := range points.Len() {
		p := points.At(i)
		part := x.part(x.point(p.Attributes()))
		if part.m != x.m {
			part.metric, part.m = part.scope.Metrics().AppendEmpty(), x.m
			copyHead(from, part.metric)
		}
		p.CopyTo(of(part.metric).AppendEmpty())
	}
}

// copyHead copies all of a metric but its data points.
func copyHead(from, to pmetric.Metric) {
	to.SetName(from.Name())
	to.SetDescription(from.Description())
	to.SetUnit(from.Unit())
	from.Metadata().CopyTo(to.Metadata())
	switch from.Type() {
	case pmetric.MetricTypeGauge:
		to.SetEmptyGauge()
	case pmetric.MetricTypeSum:
		sum := to.SetEmptySum()
		sum.SetIsMonotonic(from.Sum().IsMonotonic())
		sum.SetAggregationTemporality(from.Sum().AggregationTemporality())
	case pmetric.MetricTypeHistogram:
		to.SetEmptyHistogram().SetAggregationTemporality(from.Histogram().AggregationTemporality())
	case pmetric.MetricTypeExponentialHistogram:
		to.SetEmptyExponentialHistogram().SetAggregationTemporality(from.ExponentialHistogram().AggregationTemporality())
	case pmetric.MetricTypeSummary:
		to.SetEmptySummary()
	}
}

// part is the share that a key belongs to, ready to take something of this scope.
func (x *metricsSplit) part(key []byte) *metricsPart {
	owner := x.choose(key)
	part := x.parts[owner]
	if part == nil {
		part = &metricsPart{metrics: pmetric.NewMetrics(), r: -1}
		x.parts[owner] = part
	}
	if part.r != x.r || part.s != x.s {
		to := part.metrics.ResourceMetrics().AppendEmpty()
		x.rm.Resource().CopyTo(to.Resource())
		to.SetSchemaUrl(x.rm.SchemaUrl())
		part.scope = to.ScopeMetrics().AppendEmpty()
		x.sm.Scope().CopyTo(part.scope.Scope())
		part.scope.SetSchemaUrl(x.sm.SchemaUrl())
		part.r, part.s, part.m = x.r, x.s, -1
	}
	return part
}

// A pointKey makes the keys of data points, in one piece of memory: first what the resource has of it, then what the scope
// has, the metric, and the point.
type pointKey struct {
	*key
	buf                           []byte
	ofResource, ofScope, ofMetric int      // how much of buf they made
	missing, missingLast          []string // attributes that the resource does not have, and the scope neither
}

func (k *pointKey) resource(rm pmetric.ResourceMetrics) {
	k.buf, k.missing = k.buf[:0], nil
	switch k.by {
	case byService:
		k.buf = service(k.buf, rm.Resource())
	case byResource, byStream:
		k.buf = appendAll(k.buf, rm.Resource().Attributes())
	case byAttributes:
		k.buf, k.missing = appendFound(k.buf, k.attributes, rm.Resource().Attributes())
	}
	k.ofResource = len(k.buf)
}

func (k *pointKey) scope(sm pmetric.ScopeMetrics) {
	k.buf, k.missingLast = appendFound(k.buf[:k.ofResource], k.missing, sm.Scope().Attributes())
	if k.by == byStream {
		k.buf = appendScope(k.buf, sm.Scope())
	}
	k.ofScope = len(k.buf)
}

// metric is the key of a metric, and whether it is that of all its data points.
func (k *pointKey) metric(m pmetric.Metric) (key []byte, whole bool) {
	k.buf = k.buf[:k.ofScope]
	switch k.by {
	case byMetric:
		k.buf = append(k.buf, m.Name()...)
	case byStream:
		k.buf = append(appendAttribute(k.buf, m.Name(), m.Unit()), strconv.Itoa(int(m.Type()))...)
	}
	k.ofMetric = len(k.buf)
	whole = k.by != byStream && len(k.missingLast) == 0 || m.Type() == pmetric.MetricTypeEmpty
	return k.buf, whole
}

// point is the key of a data point.
func (k *pointKey) point(attributes pcommon.Map) []byte {
	k.buf = k.buf[:k.ofMetric]
	if k.by == byStream {
		k.buf = appendAll(k.buf, attributes)
	} else {
		k.buf = appendLast(k.buf, k.missingLast, none, attributes)
	}
	return k.buf
}
