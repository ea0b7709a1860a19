package awsxray

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/agent/internal/attributes"
	"github.com/updraft-otel/updraft/xray"
)

// FillSegment makes s the segment of a span of the collector's, reusing the slices that s has; everything else in it is
// forgotten. It keeps no reference to the span but its strings. The scope's name, the resource, what is to be indexed and
// Compat are the caller's to set then.
func FillSegment(s *xray.Segment, span ptrace.Span) {
	*s = xray.Segment{Attributes: s.Attributes, Events: s.Events, Links: s.Links}
	status := span.Status()
	s.TraceID, s.SpanID, s.ParentID = trace.TraceID(span.TraceID()), trace.SpanID(span.SpanID()), trace.SpanID(span.ParentSpanID())
	s.Kind, s.Name = trace.SpanKind(span.Kind()), span.Name()
	s.Start, s.End = timeOf(span.StartTimestamp()), timeOf(span.EndTimestamp())
	s.Status, s.StatusMessage = statusOf(status.Code()), status.Message()
	s.Attributes = attributes.Append(s.Attributes[:0], span.Attributes())
	s.Events = fillEvents(s.Events, span.Events())
	s.Links = fillLinks(s.Links, span.Links())
}

// Attributes is a map of the collector's as OpenTelemetry's attributes.
func Attributes(m pcommon.Map) []attribute.KeyValue { return attributes.Of(m) }

func statusOf(c ptrace.StatusCode) codes.Code {
	switch c {
	case ptrace.StatusCodeError:
		return codes.Error
	case ptrace.StatusCodeOk:
		return codes.Ok
	default:
		return codes.Unset
	}
}

func fillEvents(events []xray.Event, from ptrace.SpanEventSlice) []xray.Event {
	events = resized(events, from.Len())
	for i := range events {
		e := from.At(i)
		events[i].Name, events[i].Time = e.Name(), timeOf(e.Timestamp())
		events[i].Attributes = attributes.Append(events[i].Attributes[:0], e.Attributes())
	}
	return events
}

func fillLinks(links []xray.Link, from ptrace.SpanLinkSlice) []xray.Link {
	links = resized(links, from.Len())
	for i := range links {
		l := from.At(i)
		links[i].TraceID, links[i].SpanID = trace.TraceID(l.TraceID()), trace.SpanID(l.SpanID())
		links[i].Attributes = attributes.Append(links[i].Attributes[:0], l.Attributes())
	}
	return links
}

// resized gives s the length n, keeping what its elements hold for another use.
func resized[T any](s []T, n int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	return append(s[:cap(s)], make([]T, n-cap(s))...)
}

func timeOf(t pcommon.Timestamp) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return t.AsTime()
}
