package metrics

import (
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Reasons, in Dropped, of what is not sent as it came.
const (
	// DropNotFinite counts points with a value that is NaN or infinite.
	DropNotFinite = "not_finite"
	// DropOutOfRange counts points with a value beyond MaxValue.
	DropOutOfRange = "out_of_range"
	// DropNoName counts points of metrics without a name.
	DropNoName = "no_name"
	// DropDimensionLimit counts dimensions beyond MaxDimensions; the point is
	// sent without them.
	DropDimensionLimit = "dimension_limit"
	// DropUnsupported counts points of kinds CloudWatch has nothing for:
	// summaries, and exponential histograms that are running totals.
	DropUnsupported = "unsupported"
	// DropClosed counts points that came after Shutdown.
	DropClosed = "closed"
)

// refusal is the reason CloudWatch does not take a value, or nothing.
func refusal(v float64) string {
	switch {
	case !finite(v):
		return DropNotFinite
	case math.Abs(v) > MaxValue:
		return DropOutOfRange
	}
	return ""
}

// converter makes datums of an SDK's metrics. It is not safe for concurrent
// use: Exporter guards it.
type converter struct {
	fixed      []Dimension
	keep       func(attribute.Key) bool
	resolution int
	now        func() time.Time
	increases  *differences
	dropped    map[string]int64
}

// metric is what the points of one metric have in common.
type metric struct {
	scope instrumentation.Scope
	name  string
	unit  string
	emit  func(*Datum)
}

func (c *converter) drop(reason string, n int) {
	if n > 0 {
		c.dropped[reason] += int64(n)
	}
}

func (c *converter) convert(rm *metricdata.ResourceMetrics, emit func(*Datum)) {
	c.increases.next()
	for i := range rm.ScopeMetrics {
		scope := &rm.ScopeMetrics[i]
		for j := range scope.Metrics {
			m := &scope.Metrics[j]
			c.metric(metric{scope.Scope, CleanName(m.Name), Unit(m.Unit), emit}, m.Data)
		}
	}
}

func (c *converter) metric(m metric, data metricdata.Aggregation) {
	if m.name == "" {
		c.drop(DropNoName, points(data))
		return
	}
	switch data := data.(type) {
	case metricdata.Gauge[int64]:
		numbers(c, m, data.DataPoints, false)
	case metricdata.Gauge[float64]:
		numbers(c, m, data.DataPoints, false)
	case metricdata.Sum[int64]:
		numbers(c, m, data.DataPoints, isTotal(data.IsMonotonic, data.Temporality))
	case metricdata.Sum[float64]:
		numbers(c, m, data.DataPoints, isTotal(data.IsMonotonic, data.Temporality))
	case metricdata.Histogram[int64]:
		histograms(c, m, data.DataPoints, isTotal(true, data.Temporality))
	case metricdata.Histogram[float64]:
		histograms(c, m, data.DataPoints, isTotal(true, data.Temporality))
	case metricdata.ExponentialHistogram[int64]:
		exponentials(c, m, data.DataPoints, isTotal(true, data.Temporality))
	case metricdata.ExponentialHistogram[float64]:
		exponentials(c, m, data.DataPoints, isTotal(true, data.Temporality))
	default:
		c.drop(DropUnsupported, points(data))
	}
}

// isTotal says whether points are running totals, of which CloudWatch wants
// the increases. A total that may fall is a current value.
func isTotal(monotonic bool, t metricdata.Temporality) bool {
	return monotonic && t == metricdata.CumulativeTemporality
}

func numbers[N int64 | float64](c *converter, m metric, dps []metricdata.DataPoint[N], total bool) {
	for i := range dps {
		p := &dps[i]
		value := float64(p.Value)
		if reason := refusal(value); reason != "" {
			c.drop(reason, 1)
			continue
		}
		if total {
			var ok bool
			if value, ok = c.increases.sum(m.series(p.Attributes), p.StartTime, value); !ok {
				continue
			}
		}
		d := c.datum(m, p.Attributes, p.Time)
		d.Value = value
		m.emit(d)
	}
}

func histograms[N int64 | float64](c *converter, m metric, dps []metricdata.HistogramDataPoint[N], total bool) {
	for i := range dps {
		p := &dps[i]
		dist, ok := explicit(p), true
		if total {
			dist, ok = histogramIncrease(c.increases, m.series(p.Attributes), p)
		}
		if ok {
			c.distribution(m, dist, p.Attributes, p.Time)
		}
	}
}

func exponentials[N int64 | float64](c *converter, m metric, dps []metricdata.ExponentialHistogramDataPoint[N], total bool) {
	if total {
		c.drop(DropUnsupported, len(dps))
		return
	}
	for i := range dps {
		c.distribution(m, exponential(&dps[i]), dps[i].Attributes, dps[i].Time)
	}
}

// distribution emits a histogram point, unless it is empty.
func (c *converter) distribution(m metric, dist *distribution, attrs attribute.Set, at time.Time) {
	values, counts, complete := dist.values(MaxValues)
	if !complete {
		c.drop(DropOutOfRange, 1)
	}
	if len(values) == 0 {
		return
	}
	d := c.datum(m, attrs, at)
	d.Values, d.Counts = values, counts
	m.emit(d)
}

func (m *metric) series(attrs attribute.Set) series {
	return series{m.scope, m.name, attrs.Equivalent()}
}

func (c *converter) datum(m metric, attrs attribute.Set, at time.Time) *Datum {
	if at.IsZero() {
		at = c.now()
	}
	return &Datum{
		Name: m.name, Dimensions: c.dimensions(attrs), Time: at, Unit: m.unit, Resolution: c.resolution,
	}
}

// points counts the points of data, whatever its kind.
func points(data metricdata.Aggregation) int {
	switch data := data.(type) {
	case metricdata.Gauge[int64]:
		return len(data.DataPoints)
	case metricdata.Gauge[float64]:
		return len(data.DataPoints)
	case metricdata.Sum[int64]:
		return len(data.DataPoints)
	case metricdata.Sum[float64]:
		return len(data.DataPoints)
	case metricdata.Histogram[int64]:
		return len(data.DataPoints)
	case metricdata.Histogram[float64]:
		return len(data.DataPoints)
	case metricdata.ExponentialHistogram[int64]:
		return len(data.DataPoints)
	case metricdata.ExponentialHistogram[float64]:
		return len(data.DataPoints)
	case metricdata.Summary:
		return len(data.DataPoints)
	}
	return 0
}
