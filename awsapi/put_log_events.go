package awsapi

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/updraft-otel/updraft/internal/jsonstring"
)

// Limits of PutLogEvents.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
const (
	// MaxLogEvents is the most events of a call.
	MaxLogEvents = 10_000
	// MaxLogBatchBytes is the most bytes of a call, each event counted as its message in UTF-8 and LogEventOverhead.
	MaxLogBatchBytes = 1 << 20
	// LogEventOverhead is what CloudWatch Logs counts for an event besides its message.
	LogEventOverhead = 26
	// MaxLogEventBytes is the longest message.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
	MaxLogEventBytes = 1<<20 - LogEventOverhead
	// LogSpan is the most time between the first and the last event of a call; they must be in order.
	LogSpan = 24 * time.Hour
	// MaxLogAge is how old an event may be, unless the group's retention is shorter.
	MaxLogAge = 14 * 24 * time.Hour
	// MaxLogAhead is how far in the future an event may be.
	MaxLogAhead = 2 * time.Hour
)

// RejectedLogEvents says which events of a call CloudWatch Logs did not take because of their times. It took the others.
type RejectedLogEvents struct {
	// TooNewStart is the index of the first event that is too far in the future, nil if none is.
	TooNewStart *int `json:"tooNewLogEventStartIndex"`
	// TooOldEnd is the index after the last event that is too old, nil if none is.
	TooOldEnd *int `json:"tooOldLogEventEndIndex"`
	// ExpiredEnd is the index after the last event that is older than the group's retention, nil if none is.
	ExpiredEnd *int `json:"expiredLogEventEndIndex"`
	// Entity is why the entity was not taken, as "InvalidKeyAttributes", "" if it was; the events were.
	Entity string `json:"-"`
}

// A LogEntity is what events are about: a service, for which the CloudWatch console shows them beside its traces and
// metrics. CloudWatch Logs takes at most 512 characters for a name or environment, and 10 attributes.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Entity.html
type LogEntity struct {
	// Service and Environment are the service's names. Required.
	Service, Environment string
	// Attributes say where it runs, as PlatformType.
	Attributes map[string]string
}

func appendEntity(dst []byte, e *LogEntity) []byte {
	dst = append(dst, `,"entity":{"keyAttributes":{"Type":"Service"`...)
	dst = appendMember(dst, `,"Name":`, e.Service)
	dst = append(appendMember(dst, `,"Environment":`, e.Environment), '}')
	for i, key := range slices.Sorted(maps.Keys(e.Attributes)) {
		if i == 0 {
			dst = append(dst, `,"attributes":{`...)
		} else {
			dst = append(dst, ',')
		}
		dst = appendMember(append(jsonstring.Append(dst, key), ':'), "", e.Attributes[key])
	}
	if len(e.Attributes) > 0 {
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

// Reason returns why event i was rejected, "too_new", "too_old" or "expired", and "" if it was not.
func (r RejectedLogEvents) Reason(i int) string {
	switch {
	case r.TooNewStart != nil && i >= *r.TooNewStart:
		return "too_new"
	case r.TooOldEnd != nil && i < *r.TooOldEnd:
		return "too_old"
	case r.ExpiredEnd != nil && i < *r.ExpiredEnd:
		return "expired"
	}
	return ""
}

// PutLogEvents sends n events, event(0) to event(n-1), which must be in the order of their times, milliseconds since
// 1970, about an entity, which may be nil. A message is not kept after event is called again. Where group or stream does not exist the error's code is
// CodeResourceNotFound.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
func (c *Client) PutLogEvents(ctx context.Context, group, stream string, entity *LogEntity, n int, event func(i int) (timestampMillis int64, message []byte)) (RejectedLogEvents, error) {
	k := logsCall("PutLogEvents")
	if c.cfg.LogsFormat != "" {
		k.header = append(k.header, [2]string{"X-Amzn-Logs-Format", c.cfg.LogsFormat})
	}
	var out struct {
		RejectedLogEventsInfo RejectedLogEvents `json:"rejectedLogEventsInfo"`
		RejectedEntityInfo    struct {
			ErrorType string `json:"errorType"`
		} `json:"rejectedEntityInfo"`
	}
	if err := c.check(k, Logs, n, MaxLogEvents); err != nil || n <= 0 {
		return out.RejectedLogEventsInfo, err
	}
	body := c.bodies.new()
	body.data = appendMember(body.data, `{"logGroupName":`, group)
	body.data = appendMember(body.data, `,"logStreamName":`, stream)
	if entity != nil {
		body.data = appendEntity(body.data, entity)
	}
	body.data = append(body.data, `,"logEvents":[`...)
	for i := range n {
		if i > 0 {
			body.data = append(body.data, ',')
		}
		at, message := event(i)
		body.data = strconv.AppendInt(append(body.data, `{"timestamp":`...), at, 10)
		body.data = append(jsonstring.Append(append(body.data, `,"message":`...), message), '}')
	}
	body.data = append(body.data, "]}"...)
	answer, err := c.do(ctx, k, body)
	if err != nil || len(answer) == 0 {
		return out.RejectedLogEventsInfo, err
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return RejectedLogEvents{}, c.badAnswer(k, nil, err)
	}
	out.RejectedLogEventsInfo.Entity = out.RejectedEntityInfo.ErrorType
	return out.RejectedLogEventsInfo, nil
}

func appendMember(dst []byte, name, value string) []byte {
	return jsonstring.Append(append(dst, name...), value)
}

// logsCall is any call of CloudWatch Logs.
func logsCall(operation string) call {
	return call{
		operation:   operation,
		path:        "/",
		contentType: "application/x-amz-json-1.1",
		header:      [][2]string{{"X-Amz-Target", "Logs_20140328." + operation}},
	}
}
