// Package fullqueue tells the log when an exporter's queue begins to refuse what comes, and when it no longer does. The queue is
// exporterhelper's, which says so to the sender alone, before the exporter is asked.
package fullqueue

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/agent/internal/loss"
)

const reason = "queue_full"

// note takes note of what became of n items.
func note(log *loss.Log, n int, err error) error {
	switch {
	case errors.Is(err, exporterhelper.ErrQueueIsFull):
		log.Lost(n, reason, err)
	case err == nil:
		log.Worked()
	}
	return err
}

// Traces watches the queue of an exporter of traces.
func Traces(next exporter.Traces, logger *zap.Logger) exporter.Traces {
	return &traces{next, loss.NewQueue(logger, "spans")}
}

type traces struct {
	exporter.Traces
	log *loss.Log
}

// ConsumeTraces hands on.
func (t *traces) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	n := td.SpanCount() // afterwards they are the queue's
	return note(t.log, n, t.Traces.ConsumeTraces(ctx, td))
}

// Shutdown tells the end of a loss.
func (t *traces) Shutdown(ctx context.Context) error {
	t.log.Close()
	return t.Traces.Shutdown(ctx)
}

// Metrics watches the queue of an exporter of metrics.
func Metrics(next exporter.Metrics, logger *zap.Logger) exporter.Metrics {
	return &metrics{next, loss.NewQueue(logger, "metric points")}
}

type metrics struct {
	exporter.Metrics
	log *loss.Log
}

// ConsumeMetrics hands on.
func (m *metrics) ConsumeMetrics(ctx context.Context, md pmetric.Metrics) error {
	n := md.DataPointCount()
	return note(m.log, n, m.Metrics.ConsumeMetrics(ctx, md))
}

// Shutdown tells the end of a loss.
func (m *metrics) Shutdown(ctx context.Context) error {
	m.log.Close()
	return m.Metrics.Shutdown(ctx)
}

// Logs watches the queue of an exporter of logs.
func Logs(next exporter.Logs, logger *zap.Logger) exporter.Logs {
	return &logs{next, loss.NewQueue(logger, "log records")}
}

type logs struct {
	exporter.Logs
	log *loss.Log
}

// ConsumeLogs hands on.
func (l *logs) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	n := ld.LogRecordCount()
	return note(l.log, n, l.Logs.ConsumeLogs(ctx, ld))
}

// Shutdown tells the end of a loss.
func (l *logs) Shutdown(ctx context.Context) error {
	l.log.Close()
	return l.Logs.Shutdown(ctx)
}
