package metrics

import "time"

// Label is a name and a value of a point or a resource, before it is decided
// what becomes a dimension.
type Label = Dimension

// Kind is what a metric's points are.
type Kind uint8

// Kinds of metrics, as OpenTelemetry has them.
const (
	// KindGauge is a current value.
	KindGauge Kind = iota
	// KindSum is a number that is added to.
	KindSum
	// KindHistogram counts measurements between explicit bounds.
	KindHistogram
	// KindExponential counts measurements between the powers of a base.
	KindExponential
	// KindSummary is quantiles that were computed by the sender.
	KindSummary
)

// Resource is what metrics are of. One may be shared by many metrics; it must
// not change while it is in use.
type Resource struct {
	// Labels are the resource's attributes, in the order they have.
	Labels []Label
	// Namespace is where CloudWatch files the metrics; empty takes the
	// encoder's.
	Namespace string
	// Key is the destination that the encoder passes on with what it made of
	// the metrics; empty takes the encoder's.
	Key string
	// Prometheus says that the collector's Prometheus receiver made the
	// metrics; it matters under Config.Compat alone.
	Prometheus bool
}

// Metric is what the points of one metric have in common, whoever measured
// them: an SDK in this process, or another that sent them to a collector.
type Metric struct {
	// Resource may be nil.
	Resource *Resource
	// Scope is the name of the instrumentation scope.
	Scope string
	// Name is the metric's name, as it came.
	Name string
	// Unit is the metric's unit as it came, in UCUM.
	Unit string
	// Kind says which members of the points count.
	Kind Kind
	// Cumulative says that sums, histograms and summaries are totals since
	// their start time, not increases.
	Cumulative bool
	// Monotonic says of a sum that it only grows.
	Monotonic bool
}

// Point is one point of a metric. Adapters may use one Point for all: nothing
// of it is kept.
type Point struct {
	// Labels are the point's attributes, in any order, names given once. An
	// encoder may sort them.
	Labels []Label
	// Start is when a total began; zero where unknown.
	Start time.Time
	// Time is the time of the measurement; zero takes the encoder's clock.
	Time time.Time
	// Missing says that there was no measurement.
	Missing bool

	// Value is the value of a gauge or a sum.
	Value float64

	// Count and Sum are of a histogram or a summary; Sum is NaN where unknown.
	Count uint64
	Sum   float64
	// Min and Max are of a histogram, NaN where unknown.
	Min, Max float64

	// Bounds are the upper bounds of all buckets of a KindHistogram but the
	// last; Buckets are its counts, one more than bounds.
	Bounds  []float64
	Buckets []uint64

	// Scale is that of a KindExponential: the base is 2 to the power of
	// 2 to the power of -Scale.
	Scale int32
	// ZeroThreshold is the width of the bucket around zero, ZeroCount its count.
	ZeroThreshold float64
	ZeroCount     uint64
	// Positive and Negative are the other buckets.
	Positive, Negative PowerBuckets

	// Quantiles are of a KindSummary.
	Quantiles []Quantile
}

// PowerBuckets are consecutive buckets of an exponential histogram. That at
// Counts[i] reaches from the base to the power of Offset+i, exclusive, to the
// base to the power of Offset+i+1, inclusive; of Negative, the same below zero.
type PowerBuckets struct {
	Offset int32
	Counts []uint64
}

// Quantile is a value of a summary; Quantile is between 0, the minimum, and 1,
// the maximum.
type Quantile struct {
	Quantile, Value float64
}
