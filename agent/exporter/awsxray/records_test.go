package awsxray_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestExporter_telemetryRecords has the exporter tell X-Ray at its end what it sent, and who it is.
func TestExporter_telemetryRecords(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{StrictTraceTime: true})
	t.Setenv("AWS_HOSTNAME", "worker-7")
	t.Setenv("AWS_INSTANCE_ID", "i-0123456789abcdef0")
	type record struct{ SegmentsReceivedCount, SegmentsSentCount, SegmentsRejectedCount, Timestamp float64 }
	var mu sync.Mutex
	var sent struct {
		TelemetryRecords                     []record
		Hostname, EC2InstanceID, ResourceARN string
	}
	aws.Control("PutTelemetryRecords", func(c *localaws.Call) *localaws.Fault {
		mu.Lock()
		defer mu.Unlock()
		if err := json.Unmarshal(c.Body, &sent); err != nil {
			t.Error(err)
		}
		return nil
	})
	t.Run("send", func(t *testing.T) {
		keys := noQueue()
		keys["telemetry"] = map[string]any{"enabled": true, "include_metadata": true, "resource_arn": "arn:aws:ecs:x"}
		r := newRig(t, keys)
		traces := agenttest.Traces(10)
		span := traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
		id := span.TraceID()
		id[0] = 0
		span.SetTraceID(id)
		if err := r.ConsumeTraces(t.Context(), traces); err != nil {
			t.Fatal(err)
		}
	}) // and shut down
	mu.Lock()
	defer mu.Unlock()
	if len(sent.TelemetryRecords) != 1 {
		t.Fatalf("sent %+v, want one record", sent)
	}
	got := sent.TelemetryRecords[0]
	if got.SegmentsReceivedCount != 10 || got.SegmentsSentCount != 9 || got.SegmentsRejectedCount != 1 || time.Since(time.Unix(int64(got.Timestamp), 0)) > time.Minute {
		t.Errorf("record %+v", got)
	}
	if sent.Hostname != "worker-7" || sent.EC2InstanceID != "i-0123456789abcdef0" || sent.ResourceARN != "arn:aws:ecs:x" {
		t.Errorf("source %+v", sent)
	}
}
