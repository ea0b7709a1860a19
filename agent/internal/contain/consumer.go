package contain

import (
	"context"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Traces returns next, with a panic in it turned into a permanent error, as its sender is told.
func Traces(next consumer.Traces) consumer.Traces { return traces{next} }

// Metrics is Traces for metrics.
func Metrics(next consumer.Metrics) consumer.Metrics { return metrics{next} }

// Logs is Traces for logs.
func Logs(next consumer.Logs) consumer.Logs { return logs{next} }

type (
	traces  struct{ consumer.Traces }
	metrics struct{ consumer.Metrics }
	logs    struct{ consumer.Logs }
)

func (c traces) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	return consume(ctx, td, c.Traces.ConsumeTraces)
}

func (c metrics) ConsumeMetrics(ctx context.Context, md pmetric.Metrics) error {
	return consume(ctx, md, c.Metrics.ConsumeMetrics)
}

func (c logs) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	return consume(ctx, ld, c.Logs.ConsumeLogs)
}

func consume[T any](ctx context.Context, data T, next func(context.Context, T) error) (err error) {
	if panicked := Call(func() { err = next(ctx, data) }); panicked != nil {
		return consumererror.NewPermanent(panicked)
	}
	return err
}
