package awscloudwatchlogs

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/updraft-otel/updraft/agent/internal/fullqueue"
)

// NewFactory returns the factory of the awscloudwatchlogs exporter.
func NewFactory() exporter.Factory {
	return exporter.NewFactory(component.MustNewType("awscloudwatchlogs"), defaultConfig, exporter.WithLogs(newLogs, component.StabilityLevelBeta))
}

func newLogs(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Logs, error) {
	c := cfg.(*Config)
	e, err := newExporter(c, set)
	if err != nil {
		return nil, err
	}
	logs, err := exporterhelper.NewLogs(ctx, set, c, e.push, c.Options(e.start, e.shutdown)...)
	if err != nil {
		return nil, err
	}
	return fullqueue.Logs(logs, set.Logger), nil
}
