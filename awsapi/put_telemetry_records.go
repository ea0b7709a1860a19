package awsapi

import (
	"context"
	"encoding/json"
	"fmt"
)

// Limits of PutTelemetryRecords.
const (
	// MaxTelemetryRecords is how many records AWS's daemon sends in a call; AWS states no limit.
	// https://github.com/aws/aws-xray-daemon/blob/master/pkg/telemetry/telemetry.go
	MaxTelemetryRecords = 10
	// The longest texts. https://docs.aws.amazon.com/xray/latest/api/API_PutTelemetryRecords.html
	maxInstanceID  = 20
	maxHostname    = 255
	maxResourceARN = 500
)

// A TelemetryRecord is what a sender of segments says of itself for one span of time.
// https://docs.aws.amazon.com/xray/latest/api/API_TelemetryRecord.html
type TelemetryRecord struct {
	// Timestamp is the record's time, in seconds since 1970.
	Timestamp float64
	// The segments that came, were taken by X-Ray, were refused, and were dropped for want of room.
	SegmentsReceivedCount, SegmentsSentCount, SegmentsRejectedCount, SegmentsSpilloverCount int64
	// BackendConnectionErrors counts the calls that did not work.
	BackendConnectionErrors BackendConnectionErrors
}

// BackendConnectionErrors counts calls that did not work, by kind.
// https://docs.aws.amazon.com/xray/latest/api/API_BackendConnectionErrors.html
type BackendConnectionErrors struct {
	TimeoutCount, ConnectionRefusedCount, HTTPCode4XXCount, HTTPCode5XXCount, UnknownHostCount, OtherCount int64
}

// A TelemetrySource says who sends records.
type TelemetrySource struct {
	EC2InstanceID string `json:"EC2InstanceId,omitempty"`
	Hostname      string `json:",omitempty"`
	ResourceARN   string `json:",omitempty"`
}

// PutTelemetryRecords sends at most MaxTelemetryRecords records. Without records it makes no call. Texts that are longer
// than X-Ray takes are cut.
// https://docs.aws.amazon.com/xray/latest/api/API_PutTelemetryRecords.html
func (c *Client) PutTelemetryRecords(ctx context.Context, from TelemetrySource, records []TelemetryRecord) error {
	k := call{operation: "PutTelemetryRecords", path: "/TelemetryRecords", contentType: "application/json"}
	if err := c.check(k, XRay, len(records), MaxTelemetryRecords); err != nil || len(records) == 0 {
		return err
	}
	from.EC2InstanceID = from.EC2InstanceID[:min(len(from.EC2InstanceID), maxInstanceID)]
	from.Hostname = from.Hostname[:min(len(from.Hostname), maxHostname)]
	from.ResourceARN = from.ResourceARN[:min(len(from.ResourceARN), maxResourceARN)]
	text, err := json.Marshal(struct {
		TelemetryRecords []TelemetryRecord
		TelemetrySource
	}{records, from})
	if err != nil {
		return c.localError(k, "InvalidRequest", fmt.Errorf("encode: %w", err), false) // a time that is no number
	}
	body := c.bodies.new()
	body.data = append(body.data, text...)
	_, err = c.do(ctx, k, body)
	return err
}
