package contain

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"

	"github.com/updraft-otel/updraft/agent/internal/loss"
)

// Receiver returns the factory of base's receivers, behind which a panic costs the request that they brought, and is told in
// their log. base says how stable it is for each signal that it has.
func Receiver(base receiver.Factory) receiver.Factory {
	var signals []receiver.FactoryOption
	if s := base.TracesStability(); s != component.StabilityLevelUndefined {
		signals = append(signals, receiver.WithTraces(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces) (receiver.Traces, error) {
			return base.CreateTraces(ctx, set, cfg, traces{next, newLog(set)})
		}, s))
	}
	if s := base.MetricsStability(); s != component.StabilityLevelUndefined {
		signals = append(signals, receiver.WithMetrics(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
			return base.CreateMetrics(ctx, set, cfg, metrics{next, newLog(set)})
		}, s))
	}
	if s := base.LogsStability(); s != component.StabilityLevelUndefined {
		signals = append(signals, receiver.WithLogs(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
			return base.CreateLogs(ctx, set, cfg, logs{next, newLog(set)})
		}, s))
	}
	return receiver.NewFactory(base.Type(), base.CreateDefaultConfig, signals...)
}

func newLog(set receiver.Settings) *loss.Log { return loss.New(set.Logger, "requests") }
