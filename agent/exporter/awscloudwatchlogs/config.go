package awscloudwatchlogs

import (
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/agent/internal/loggroup"
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

	// LogGroupName and LogStreamName are where records go, with placeholders that the resource fills, as {TaskId}.
	// Required.
	LogGroupName  string `mapstructure:"log_group_name"`
	LogStreamName string `mapstructure:"log_stream_name"`
	// RawLog sends the body alone. One that is a metric document and names a log group or stream goes there.
	RawLog bool `mapstructure:"raw_log"`
	// EMFOnly drops bodies that are no metric document with a log group of its own; it needs RawLog.
	EMFOnly bool `mapstructure:"emf_only"`
	// Compat has lines be those of the collector's own exporter.
	Compat bool `mapstructure:"compat"`
}

// Defaults that are not the collector's. They lose nothing: memory is bounded by bytes, a full queue refuses, and what was
// accepted is tried until CloudWatch Logs has answered.
const (
	// defaultQueueBytes bounds the queue, as OTLP bytes; in memory records take a few times as much.
	defaultQueueBytes = 64 << 20
	// defaultConsumers keeps pushes in order, as the collector's exporter does; the streams of one go in parallel.
	defaultConsumers = 1
	// defaultBatchRecords is what the queue gathers for one push: as much as a call takes.
	defaultBatchRecords = 10_000
	defaultFlush        = 200 * time.Millisecond
	// defaultTimeout bounds a push; what it did not send is kept.
	defaultTimeout = time.Minute

	retryInitial = 500 * time.Millisecond
	retryMax     = 30 * time.Second
)

func defaultConfig() component.Config {
	queue := exporterhelper.NewDefaultQueueConfig()
	queue.Sizer = exporterhelper.RequestSizerTypeBytes
	queue.QueueSize = defaultQueueBytes
	queue.NumConsumers = defaultConsumers
	queue.Batch = configoptional.Some(exporterhelper.BatchConfig{
		FlushTimeout: defaultFlush, Sizer: exporterhelper.RequestSizerTypeItems, MinSize: defaultBatchRecords,
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
	for _, name := range []struct{ key, value string }{{"log_group_name", c.LogGroupName}, {"log_stream_name", c.LogStreamName}} {
		if name.value == "" {
			return fmt.Errorf("%s must be set", name.key)
		}
		if _, err := loggroup.ParsePattern(name.value); err != nil {
			return fmt.Errorf("%s: %w", name.key, err)
		}
	}
	if c.EMFOnly && !c.RawLog {
		return errors.New("emf_only needs raw_log: true, since metric documents are bodies as they come")
	}
	if err := c.Keys.Validate(); err != nil {
		return err
	}
	return c.Settings.Validate()
}
