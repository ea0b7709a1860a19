package contain

import (
	"context"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/updraft-otel/updraft/agent/internal/loss"
)

// Traces returns next, with a panic in it turned into a permanent error, as its sender is told.
func Traces(next consumer.Traces) consumer.Traces { return traces{next, nil} }

// Metrics is Traces for metrics.
func Metrics(next consumer.Metrics) consumer.Metrics { return metrics{next, nil} }

// Logs is Traces for logs.
func Logs(next consumer.Logs) consumer.Logs { return logs{next, nil} }

type (
	traces struct {
		consumer.Traces
		log *loss.Log // nil where whoever calls tells of errors
	}
	metrics struct {
		consumer.Metrics
		log *loss.Log
	}
	logs struct {
		consumer.Logs
		log *loss.Log
	}
)

func (c traces) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	return consume(ctx, td, c.Traces.ConsumeTraces, c.log)
}

func (c metrics) ConsumeMetrics(ctx context.Context, md pmetric.Metrics) error {
	return consume(ctx, md, c.Metrics.ConsumeMetrics, c.log)
}

func (c logs) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	return consume(ctx, ld, c.Logs.ConsumeLogs, c.log)
}

func consume[T any](ctx context.Context, data T, next func(context.Context, T) error, log *loss.Log) (err error) {
	panicked := Call(func() { err = next(ctx, data) })
	switch {
	case log == nil:
	case panicked != nil:
		log.Lost(1, Reason, panicked)
	case err == nil:
		log.Worked()
	}
	if panicked != nil {
		return consumererror.NewPermanent(panicked)
	}
	return err
}
