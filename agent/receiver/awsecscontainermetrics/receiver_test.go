package awsecscontainermetrics_test

import (
	"net/http"
	"net/http/httptest"
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

// task and stats are what the endpoint says of a task with one container.
const (
	task = `{"Cluster":"blue","TaskARN":"arn:aws:ecs:us-west-2:111122223333:task/blue/158d1c8083dd49d6b527399fd6414f5c",
"Family":"shop","Revision":"26","DesiredStatus":"RUNNING","KnownStatus":"RUNNING","Limits":{"CPU":0.25,"Memory":512},
"PullStartedAt":"2026-11-01T10:00:00.1Z","PullStoppedAt":"2026-11-01T10:00:05.1Z","AvailabilityZone":"us-west-2d","LaunchType":"EC2",
"Containers":[{"DockerId":"c1","Name":"web","DockerName":"ecs-shop-web","Image":"web:1","ImageID":"sha256:1","KnownStatus":"RUNNING",
"Limits":{"CPU":2,"Memory":256},"CreatedAt":"2026-11-01T10:00:06Z","StartedAt":"2026-11-01T10:00:06Z","Type":"NORMAL"}]}`
	stats = `{"c1":{"read":"2026-11-01T10:01:00Z","preread":"2026-11-01T10:00:59Z","name":"web","id":"c1",
"memory_stats":{"usage":1000000,"max_usage":2000000,"limit":3000000,"stats":{"cache":1}},
"cpu_stats":{"cpu_usage":{"total_usage":100,"percpu_usage":[50,50]},"system_cpu_usage":1000,"online_cpus":2},"networks":{},"blkio_stats":{}}}`
)

// TestReceiver reads a task's metrics.
func TestReceiver(t *testing.T) {
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := task
		if r.URL.Path == "/task/stats" {
			text = stats
		}
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(endpoint.Close)
	t.Setenv("ECS_CONTAINER_METADATA_URI_V4", endpoint.URL)
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
