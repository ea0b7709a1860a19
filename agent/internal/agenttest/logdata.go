package agenttest

import (
	"fmt"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// Logs makes a request of n ordinary records, whose bodies are prefix and a number from 0 on.
func Logs(prefix string, n int) plog.Logs {
	all := plog.NewLogs()
	rl := all.ResourceLogs().AppendEmpty()
	resource := rl.Resource().Attributes()
	resource.PutStr("service.name", "orders")
	resource.PutStr("host.name", "web-1")
	resource.PutStr("aws.ecs.task.id", "task-1")
	sl := rl.ScopeLogs().AppendEmpty()
	sl.Scope().SetName("test")
	records := sl.LogRecords()
	records.EnsureCapacity(n)
	now := time.Now()
	for i := range n {
		r := records.AppendEmpty()
		r.SetTimestamp(pcommon.NewTimestampFromTime(now))
		r.SetObservedTimestamp(pcommon.NewTimestampFromTime(now))
		r.SetSeverityNumber(plog.SeverityNumberInfo)
		r.SetSeverityText("INFO")
		r.Body().SetStr(fmt.Sprint(prefix, i))
		r.Attributes().PutStr("tenant", "blue")
		r.Attributes().PutInt("items", 3)
		r.SetTraceID(TraceID(now))
		r.SetSpanID(SpanID())
	}
	return all
}

// LogsClient is an OTLP client over gRPC, as an SDK's, without a queue or a retry of its own.
func LogsClient(t testing.TB, addr string) plogotlp.GRPCClient {
	t.Helper()
	return plogotlp.NewGRPCClient(Dial(t, addr))
}

// SendLogs sends a request that must be accepted.
func SendLogs(t testing.TB, c plogotlp.GRPCClient, all plog.Logs) {
	t.Helper()
	resp, err := c.Export(t.Context(), plogotlp.NewExportRequestFromLogs(all))
	if err != nil {
		t.Fatalf("export: %v", err)
	}
	if n := resp.PartialSuccess().RejectedLogRecords(); n > 0 {
		t.Fatalf("%d records rejected: %s", n, resp.PartialSuccess().ErrorMessage())
	}
}
