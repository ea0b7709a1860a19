package metrics

import "time"

// Limits of PutMetricData and of what it takes.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
const (
	// MaxRequestBytes is the most one request may have, uncompressed.
	MaxRequestBytes = 1 << 20
	// MaxDatums is the most data one request may carry.
	MaxDatums = 1000
	// MaxValues is the most entries in Values, and in Counts.
	MaxValues = 150
	// MaxDimensions is the most dimensions of one datum.
	MaxDimensions = 30
	// MaxNamespaceBytes is the longest namespace.
	MaxNamespaceBytes = 255
	// MaxNameBytes is the longest metric name and the longest dimension name.
	MaxNameBytes = 255
	// MaxDimensionValueBytes is the longest dimension value.
	MaxDimensionValueBytes = 1024
	// MaxValue is the largest value; its negative is the smallest.
	MaxValue = 0x1p360
	// MinValue is the smallest value other than zero, up or down from there.
	MinValue = 0x1p-360
)

// Resolutions CloudWatch stores a metric at, in seconds.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/publishingMetrics.html#high-resolution-metrics
const (
	HighResolution     = 1
	StandardResolution = 60
)

// How old a measurement may be, and how far ahead, when CloudWatch gets it.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
const (
	MaxAge   = 14 * 24 * time.Hour
	MaxAhead = 2 * time.Hour
	// timeMargin is left for the way there.
	timeMargin = time.Minute
)
