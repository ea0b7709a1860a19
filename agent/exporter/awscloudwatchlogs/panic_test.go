package awscloudwatchlogs_test

import (
	"fmt"
	"testing"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestExporter_panic has the encoder panic at a record, and at a resource: the others arrive once, and what does not is
// counted.
func TestExporter_panic(t *testing.T) {
	for _, keys := range []map[string]any{{}, {"compat": true}, {"raw_log": true}} {
		t.Run(fmt.Sprint(keys), func(t *testing.T) {
			aws := agenttest.AWS(t, localaws.Config{})
			r := newRig(t, keys)
			all := agenttest.Logs("first ", 5)
			agenttest.Unreadable(records(all).At(0).Body())
			agenttest.Unreadable(records(all).At(3).Body())
			bad := agenttest.Logs("bad ", 3).ResourceLogs().At(0)
			agenttest.Unreadable(bad.Resource().Attributes().PutEmpty("broken"))
			bad.MoveTo(all.ResourceLogs().AppendEmpty())
			agenttest.Logs("last ", 2).ResourceLogs().MoveAndAppendTo(all.ResourceLogs())
			if err := r.ConsumeLogs(t.Context(), all); err != nil {
				t.Error(err)
			}
			if got := agenttest.LogEvents(t, aws, "g"); len(got) != 5 {
				t.Errorf("%d events, want 5: %v", len(got), got)
			}
			if counts := r.Counted(t, "refused_log_records"); counts["panic"] != 5 || len(counts) != 1 {
				t.Errorf("refused: %v, want 5 for a panic", counts)
			}
		})
	}
}
