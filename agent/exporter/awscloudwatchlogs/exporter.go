package awscloudwatchlogs

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/updraft-otel/updraft/agent/internal/attrkey"
	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/agent/internal/callstats"
	"github.com/updraft-otel/updraft/agent/internal/loggroup"
	"github.com/updraft-otel/updraft/agent/internal/logsender"
	"github.com/updraft-otel/updraft/agent/internal/pace"
	"github.com/updraft-otel/updraft/agent/internal/spare"
	"github.com/updraft-otel/updraft/awsapi"
)

// A logsExporter turns records into events and sends them.
type logsExporter struct {
	config  *Config
	set     exporter.Settings
	sources attrkey.Cache[*source]
	limit   *pace.Limit
	stats   *callstats.Stats
	sender  *logsender.Sender
	spare   spare.Pool[lines]
	now     func() time.Time
}

// words are what the exporter's metrics call things.
var words = callstats.Words{Service: "CloudWatch Logs", Operation: "PutLogEvents", Documents: "events", Items: "log_records"}

func newExporter(c *Config, set exporter.Settings) (e *logsExporter, err error) {
	e = &logsExporter{config: c, set: set, limit: pace.New(c.NumWorkers), now: time.Now}
	group, err := loggroup.ParsePattern(c.LogGroupName)
	if err != nil {
		return nil, err
	}
	stream, err := loggroup.ParsePattern(c.LogStreamName)
	if err != nil {
		return nil, err
	}
	e.sources.New = func(resource pcommon.Map) *source {
		return newSource(resource, destination{group.Resolve(resource), stream.Resolve(resource)}, c.Compat)
	}
	e.stats, err = callstats.New(set, words, e.limit)
	return e, err
}

// start connects. It asks for a region and makes no call yet.
func (e *logsExporter) start(ctx context.Context, _ component.Host) error {
	client, err := e.config.Client(ctx, awsapi.Logs, awsclient.UserAgent(e.set.BuildInfo), func(c *awsapi.Config) {
		if e.config.RawLog { // bodies may be metric documents
			c.LogsFormat = awsapi.FormatEMF
		}
	})
	if err != nil {
		return fmt.Errorf("%s: %w", e.set.ID, err)
	}
	e.sender = logsender.New(logsender.Config{
		Client: client, Group: e.config.Keys.Settings(), Limit: e.limit, Stats: e.stats, Logger: e.set.Logger,
		Attempts: e.config.Attempts(), RequestTimeout: e.config.RequestTimeout(),
	})
	return nil
}

func (e *logsExporter) shutdown(context.Context) error { return e.stats.Close() }
