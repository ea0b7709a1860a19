package awscloudwatchlogs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestCompat_golden holds that under compat the exporter sends what the collector's own does, to the same places: the golden files
// are that one's, of version 0.156.0; TestLogsCompat in module bench makes them.
func TestCompat_golden(t *testing.T) {
	text, err := os.ReadFile("testdata/records.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []bool{false, true} {
		all, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(text)
		if err != nil {
			t.Fatal(err)
		}
		golden, err := os.ReadFile(fmt.Sprintf("testdata/lines-raw-%t.golden", raw))
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Split(strings.TrimSuffix(string(golden), "\n"), "\n")
		began := time.Now().Truncate(time.Millisecond)
		number(all, began)
		aws := agenttest.AWS(t, localaws.Config{})
		r := newRig(t, map[string]any{"log_group_name": "/shop/{ServiceName}", "log_stream_name": "{TaskId}/{PodName}", "raw_log": raw, "compat": true})
		if err := r.ConsumeLogs(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		got := make([]string, len(want))
		for _, group := range groups(t, aws) {
			for _, e := range agenttest.LogEvents(t, aws, group) {
				message, _ := json.Marshal(e.Message)
				got[e.Timestamp-began.UnixMilli()] = group + "\t" + e.Stream + "\t" + string(message)
			}
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("raw_log %t, record %d:\n%s\nwant\n%s", raw, i, got[i], want[i])
			}
		}
	}
}

// number gives records times of their own, by which they are known again.
func number(all plog.Logs, began time.Time) {
	n := 0
	for _, rl := range all.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, record := range sl.LogRecords().All() {
				record.SetTimestamp(pcommon.NewTimestampFromTime(began.Add(time.Duration(n) * time.Millisecond)))
				n++
			}
		}
	}
}

func groups(t *testing.T, aws *localaws.Server) []string {
	t.Helper()
	var out struct {
		LogGroups []struct{ LogGroupName string }
	}
	agenttest.LogsCall(t, aws, "DescribeLogGroups", map[string]any{}, &out)
	var names []string
	for _, g := range out.LogGroups {
		names = append(names, g.LogGroupName)
	}
	return names
}
