package logs

import (
	"cmp"
	"slices"
	"strconv"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// Limits of one log event.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
const (
	// EventOverhead is what each event counts besides its message.
	EventOverhead = 26
	// MaxEventBytes is the most a message may have, in bytes of UTF-8: an event
	// may have 1 MB, and its overhead counts.
	MaxEventBytes = 1<<20 - EventOverhead
)

// TruncationMark ends a string that was cut to make the event fit.
const TruncationMark = "[truncated]"

// minCut is the shortest a string is cut to. Where that is not enough, the
// bulk is not in the strings, and a whole field is left out instead.
const minCut = 256

// cutField is the room the field truncated_bytes takes at most.
const cutField = len(`,"truncated_bytes":`) + len("9223372036854775807")

// appendCut appends e, which is too long by itself, so that it fits. It cuts
// the longest strings to one length, so that short ones stay whole; where
// strings are not what makes e long, it leaves out the largest of body,
// attributes and resource first. size is e's length uncut.
func appendCut(dst []byte, e *Event, size int) []byte {
	short := *e
	short.resourceJSON = nil
	for {
		limit, ok := cutLimit(&short)
		if ok {
			return appendShort(dst, &short, limit, size)
		}
		leaveOutLargest(&short)
	}
}

// appendShort writes e with every string cut at limit and the byte count of
// what is missing, as the last field.
func appendShort(dst []byte, e *Event, limit, size int) []byte {
	start := len(dst)
	trim := appendjson.Trim{Limit: limit, Mark: TruncationMark}
	dst = appendTime(append(dst, '{'), e.At())
	dst = appendTrimmed(dst, "severity", e.Severity, trim)
	dst = appendSeverity(dst, "", e.SeverityNumber)
	if e.Body.Type() != attribute.EMPTY {
		dst = trim.Value(appendName(dst, "body"), e.Body)
	}
	dst = appendTrimmed(dst, "event_name", e.EventName, trim)
	if len(e.Attributes) > 0 {
		dst = appendAttributes(appendName(dst, "attributes"), e.Attributes, trim.Value)
	}
	dst = appendIDs(dst, e.TraceID, e.SpanID)
	dst = appendTrimmed(dst, "service", e.Service, trim)
	dst = appendTrimmed(dst, "scope", e.Scope, trim)
	if len(e.Resource) > 0 {
		dst = appendAttributes(appendName(dst, "resource"), e.Resource, trim.Value)
	}
	missing := max(0, size-(len(dst)-start)-1)
	dst = appendName(dst, "truncated_bytes")
	return append(strconv.AppendInt(dst, int64(missing), 10), '}')
}

func appendTrimmed(dst []byte, name, text string, trim appendjson.Trim) []byte {
	if text == "" {
		return dst
	}
	return trim.String(appendName(dst, name), text)
}

// cutLimit finds the length to which e's longest strings must be cut, and
// whether cutting strings is enough.
func cutLimit(e *Event) (limit int, ok bool) {
	lengths := stringLengths(e)
	excess := len(appendEvent(nil, e)) + cutField - MaxEventBytes
	if excess <= 0 {
		return MaxEventBytes, true
	}
	slices.SortFunc(lengths, func(a, b int) int { return cmp.Compare(b, a) })
	sum := 0
	for i, n := range lengths {
		sum += n
		limit = (sum - excess) / (i + 1)
		if sum < excess {
			continue
		}
		if i+1 == len(lengths) || limit >= lengths[i+1] {
			return limit, limit >= minCut
		}
	}
	return 0, false
}

func stringLengths(e *Event) []int {
	var lengths []int
	for _, s := range []string{e.Severity, e.EventName, e.Service, e.Scope} {
		lengths = append(lengths, appendjson.EscapedLen(s))
	}
	lengths = appendjson.Lengths(lengths, e.Body)
	for _, kvs := range [][]attribute.KeyValue{unique(e.Attributes), unique(e.Resource)} {
		for i, kv := range kvs {
			if !repeated(kvs, i) {
				lengths = appendjson.Lengths(lengths, kv.Value)
			}
		}
	}
	return lengths
}

func leaveOutLargest(e *Event) {
	body := len(appendjson.Value(nil, e.Body))
	attributes := len(appendAttributes(nil, e.Attributes, appendjson.Value))
	resource := len(appendAttributes(nil, e.Resource, appendjson.Value))
	switch max(body, attributes, resource) {
	case attributes:
		e.Attributes = nil
	case resource:
		e.Resource = nil
	default:
		e.Body = attribute.Value{}
	}
}
