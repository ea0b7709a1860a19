// Package xraydoc reads X-Ray segment documents into spans, and writes what
// became of such a span as a document again, without loss: each span carries
// the document it was read from, and only what the pipeline changed about the
// span is changed in the document.
//
// A pipeline in which nothing looks into spans may carry documents unread
// instead; see [AppendVerbatim].
//
// Attributes have the names that the OpenTelemetry collector's awsxray receiver
// gives them, so that processors written for it go on working.
package xraydoc

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// DocumentAttribute holds the document of a span, as bytes: of a translated one
// its own, without the subsegments that became spans themselves.
const DocumentAttribute = "aws.xray.document"

// The scopes of spans that are unread documents, and of those that were read.
const (
	verbatimScope = "github.com/updraft-otel/updraft/agent/verbatim"
	readScope     = "github.com/updraft-otel/updraft/agent/xray"
)

// NewVerbatim adds to td what [AppendVerbatim] takes.
func NewVerbatim(td ptrace.Traces) ptrace.SpanSlice {
	scope := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty()
	scope.Scope().SetName(verbatimScope)
	return scope.Spans()
}

// AppendVerbatim adds a span that is nothing but a document, whatever that is:
// a segment, a subsegment, or "T1S" and an OTLP request in base64. Only the
// awsxray exporter understands it. Its id is the document's, zero if that has
// none. doc is copied.
func AppendVerbatim(spans ptrace.SpanSlice, doc []byte) {
	span := spans.AppendEmpty()
	span.SetSpanID(ownID(doc))
	keep(span.Attributes(), doc)
}

// IsVerbatim tells whether the spans of a scope are unread documents.
func IsVerbatim(scope pcommon.InstrumentationScope) bool { return scope.Name() == verbatimScope }

// IsRead tells whether [Document] has something to say about the spans of a scope.
func IsRead(scope pcommon.InstrumentationScope) bool { return scope.Name() == readScope }

// Verbatim is the document of a span for whose scope [IsVerbatim] is true. It
// shares the span's memory.
func Verbatim(span ptrace.Span) []byte { return kept(span.Attributes()) }

func keep(attributes pcommon.Map, doc []byte) {
	attributes.PutEmptyBytes(DocumentAttribute).FromRaw(doc)
}

func kept(attributes pcommon.Map) []byte {
	v, ok := attributes.Get(DocumentAttribute)
	if !ok || v.Type() != pcommon.ValueTypeBytes {
		return nil
	}
	return v.Bytes().AsRaw()
}
