package agent_test

import (
	"testing"

	"github.com/updraft-otel/updraft/agent"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestBuiltin_logs sends logs to the built-in configuration of a machine of no AWS platform.
func TestBuiltin_logs(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	at, uris := elsewhere(t, "config/laptop.yaml")
	a := agenttest.StartSettings(t, agent.Settings(), uris...)
	agenttest.SendLogs(t, agenttest.LogsClient(t, at["receivers::otlp::protocols::grpc::endpoint"]), agenttest.Logs("record ", 20))
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
	events := agenttest.LogEvents(t, aws, "/updraft/orders")
	if len(events) != 20 || events[0].Stream != "web-1" {
		t.Errorf("%d events at AWS, the first %+v", len(events), events[:min(1, len(events))])
	}
	if refused := aws.Refused(); len(refused) > 1 { // the first call finds no group
		t.Errorf("AWS refuses %v", refused)
	}
}
