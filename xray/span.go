package xray

import (
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// FromSpan fills s from an SDK span, reusing the slices it has. The resource,
// and what is to be indexed, are the caller's to set.
func FromSpan(s *Segment, span sdktrace.ReadOnlySpan) {
	sc := span.SpanContext()
	s.TraceID, s.SpanID, s.ParentID = sc.TraceID(), sc.SpanID(), span.Parent().SpanID()
	s.Kind, s.Name = span.SpanKind(), span.Name()
	s.Start, s.End = span.StartTime(), span.EndTime()
	status := span.Status()
	s.Status, s.StatusMessage = status.Code, status.Description
	s.Attributes = span.Attributes()
	s.Scope = span.InstrumentationScope().Name

	s.Events = s.Events[:0]
	for _, e := range span.Events() {
		s.Events = append(s.Events, Event{Name: e.Name, Time: e.Time, Attributes: e.Attributes})
	}
	s.Links = s.Links[:0]
	for _, l := range span.Links() {
		s.Links = append(s.Links, Link{
			TraceID: l.SpanContext.TraceID(), SpanID: l.SpanContext.SpanID(), Attributes: l.Attributes,
		})
	}
}
