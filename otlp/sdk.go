package otlp

import (
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// FromSpan fills s from an SDK span, reusing the slices it has. The span's
// resource is not in it.
func FromSpan(s *Span, span sdktrace.ReadOnlySpan) {
	sc, parent, scope := span.SpanContext(), span.Parent(), span.InstrumentationScope()
	s.Scope = Scope{Name: scope.Name, Version: scope.Version, Attributes: scope.Attributes, SchemaURL: scope.SchemaURL}
	s.TraceID, s.SpanID, s.ParentID = sc.TraceID(), sc.SpanID(), parent.SpanID()
	s.TraceState, s.Flags, s.Remote = sc.TraceState().String(), sc.TraceFlags(), parent.IsRemote()
	s.Kind, s.Name = span.SpanKind(), span.Name()
	s.Start, s.End = span.StartTime(), span.EndTime()
	s.Attributes, s.DroppedAttributes = span.Attributes(), span.DroppedAttributes()
	status := span.Status()
	s.Status, s.StatusMessage = status.Code, status.Description

	s.Events, s.DroppedEvents = s.Events[:0], span.DroppedEvents()
	for _, e := range span.Events() {
		s.Events = append(s.Events, Event{
			Time: e.Time, Name: e.Name, Attributes: e.Attributes, DroppedAttributes: e.DroppedAttributeCount,
		})
	}
	s.Links, s.DroppedLinks = s.Links[:0], span.DroppedLinks()
	for _, l := range span.Links() {
		s.Links = append(s.Links, Link{
			TraceID: l.SpanContext.TraceID(), SpanID: l.SpanContext.SpanID(),
			TraceState: l.SpanContext.TraceState().String(), Flags: l.SpanContext.TraceFlags(), Remote: l.SpanContext.IsRemote(),
			Attributes: l.Attributes, DroppedAttributes: l.DroppedAttributeCount,
		})
	}
}
