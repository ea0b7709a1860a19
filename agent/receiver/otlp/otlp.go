// Package otlp is the collector's OTLP receiver, with two things more. A sender that is refused for want of room is told
// so as the protocol says, and when to come again: over gRPC that is RESOURCE_EXHAUSTED or UNAVAILABLE with RetryInfo, over
// HTTP 429 or 503 with Retry-After. And JSON that is nested too deeply is refused, as protobuf is, see [jsondepth].
//
// https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-throttling, https://opentelemetry.io/docs/specs/otlp/#otlphttp-throttling
package otlp

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"

	"github.com/updraft-otel/updraft/agent/internal/contain"
	"github.com/updraft-otel/updraft/agent/internal/refusal"
)

// NewFactory returns the factory of the otlp receiver. Its configuration is the collector's.
func NewFactory() receiver.Factory {
	base := otlpreceiver.NewFactory()
	return contain.Receiver(receiver.NewFactory(base.Type(), base.CreateDefaultConfig,
		receiver.WithTraces(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces) (receiver.Traces, error) {
			wrapped, err := consumer.NewTraces(func(ctx context.Context, t ptrace.Traces) error {
				return refusal.Status(next.ConsumeTraces(ctx, t))
			}, consumer.WithCapabilities(next.Capabilities()))
			if err != nil {
				return nil, err
			}
			withMiddleware(cfg)
			r, err := base.CreateTraces(ctx, set, cfg, wrapped)
			return hosted{r}, err
		}, base.TracesStability()),
		receiver.WithMetrics(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
			wrapped, err := consumer.NewMetrics(func(ctx context.Context, m pmetric.Metrics) error {
				return refusal.Status(next.ConsumeMetrics(ctx, m))
			}, consumer.WithCapabilities(next.Capabilities()))
			if err != nil {
				return nil, err
			}
			withMiddleware(cfg)
			r, err := base.CreateMetrics(ctx, set, cfg, wrapped)
			return hosted{r}, err
		}, base.MetricsStability()),
		receiver.WithLogs(func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
			wrapped, err := consumer.NewLogs(func(ctx context.Context, l plog.Logs) error {
				return refusal.Status(next.ConsumeLogs(ctx, l))
			}, consumer.WithCapabilities(next.Capabilities()))
			if err != nil {
				return nil, err
			}
			withMiddleware(cfg)
			r, err := base.CreateLogs(ctx, set, cfg, wrapped)
			return hosted{r}, err
		}, base.LogsStability())))
}
