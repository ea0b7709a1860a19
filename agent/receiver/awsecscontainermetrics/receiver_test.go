package awsecscontainermetrics_test

import (
	"testing"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/agent/receiver/awsecscontainermetrics"
)

// TestReceiver reads a task's metrics.
func TestReceiver(t *testing.T) {
	agenttest.ECSTask(t)
	f := awsecscontainermetrics.NewFactory()
	sink := new(consumertest.MetricsSink)
	cfg := f.CreateDefaultConfig()
	if err := confmap.NewFromStringMap(map[string]any{"collection_interval": "20ms"}).Unmarshal(cfg); err != nil {
		t.Fatal(err)
	}
	r, err := f.CreateMetrics(t.Context(), receivertest.NewNopSettings(f.Type()), cfg, sink)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Shutdown(t.Context()) }()
	agenttest.Eventually(t, "metrics of the task", func() bool { return sink.DataPointCount() > 0 })
}

// TestReceiver_elsewhere starts where there is no task.
func TestReceiver_elsewhere(t *testing.T) {
	t.Setenv("ECS_CONTAINER_METADATA_URI_V4", "")
	f := awsecscontainermetrics.NewFactory()
	core, logs := observer.New(zap.WarnLevel)
	set := receivertest.NewNopSettings(f.Type())
	set.Logger = zap.New(core)
	r, err := f.CreateMetrics(t.Context(), set, f.CreateDefaultConfig(), new(consumertest.MetricsSink))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	if err := r.Shutdown(t.Context()); err != nil || logs.Len() != 1 {
		t.Errorf("%v, %v", err, logs.All())
	}
}
