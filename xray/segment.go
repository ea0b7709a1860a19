package xray

import (
	"bytes"
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

	Attributes []attribute.KeyValue // each key once
	Events     []Event
	Links      []Link
	Scope      string    // instrumentation scope's name
	Resource   *Resource // may be nil

	// Indexed names the attributes that become annotations, which X-Ray
	// indexes for search; IndexAll takes every scalar one.
	Indexed  []string
	IndexAll bool

	// Compat restores the document of the OpenTelemetry collector's awsxray
	// exporter where ours differs on purpose; docs/xray-mapping.md lists where.
	Compat bool

	// MaxBytes is the longest document; 0, or more than it, is
	// [MaxDocumentBytes]; less than 4 KiB need not be reached. A datagram holds
	// a little less than MaxDocumentBytes.
	MaxBytes int

	role role
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

// AppendSegment appends the segment document of s to dst and returns the
// extended slice. Any input gives a document that X-Ray's syntax rules allow.
// One that would exceed [Segment.MaxBytes] loses first the largest values of
// its metadata, then stack frames, then long strings, and says so under
// metadata.updraft.trimmed.
//
// A span of kind server or consumer, and one without a parent, is a segment;
// others are subsegments, sent on their own. Call [Segment.Split] first for
// the spans that make two documents.
func AppendSegment(dst []byte, s *Segment) []byte {
	var f facts
	f.gather(s)
	return f.append(dst, s)
}

// AppendEscaped appends what AppendSegment does as it stands in a JSON string,
// without the quotes: for the body of PutTraceSegments, which has documents so.
func AppendEscaped(dst []byte, s *Segment) []byte {
	start := len(dst)
	f := facts{form: escaped}
	f.gather(s)
	if dst = f.appendDocument(dst, s); len(dst)-start <= s.maxBytes() {
		return dst
	}
	f.form = plain // in which it may fit, or has to be trimmed
	return escaped.within(f.append(dst[:start], s), start)
}

func (f *facts) append(dst []byte, s *Segment) []byte {
	start := len(dst)
	dst = f.appendDocument(dst, s)
	if size := len(dst) - start; size > s.maxBytes() {
		dst = f.appendTrimmed(dst[:start], s, size)
	}
	return dst
}

func (s *Segment) maxBytes() int {
	if s.MaxBytes <= 0 {
		return MaxDocumentBytes
	}
	return min(s.MaxBytes, MaxDocumentBytes)
}

func (f *facts) appendDocument(dst []byte, s *Segment) []byte {
	name, namespace := f.name(s)

	dst = f.form.key(append(dst, '{'), "name")
	if f.compat {
		dst = f.appendCollectorName(dst, s, f.short(name))
	} else {
		dst = f.form.appendName(dst, name)
	}
	dst = f.form.id(dst, "id", s.SpanID[:])
	dst = AppendTraceID(f.form.quote(f.form.member(dst, "trace_id")), s.TraceID)
	dst = f.form.quote(dst)
	if s.ParentID.IsValid() {
		dst = f.form.id(dst, "parent_id", s.ParentID[:])
	}
	if f.subsegment {
		dst = f.form.word(dst, "type", "subsegment")
	}
	if namespace != "" {
		dst = f.form.word(dst, "namespace", namespace)
	}
	dst = f.appendTime(f.form.member(dst, "start_time"), s.Start)
	if f.inProgress() || s.End.IsZero() && !f.compat {
		dst = f.form.flag(dst, "in_progress", true)
	} else {
		dst = f.appendTime(f.form.member(dst, "end_time"), s.End)
	}
	dst = f.appendFlags(dst, s)
	dst = f.appendCause(dst, s)
	dst = f.appendHTTP(dst, s)
	dst = f.appendSQL(dst, s)
	dst = f.appendField(dst, 0, "user", f.first(slotEndUser, slotUserID))
	dst = f.appendAWS(dst, s)
	if r := s.Resource; r != nil && !f.trim.bare {
		switch {
		case f.compat:
			dst = append(dst, r.segmentCompat[f.form]...)
		case !f.subsegment:
			dst = append(dst, r.segment[f.form]...)
		}
	}
	dst = f.appendLinks(dst, s)
	dst = f.appendAnnotations(dst, s)
	dst = f.appendMetadata(dst, s)
	return append(dst, '}')
}

// AppendTraceID appends a trace id in X-Ray's form, 1-<8 hex>-<24 hex>.
func AppendTraceID(dst []byte, id trace.TraceID) []byte {
	dst = append(dst, "1-"...)
	dst = appendjson.Hex(dst, id[:4])
	dst = append(dst, '-')
	return appendjson.Hex(dst, id[4:])
}

// appendSeconds writes epoch seconds to the nanosecond, without the loss a
// float64 would bring.
func appendSeconds(dst []byte, t time.Time) []byte {
	sec, nano := t.Unix(), uint32(t.Nanosecond())
	if sec < 0 || sec == 0 && nano == 0 { // no time, or a clock before 1970: X-Ray wants a positive number
		sec, nano = 0, 1
	}
	dst = strconv.AppendInt(dst, sec, 10)
	if nano == 0 {
		return dst
	}
	dst = append(dst, ".000000000"...)
	for i := len(dst) - 1; nano > 0; i-- {
		dst[i] = byte('0' + nano%10)
		nano /= 10
	}
	return bytes.TrimRight(dst, "0")
}

// appendTime writes a time to the nanosecond, or as the collector does.
func (f *facts) appendTime(dst []byte, t time.Time) []byte {
	if !f.compat {
		return appendSeconds(dst, t)
	}
	nanos := int64(0)
	if !t.IsZero() {
		nanos = t.UnixNano()
	}
	return appendjson.Float(dst, float64(uint64(nanos))/float64(time.Second))
}

// appendLinks writes the span's links. Of a split span, those of a consumer
// belong to the service, others to the call.
func (f *facts) appendLinks(dst []byte, s *Segment) []byte {
	links, consumer := s.Links, s.Kind == trace.SpanKindConsumer
	if len(links) == 0 || f.trim.bare || s.role == roleService && !consumer || s.role == roleDependency && consumer {
		return dst
	}
	start := len(dst)
	dst = append(dst, `,"links":[`...)
	for i, l := range links {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"trace_id":"`...)
		dst = AppendTraceID(dst, l.TraceID)
		dst = append(dst, `","id":"`...)
		dst = appendjson.Hex(dst, l.SpanID[:])
		dst = append(dst, '"')
		if len(l.Attributes) > 0 {
			dst = append(dst, `,"attributes":`...)
			dst = appendObject(dst, l.Attributes)
		}
		dst = append(dst, '}')
	}
	return f.form.within(append(dst, ']'), start)
}

// appendObject writes attributes of an event or a link. An SDK sees to it only
// for spans that each key stands once.
func appendObject(dst []byte, attributes []attribute.KeyValue) []byte {
	dst = append(dst, '{')
	for i, kv := range once(attributes) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendjson.String(dst, string(kv.Key))
		dst = append(dst, ':')
		dst = appendjson.Value(dst, kv.Value)
	}
	return append(dst, '}')
}
