package resourcedetection

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processorhelper"
)

// NewFactory returns the factory of the resourcedetection processor.
func NewFactory() processor.Factory {
	return processor.NewFactory(component.MustNewType("resourcedetection"), defaultConfig,
		processor.WithTraces(newTraces, component.StabilityLevelBeta),
		processor.WithMetrics(newMetrics, component.StabilityLevelBeta),
		processor.WithLogs(newLogs, component.StabilityLevelBeta))
}

// options are those of every signal: each pipeline detects for itself.
func options(d *detection) []processorhelper.Option {
	return []processorhelper.Option{
		processorhelper.WithCapabilities(consumer.Capabilities{MutatesData: true}),
		processorhelper.WithStart(d.start),
		processorhelper.WithShutdown(d.shutdown),
	}
}

func newTraces(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Traces) (processor.Traces, error) {
	d := newDetection(cfg.(*Config), set.Logger)
	return processorhelper.NewTraces(ctx, set, cfg, next, func(_ context.Context, t ptrace.Traces) (ptrace.Traces, error) {
		for _, r := range t.ResourceSpans().All() {
			d.apply(r.Resource())
		}
		return t, nil
	}, options(d)...)
}

func newMetrics(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Metrics) (processor.Metrics, error) {
	d := newDetection(cfg.(*Config), set.Logger)
	return processorhelper.NewMetrics(ctx, set, cfg, next, func(_ context.Context, m pmetric.Metrics) (pmetric.Metrics, error) {
		for _, r := range m.ResourceMetrics().All() {
			d.apply(r.Resource())
		}
		return m, nil
	}, options(d)...)
}

func newLogs(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Logs) (processor.Logs, error) {
	d := newDetection(cfg.(*Config), set.Logger)
	return processorhelper.NewLogs(ctx, set, cfg, next, func(_ context.Context, l plog.Logs) (plog.Logs, error) {
		for _, r := range l.ResourceLogs().All() {
			d.apply(r.Resource())
		}
		return l, nil
	}, options(d)...)
}
