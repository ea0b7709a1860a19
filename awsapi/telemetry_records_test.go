package awsapi

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestPutTelemetryRecords(t *testing.T) {
	p := serve(t, ok(`{}`))
	client := p.client(t, XRay)
	record := TelemetryRecord{Timestamp: 1732000000.25, SegmentsReceivedCount: 7, SegmentsSentCount: 5, SegmentsRejectedCount: 2,
		BackendConnectionErrors: BackendConnectionErrors{HTTPCode5XXCount: 1}}
	from := TelemetrySource{Hostname: strings.Repeat("h", 300), EC2InstanceID: "i-0123456789abcdef0"}
	if err := client.PutTelemetryRecords(t.Context(), from, []TelemetryRecord{record}); err != nil {
		t.Fatal(err)
	}
	req := p.last(t)
	if req.path != "/TelemetryRecords" {
		t.Errorf("path %q", req.path)
	}
	var got map[string]any
	if err := json.Unmarshal(req.body, &got); err != nil {
		t.Fatal(err)
	}
	if h, _ := got["Hostname"].(string); len(h) != 255 || got["EC2InstanceId"] != from.EC2InstanceID || got["ResourceARN"] != nil {
		t.Errorf("sent %s", req.body)
	}
	if records, _ := got["TelemetryRecords"].([]any); len(records) != 1 || records[0].(map[string]any)["SegmentsReceivedCount"] != 7.0 {
		t.Errorf("sent %s", req.body)
	}
	if err := client.PutTelemetryRecords(t.Context(), from, nil); err != nil {
		t.Errorf("nothing to send: %v", err)
	}
	if err := client.PutTelemetryRecords(t.Context(), from, make([]TelemetryRecord, MaxTelemetryRecords+1)); err == nil {
		t.Error("eleven records were sent")
	}
	record.Timestamp = math.NaN()
	if err := client.PutTelemetryRecords(t.Context(), from, []TelemetryRecord{record}); err == nil {
		t.Error("a time that is no number was sent")
	}
}
