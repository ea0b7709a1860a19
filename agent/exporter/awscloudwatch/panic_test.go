package awscloudwatch_test

import (
	"testing"

	"github.com/updraft-otel/updraft/agent/exporter/awscloudwatch"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestExporter_panic has the encoder panic at a point, and at a resource: other metrics arrive, and what does not is counted.
func TestExporter_panic(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	r := newRig(t, nil)
	if err := r.ConsumeMetrics(t.Context(), agenttest.UnreadableMetrics()); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]int{"before": 2, "broken": 2, "resource": 0, "after": 2} {
		if got := sums(t, aws, name); len(got) != want {
			t.Errorf("%s: %v, want %d series", name, got, want)
		}
	}
	if counts := r.Counted(t, "dropped_points"); counts["panic"] != 7 || len(counts) != 1 {
		t.Errorf("dropped: %v, want 7 for a panic", counts)
	}
}

// TestExporter_panicWhileSending has the goroutine of a call panic, for want of a client: its datums are counted.
func TestExporter_panicWhileSending(t *testing.T) {
	factory := awscloudwatch.NewFactory()
	keys := map[string]any{"region": "us-east-1", "sending_queue": map[string]any{"enabled": false}}
	e, r := agenttest.MakeExporter(t, factory, factory.CreateMetrics, keys) // not started
	for range 20 {                                                          // more than calls may run at a time
		if err := e.ConsumeMetrics(t.Context(), agenttest.Metrics("requests", 3, 1)); err == nil {
			t.Error("no error")
		}
	}
	if counts := r.Counted(t, "refused_datums"); counts["panic"] != 60 || len(counts) != 1 {
		t.Errorf("refused: %v, want 60 for a panic", counts)
	}
}
