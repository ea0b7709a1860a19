package awscloudwatchlogs

import (
	"strings"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/log"

	"github.com/updraft-otel/updraft/agent/internal/attributes"
	"github.com/updraft-otel/updraft/logs"
)

// An encoder turns records into lines, resource after resource and scope after scope.
type encoder struct {
	compat    bool
	source    *source
	scope     string
	scopeText []byte // in the collector's form
	event     logs.Event
}

// A source is what records have in common that come from one resource. It does not change.
type source struct {
	to       destination
	resource *logs.Resource
	text     []byte // in the collector's form
}

// newSource encodes a resource, of which it keeps nothing but texts.
func newSource(resource pcommon.Map, to destination, compat bool) *source {
	s := &source{to: to, resource: logs.NewResource(attributes.Of(resource), nil)}
	if compat {
		s.text = appendMember(nil, "resource", resource)
	}
	return s
}

// begin says where the next records come from.
func (e *encoder) begin(s *source) { e.source = s }

func (e *encoder) beginScope(scope pcommon.InstrumentationScope) {
	e.scope = scope.Name()
	if e.compat {
		e.scopeText = appendScope(e.scopeText[:0], scope)
	}
}

// append appends the line of a record, which always fits an event.
func (e *encoder) append(dst []byte, record plog.LogRecord) []byte {
	if e.compat {
		start := len(dst)
		if dst = e.appendCompat(dst, record); len(dst)-start <= logs.MaxEventBytes {
			return dst
		}
		dst = dst[:start] // the collector's exporter would cut it somewhere
	}
	e.fill(record)
	return logs.AppendEvent(dst, &e.event)
}

// appendRaw appends the body of a record, or the whole where that is empty: CloudWatch Logs takes no empty event.
func (e *encoder) appendRaw(dst []byte, record plog.LogRecord) []byte {
	text := attributes.Text(record.Body())
	if text == "" {
		e.fill(record)
		return logs.AppendEvent(dst, &e.event)
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	return append(dst, text...)
}

func (e *encoder) fill(record plog.LogRecord) {
	list := attributes.Append(e.event.Attributes[:0], record.Attributes())
	e.event = logs.Event{
		Time: timeOf(record.Timestamp()), Observed: timeOf(record.ObservedTimestamp()),
		Severity: record.SeverityText(), SeverityNumber: int(record.SeverityNumber()),
		Body: attributes.Value(record.Body()), EventName: record.EventName(), Attributes: list,
		TraceID: record.TraceID(), SpanID: record.SpanID(), Scope: e.scope,
	}
	if e.event.Severity == "" && e.event.SeverityNumber != 0 {
		e.event.Severity = log.Severity(e.event.SeverityNumber).String()
	}
	e.event.SetResource(e.source.resource)
}

func timeOf(t pcommon.Timestamp) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return t.AsTime()
}
