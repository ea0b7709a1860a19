package otlp

import (
	"encoding/binary"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Bits of Span.flags and Link.flags above W3C's trace flags.
const (
	flagKnowsRemote = 0x100
	flagRemote      = 0x200
)

// ItemOverhead is what a request needs for an item besides the item's bytes,
// at most: the heads of a ScopeSpans message and of a Span.
const ItemOverhead = 12

// AppendResource appends what stands in a ResourceSpans message besides its
// spans. It is the key that items of this resource travel under.
func AppendResource(dst []byte, r *Resource) []byte {
	dst, at := begin(dst, 1)
	dst = end(appendAttributes(dst, 1, r.Attributes), at)
	return appendText(dst, 3, r.SchemaURL)
}

// appendScope appends what stands in a ScopeSpans message besides its spans.
func appendScope(dst []byte, s *Scope) []byte {
	dst, at := begin(dst, 1)
	dst = appendText(dst, 1, s.Name)
	dst = appendText(dst, 2, s.Version)
	for i := range s.Attributes.Len() {
		kv, _ := s.Attributes.Get(i)
		dst = appendKeyValue(dst, 3, &kv, 0)
	}
	return appendText(end(dst, at), 3, s.SchemaURL)
}

// AppendItem appends a span as it travels to [AppendTraces]: the length of its
// encoded scope, the scope, and the Span message.
func AppendItem(dst []byte, s *Span) []byte {
	start := len(dst)
	dst = appendScope(append(dst, 0), &s.Scope)
	return AppendSpan(end(dst, start+1), s)
}

// cutItem undoes AppendItem. What is no item has neither scope nor span.
func cutItem(item []byte) (scope, span []byte) {
	size, n := binary.Uvarint(item)
	if n <= 0 || size > uint64(len(item)-n) {
		return nil, nil
	}
	return item[n : n+int(size)], item[n+int(size):]
}

// AppendSpan appends the fields of a Span message.
func AppendSpan(dst []byte, s *Span) []byte {
	dst = appendBytes(dst, 1, s.TraceID[:])
	dst = appendBytes(dst, 2, s.SpanID[:])
	dst = appendText(dst, 3, s.TraceState)
	if s.ParentID.IsValid() {
		dst = appendBytes(dst, 4, s.ParentID[:])
	}
	dst = appendText(dst, 5, s.Name)
	dst = appendVarint(dst, 6, kind(s.Kind))
	dst = appendFixed64(dst, 7, nanos(s.Start))
	dst = appendFixed64(dst, 8, nanos(s.End))
	dst = appendAttributes(dst, 9, s.Attributes)
	dst = appendVarint(dst, 10, count(s.DroppedAttributes))
	for i := range s.Events {
		dst = appendEvent(dst, &s.Events[i])
	}
	dst = appendVarint(dst, 12, count(s.DroppedEvents))
	for i := range s.Links {
		dst = appendLink(dst, &s.Links[i])
	}
	dst = appendVarint(dst, 14, count(s.DroppedLinks))
	dst = appendStatus(dst, s.Status, s.StatusMessage)
	return appendFixed32(dst, 16, flags(s.Flags, s.Remote))
}

func appendEvent(dst []byte, e *Event) []byte {
	dst, at := begin(dst, 11)
	dst = appendFixed64(dst, 1, nanos(e.Time))
	dst = appendText(dst, 2, e.Name)
	dst = appendAttributes(dst, 3, e.Attributes)
	return end(appendVarint(dst, 4, count(e.DroppedAttributes)), at)
}

func appendLink(dst []byte, l *Link) []byte {
	dst, at := begin(dst, 13)
	dst = appendBytes(dst, 1, l.TraceID[:])
	dst = appendBytes(dst, 2, l.SpanID[:])
	dst = appendText(dst, 3, l.TraceState)
	dst = appendAttributes(dst, 4, l.Attributes)
	dst = appendVarint(dst, 5, count(l.DroppedAttributes))
	return end(appendFixed32(dst, 6, flags(l.Flags, l.Remote)), at)
}

func appendStatus(dst []byte, code codes.Code, message string) []byte {
	dst, at := begin(dst, 15)
	dst = appendText(dst, 2, message)
	switch code {
	case codes.Ok:
		dst = appendVarint(dst, 3, 1)
	case codes.Error:
		dst = appendVarint(dst, 3, 2)
	}
	return end(dst, at)
}

func flags(f trace.TraceFlags, remote bool) uint32 {
	if remote {
		return uint32(f) | flagKnowsRemote | flagRemote
	}
	return uint32(f) | flagKnowsRemote
}

// kind is OTLP's number; those of the SDK happen to be the same.
func kind(k trace.SpanKind) uint64 {
	if k < trace.SpanKindInternal || k > trace.SpanKindConsumer {
		return 0
	}
	return uint64(k)
}
