package awscloudwatch

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"

	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/agent/internal/callstats"
	"github.com/updraft-otel/updraft/agent/internal/encoded"
	"github.com/updraft-otel/updraft/agent/internal/pace"
	"github.com/updraft-otel/updraft/awsapi"
)

// A metricsExporter turns points into datums and sends them.
type metricsExporter struct {
	config  *Config
	set     exporter.Settings
	encoder *encoder
	carrier encoded.Carrier
	spare   encoded.Pool
	limit   *pace.Limit
	stats   *callstats.Stats
	points  *callstats.Points
	client  *awsapi.Client
}

// words are what the exporter's metrics call things.
var words = callstats.Words{Service: "CloudWatch", Operation: "PutMetricData", Documents: "datums", Items: "datums"}

func newExporter(c *Config, set exporter.Settings) (e *metricsExporter, err error) {
	e = &metricsExporter{config: c, set: set, carrier: encoded.NewCarrier(), limit: pace.New(c.NumWorkers)}
	if e.encoder, err = newEncoder(c, set.Logger); err != nil {
		return nil, err
	}
	if e.points, err = callstats.NewPoints(set); err != nil {
		return nil, err
	}
	e.stats, err = callstats.New(set, words, e.limit)
	return e, err
}

// start connects. It asks for a region and makes no call yet.
func (e *metricsExporter) start(ctx context.Context, _ component.Host) error {
	client, err := e.config.Client(ctx, awsapi.CloudWatch, awsclient.UserAgent(e.set.BuildInfo))
	if err != nil {
		return fmt.Errorf("%s: %w", e.set.ID, err)
	}
	e.client = client
	return nil
}

func (e *metricsExporter) shutdown(context.Context) error {
	e.points.Close()
	return e.stats.Close()
}
