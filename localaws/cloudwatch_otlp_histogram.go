package localaws

import (
	"errors"
	"fmt"
	"math"

	"github.com/prometheus/prometheus/model/histogram"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
)

// Histograms of OTLP as Prometheus' native ones. An exponential histogram is
// one already, but for resolutions finer than Prometheus has, which lose every
// second bound until they fit. One with explicit bounds keeps them, as custom
// buckets. (CloudWatch was once seen to answer such a one with exponential
// buckets; which rule it follows is not documented.)

var (
	errBucketCount = errors.New("an explicit histogram has one bucket count more than bounds")
	errBuckets     = errors.New("bucket counts do not add up to the count")
	errOffset      = errors.New("bucket offset out of range")
)

func explicitHistogram(d *metricspb.HistogramDataPoint) (*histogram.FloatHistogram, error) {
	bounds, counts := d.GetExplicitBounds(), d.GetBucketCounts()
	if len(counts) == 0 && len(bounds) == 0 { // OTLP: only count and sum are known
		counts = []uint64{d.GetCount()}
	}
	if len(counts) != len(bounds)+1 {
		return nil, errBucketCount
	}
	if n := len(bounds); n > 0 && math.IsInf(bounds[n-1], 1) { // the last bucket can have nothing
		if counts[n] != 0 {
			return nil, errBucketCount
		}
		bounds, counts = bounds[:n-1], counts[:n]
	}
	h := &histogram.FloatHistogram{
		Schema:          histogram.CustomBucketsSchema,
		Count:           float64(d.GetCount()),
		Sum:             d.GetSum(),
		CustomValues:    bounds,
		PositiveSpans:   []histogram.Span{{Length: uint32(len(counts))}},
		PositiveBuckets: floats(counts),
	}
	return checkedHistogram(h, sumOf(counts) == d.GetCount())
}

func exponentialHistogram(d *metricspb.ExponentialHistogramDataPoint) (*histogram.FloatHistogram, error) {
	scale := d.GetScale()
	if scale < histogram.ExponentialSchemaMin {
		return nil, fmt.Errorf("scale %d is under %d", scale, histogram.ExponentialSchemaMin)
	}
	schema := min(scale, histogram.ExponentialSchemaMax)
	h := &histogram.FloatHistogram{
		Schema:        schema,
		Count:         float64(d.GetCount()),
		Sum:           d.GetSum(),
		ZeroCount:     float64(d.GetZeroCount()),
		ZeroThreshold: d.GetZeroThreshold(),
	}
	var err error
	if h.PositiveSpans, h.PositiveBuckets, err = exponentialBuckets(d.GetPositive(), scale-schema); err != nil {
		return nil, err
	}
	if h.NegativeSpans, h.NegativeBuckets, err = exponentialBuckets(d.GetNegative(), scale-schema); err != nil {
		return nil, err
	}
	total := d.GetZeroCount() + sumOf(d.GetPositive().GetBucketCounts()) + sumOf(d.GetNegative().GetBucketCounts())
	return checkedHistogram(h.Compact(0), total == d.GetCount())
}

// exponentialBuckets joins 2^shift buckets to one. Index i of OTLP is i+1 of
// Prometheus, which names a bucket by its upper bound.
func exponentialBuckets(b *metricspb.ExponentialHistogramDataPoint_Buckets, shift int32) ([]histogram.Span, []float64, error) {
	counts := b.GetBucketCounts()
	if len(counts) == 0 {
		return nil, nil, nil
	}
	const maxShift = 31 // more joins everything to the two buckets around 1
	shift = min(shift, maxShift)
	first := int64(b.GetOffset())
	last := first + int64(len(counts)) - 1
	from, to := first>>shift, last>>shift
	if to >= math.MaxInt32 {
		return nil, nil, errOffset
	}
	buckets := make([]float64, to-from+1)
	for i, n := range counts {
		buckets[(first+int64(i))>>shift-from] += float64(n)
	}
	return []histogram.Span{{Offset: int32(from) + 1, Length: uint32(len(buckets))}}, buckets, nil
}

func checkedHistogram(h *histogram.FloatHistogram, complete bool) (*histogram.FloatHistogram, error) {
	if !complete {
		return nil, errBuckets
	}
	if err := h.Validate(); err != nil {
		return nil, err
	}
	return h, nil
}

func floats(counts []uint64) []float64 {
	out := make([]float64, len(counts))
	for i, n := range counts {
		out[i] = float64(n)
	}
	return out
}

func sumOf(counts []uint64) uint64 {
	var total uint64
	for _, n := range counts {
		total += n
	}
	return total
}
