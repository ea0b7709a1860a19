package awsemf

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/agent/internal/delivery"
	"github.com/updraft-otel/updraft/agent/internal/loggroup"
	"github.com/updraft-otel/updraft/metrics"
)

// Config are the keys of the exporter.
type Config struct {
	awsclient.Settings `mapstructure:",squash"`
	loggroup.Keys      `mapstructure:",squash"`
	delivery.Config    `mapstructure:",squash"`

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

// Defaults that are not the collector's.
const (
	// defaultBatchPoints is what the queue gathers for one push. One goes after the other, since increases follow from what
	// comes one after the other.
	defaultBatchPoints = 10_000
	// maxSeries bounds the combinations of dimensions that one metric may have within an hour, of all applications
	// together. The collector's exporter has no bound, so that attributes without one take all memory.
	maxSeries = 100_000
)

func defaultConfig() component.Config {
	return &Config{
		Settings:              awsclient.Default(),
		Config:                delivery.Default(delivery.Items(defaultBatchPoints)).InOrder(),
		OutputDestination:     toCloudWatch,
		Version:               versionNow,
		DimensionRollupOption: defaultRollup(),
	}
}

// Unmarshal reads the keys.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	c.CountAsWritten(conf)
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

// escaped says whether documents are written as they stand in the body of a call.
func (c *Config) escaped() bool { return !c.stdout() && c.Version == versionNow }
