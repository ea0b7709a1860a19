package awsxray

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/xray"
)

// maxDepth is how deep attribute values may be nested. A span from outside may nest them a million times, for which a
// stack is no place.
const maxDepth = 64

// tooDeep stands for what is nested deeper.
const tooDeep = "(nested too deep)"

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
	s.Attributes = appendAttributes(s.Attributes[:0], span.Attributes(), 0)
	s.Events = fillEvents(s.Events, span.Events())
	s.Links = fillLinks(s.Links, span.Links())
}

// Attributes is a map of the collector's as OpenTelemetry's attributes.
func Attributes(m pcommon.Map) []attribute.KeyValue {
	return appendAttributes(make([]attribute.KeyValue, 0, m.Len()), m, 0)
}

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
		events[i].Attributes = appendAttributes(events[i].Attributes[:0], e.Attributes(), 0)
	}
	return events
}

func fillLinks(links []xray.Link, from ptrace.SpanLinkSlice) []xray.Link {
	links = resized(links, from.Len())
	for i := range links {
		l := from.At(i)
		links[i].TraceID, links[i].SpanID = trace.TraceID(l.TraceID()), trace.SpanID(l.SpanID())
		links[i].Attributes = appendAttributes(links[i].Attributes[:0], l.Attributes(), 0)
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

func appendAttributes(list []attribute.KeyValue, m pcommon.Map, depth int) []attribute.KeyValue {
	for key, v := range m.All() {
		list = append(list, attribute.KeyValue{Key: attribute.Key(key), Value: valueOf(v, depth)})
	}
	return list
}

func valueOf(v pcommon.Value, depth int) attribute.Value {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return attribute.StringValue(v.Str())
	case pcommon.ValueTypeBool:
		return attribute.BoolValue(v.Bool())
	case pcommon.ValueTypeInt:
		return attribute.Int64Value(v.Int())
	case pcommon.ValueTypeDouble:
		return attribute.Float64Value(v.Double())
	case pcommon.ValueTypeBytes:
		return attribute.ByteSliceValue(v.Bytes().AsRaw())
	case pcommon.ValueTypeSlice:
		return sliceOf(v.Slice(), depth+1)
	case pcommon.ValueTypeMap:
		if depth >= maxDepth {
			return attribute.StringValue(tooDeep)
		}
		return attribute.MapValue(appendAttributes(make([]attribute.KeyValue, 0, v.Map().Len()), v.Map(), depth+1)...)
	default:
		return attribute.Value{}
	}
}

func sliceOf(s pcommon.Slice, depth int) attribute.Value {
	if depth > maxDepth {
		return attribute.StringValue(tooDeep)
	}
	list := make([]attribute.Value, 0, s.Len())
	for _, e := range s.All() {
		list = append(list, valueOf(e, depth))
	}
	return attribute.SliceValue(list...)
}
