package awsemf_test

import (
	"testing"

	"github.com/updraft-otel/updraft/agent/exporter/awsemf"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestExporter_panic has the encoder panic at a point, and at a resource: other metrics arrive, and what does not is counted.
func TestExporter_panic(t *testing.T) {
	for _, keys := range []map[string]any{{}, {"compat": true}} {
		aws := agenttest.AWS(t, localaws.Config{})
		keys["region"], keys["log_group_name"], keys["sending_queue"] = "us-east-1", "/metrics", map[string]any{"enabled": false}
		factory := awsemf.NewFactory()
		e, r := agenttest.StartExporter(t, factory, factory.CreateMetrics, keys)
		if err := e.ConsumeMetrics(t.Context(), agenttest.UnreadableMetrics()); err != nil {
			t.Error(err)
		}
		got := map[string]int{}
		for _, d := range documents(t, aws, "/metrics") {
			for _, name := range []string{"before", "broken", "resource", "after"} {
				if d[name] != nil {
					got[name]++
				}
			}
		}
		if got["before"] != 2 || got["broken"] != 2 || got["resource"] != 0 || got["after"] != 2 {
			t.Errorf("%v: documents %v", keys, got)
		}
		if counts := r.Counted(t, "dropped_points"); counts["panic"] != 7 || len(counts) != 1 {
			t.Errorf("%v: dropped %v, want 7 for a panic", keys, counts)
		}
		nothingRefused(t, aws)
	}
}
