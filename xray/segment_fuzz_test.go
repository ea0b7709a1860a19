package xray

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// FuzzAppendSegment: whatever a span holds, its documents are what X-Ray takes,
// and the same each time. With Compat, names are the collector's, so that
// there a document must only be JSON and short enough.
func FuzzAppendSegment(f *testing.F) {
	f.Add("GET /", "http.method", "GET", "http.url", "exception", goStack, int64(1), byte(2))
	f.Add("", "db.system", "mysql", "db.name", "e", "", int64(-5), byte(3))
	f.Add("work", "aws.span.kind", "LOCAL_ROOT", "a b", "HTTP request failure", "x", int64(7), byte(10))
	f.Add("n", "aws.xray.metadata.shop", `{"a":1,"a":null}`, "aws.xray.metadata.default", "e", "", int64(7), byte(15))
	f.Add("n", "otel.resource.k", "v", "k", "e", "", int64(7), byte(4))
	f.Add("n", "k", "v", "k", "e", "", int64(7), byte(10))
	f.Add("n", "\xff", "v", "\xfe", "e", "", int64(7), byte(129))
	f.Fuzz(func(t *testing.T, name, key, value, other, event, stack string, at int64, kind byte) {
		attributes := []attribute.KeyValue{
			attribute.String(key, value), attribute.String(other, value), attribute.String("url.full", value), attribute.String("peer.service", name),
		}
		s := &Segment{
			TraceID: traceID, SpanID: spanID, Name: name, Kind: trace.SpanKind(kind % 6), Start: time.Unix(0, at), End: time.Unix(at, 1),
			Attributes: attributes, Resource: NewResource(attributes), IndexAll: kind%2 == 0, Status: codes.Error, StatusMessage: stack,
			Events: []Event{{Name: event, Attributes: append(attributes[:2:2], attribute.String("exception.stacktrace", stack))}},
			Links:  []Link{{Attributes: attributes}},
		}
		if kind > 6 {
			s.ParentID = parentID
		}
		if kind > 128 {
			s.MaxBytes = 4096
		}
		compat := *s
		compat.Compat = true
		for _, of := range splitOf(&compat) {
			document := AppendSegment(nil, of)
			if !json.Valid(document) || len(document) > MaxDocumentBytes {
				t.Fatalf("Compat: not JSON, or %d bytes: %s", len(document), document)
			}
			checkEscaped(t, of, document)
		}
		for _, of := range splitOf(s) {
			document := AppendSegment(nil, of)
			if err := checkDocument(document); err != nil {
				t.Fatalf("%v: %s", err, document)
			}
			if again := AppendSegment(nil, of); !bytes.Equal(document, again) {
				t.Fatalf("encoded again it is %s, not %s", again, document)
			}
			checkEscaped(t, of, document)
		}
	})
}
