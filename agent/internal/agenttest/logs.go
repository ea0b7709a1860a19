package agenttest

import (
	"net/http"
	"testing"

	"github.com/updraft-otel/updraft/localaws"
)

// A LogEvent is one that CloudWatch Logs has.
type LogEvent struct {
	Stream    string `json:"logStreamName"`
	Timestamp int64  `json:"timestamp"` // milliseconds since 1970
	Message   string `json:"message"`
}

// LogEvents are all events of a log group, in the order of their times; none where the group does not exist.
func LogEvents(t testing.TB, srv *localaws.Server, group string) []LogEvent {
	t.Helper()
	var all []LogEvent
	in := map[string]any{"logGroupName": group, "startTime": 1}
	for {
		var out struct {
			Events    []LogEvent `json:"events"`
			NextToken string     `json:"nextToken"`
		}
		if status := LogsCall(t, srv, "FilterLogEvents", in, &out); status == http.StatusBadRequest {
			return nil
		}
		all = append(all, out.Events...)
		if out.NextToken == "" {
			return all
		}
		in["nextToken"] = out.NextToken
	}
}

// LogsCall makes a call of CloudWatch Logs, and returns its HTTP status.
func LogsCall(t testing.TB, srv *localaws.Server, operation string, in, out any) int {
	t.Helper()
	return call(t, srv, "logs", "application/x-amz-json-1.1", "Logs_20140328."+operation, in, out)
}
