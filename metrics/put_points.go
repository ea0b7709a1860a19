package metrics

import (
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdkresource "go.opentelemetry.io/otel/sdk/resource"
)

// handScope is the instrumentation scope of what was put by hand.
const handScope = "github.com/updraft-otel/updraft/metrics"

// pointsOf makes exponential histograms of minutes, which stand by time, dimensions
// and name.
func pointsOf(minutes []minute, order []int, res *sdkresource.Resource, now time.Time) *metricdata.ResourceMetrics {
	type identity struct{ name, unit string }
	at := map[identity]int{}
	var (
		list   []metricdata.Metrics
		points [][]metricdata.ExponentialHistogramDataPoint[float64]
	)
	for _, i := range order {
		m := &minutes[i]
		id := identity{m.metric, m.sentUnit}
		k, known := at[id]
		if !known {
			k = len(list)
			at[id] = k
			list = append(list, metricdata.Metrics{Name: m.metric, Unit: ucum(m.sentUnit)})
			points = append(points, nil)
		}
		points[k] = append(points[k], pointOf(m, now))
	}
	for k := range list {
		list[k].Data = metricdata.ExponentialHistogram[float64]{Temporality: metricdata.DeltaTemporality, DataPoints: points[k]}
	}
	if res == nil {
		res = sdkresource.Empty()
	}
	return &metricdata.ResourceMetrics{Resource: res, ScopeMetrics: []metricdata.ScopeMetrics{
		{Scope: instrumentation.Scope{Name: handScope}, Metrics: list},
	}}
}

func pointOf(m *minute, now time.Time) metricdata.ExponentialHistogramDataPoint[float64] {
	end := time.Unix((m.slot+1)*m.resolution, 0)
	if now.Before(end) {
		end = now
	}
	p := metricdata.ExponentialHistogramDataPoint[float64]{
		StartTime: m.time(), Time: end, Sum: m.values.sum,
		Min: metricdata.NewExtrema(m.values.min), Max: metricdata.NewExtrema(m.values.max),
	}
	labels := make([]attribute.KeyValue, 0, len(m.sent))
	for _, d := range m.sent {
		labels = append(labels, attribute.String(d.Name, d.Value))
	}
	p.Attributes = attribute.NewSet(labels...)
	numbers, counts := m.values.list(nil, nil, maxBuckets)
	p.Scale = scaleOf(numbers)
	for i, f := range numbers {
		n := uint64(math.Round(counts[i]))
		p.Count += n
		switch {
		case f > 0:
			addToBucket(&p.PositiveBucket, bucketOf(f, p.Scale), n)
		case f < 0:
			addToBucket(&p.NegativeBucket, bucketOf(-f, p.Scale), n)
		default:
			p.ZeroCount += n
		}
	}
	return p
}

// Of exponential histograms, as OpenTelemetry's SDKs make them unless told
// otherwise.
// https://opentelemetry.io/docs/specs/otel/metrics/sdk/#base2-exponential-bucket-histogram-aggregation
const (
	maxPowerBuckets = 160
	maxScale        = 20
	minScale        = -10
)

// bucketOf is the bucket of a positive number: that at i reaches from the base to
// the power of i, exclusive, to the base to the power of i+1.
func bucketOf(f float64, scale int32) int32 {
	return int32(math.Ceil(math.Ldexp(math.Log2(f), int(scale)))) - 1
}

// scaleOf is the finest scale at which numbers, ascending, fit maxPowerBuckets on
// either side of zero.
func scaleOf(numbers []float64) int32 {
	scale := int32(maxScale)
	for ; scale > minScale; scale-- {
		if spread(numbers, scale, 1) < maxPowerBuckets && spread(numbers, scale, -1) < maxPowerBuckets {
			break
		}
	}
	return scale
}

// spread is how far apart the outermost buckets of one sign are.
func spread(numbers []float64, scale int32, sign float64) int64 {
	least, most := math.Inf(1), 0.0
	for _, f := range numbers {
		if f *= sign; f > 0 {
			least, most = min(least, f), max(most, f)
		}
	}
	if most == 0 {
		return 0
	}
	return int64(bucketOf(most, scale)) - int64(bucketOf(least, scale))
}

// addToBucket counts n in a bucket. The buckets of one sign come in one direction.
func addToBucket(b *metricdata.ExponentialBucket, index int32, n uint64) {
	if len(b.Counts) == 0 {
		b.Offset = index
	}
	if index < b.Offset {
		b.Counts = append(make([]uint64, b.Offset-index), b.Counts...)
		b.Offset = index
	}
	for int(index-b.Offset) >= len(b.Counts) {
		b.Counts = append(b.Counts, 0)
	}
	b.Counts[index-b.Offset] += n
}
