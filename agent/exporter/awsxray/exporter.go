package awsxray

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"

	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/agent/internal/callstats"
	"github.com/updraft-otel/updraft/agent/internal/pace"
	"github.com/updraft-otel/updraft/awsapi"
)

// A traceExporter turns spans into documents and sends them.
type traceExporter struct {
	config    *Config
	encoding  encoding
	set       exporter.Settings
	limit     *pace.Limit
	stats     *callstats.Stats
	resources resources
	client    *awsapi.Client
	records   *records // nil unless X-Ray is to be told
}

// words are what the exporter's metrics call things.
var words = callstats.Words{Service: "X-Ray", Operation: "PutTraceSegments", Documents: "documents", Items: "spans"}

func newExporter(c *Config, set exporter.Settings) (*traceExporter, error) {
	e := &traceExporter{
		config:    c,
		set:       set,
		limit:     pace.New(c.NumWorkers),
		resources: resources{logGroups: c.LogGroupNames},
		encoding: encoding{
			indexed: c.IndexedAttributes, indexAll: c.IndexAllAttributes, compat: c.Compat,
			timely: !anyTraceTime.IsEnabled(), dotless: !dotsInKeys.IsEnabled(),
		},
	}
	var err error
	e.stats, err = callstats.New(set, words, e.limit)
	return e, err
}

// start connects. It asks for a region and makes no call yet.
func (e *traceExporter) start(ctx context.Context, _ component.Host) error {
	client, err := e.config.Client(ctx, awsapi.XRay, awsclient.UserAgent(e.set.BuildInfo))
	if err != nil {
		return fmt.Errorf("%s: %w", e.set.ID, err)
	}
	e.client = client
	if e.config.TelemetryConfig.Enabled {
		e.records = startRecords(ctx, client, e.config.telemetrySource(ctx), e.set.Logger)
	}
	return nil
}

func (e *traceExporter) shutdown(context.Context) error {
	if e.records != nil {
		e.records.close()
	}
	return e.stats.Close()
}
