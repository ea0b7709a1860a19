package awscloudwatchlogs

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"

	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/agent/internal/delivery"
	"github.com/updraft-otel/updraft/agent/internal/loggroup"
)

// Config are the keys of the exporter.
type Config struct {
	awsclient.Settings `mapstructure:",squash"`
	loggroup.Keys      `mapstructure:",squash"`
	delivery.Config    `mapstructure:",squash"`

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

// defaultBatchRecords is what the queue gathers for one push: as much as a call takes. One goes after the other, as with the
// collector's exporter, so that a stream keeps its order; the streams of one go in parallel.
const defaultBatchRecords = 10_000

func defaultConfig() component.Config {
	return &Config{Settings: awsclient.Default(), Config: delivery.Default(delivery.Items(defaultBatchRecords)).InOrder()}
}

// Unmarshal reads the keys.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	c.CountAsWritten(conf)
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
