package otlp

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// A Resource is what produced telemetry.
type Resource struct {
	Attributes []attribute.KeyValue
	SchemaURL  string
}

// A Scope is the instrumentation that recorded it.
type Scope struct {
	Name, Version string
	Attributes    attribute.Set
	SchemaURL     string
}

// A Span is one operation, all that OTLP has about it but for its resource.
type Span struct {
	Scope      Scope
	TraceID    trace.TraceID
	SpanID     trace.SpanID
	ParentID   trace.SpanID // zero for a root
	TraceState string       // in W3C's form
	Flags      trace.TraceFlags
	Remote     bool // the parent is in another process
	Kind       trace.SpanKind
	Name       string
	Start, End time.Time // a zero End is left out

	Attributes        []attribute.KeyValue
	DroppedAttributes int
	Events            []Event
	DroppedEvents     int
	Links             []Link
	DroppedLinks      int

	Status        codes.Code
	StatusMessage string
}

// An Event is something that happened during a span.
type Event struct {
	Time              time.Time
	Name              string
	Attributes        []attribute.KeyValue
	DroppedAttributes int
}

// A Link points to a span that a span has to do with.
type Link struct {
	TraceID           trace.TraceID
	SpanID            trace.SpanID
	TraceState        string // in W3C's form
	Flags             trace.TraceFlags
	Remote            bool
	Attributes        []attribute.KeyValue
	DroppedAttributes int
}
