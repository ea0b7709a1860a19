package agent_test

import (
	"net"
	"testing"

	"github.com/updraft-otel/updraft/agent"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestBuiltin_metrics sends metrics to the built-in configuration of a machine of no AWS platform, by OTLP and StatsD.
func TestBuiltin_metrics(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	at, uris := elsewhere(t, "config/laptop.yaml")
	agenttest.StartSettings(t, agent.Settings(), append(uris, "yaml:receivers::statsd::aggregation_interval: 50ms")...)
	agenttest.SendMetrics(t, agenttest.MetricsClient(t, at["receivers::otlp::protocols::grpc::endpoint"]), agenttest.Metrics("requests", 5, 3))
	conn, err := net.Dial("udp", at["receivers::statsd::endpoint"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("orders:3|c\nlatency:12|ms\nlatency:20|ms\n")); err != nil {
		t.Fatal(err)
	}
	f := func(namespace, name, which string, metrics int, want float64) {
		t.Helper()
		agenttest.Eventually(t, name+" at CloudWatch", func() bool { return len(agenttest.ListMetrics(t, aws, namespace, name)) == metrics })
		got, ok := agenttest.MetricStat(t, aws, agenttest.ListMetrics(t, aws, namespace, name)[0], which)
		if !ok || got != want {
			t.Errorf("%s of %s is %v, want %v", which, name, got, want)
		}
	}
	f("orders", "requests", "Sum", 5, 3)
	f("default", "orders", "Sum", 1, 3)
	f("default", "latency", "Maximum", 1, 20)
	f("default", "latency", "SampleCount", 1, 2)
	if refused := aws.Refused(); len(refused) > 0 {
		t.Errorf("AWS refuses %v", refused)
	}
}

// TestBuiltin_tasks has the metrics of an ECS task at CloudWatch.
func TestBuiltin_tasks(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	agenttest.ECSTask(t)
	t.Setenv("AWS_REGION", "us-east-1")
	_, uris := elsewhere(t, "config/ecs.yaml")
	agenttest.StartSettings(t, agent.Settings(), append(uris, "yaml:receivers::awsecscontainermetrics::collection_interval: 50ms")...)
	reserved := func() []agenttest.Metric {
		return agenttest.ListMetrics(t, aws, "ECS/Tasks", "ecs.task.memory.reserved")
	}
	agenttest.Eventually(t, "the task's metrics at CloudWatch", func() bool { return len(reserved()) > 0 })
	m := reserved()[0]
	if got, _ := agenttest.MetricStat(t, aws, m, "Maximum"); got != 512 || len(reserved()) != 1 || len(m.Dimensions) != 2 {
		t.Errorf("%v of %+v", got, reserved())
	}
	if events := agenttest.LogEvents(t, aws, "/metrics/ECS/Tasks/blue"); len(events) == 0 || events[0].Stream != "158d1c8083dd49d6b527399fd6414f5c" {
		t.Errorf("%+v", events)
	}
	if refused := aws.Refused(); len(refused) > 0 {
		t.Errorf("AWS refuses %v", refused)
	}
}
