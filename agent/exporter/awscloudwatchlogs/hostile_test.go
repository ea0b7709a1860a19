package awscloudwatchlogs_test

import (
	"strings"
	"testing"

	"github.com/updraft-otel/updraft/agent/exporter/awscloudwatchlogs"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestExporter_hostile sends every hostile record between ordinary ones: those arrive, each once.
func TestExporter_hostile(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	for _, keys := range []map[string]any{{}, {"compat": true}, {"raw_log": true}} {
		keys["log_group_name"], keys["log_stream_name"] = "/{ServiceName}", "{ServiceName}"
		r := newRig(t, keys)
		for name, spoil := range awscloudwatchlogs.Hostile {
			good := func() (n int) {
				for _, e := range agenttest.LogEvents(t, aws, "/orders") {
					if strings.Contains(e.Message, "good ") {
						n++
					}
				}
				return n
			}
			before := good()
			all := agenttest.Logs("good ", 2)
			bad := agenttest.Logs("bad ", 1).ResourceLogs().At(0)
			spoil(bad.Resource(), bad.ScopeLogs().At(0).Scope(), bad.ScopeLogs().At(0).LogRecords().At(0))
			bad.CopyTo(all.ResourceLogs().AppendEmpty())
			if err := r.ConsumeLogs(t.Context(), all); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if n := good() - before; n != 2 {
				t.Errorf("%s: %d good records at AWS, want 2", name, n)
			}
		}
	}
	for _, refusal := range aws.Refused() {
		if refusal.Call {
			t.Errorf("refused: %+v", refusal)
		}
	}
}
