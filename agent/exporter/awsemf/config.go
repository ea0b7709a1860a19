package awsemf

import (
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/agent/internal/loggroup"
	"github.com/updraft-otel/updraft/metrics"
)

// Config are the keys of the exporter.
type Config struct {
	awsclient.Settings `mapstructure:",squash"`
	loggroup.Keys      `mapstructure:",squash"`

	// TimeoutConfig bounds one push of what the queue hands over, all its calls together; what is not sent by then is
	// tried again.
	TimeoutConfig exporterhelper.TimeoutConfig `mapstructure:",squash"`
	// QueueConfig is the queue in front, bounded by bytes unless its sizer says otherwise. It may be kept on disk.
	QueueConfig configoptional.Optional[exporterhelper.QueueBatchConfig] `mapstructure:"sending_queue"`
	// RetryConfig says when what failed is tried again; by default for as long as it takes.
	RetryConfig configretry.BackOffConfig `mapstructure:"retry_on_failure"`

	// Namespace is where CloudWatch files the metrics; "" means service.namespace/service.name of the resource, what there
	// is of it, or "default".
	Namespace string `mapstructure:"namespace"`
	// LogGroupName and LogStreamName are where documents go, with placeholders that the resource fills, or else the
	// point's attributes, as {TaskId}. "" means /metrics/ and the namespace, and a stream of this process's.
	LogGroupName  string `mapstructure:"log_group_name"`
	LogStreamName string `mapstructure:"log_stream_name"`
	// OutputDestination is cloudwatch, or stdout for documents as lines.
	OutputDestination string `mapstructure:"output_destination"`
	// Version is that of the format: "1", or "0" for the one before.
	Version string `mapstructure:"version"`

	// DimensionRollupOption adds dimension sets: ZeroAndSingleDimensionRollup, SingleDimensionRollupOnly or
	// NoDimensionRollup.
	DimensionRollupOption string `mapstructure:"dimension_rollup_option"`
	// MetricDeclarations choose of which values metrics are made, and by which dimensions.
	MetricDeclarations []MetricDeclaration `mapstructure:"metric_declarations"`
	// MetricDescriptors give metrics units.
	MetricDescriptors []MetricDescriptor `mapstructure:"metric_descriptors"`
	// ParseJSONEncodedAttributeValues are attributes whose text is JSON, which documents have as such.
	ParseJSONEncodedAttributeValues []string `mapstructure:"parse_json_encoded_attr_values"`
	// ResourceToTelemetrySettings has attributes of the resource become dimensions too.
	ResourceToTelemetrySettings ResourceToTelemetry `mapstructure:"resource_to_telemetry_conversion"`
	// EKSFargateContainerInsightsEnabled adds the attribute kubernetes, as JSON, to points of pods and containers.
	EKSFargateContainerInsightsEnabled bool `mapstructure:"eks_fargate_container_insights_enabled"`
	// DetailedMetrics sends each quantile of a summary as a metric.
	DetailedMetrics bool `mapstructure:"detailed_metrics"`
	// RetainInitialValueOfDeltaMetric sends the first total of a series as it is.
	RetainInitialValueOfDeltaMetric bool `mapstructure:"retain_initial_value_of_delta_metric"`
	// Compat makes the documents of the collector's own exporter where ours differ on purpose.
	Compat bool `mapstructure:"compat"`
}

// ResourceToTelemetry are the keys of resource_to_telemetry_conversion.
type ResourceToTelemetry struct {
	// Enabled says whether it is done.
	Enabled bool `mapstructure:"enabled"`
	// ExcludeServiceAttributes leaves out service.name, service.namespace and service.instance.id.
	ExcludeServiceAttributes bool `mapstructure:"exclude_service_attributes"`
}

// The values of output_destination, version and dimension_rollup_option.
const (
	toCloudWatch = "cloudwatch"
	toStdout     = "stdout"

	versionBefore = "0"
	versionNow    = "1"

	rollUpBoth   = "ZeroAndSingleDimensionRollup"
	rollUpSingle = "SingleDimensionRollupOnly"
	rollUpNone   = "NoDimensionRollup"
)

// Defaults that are not the collector's. They lose nothing: memory is bounded by bytes, a full queue refuses, and what was
// accepted is tried until CloudWatch Logs has answered.
const (
	// defaultQueueBytes bounds the queue, as OTLP bytes; in memory metrics take a few times as much.
	defaultQueueBytes = 64 << 20
	// defaultConsumers keeps pushes in order, since increases follow from what comes one after the other.
	defaultConsumers = 1
	// defaultBatchPoints is what the queue gathers for one push.
	defaultBatchPoints = 10_000
	defaultFlush       = 200 * time.Millisecond
	// defaultTimeout bounds a push; what it did not send is kept.
	defaultTimeout = time.Minute

	retryInitial = 500 * time.Millisecond
	retryMax     = 30 * time.Second

	// maxSeries bounds the combinations of dimensions that one metric may have within an hour, of all applications
	// together. The collector's exporter has no bound, so that attributes without one take all memory.
	maxSeries = 100_000
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
		Settings:              awsclient.Default(),
		TimeoutConfig:         exporterhelper.TimeoutConfig{Timeout: defaultTimeout},
		QueueConfig:           configoptional.Some(queue),
		RetryConfig:           retry,
		OutputDestination:     toCloudWatch,
		Version:               versionNow,
		DimensionRollupOption: rollUpBoth,
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
	if !c.stdout() && !strings.EqualFold(c.OutputDestination, toCloudWatch) {
		return fmt.Errorf("output_destination is %q; it must be %s or %s", c.OutputDestination, toCloudWatch, toStdout)
	}
	if c.Version != versionNow && c.Version != versionBefore {
		return fmt.Errorf("version is %q; it must be %q or %q", c.Version, versionNow, versionBefore)
	}
	if _, err := metrics.NewEMFEncoder(c.encoding(zap.NewNop())); err != nil {
		return err
	}
	if err := c.Keys.Validate(); err != nil {
		return err
	}
	return c.Settings.Validate()
}

func (c *Config) stdout() bool { return strings.EqualFold(c.OutputDestination, toStdout) }
