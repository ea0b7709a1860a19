package otlp

import (
	"encoding/binary"
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Fields of a Metric, one for each kind of data.
const (
	dataGauge                = 5
	dataSum                  = 7
	dataHistogram            = 9
	dataExponentialHistogram = 10
	dataSummary              = 11
)

// temporality is OTLP's number.
func temporality(t metricdata.Temporality) uint64 {
	switch t {
	case metricdata.DeltaTemporality:
		return 1
	case metricdata.CumulativeTemporality:
		return 2
	}
	return 0
}

// appendMetricHead appends a metric without its points, as cutMetricHead reads
// it. monotonic is of sums.
func appendMetricHead(dst []byte, m *metricdata.Metrics, data byte, t metricdata.Temporality, monotonic bool) []byte {
	dst = append(dst, data, 0)
	start := len(dst)
	dst = appendVarint(dst, 2, temporality(t))
	if monotonic {
		dst = appendVarint(dst, 3, 1)
	}
	dst[start-1] = byte(len(dst) - start) // at most two fields of two bytes
	dst = appendText(dst, 1, m.Name)
	dst = appendText(dst, 2, m.Description)
	return appendText(dst, 3, m.Unit)
}

// appendNumber appends a value, or an exemplar's: zeros too, since within its
// oneof their absence says that there is no value.
func appendNumber[N int64 | float64](dst []byte, asDouble, asInt int, n N) []byte {
	switch n := any(n).(type) {
	case int64:
		return appendFixed64(dst, asInt, uint64(n))
	case float64:
		return appendFixed64(dst, asDouble, math.Float64bits(n))
	}
	return dst
}

// appendDouble appends a field that is there even if it is zero.
func appendDouble(dst []byte, field int, v float64) []byte {
	return appendFixed64(dst, field, math.Float64bits(v))
}

// appendTotal appends a fixed64 that is left out if it is zero.
func appendTotal(dst []byte, field int, v uint64) []byte {
	if v == 0 {
		return dst
	}
	return appendFixed64(dst, field, v)
}

func appendTimes(dst []byte, start, at time.Time) []byte {
	dst = appendTotal(dst, 2, nanos(start))
	return appendTotal(dst, 3, nanos(at))
}

func appendSet(dst []byte, field int, set *attribute.Set) []byte {
	for i := range set.Len() {
		kv, _ := set.Get(i)
		dst = appendKeyValue(dst, field, &kv, 0)
	}
	return dst
}

// appendNumberPoint appends a NumberDataPoint.
func appendNumberPoint[N int64 | float64](dst []byte, p *metricdata.DataPoint[N]) []byte {
	dst = appendTimes(dst, p.StartTime, p.Time)
	dst = appendNumber(dst, 4, 6, p.Value)
	dst = appendExemplars(dst, 5, p.Exemplars)
	return appendSet(dst, 7, &p.Attributes)
}

// appendHistogramPoint appends a HistogramDataPoint.
func appendHistogramPoint[N int64 | float64](dst []byte, p *metricdata.HistogramDataPoint[N]) []byte {
	dst = appendTimes(dst, p.StartTime, p.Time)
	dst = appendTotal(dst, 4, p.Count)
	dst = appendDouble(dst, 5, float64(p.Sum))
	if len(p.BucketCounts) > 0 {
		dst = appendHead(dst, 6, 8*len(p.BucketCounts))
		for _, n := range p.BucketCounts {
			dst = binary.LittleEndian.AppendUint64(dst, n)
		}
	}
	if len(p.Bounds) > 0 {
		dst = appendHead(dst, 7, 8*len(p.Bounds))
		for _, v := range p.Bounds {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
		}
	}
	dst = appendExemplars(dst, 8, p.Exemplars)
	dst = appendSet(dst, 9, &p.Attributes)
	return appendExtrema(dst, 11, p.Min, p.Max)
}

// appendExtrema appends minimum and maximum, where they are known.
func appendExtrema[N int64 | float64](dst []byte, field int, low, high metricdata.Extrema[N]) []byte {
	if v, ok := low.Value(); ok {
		dst = appendDouble(dst, field, float64(v))
	}
	if v, ok := high.Value(); ok {
		dst = appendDouble(dst, field+1, float64(v))
	}
	return dst
}

// appendExponentialPoint appends an ExponentialHistogramDataPoint.
func appendExponentialPoint[N int64 | float64](dst []byte, p *metricdata.ExponentialHistogramDataPoint[N]) []byte {
	dst = appendSet(dst, 1, &p.Attributes)
	dst = appendTimes(dst, p.StartTime, p.Time)
	dst = appendTotal(dst, 4, p.Count)
	dst = appendDouble(dst, 5, float64(p.Sum))
	dst = appendZigzag(dst, 6, p.Scale)
	dst = appendTotal(dst, 7, p.ZeroCount)
	dst = appendBuckets(dst, 8, &p.PositiveBucket)
	dst = appendBuckets(dst, 9, &p.NegativeBucket)
	dst = appendExemplars(dst, 11, p.Exemplars)
	dst = appendExtrema(dst, 12, p.Min, p.Max)
	return appendTotal(dst, 14, math.Float64bits(p.ZeroThreshold))
}

// appendBuckets appends the buckets of one sign; the message is there even if
// it is empty, as the SDK's own exporter has it.
func appendBuckets(dst []byte, field int, b *metricdata.ExponentialBucket) []byte {
	dst, at := begin(dst, field)
	dst = appendZigzag(dst, 1, b.Offset)
	if len(b.Counts) > 0 {
		size := 0
		for _, n := range b.Counts {
			size += uvarintLen64(n)
		}
		dst = appendHead(dst, 2, size)
		for _, n := range b.Counts {
			dst = appendUvarint(dst, n)
		}
	}
	return end(dst, at)
}

// appendZigzag appends a sint32.
func appendZigzag(dst []byte, field int, v int32) []byte {
	return appendVarint(dst, field, uint64(uint32(v<<1)^uint32(v>>31)))
}

// appendSummaryPoint appends a SummaryDataPoint.
func appendSummaryPoint(dst []byte, p *metricdata.SummaryDataPoint) []byte {
	dst = appendTimes(dst, p.StartTime, p.Time)
	dst = appendTotal(dst, 4, p.Count)
	dst = appendTotal(dst, 5, math.Float64bits(p.Sum))
	for i := range p.QuantileValues {
		var at int
		dst, at = begin(dst, 6)
		dst = appendTotal(dst, 1, math.Float64bits(p.QuantileValues[i].Quantile))
		dst = end(appendTotal(dst, 2, math.Float64bits(p.QuantileValues[i].Value)), at)
	}
	return appendSet(dst, 7, &p.Attributes)
}

func appendExemplars[N int64 | float64](dst []byte, field int, exemplars []metricdata.Exemplar[N]) []byte {
	for i := range exemplars {
		e := &exemplars[i]
		var at int
		dst, at = begin(dst, field)
		dst = appendTotal(dst, 2, nanos(e.Time))
		dst = appendNumber(dst, 3, 6, e.Value)
		if len(e.SpanID) > 0 {
			dst = appendBytes(dst, 4, e.SpanID)
		}
		if len(e.TraceID) > 0 {
			dst = appendBytes(dst, 5, e.TraceID)
		}
		dst = end(appendAttributes(dst, 7, e.FilteredAttributes), at)
	}
	return dst
}
