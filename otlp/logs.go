package otlp

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// A LogRecord is all that OTLP has about a log record but for its resource.
type LogRecord struct {
	Scope          Scope
	Time, Observed time.Time // a zero one is left out
	Severity       int       // OpenTelemetry's number, 1 to 24
	SeverityText   string
	EventName      string
	Body           attribute.Value
	TraceID        trace.TraceID
	SpanID         trace.SpanID
	Flags          trace.TraceFlags

	Attributes        []attribute.KeyValue
	DroppedAttributes int
}

// AppendLogItem appends a log record as it travels to [AppendLogs], as
// [AppendItem] does with a span.
func AppendLogItem(dst []byte, r *LogRecord) []byte {
	start := len(dst)
	dst = appendScope(append(dst, 0), &r.Scope)
	return AppendLogRecord(end(dst, start+1), r)
}

// AppendLogs appends an ExportLogsServiceRequest with the n items of
// [AppendLogItem] that item returns, all of one resource. Logs and traces have
// the same messages around what they carry, by the same numbers.
func AppendLogs(dst []byte, resource string, n int, item func(i int) []byte) []byte {
	return AppendTraces(dst, resource, n, item)
}

// AppendLogRecord appends the fields of a LogRecord message.
func AppendLogRecord(dst []byte, r *LogRecord) []byte {
	dst = appendTime(dst, 1, r.Time)
	dst = appendVarint(dst, 2, count(r.Severity))
	dst = appendText(dst, 3, r.SeverityText)
	if r.Body.Type() != attribute.EMPTY {
		var at int
		dst, at = begin(dst, 5)
		dst = end(appendValue(dst, &r.Body, 0), at)
	}
	dst = appendAttributes(dst, 6, r.Attributes)
	dst = appendVarint(dst, 7, count(r.DroppedAttributes))
	if r.Flags != 0 {
		dst = appendFixed32(dst, 8, uint32(r.Flags))
	}
	if r.TraceID.IsValid() {
		dst = appendBytes(dst, 9, r.TraceID[:])
	}
	if r.SpanID.IsValid() {
		dst = appendBytes(dst, 10, r.SpanID[:])
	}
	dst = appendTime(dst, 11, r.Observed)
	return appendText(dst, 12, r.EventName)
}

func appendTime(dst []byte, field int, t time.Time) []byte {
	if t.IsZero() {
		return dst
	}
	return appendFixed64(dst, field, nanos(t))
}
