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
	return c.PutEscapedLogEvents(ctx, group, stream, entity, n, func(i int) (int64, []byte, bool) {
		at, message := event(i)
		return at, message, false
	})
}

// PutEscapedLogEvents is PutLogEvents for messages some of which are escaped already: as they stand in a JSON string,
// without its quotes. It does not check them; the limits count what they mean.
func (c *Client) PutEscapedLogEvents(ctx context.Context, group, stream string, entity *LogEntity, n int,
	event func(i int) (timestampMillis int64, message []byte, escaped bool),
) (RejectedLogEvents, error) {
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
	body.data = append(appendEvents(body.data, n, event), "]}"...)
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

// EscapedLen is how many bytes the limits count for an escaped message.
func EscapedLen(message []byte) int { return jsonstring.UnescapedLen(message) }

// eventRoom is what stands around a message, {"timestamp":1764100000000,"message":""},
const eventRoom = 41

func appendEvents(dst []byte, n int, event func(i int) (int64, []byte, bool)) []byte {
	var clock millis
	for i := range n {
		at, message, escaped := event(i)
		if cap(dst)-len(dst) < eventSize(message, escaped) { // as a rule only in a new buffer
			dst = slices.Grow(dst, eventsSize(i, n, event))
			at, message, escaped = event(i)
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(clock.append(append(dst, `{"timestamp":`...), at), `,"message":"`...)
		if escaped {
			dst = append(dst, message...)
		} else {
			dst = jsonstring.Escape(dst, message)
		}
		dst = append(dst, '"', '}')
	}
	return dst
}

// eventsSize is about how many bytes events from up to n take.
func eventsSize(from, n int, event func(i int) (int64, []byte, bool)) int {
	size := 0
	for i := from; i < n; i++ {
		_, message, escaped := event(i)
		size += eventSize(message, escaped)
	}
	return size
}

func eventSize(message []byte, escaped bool) int {
	size := len(message) + eventRoom
	if !escaped {
		size += len(message) / escapedShare
	}
	return size
}

// millis writes times in milliseconds, most of which share their second with the one before.
type millis struct {
	second int64
	digits [20]byte
	n      int // of the digits of second
}

func (m *millis) append(dst []byte, at int64) []byte {
	const each = int64(time.Second / time.Millisecond)
	if at < each {
		return strconv.AppendInt(dst, at, 10)
	}
	if second := at / each; m.n == 0 || m.second != second {
		m.second, m.n = second, len(strconv.AppendInt(m.digits[:0], second, 10))
	}
	rest := at % each
	return append(append(dst, m.digits[:m.n]...), '0'+byte(rest/100), '0'+byte(rest/10%10), '0'+byte(rest%10))
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
