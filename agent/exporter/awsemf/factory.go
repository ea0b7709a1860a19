package awsemf

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/updraft-otel/updraft/agent/internal/fullqueue"
)

// NewFactory returns the factory of the awsemf exporter.
func NewFactory() exporter.Factory {
	return exporter.NewFactory(component.MustNewType("awsemf"), defaultConfig, exporter.WithMetrics(newMetrics, component.StabilityLevelBeta))
}

func newMetrics(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Metrics, error) {
	c := cfg.(*Config)
	e, err := newExporter(c, set)
	if err != nil {
		return nil, err
	}
	points, err := exporterhelper.NewMetrics(ctx, set, c, e.push, c.Options(e.start, e.shutdown)...)
	if err != nil {
		return nil, err
	}
	return fullqueue.Metrics(points, set.Logger), nil
}
