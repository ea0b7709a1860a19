package xray

import (
	"encoding/hex"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// Limits of a segment document. Source: "Segment documents" in the X-Ray
// developer guide and the quotas page,
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html,
// https://docs.aws.amazon.com/general/latest/gr/xray.html.
const (
	MaxDocumentBytes   = 64 * 1024 // one document, embedded subsegments included
	MaxNameLength      = 200       // characters of a name
	MaxStringLength    = 250       // characters of user and of the http.request fields
	MaxAnnotations     = 50        // indexed annotations; X-Ray counts them a trace
	MaxAnnotationBytes = 1000      // characters of an annotation's string value
	MaxAnnotationKey   = 500       // characters of an annotation's key
)

// A Segment is one span, as [AppendSegment] wants it. The slices are read, not
// kept.
type Segment struct {
	TraceID  trace.TraceID
	SpanID   trace.SpanID
	ParentID trace.SpanID // zero: a root
	Kind     trace.SpanKind
	Name     string // the span's name; the document's own name is derived

	Start, End time.Time // End zero: a document in progress

	Status        codes.Code
	StatusMessage string

	Attributes []attribute.KeyValue
	Events     []Event
	Links      []Link
	Scope      string    // instrumentation scope's name
	Resource   *Resource // may be nil

	// Indexed names the attributes that become annotations, which X-Ray
	// indexes for search; IndexAll takes every scalar one.
	Indexed  []string
	IndexAll bool
}

// An Event is a span event. Exceptions become the document's cause, others are
// kept in its metadata.
type Event struct {
	Name       string
	Time       time.Time
	Attributes []attribute.KeyValue
}

// A Link is a span link.
type Link struct {
	TraceID    trace.TraceID
	SpanID     trace.SpanID
	Attributes []attribute.KeyValue
}

// detail says how much of a span a document keeps. A document over
// [MaxDocumentBytes] is encoded again with less.
type detail int

const (
	everything detail = iota
	withoutMetadata
	withoutStacks
)

// AppendSegment appends the segment document of s to dst and returns the
// extended slice. Any input gives a document that X-Ray's syntax rules allow.
// One that would exceed [MaxDocumentBytes] loses first its metadata, then its
// stack traces, and says so under metadata.updraft.trimmed.
//
// A span of kind server or consumer, and one without a parent, is a segment;
// others are subsegments, sent on their own.
func AppendSegment(dst []byte, s *Segment) []byte {
	start := len(dst)
	var f facts
	f.gather(s)
	for d := everything; ; d++ {
		dst = appendDocument(dst[:start], s, &f, d)
		if len(dst)-start <= MaxDocumentBytes || d == withoutStacks {
			return dst
		}
	}
}

func appendDocument(dst []byte, s *Segment, f *facts, d detail) []byte {
	name, namespace := f.name(s)
	subsegment := isSubsegment(s)

	dst = append(dst, `{"name":`...)
	dst = appendName(dst, name)
	dst = append(dst, `,"id":"`...)
	dst = hex.AppendEncode(dst, s.SpanID[:])
	dst = append(dst, `","trace_id":"`...)
	dst = AppendTraceID(dst, s.TraceID)
	dst = append(dst, '"')
	if s.ParentID.IsValid() {
		dst = append(dst, `,"parent_id":"`...)
		dst = hex.AppendEncode(dst, s.ParentID[:])
		dst = append(dst, '"')
	}
	if subsegment {
		dst = append(dst, `,"type":"subsegment"`...)
	}
	if namespace != "" {
		dst = append(dst, `,"namespace":"`...)
		dst = append(dst, namespace...)
		dst = append(dst, '"')
	}
	dst = append(dst, `,"start_time":`...)
	dst = appendSeconds(dst, s.Start)
	if s.End.IsZero() || f.inProgress {
		dst = append(dst, `,"in_progress":true`...)
	} else {
		dst = append(dst, `,"end_time":`...)
		dst = appendSeconds(dst, s.End)
	}
	dst = f.appendFlags(dst, s)
	dst = f.appendCause(dst, s, d)
	dst = f.appendHTTP(dst, s)
	dst = f.appendSQL(dst, s, name)
	if f.user != "" {
		dst = append(dst, `,"user":`...)
		dst = appendCut(dst, f.user, MaxStringLength)
	}
	dst = f.appendAWS(dst, s)
	if r := s.Resource; r != nil && !subsegment {
		dst = append(dst, r.segment...)
	}
	dst = appendLinks(dst, s.Links)
	dst = f.appendAttributes(dst, s, name, d)
	return append(dst, '}')
}

// isSubsegment tells spans that X-Ray shows inside their parent's segment. It
// is the rule of the OpenTelemetry collector's awsxray exporter.
func isSubsegment(s *Segment) bool {
	return s.ParentID.IsValid() && s.Kind != trace.SpanKindServer && s.Kind != trace.SpanKindConsumer
}

// AppendTraceID appends a trace id in X-Ray's form, 1-<8 hex>-<24 hex>.
func AppendTraceID(dst []byte, id trace.TraceID) []byte {
	dst = append(dst, "1-"...)
	dst = hex.AppendEncode(dst, id[:4])
	dst = append(dst, '-')
	return hex.AppendEncode(dst, id[4:])
}

// appendSeconds writes epoch seconds to the nanosecond, without the loss a
// float64 would bring.
func appendSeconds(dst []byte, t time.Time) []byte {
	sec, nano := t.Unix(), t.Nanosecond()
	if sec < 0 { // a clock before 1970; X-Ray wants a number, the exact one is no use
		return append(dst, '0')
	}
	dst = strconv.AppendInt(dst, sec, 10)
	if nano == 0 {
		return dst
	}
	dst = append(dst, '.')
	for digit := 100_000_000; nano > 0; digit /= 10 {
		dst = append(dst, byte('0'+nano/digit))
		nano %= digit
	}
	return dst
}

func appendLinks(dst []byte, links []Link) []byte {
	if len(links) == 0 {
		return dst
	}
	dst = append(dst, `,"links":[`...)
	for i, l := range links {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"trace_id":"`...)
		dst = AppendTraceID(dst, l.TraceID)
		dst = append(dst, `","id":"`...)
		dst = hex.AppendEncode(dst, l.SpanID[:])
		dst = append(dst, '"')
		if len(l.Attributes) > 0 {
			dst = append(dst, `,"attributes":`...)
			dst = appendObject(dst, l.Attributes)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

func appendObject(dst []byte, attributes []attribute.KeyValue) []byte {
	dst = append(dst, '{')
	for i, kv := range attributes {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendjson.String(dst, string(kv.Key))
		dst = append(dst, ':')
		dst = appendjson.Value(dst, kv.Value)
	}
	return append(dst, '}')
}
