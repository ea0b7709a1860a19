package awscloudwatchlogs_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/updraft-otel/updraft/agent/exporter/awscloudwatchlogs"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
	"github.com/updraft-otel/updraft/logs"
)

// A rig is an exporter alone, without a queue, with what it says about itself.
type rig struct {
	exporter.Logs
	*agenttest.Rig
}

// newRig starts an exporter to group g, stream s, with these keys.
func newRig(t testing.TB, keys map[string]any) *rig {
	t.Helper()
	all := map[string]any{"region": "us-east-1", "log_group_name": "g", "log_stream_name": "s", "sending_queue": map[string]any{"enabled": false}}
	maps.Copy(all, keys)
	factory := awscloudwatchlogs.NewFactory()
	e, r := agenttest.StartExporter(t, factory, factory.CreateLogs, all)
	return &rig{e, r}
}

func records(all plog.Logs) plog.LogRecordSlice {
	return all.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
}

// TestExporter_line holds the default line, which is the library's.
func TestExporter_line(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	r := newRig(t, nil)
	all := agenttest.Logs("order placed ", 1)
	record := records(all).At(0)
	record.SetTimestamp(0)
	record.SetSeverityText("")
	record.SetEventName("order.placed")
	record.SetTraceID(pcommon.TraceID{0x65, 0x61, 0xf0, 0x12, 15: 1})
	record.SetSpanID(pcommon.SpanID{7: 2})
	if err := r.ConsumeLogs(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	events := agenttest.LogEvents(t, aws, "g")
	if len(events) != 1 || events[0].Stream != "s" || events[0].Timestamp != record.ObservedTimestamp().AsTime().UnixMilli() {
		t.Fatalf("%+v", events)
	}
	want := `{"timestamp":"` + record.ObservedTimestamp().AsTime().Format("2006-01-02T15:04:05.000000000Z") + `","severity":"INFO","severity_number":9,` +
		`"body":"order placed 0","event_name":"order.placed","attributes":{"tenant":"blue","items":3},` +
		`"trace_id":"6561f012000000000000000000000001","span_id":"0000000000000002","xray_trace_id":"1-6561f012-000000000000000000000001",` +
		`"service":"orders","scope":"test","resource":{"host.name":"web-1","aws.ecs.task.id":"task-1"}}`
	if events[0].Message != want {
		t.Errorf("line\n%s\nwant\n%s", events[0].Message, want)
	}
}

// TestExporter_rejected has CloudWatch Logs leave out every tenth record for its age: those are counted and told of once, the
// others arrive once, and nothing is sent again.
func TestExporter_rejected(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	r := newRig(t, nil)
	all := agenttest.Logs("record ", 1000)
	for i := range 100 {
		at := time.Now().Add(-15 * 24 * time.Hour)
		if i%2 == 0 {
			at = time.Now().Add(3 * time.Hour)
		}
		records(all).At(10 * i).SetTimestamp(pcommon.NewTimestampFromTime(at))
	}
	if err := r.ConsumeLogs(t.Context(), all); err != nil {
		t.Errorf("error %v though most records were taken", err)
	}
	if n := len(agenttest.LogEvents(t, aws, "g")); n != 900 {
		t.Errorf("%d events at AWS, want 900", n)
	}
	if counts := r.Counted(t, "refused_log_records"); counts["too_old"] != 50 || counts["too_new"] != 50 || len(counts) != 2 {
		t.Errorf("refused: %v", counts)
	}
	if counts := r.Counted(t, "sent_events"); counts[""] != 900 {
		t.Errorf("sent: %v", counts)
	}
	if n := r.Lines.FilterMessageSnippet("Loss begins").Len(); n != 1 {
		t.Errorf("%d lines about the beginning of the loss, want 1", n)
	}
	// All refused is an error for good, which exporterhelper counts too.
	one := agenttest.Logs("x", 1)
	records(one).At(0).SetTimestamp(1)
	if err := r.ConsumeLogs(t.Context(), one); !consumererror.IsPermanent(err) {
		t.Errorf("error %v, want a permanent one", err)
	}
}

// TestExporter_again has one stream of two throttled: only its records go out again.
func TestExporter_again(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	throttled := 0
	aws.Control("PutLogEvents", func(c *localaws.Call) *localaws.Fault {
		if strings.Contains(string(c.Body), `"task-2"`) && throttled < 3 {
			throttled++
			return localaws.Throttle()
		}
		return nil
	})
	r := newRig(t, map[string]any{"log_stream_name": "{TaskId}", "max_retries": 1, "retry_on_failure": map[string]any{"initial_interval": "10ms"}})
	all := agenttest.Logs("one ", 10)
	two := agenttest.Logs("two ", 5).ResourceLogs().At(0)
	two.Resource().Attributes().PutStr("aws.ecs.task.id", "task-2")
	two.CopyTo(all.ResourceLogs().AppendEmpty())
	if err := r.ConsumeLogs(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if events := agenttest.LogEvents(t, aws, "g"); len(events) != 15 {
		t.Errorf("%d events, want 15", len(events))
	}
	if counts := r.Counted(t, "retried_log_records"); counts[""] != 15 {
		t.Errorf("retried: %v, want three times the 5 of the stream", counts)
	}
	if counts := r.Counted(t, "throttled_calls"); counts[""] != 3 {
		t.Errorf("throttled: %v", counts)
	}
}

// TestExporter_raw sends bodies alone: as they are, in pieces, or elsewhere where they say so.
func TestExporter_raw(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	formats := make(chan string, 100)
	aws.Control("PutLogEvents", func(c *localaws.Call) *localaws.Fault {
		formats <- c.Header.Get("X-Amzn-Logs-Format")
		return nil
	})
	r := newRig(t, map[string]any{"raw_log": true})
	all := agenttest.Logs("", 8)
	bodies := []string{
		"a line\nof two \x00\xff", "", strings.Repeat("é", logs.MaxEventBytes/2+10),
		`{"_aws":{"LogGroupName":"own","LogStreamName":"stream"},"v":1}`, `{"_aws":{"loggroupname":"own"}}`,
		`{"log_group_name":"own0","log_stream_name":"stream0"}`, `{"_aws":"no object","group":1}`,
	}
	for i, body := range bodies {
		records(all).At(i).Body().SetStr(body)
	}
	records(all).At(7).Body().SetEmptyMap().PutInt("a", 1)
	if err := r.ConsumeLogs(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	f := func(group, stream string, want ...string) {
		t.Helper()
		var got []string
		for _, e := range agenttest.LogEvents(t, aws, group) {
			if e.Stream == stream {
				got = append(got, e.Message)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s %s: %d events, want %d", group, stream, len(got), len(want))
			return
		}
		for i := range want {
			if want[i] != "" && got[i] != want[i] {
				t.Errorf("%s %s: event %d is %.80q, want %.80q", group, stream, i, got[i], want[i])
			}
		}
	}
	f("g", "s", "a line\nof two \x00\uFFFD", "", "", "", bodies[6], `{"a":1}`)
	f("own", "stream", bodies[3])
	f("own", "s", bodies[4])
	f("own0", "stream0", bodies[5])
	if format := <-formats; format != "json/emf" {
		t.Errorf("x-amzn-logs-format is %q", format)
	}
}

// TestExporter_metrics sends a metric document: CloudWatch makes a metric of it.
func TestExporter_metrics(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	r := newRig(t, map[string]any{"raw_log": true, "emf_only": true})
	all := agenttest.Logs("no document ", 2)
	document, err := json.Marshal(map[string]any{"latency": 7, "op": "x", "_aws": map[string]any{"Timestamp": time.Now().UnixMilli(), "LogGroupName": "m",
		"CloudWatchMetrics": []any{map[string]any{"Namespace": "Shop", "Dimensions": []any{[]any{"op"}}, "Metrics": []any{map[string]any{"Name": "latency"}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	records(all).At(1).Body().SetStr(string(document))
	if err := r.ConsumeLogs(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if n := aws.Counts().MetricDatums; n != 1 {
		t.Errorf("%d metric values at CloudWatch, want 1", n)
	}
	if counts := r.Counted(t, "refused_log_records"); counts["not_emf"] != 1 {
		t.Errorf("refused: %v", counts)
	}
}

// TestExporter_missingRights gives up what CloudWatch Logs denies, without a search for the record at fault.
func TestExporter_missingRights(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	aws.Control("CreateLogGroup", func(*localaws.Call) *localaws.Fault {
		return &localaws.Fault{StatusCode: http.StatusBadRequest, Code: "AccessDeniedException", Message: "no"}
	})
	r := newRig(t, nil)
	err := r.ConsumeLogs(t.Context(), agenttest.Logs("x", 100))
	if !consumererror.IsPermanent(err) || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("error %v", err)
	}
	if n := aws.Counts().Requests; n > 3 {
		t.Errorf("%d calls", n)
	}
}
