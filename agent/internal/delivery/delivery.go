// Package delivery is what an exporter has between the pipeline and its calls: exporterhelper's queue, retries and timeout,
// with the keys and defaults that ours share. The defaults are not the collector's. They lose nothing: memory is bounded by
// bytes, a full queue refuses, and what was accepted is tried until somebody has taken it.
package delivery

import (
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
)

const (
	// queueBytes bounds the queue, as OTLP bytes; in memory spans, records and metrics take a few times as much.
	queueBytes = 64 << 20
	// flush is how long the queue gathers for a push that is not full.
	flush = 200 * time.Millisecond
	// timeout bounds a push; what it did not send is kept.
	timeout = time.Minute

	retryInitial = 500 * time.Millisecond
	retryMax     = 30 * time.Second
)

// Config are the keys. Embed it with mapstructure's ",squash", and have the exporter's own Unmarshal call CountAsWritten.
type Config struct {
	// TimeoutConfig bounds one push of what the queue hands over, all its calls together; what is not sent by then is
	// tried again.
	TimeoutConfig exporterhelper.TimeoutConfig `mapstructure:",squash"`
	// QueueConfig is the queue in front, bounded by bytes unless its sizer says otherwise. It may be kept on disk.
	QueueConfig configoptional.Optional[exporterhelper.QueueBatchConfig] `mapstructure:"sending_queue"`
	// RetryConfig says when what failed is tried again; by default for as long as it takes.
	RetryConfig configretry.BackOffConfig `mapstructure:"retry_on_failure"`
}

// Items is a batch of at least n items.
func Items(n int64) exporterhelper.BatchConfig {
	return exporterhelper.BatchConfig{Sizer: exporterhelper.RequestSizerTypeItems, MinSize: n}
}

// Default returns what holds where nothing is said. The queue gathers a batch for one push.
func Default(batch exporterhelper.BatchConfig) Config {
	batch.FlushTimeout = flush
	queue := exporterhelper.NewDefaultQueueConfig()
	queue.Sizer, queue.QueueSize = exporterhelper.RequestSizerTypeBytes, queueBytes
	queue.Batch = configoptional.Some(batch)
	retry := configretry.NewDefaultBackOffConfig()
	retry.InitialInterval, retry.MaxInterval, retry.MaxElapsedTime = retryInitial, retryMax, 0
	return Config{
		TimeoutConfig: exporterhelper.TimeoutConfig{Timeout: timeout},
		QueueConfig:   configoptional.Some(queue),
		RetryConfig:   retry,
	}
}

// InOrder returns the same with one push at a time, so that what was accepted first is encoded first.
func (c Config) InOrder() Config {
	c.QueueConfig.Get().NumConsumers = 1
	return c
}

// CountAsWritten has a queue_size without a sizer count requests, as it does in the collector's exporters, although our own
// default counts bytes. Call it before the keys are read.
func (c *Config) CountAsWritten(conf *confmap.Conf) {
	if queue := c.QueueConfig.Get(); queue != nil && conf.IsSet("sending_queue::queue_size") && !conf.IsSet("sending_queue::sizer") {
		queue.Sizer = exporterhelper.RequestSizerTypeRequests
	}
}

// Options are exporterhelper's, of an exporter that changes nothing about what it is given.
func (c *Config) Options(start component.StartFunc, shutdown component.ShutdownFunc) []exporterhelper.Option {
	return []exporterhelper.Option{
		exporterhelper.WithCapabilities(consumer.Capabilities{MutatesData: false}),
		exporterhelper.WithTimeout(c.TimeoutConfig),
		exporterhelper.WithRetry(c.RetryConfig),
		exporterhelper.WithQueue(c.QueueConfig),
		exporterhelper.WithStart(start),
		exporterhelper.WithShutdown(shutdown),
	}
}
