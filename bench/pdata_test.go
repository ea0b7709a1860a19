package bench

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/xray"
)

// segmentOf is the collector's span as package xray takes it.
func segmentOf(span ptrace.Span, scope string, resource *xray.Resource, s settings) *xray.Segment {
	segment := &xray.Segment{
		TraceID: trace.TraceID(span.TraceID()), SpanID: trace.SpanID(span.SpanID()), ParentID: trace.SpanID(span.ParentSpanID()),
		Kind: trace.SpanKind(span.Kind()), Name: span.Name(), Scope: scope, Resource: resource,
		Start: timeOf(span.StartTimestamp()), End: timeOf(span.EndTimestamp()),
		StatusMessage: span.Status().Message(), Attributes: attributesOf(span.Attributes()),
		Indexed: s.indexed, IndexAll: s.all,
	}
	switch span.Status().Code() {
	case ptrace.StatusCodeError:
		segment.Status = codes.Error
	case ptrace.StatusCodeOk:
		segment.Status = codes.Ok
	}
	for _, e := range span.Events().All() {
		segment.Events = append(segment.Events, xray.Event{Name: e.Name(), Time: timeOf(e.Timestamp()), Attributes: attributesOf(e.Attributes())})
	}
	for _, l := range span.Links().All() {
		segment.Links = append(segment.Links, xray.Link{
			TraceID: trace.TraceID(l.TraceID()), SpanID: trace.SpanID(l.SpanID()), Attributes: attributesOf(l.Attributes()),
		})
	}
	return segment
}

func timeOf(t pcommon.Timestamp) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return t.AsTime()
}

func attributesOf(m pcommon.Map) []attribute.KeyValue {
	list := make([]attribute.KeyValue, 0, m.Len())
	for key, v := range m.All() {
		list = append(list, attribute.KeyValue{Key: attribute.Key(key), Value: valueOf(v)})
	}
	return list
}

func valueOf(v pcommon.Value) attribute.Value {
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
		list := make([]attribute.Value, 0, v.Slice().Len())
		for _, e := range v.Slice().All() {
			list = append(list, valueOf(e))
		}
		return attribute.SliceValue(list...)
	case pcommon.ValueTypeMap:
		return attribute.MapValue(attributesOf(v.Map())...)
	}
	return attribute.Value{}
}
