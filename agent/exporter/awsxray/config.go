package awsxray

import (
	"errors"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"

	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/agent/internal/delivery"
)

// Config are the keys of the exporter.
type Config struct {
	awsclient.Settings `mapstructure:",squash"`
	delivery.Config    `mapstructure:",squash"`

	// IndexedAttributes become annotations, which X-Ray indexes for search; a resource's are named
	// otel.resource.<name>.
	IndexedAttributes []string `mapstructure:"indexed_attributes"`
	// IndexAllAttributes makes annotations of all.
	IndexAllAttributes bool `mapstructure:"index_all_attributes"`
	// LogGroupNames are the log groups of services whose resource names none.
	LogGroupNames []string `mapstructure:"aws_log_groups"`
	// TelemetryConfig is about the records that X-Ray keeps of its senders.
	TelemetryConfig TelemetryConfig `mapstructure:"telemetry"`
	// TransitSpansInOTLPFormat sends spans as OTLP instead of segment documents.
	TransitSpansInOTLPFormat bool `mapstructure:"transit_spans_in_otlp_format"`
	// Compat restores the documents of the collector's own exporter where ours differ on purpose.
	Compat bool `mapstructure:"compat"`
}

// TelemetryConfig says whether X-Ray is told how sending goes.
type TelemetryConfig struct {
	// Enabled sends a record a minute, when there was something to send.
	Enabled bool `mapstructure:"enabled"`
	// IncludeMetadata asks the environment and the EC2 metadata service for the host's name and the instance's id.
	IncludeMetadata bool `mapstructure:"include_metadata"`
	// Contributors are other components whose counts belong to the same records; they are accepted and not needed, as
	// each exporter sends its own.
	Contributors []component.ID `mapstructure:"contributors"`
	// Hostname, InstanceID and ResourceARN are said in the records, instead of what was found.
	Hostname    string `mapstructure:"hostname"`
	InstanceID  string `mapstructure:"instance_id"`
	ResourceARN string `mapstructure:"resource_arn"`
}

// defaultBatchSpans is what the queue gathers for one push: the documents of 20 calls.
const defaultBatchSpans = 1000

func defaultConfig() component.Config {
	return &Config{Settings: awsclient.Default(), Config: delivery.Default(delivery.Items(defaultBatchSpans))}
}

// Unmarshal reads the keys.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	c.CountAsWritten(conf)
	return conf.Unmarshal(c)
}

// Validate refuses what can never work.
func (c *Config) Validate() error {
	if c.Compat && c.TransitSpansInOTLPFormat {
		return errors.New("compat and transit_spans_in_otlp_format exclude each other: OTLP has one form")
	}
	return c.Settings.Validate()
}
