package awsxray

import (
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/updraft-otel/updraft/agent/internal/awsclient"
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

// Defaults that are not the collector's. They lose nothing: memory is bounded by bytes, a full queue refuses, and what was
// accepted is tried until X-Ray has answered.
const (
	// defaultQueueBytes bounds the queue, as OTLP bytes; in memory spans take a few times as much.
	defaultQueueBytes = 64 << 20
	// defaultBatchSpans is what the queue gathers for one push: the documents of 20 calls.
	defaultBatchSpans = 1000
	defaultFlush      = 200 * time.Millisecond
	// defaultTimeout bounds a push; what it did not send is kept.
	defaultTimeout = time.Minute

	retryInitial = 500 * time.Millisecond
	retryMax     = 30 * time.Second
)

func defaultConfig() component.Config {
	queue := exporterhelper.NewDefaultQueueConfig()
	queue.Sizer = exporterhelper.RequestSizerTypeBytes
	queue.QueueSize = defaultQueueBytes
	queue.Batch = configoptional.Some(exporterhelper.BatchConfig{
		FlushTimeout: defaultFlush, Sizer: exporterhelper.RequestSizerTypeItems, MinSize: defaultBatchSpans,
	})
	retry := configretry.NewDefaultBackOffConfig()
	retry.InitialInterval, retry.MaxInterval, retry.MaxElapsedTime = retryInitial, retryMax, 0
	return &Config{
		Settings:      awsclient.Default(),
		TimeoutConfig: exporterhelper.TimeoutConfig{Timeout: defaultTimeout},
		QueueConfig:   configoptional.Some(queue),
		RetryConfig:   retry,
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
	if c.Compat && c.TransitSpansInOTLPFormat {
		return errors.New("compat and transit_spans_in_otlp_format exclude each other: OTLP has one form")
	}
	return c.Settings.Validate()
}
