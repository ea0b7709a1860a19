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
			lost := 5
			if keys["compat"] == true { // the scope's attributes are read, too
				lost = 6
			}
			aws := agenttest.AWS(t, localaws.Config{})
			r := newRig(t, keys)
			all := agenttest.Logs("first ", 5)
			agenttest.Unreadable(records(all).At(0).Body())
			agenttest.Unreadable(records(all).At(3).Body())
			bad := agenttest.Logs("bad ", 3).ResourceLogs().At(0)
			agenttest.Unreadable(bad.Resource().Attributes().PutEmpty("broken"))
			bad.MoveTo(all.ResourceLogs().AppendEmpty())
			scope := agenttest.Logs("scope ", 1).ResourceLogs().At(0)
			agenttest.Unreadable(scope.ScopeLogs().At(0).Scope().Attributes().PutEmpty("broken"))
			scope.MoveTo(all.ResourceLogs().AppendEmpty())
			agenttest.Logs("last ", 2).ResourceLogs().MoveAndAppendTo(all.ResourceLogs())
			if err := r.ConsumeLogs(t.Context(), all); err != nil {
				t.Error(err)
			}
			if got := agenttest.LogEvents(t, aws, "g"); len(got) != 11-lost {
				t.Errorf("%d events, want %d: %v", len(got), 11-lost, got)
			}
			if counts := r.Counted(t, "refused_log_records"); counts["panic"] != int64(lost) || len(counts) != 1 {
				t.Errorf("refused: %v, want %d for a panic", counts, lost)
			}
		})
	}
}
