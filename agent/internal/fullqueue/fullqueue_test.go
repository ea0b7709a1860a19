package fullqueue_test

import (
	"context"
	"errors"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/agent/internal/fullqueue"
)

// settings are those of an exporter whose queue has room for two requests.
func settings() (exporter.Settings, exporterhelper.Option) {
	queue := exporterhelper.NewDefaultQueueConfig()
	queue.QueueSize, queue.NumConsumers = 2, 1
	return exporter.Settings{ID: component.MustNewID("test"), TelemetrySettings: component.TelemetrySettings{
		Logger: zap.NewNop(), MeterProvider: metricnoop.NewMeterProvider(), TracerProvider: tracenoop.NewTracerProvider(),
	}}, exporterhelper.WithQueue(configoptional.Some(queue))
}

// fill has an exporter that sends nothing take more than it has room for, then makes room.
func fill(t *testing.T, c component.Component, release chan struct{}, lines *observer.ObservedLogs, items string, consume func() error) {
	t.Helper()
	if err := c.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for range 10 {
		if err := consume(); errors.Is(err, exporterhelper.ErrQueueIsFull) {
			refused++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if refused < 7 {
		t.Fatalf("%d of 10 requests refused", refused)
	}
	close(release)
	if err := c.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := lines.All()
	if len(all) != 2 || all[1].ContextMap()[items] != int64(5*refused) {
		t.Errorf("%d lines, want one of the beginning and one of the end with %d %s: %+v", len(all), 5*refused, items, all)
	}
}

func TestTraces(t *testing.T) {
	set, queue := settings()
	release := make(chan struct{})
	next, err := exporterhelper.NewTraces(t.Context(), set, &struct{}{}, func(context.Context, ptrace.Traces) error { <-release; return nil }, queue)
	if err != nil {
		t.Fatal(err)
	}
	core, lines := observer.New(zap.InfoLevel)
	e := fullqueue.Traces(next, zap.New(core))
	fill(t, e, release, lines, "spans", func() error { return e.ConsumeTraces(t.Context(), agenttest.Traces(5)) })
}

func TestMetrics(t *testing.T) {
	set, queue := settings()
	release := make(chan struct{})
	next, err := exporterhelper.NewMetrics(t.Context(), set, &struct{}{}, func(context.Context, pmetric.Metrics) error { <-release; return nil }, queue)
	if err != nil {
		t.Fatal(err)
	}
	core, lines := observer.New(zap.InfoLevel)
	e := fullqueue.Metrics(next, zap.New(core))
	fill(t, e, release, lines, "metric points", func() error { return e.ConsumeMetrics(t.Context(), agenttest.Metrics("m", 5, 1)) })
}

func TestLogs(t *testing.T) {
	set, queue := settings()
	release := make(chan struct{})
	next, err := exporterhelper.NewLogs(t.Context(), set, &struct{}{}, func(context.Context, plog.Logs) error { <-release; return nil }, queue)
	if err != nil {
		t.Fatal(err)
	}
	core, lines := observer.New(zap.InfoLevel)
	e := fullqueue.Logs(next, zap.New(core))
	fill(t, e, release, lines, "log records", func() error { return e.ConsumeLogs(t.Context(), agenttest.Logs("r", 5)) })
}
