package contain

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
)

// Receiver returns the factory of base's receivers of traces, metrics and logs, behind which a panic costs the request that
// they brought.
func Receiver(base receiver.Factory) receiver.Factory {
	return receiver.NewFactory(base.Type(), base.CreateDefaultConfig,
		receiver.WithTraces(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces) (receiver.Traces, error) {
			return base.CreateTraces(ctx, set, cfg, Traces(next))
		}, base.TracesStability()),
		receiver.WithMetrics(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
			return base.CreateMetrics(ctx, set, cfg, Metrics(next))
		}, base.MetricsStability()),
		receiver.WithLogs(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
			return base.CreateLogs(ctx, set, cfg, Logs(next))
		}, base.LogsStability()))
}
