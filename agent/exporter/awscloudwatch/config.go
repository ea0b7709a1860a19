package awscloudwatch

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/metrics"
)

// Config are the keys of the exporter.
type Config struct {
	awsclient.Settings `mapstructure:",squash"`

	// TimeoutConfig bounds one push of what the queue hands over, all its calls together; what is not sent by then is
	// tried again.
	TimeoutConfig exporterhelper.TimeoutConfig `mapstructure:",squash"`
	// QueueConfig is the queue in front, bounded by bytes unless its sizer says otherwise. It may be kept on disk.
	QueueConfig configoptional.Optional[exporterhelper.QueueBatchConfig] `mapstructure:"sending_queue"`
	// RetryConfig says when what failed is tried again; by default for as long as it takes.
	RetryConfig configretry.BackOffConfig `mapstructure:"retry_on_failure"`

	// Namespace is where CloudWatch files the metrics; "" means service.namespace/service.name of the resource, what there
	// is of it, or "default", as with awsemf.
	Namespace string `mapstructure:"namespace"`
	// Dimensions are added to every metric.
	Dimensions map[string]string `mapstructure:"dimensions"`
	// ResourceDimensions are the attributes of the resource that become dimensions; "*" means all.
	ResourceDimensions []string `mapstructure:"resource_dimensions"`
	// ScopeDimension is the name of a dimension that holds the instrumentation scope's name; "" means there is none.
	ScopeDimension string `mapstructure:"scope_dimension"`
	// MetricDeclarations choose, by metric, what is sent and by which dimensions.
	MetricDeclarations []MetricDeclaration `mapstructure:"metric_declarations"`
	// DeclaredOnly sends nothing that no declaration with dimensions or roll_up matches.
	DeclaredOnly bool `mapstructure:"declared_only"`
	// Resolution is 1 or 60 seconds; 0 leaves it to CloudWatch, which takes 60.
	Resolution int `mapstructure:"resolution"`
	// UnitsInNames puts a unit that CloudWatch does not have at the end of the metric's name.
	UnitsInNames bool `mapstructure:"units_in_names"`
	// DetailedMetrics sends each quantile of a summary as a metric.
	DetailedMetrics bool `mapstructure:"detailed_metrics"`
	// MaxSeries bounds the combinations of dimensions that one metric may have within an hour; negative means no bound.
	MaxSeries int `mapstructure:"max_series"`
}

// MetricDeclaration is metrics.Declaration, where its fields are explained.
type MetricDeclaration struct {
	Metrics         []string          `mapstructure:"metrics"`
	Labels          []LabelCondition  `mapstructure:"labels"`
	Deny            bool              `mapstructure:"deny"`
	AllowAttributes []string          `mapstructure:"allow_attributes"`
	DenyAttributes  []string          `mapstructure:"deny_attributes"`
	Rename          map[string]string `mapstructure:"rename"`
	Dimensions      [][]string        `mapstructure:"dimensions"`
	RollUp          string            `mapstructure:"roll_up"`
	Unit            string            `mapstructure:"unit"`
	OverwriteUnit   bool              `mapstructure:"overwrite_unit"`
	Resolution      int               `mapstructure:"resolution"`
}

// LabelCondition is metrics.LabelCondition.
type LabelCondition struct {
	Names     []string `mapstructure:"names"`
	Separator string   `mapstructure:"separator"`
	Pattern   string   `mapstructure:"pattern"`
}

// Defaults that lose nothing: memory is bounded by bytes, a full queue refuses, and what was accepted is tried until
// CloudWatch has answered.
const (
	// defaultQueueBytes bounds the queue, as OTLP bytes; in memory metrics take a few times as much.
	defaultQueueBytes = 64 << 20
	// defaultConsumers keeps pushes in order, since increases follow from what comes one after the other.
	defaultConsumers = 1
	// defaultBatchPoints is what the queue gathers for one push: the datums of ten calls.
	defaultBatchPoints = 10_000
	defaultFlush       = 200 * time.Millisecond
	// defaultTimeout bounds a push; what it did not send is kept.
	defaultTimeout = time.Minute

	retryInitial = 500 * time.Millisecond
	retryMax     = 30 * time.Second

	// defaultMaxSeries is of all applications together.
	defaultMaxSeries = 100_000
)

func defaultConfig() component.Config {
	queue := exporterhelper.NewDefaultQueueConfig()
	queue.Sizer = exporterhelper.RequestSizerTypeBytes
	queue.QueueSize = defaultQueueBytes
	queue.NumConsumers = defaultConsumers
	queue.Batch = configoptional.Some(exporterhelper.BatchConfig{
		FlushTimeout: defaultFlush, Sizer: exporterhelper.RequestSizerTypeItems, MinSize: defaultBatchPoints,
	})
	retry := configretry.NewDefaultBackOffConfig()
	retry.InitialInterval, retry.MaxInterval, retry.MaxElapsedTime = retryInitial, retryMax, 0
	return &Config{
		Settings:      awsclient.Default(),
		TimeoutConfig: exporterhelper.TimeoutConfig{Timeout: defaultTimeout},
		QueueConfig:   configoptional.Some(queue),
		RetryConfig:   retry,
		MaxSeries:     defaultMaxSeries,
	}
}

// Unmarshal reads the keys. A queue_size without a sizer counts requests, as it does in the collector's exporters, although
// our own default counts bytes.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	if queue := c.QueueConfig.Get(); queue != nil && conf.IsSet("sending_queue::queue_size") && !conf.IsSet("sending_queue::sizer") {
		queue.Sizer = exporterhelper.RequestSizerTypeRequests
	}
	return conf.Unmarshal(c)
}

// Validate refuses what can never work.
func (c *Config) Validate() error {
	if _, err := metrics.NewDatumEncoder(c.encoding(), func(string, *metrics.Datum) {}); err != nil {
		return err
	}
	if n := len(c.Dimensions); n > metrics.MaxDimensions {
		return fmt.Errorf("there are %d dimensions; a metric has %d at most", n, metrics.MaxDimensions)
	}
	return c.Settings.Validate()
}

// encoding are the keys as the library has them.
func (c *Config) encoding() metrics.Config {
	e := metrics.Config{
		Namespace: c.Namespace, ScopeDimension: c.ScopeDimension, DeclaredOnly: c.DeclaredOnly, Resolution: c.Resolution,
		UnitsInNames: c.UnitsInNames, DetailedSummaries: c.DetailedMetrics, MaxSeries: c.MaxSeries,
	}
	if e.Namespace == "" {
		e.Namespace = noNamespace
	}
	for _, name := range slices.Sorted(maps.Keys(c.Dimensions)) {
		e.Dimensions = append(e.Dimensions, metrics.D(name, c.Dimensions[name]))
	}
	if len(c.ResourceDimensions) > 0 {
		all := slices.Contains(c.ResourceDimensions, "*")
		e.ResourceAttributes = func(key attribute.Key) bool { return all || slices.Contains(c.ResourceDimensions, string(key)) }
	}
	for _, d := range c.MetricDeclarations {
		e.Declarations = append(e.Declarations, d.declaration())
	}
	return e
}

func (d *MetricDeclaration) declaration() metrics.Declaration {
	labels := make([]metrics.LabelCondition, len(d.Labels))
	for i, l := range d.Labels {
		labels[i] = metrics.LabelCondition(l)
	}
	return metrics.Declaration{
		Metrics: d.Metrics, Labels: labels, Deny: d.Deny, AllowAttributes: d.AllowAttributes, DenyAttributes: d.DenyAttributes,
		Rename: d.Rename, Dimensions: d.Dimensions, RollUp: d.RollUp, Unit: d.Unit, OverwriteUnit: d.OverwriteUnit, Resolution: d.Resolution,
	}
}
