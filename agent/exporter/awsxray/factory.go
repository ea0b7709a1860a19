package awsxray

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/updraft-otel/updraft/agent/internal/fullqueue"
)

// NewFactory returns the factory of the awsxray exporter.
func NewFactory() exporter.Factory {
	return exporter.NewFactory(component.MustNewType("awsxray"), defaultConfig, exporter.WithTraces(newTraces, component.StabilityLevelBeta))
}

func newTraces(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Traces, error) {
	c := cfg.(*Config)
	e, err := newExporter(c, set)
	if err != nil {
		return nil, err
	}
	traces, err := exporterhelper.NewTraces(ctx, set, c, e.push, c.Options(e.start, e.shutdown)...)
	if err != nil {
		return nil, err
	}
	return fullqueue.Traces(traces, set.Logger), nil
}
