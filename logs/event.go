package logs

import (
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// Event is one log event. What is zero is left out of the line.
type Event struct {
	// Time is when the event happened; where it is zero, Observed counts.
	Time time.Time
	// Observed is when the event was first seen by telemetry.
	Observed time.Time
	// Severity is the severity's name as the source wrote it.
	Severity string
	// SeverityNumber is OpenTelemetry's number for it, 1 to 24.
	SeverityNumber int
	// Body is the message, a string as a rule.
	Body attribute.Value
	// EventName makes the record an OpenTelemetry event.
	EventName string
	// Attributes describe the event. Of equal keys the last one counts.
	Attributes []attribute.KeyValue
	// TraceID and SpanID are the span the event belongs to.
	TraceID [16]byte
	SpanID  [8]byte
	// Service is the name of the service, Scope that of the logger.
	Service string
	Scope   string
	// Resource describes where the event comes from, beyond Service.
	Resource []attribute.KeyValue

	// attributesJSON is the members of Attributes, if they are encoded already;
	// resourceJSON is Resource as a JSON object, likewise.
	attributesJSON, resourceJSON []byte
}

// At is the event's time: when it happened, or else when it was observed.
func (e *Event) At() time.Time {
	if e.Time.IsZero() {
		return e.Observed
	}
	return e.Time
}

// AppendEvent appends e as one JSON object without a line end. The result is
// never longer than MaxEventBytes: where it would be, the longest strings are
// cut, end with TruncationMark, and truncated_bytes says how much is missing.
func AppendEvent(dst []byte, e *Event) []byte {
	start := len(dst)
	dst = appendEvent(dst, e)
	if size := len(dst) - start; size > MaxEventBytes {
		return appendCut(dst[:start], e, size)
	}
	return dst
}

func appendEvent(dst []byte, e *Event) []byte {
	dst = appendTime(append(dst, '{'), e.At())
	dst = appendSeverity(dst, e.Severity, e.SeverityNumber)
	if e.Body.Type() != attribute.EMPTY {
		dst = appendjson.Value(appendName(dst, "body"), e.Body)
	}
	dst = appendText(dst, "event_name", e.EventName)
	switch {
	case len(e.attributesJSON) > 0:
		dst = append(append(appendName(dst, "attributes"), '{'), e.attributesJSON...)
		dst = append(dst, '}')
	case len(e.Attributes) > 0:
		dst = appendAttributes(appendName(dst, "attributes"), e.Attributes, appendjson.Value)
	}
	dst = appendIDs(dst, e.TraceID, e.SpanID)
	dst = appendText(dst, "service", e.Service)
	dst = appendText(dst, "scope", e.Scope)
	switch {
	case len(e.resourceJSON) > 0:
		dst = append(appendName(dst, "resource"), e.resourceJSON...)
	case len(e.Resource) > 0:
		dst = appendAttributes(appendName(dst, "resource"), e.Resource, appendjson.Value)
	}
	return append(dst, '}')
}

// appendName appends a field's name, which needs no escaping, and the comma
// before it where something stands before it.
func appendName(dst []byte, name string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, name...)
	return append(dst, '"', ':')
}

func appendText(dst []byte, name, text string) []byte {
	if text == "" {
		return dst
	}
	return appendjson.String(appendName(dst, name), text)
}

func appendSeverity(dst []byte, text string, number int) []byte {
	dst = appendText(dst, "severity", text)
	if number == 0 {
		return dst
	}
	return strconv.AppendInt(appendName(dst, "severity_number"), int64(number), 10)
}

// appendIDs writes the trace id twice: the CloudWatch console searches log
// lines for X-Ray's form, everybody else for OpenTelemetry's.
func appendIDs(dst []byte, trace [16]byte, span [8]byte) []byte {
	if trace != [16]byte{} {
		dst = append(appendName(dst, "trace_id"), '"')
		dst = append(appendjson.Hex(dst, trace[:]), '"')
	}
	if span != [8]byte{} {
		dst = append(appendName(dst, "span_id"), '"')
		dst = append(appendjson.Hex(dst, span[:]), '"')
	}
	if trace != [16]byte{} {
		dst = append(appendName(dst, "xray_trace_id"), `"1-`...)
		dst = append(appendjson.Hex(dst, trace[:4]), '-')
		dst = append(appendjson.Hex(dst, trace[4:]), '"')
	}
	return dst
}

func appendAttributes(dst []byte, kvs []attribute.KeyValue, value func([]byte, attribute.Value) []byte) []byte {
	dst = append(dst, '{')
	kvs = unique(kvs)
	for i, kv := range kvs {
		if repeated(kvs, i) {
			continue
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(appendjson.String(dst, string(kv.Key)), ':')
		dst = value(dst, kv.Value)
	}
	return append(dst, '}')
}

// manyAttributes is where comparing every key with every other one becomes
// slower than a map.
const manyAttributes = 64

// repeated says whether a later one of few attributes has the key of number i.
func repeated(kvs []attribute.KeyValue, i int) bool {
	if len(kvs) > manyAttributes {
		return false
	}
	for _, later := range kvs[i+1:] {
		if later.Key == kvs[i].Key {
			return true
		}
	}
	return false
}

// unique drops the repeated ones of many attributes; repeated handles few.
func unique(kvs []attribute.KeyValue) []attribute.KeyValue {
	if len(kvs) <= manyAttributes {
		return kvs
	}
	last := make(map[attribute.Key]int, len(kvs))
	for i, kv := range kvs {
		last[kv.Key] = i
	}
	kept := make([]attribute.KeyValue, 0, len(last))
	for i, kv := range kvs {
		if last[kv.Key] == i {
			kept = append(kept, kv)
		}
	}
	return kept
}
