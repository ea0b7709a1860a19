package metrics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// Queue takes what was encoded and sees to its delivery. Put must not block
// and must not keep body; what it refuses it counts itself.
type Queue interface {
	Put(key string, at time.Time, body []byte) error
	Flush(ctx context.Context) error
	Shutdown(ctx context.Context) error
}

// DefaultMaxSeries is how many series a metric may have by default.
const DefaultMaxSeries = 10_000

// Config is the settings of the exporters and encoders.
type Config struct {
	// Queue takes what an Exporter or an EMFExporter encodes, and is flushed
	// and shut down with it. The others have none.
	Queue Queue
	// Namespace is where CloudWatch files the metrics; CleanNamespace is
	// applied to it.
	Namespace string
	// Key is what an EMFExporter gives the queue as the destination of its
	// documents. Default: Namespace.
	Key string

	// Dimensions are added to every metric, before its own.
	Dimensions []Dimension
	// Attributes says which of a point's attributes become dimensions.
	// Default: all. CloudWatch bills each combination of dimensions as a
	// metric of its own, and does not add them up: what is left out here
	// makes several points one series. Documents keep it, to search for.
	Attributes func(attribute.Key) bool
	// ResourceAttributes says which of the resource's attributes are dimensions
	// too, before those of the point. Default: none.
	ResourceAttributes func(attribute.Key) bool
	// ScopeDimension is the name of a dimension that holds the name of the
	// instrumentation scope. Default: there is none.
	ScopeDimension string
	// Declarations choose, by metric, what is sent and by which dimensions.
	Declarations []Declaration
	// DeclaredOnly makes no metrics of what no declaration with Dimensions or
	// RollUp matches; documents still hold its values.
	DeclaredOnly bool
	// MaxSeries is the most combinations of dimensions that one metric may
	// have within SeriesMemory. What is beyond becomes one series with the
	// dimension otel.metric.overflow = true, as in the SDK, and is counted
	// under DropSeriesOverflow. Default: DefaultMaxSeries; negative: no limit.
	MaxSeries int

	// Resolution is HighResolution or StandardResolution. Default: unset,
	// which CloudWatch takes for StandardResolution. A declaration, or a
	// point's attribute aws.emf.storage_resolution, goes before it.
	Resolution int
	// UnitsInNames puts a unit that CloudWatch does not have at the end of the
	// metric's name: latency_ns. Default: such units are left out.
	UnitsInNames bool
	// DetailedSummaries sends each quantile of a summary as a metric of its
	// own with a dimension quantile, and its sum and count as NAME_sum and
	// NAME_count. Default: a summary is one statistic set.
	DetailedSummaries bool
	// JSONLabels are labels whose text is JSON, which documents take as such.
	JSONLabels []string
	// Compat makes documents what the collector's awsemf exporter makes of the
	// same points, wherever CloudWatch takes that; docs/metrics-mapping.md has
	// the list. It is about documents; Exporter ignores it.
	Compat bool
	// Escaped has the lines of an EMFEncoder be escaped as they must be in the
	// body of PutLogEvents: as they stand in a JSON string, without its quotes.
	// It spares who sends them a pass, with PutEscapedLogEvents of package
	// awsapi. Exporters ignore it.
	Escaped bool
	// RetainFirst sends the first total of a series as it is, also where it
	// began before this encoder, as the collector's exporter does with
	// retain_initial_value_of_delta_metric. Default: the increase is counted
	// from there.
	RetainFirst bool

	// Aggregation chooses how an instrument is summed up. Default: the SDK's.
	Aggregation sdkmetric.AggregationSelector
	// OnProblem is told of each metric once that has more than MaxSeries
	// series. Default: it goes to OpenTelemetry's error handler.
	OnProblem func(error)
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

var (
	errNoQueue     = errors.New("metrics: no queue: set Config.Queue")
	errNoNamespace = errors.New("metrics: no namespace: set Config.Namespace")
	errResolution  = errors.New("metrics: Config.Resolution must be 1 or 60, or 0 to leave it unset")
)

// target is what a converter makes.
type target uint8

const (
	toDatums target = iota
	toDocuments
)

// resolutions are all that a metric may have; zero is unset.
var resolutions = [...]int{0, HighResolution, StandardResolution}

func validResolution(seconds int) bool { return slices.Contains(resolutions[:], seconds) }

var errNoMemory = errors.New("metrics: there are too many series to remember; totals of further ones are dropped: " +
	"send fewer metrics, or fewer and shorter attributes")

// namespaceOf is the namespace of an exporter, which must have one.
func (c *Config) namespaceOf() (string, error) {
	namespace := CleanNamespace(c.Namespace)
	if namespace == "" {
		return "", errNoNamespace
	}
	return namespace, nil
}

// errTooManySeries is what OnProblem hears.
func errTooManySeries(metric string, limit int) error {
	return fmt.Errorf("metrics: %q has more than %d combinations of dimensions; the others are sent as otel.metric.overflow: "+
		"leave out an attribute by Config.Attributes or a Declaration", metric, limit)
}
