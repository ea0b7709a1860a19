package xray

import (
	"encoding/json"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// maxStackFrames bounds the frames of one exception; X-Ray counts the others
// in "truncated".
const maxStackFrames = 64

// exceptionEvent is the name of events that record an exception, failureEvent
// of those that record one failed attempt of an AWS SDK.
const (
	exceptionEvent = "exception"
	failureEvent   = "HTTP request failure"
)

func hasExceptions(s *Segment) bool {
	for i := range s.Events {
		if s.Events[i].Name == exceptionEvent {
			return true
		}
	}
	return false
}

// causes tells whether events make the cause.
func (f *facts) causes(s *Segment) bool {
	for i := range s.Events {
		if n := s.Events[i].Name; n == exceptionEvent || n == failureEvent && f.text(slotRPCSystem) == awsAPI {
			return true
		}
	}
	return false
}

// inCause tells whether an event is told in the cause.
func (f *facts) inCause(e *Event) bool {
	if e.Name == exceptionEvent {
		return true
	}
	_, _, ok := f.failure(e)
	return ok
}

// takesStatusText tells whether http.status_text stands for a missing cause.
func (f *facts) takesStatusText(s *Segment) bool {
	return s.Status == codes.Error && !f.causes(s) && (f.compat || s.StatusMessage == "")
}

// appendCause writes why the span failed: one exception for each exception
// event, else the status message of a failed span.
func (f *facts) appendCause(dst []byte, s *Segment) []byte {
	if len(s.Events) == 0 && s.Status != codes.Error {
		return dst
	}
	start := len(dst)
	dst = append(dst, `,"cause":{"exceptions":[`...)
	w := causeWriter{compat: f.compat, limit: f.trim.frames, text: f.trim.text, s: s, dst: dst, first: len(dst)}
	for i := range s.Events {
		e := &s.Events[i]
		if f.trim.bare && w.count > 0 {
			break
		}
		if e.Name == exceptionEvent {
			kind, message, stack, language := f.exception(e, s.Resource)
			w.open(kind, message)
			w.parse(stack, language)
			w.close()
		} else if code, message, ok := f.failure(e); ok {
			w.failed(e, code, message)
		}
	}
	switch {
	case w.count > 0:
	case f.compat && f.causes(s):
		return f.form.within(append(dst[:start], `,"cause":{}`...), start)
	case s.Status != codes.Error || f.compat && f.causes(s):
		return dst[:start]
	default:
		message := s.StatusMessage
		if message == "" && f.takesStatusText(s) {
			message = f.text(slotStatusText)
		}
		if message == "" {
			return dst[:start]
		}
		w.plain = true
		w.open("", message)
		w.close()
	}
	return f.form.within(append(w.dst, `]}`...), start)
}

func (f *facts) exception(e *Event, r *Resource) (kind, message, stack, language string) {
	if r != nil {
		language = r.language
	}
	for _, kv := range e.Attributes {
		switch kv.Key {
		case "exception.type":
			kind = str(kv.Value)
		case "exception.message":
			message = str(kv.Value)
		case "exception.stacktrace":
			stack = str(kv.Value)
		case "exception.language":
			if !f.compat {
				language = firstOf(str(kv.Value), language)
			}
		}
	}
	return kind, message, stack, language
}

// failure reads the event of an AWS SDK's failed attempt.
func (f *facts) failure(e *Event) (code attribute.Value, message string, ok bool) {
	if e.Name != failureEvent || f.text(slotRPCSystem) != awsAPI {
		return attribute.Value{}, "", false
	}
	hasCode, hasMessage := false, false
	for _, kv := range e.Attributes {
		switch kv.Key {
		case "http.response.status_code":
			code, hasCode = kv.Value, true
		case "aws.http.error_message":
			message, hasMessage = str(kv.Value), true
		}
	}
	return code, message, hasCode && hasMessage
}

// A causeWriter writes exceptions one behind the other.
type causeWriter struct {
	compat bool
	limit  int // of the frames of one exception
	text   int // of characters, 0: none
	s      *Segment
	dst    []byte
	first  int
	count  int  // exceptions so far
	frames int  // of the open exception
	more   int  // frames that its text says are left out
	plain  bool // made of a status, not of an event
}

// open begins an exception.
func (w *causeWriter) open(kind, message string) {
	if len(w.dst) != w.first {
		w.dst = append(w.dst, ',')
	}
	w.dst = append(w.dst, `{"id":"`...)
	w.dst = appendExceptionID(w.dst, w.s.SpanID, w.count)
	w.dst = append(w.dst, `","type":`...)
	w.dst = appendjson.String(w.dst, shorten(w.text, kind))
	if !w.plain {
		remote := w.s.Kind == trace.SpanKindClient || w.s.Kind == trace.SpanKindProducer
		w.dst = plain.flag(w.dst, "remote", remote)
	}
	w.dst = append(w.dst, `,"message":`...)
	w.dst = appendjson.String(w.dst, shorten(w.text, message))
	w.count++
	w.frames, w.more = 0, 0
}

// frame adds a stack frame to the open exception.
func (w *causeWriter) frame(path string, line int, label string) {
	if w.frames++; w.frames > w.limit {
		return
	}
	if w.frames == 1 {
		w.dst = append(w.dst, `,"stack":[`...)
	} else {
		w.dst = append(w.dst, ',')
	}
	w.dst = append(w.dst, `{"path":`...)
	w.dst = appendjson.String(w.dst, path)
	w.dst = append(w.dst, `,"line":`...)
	w.dst = strconv.AppendInt(w.dst, int64(line), 10)
	w.dst = append(w.dst, `,"label":`...)
	w.dst = appendjson.String(w.dst, label)
	w.dst = append(w.dst, '}')
}

// endStack ends the frames of the open exception.
func (w *causeWriter) endStack() {
	if min(w.frames, w.limit) > 0 {
		w.dst = append(w.dst, ']')
	}
	left := max(w.frames-w.limit, 0) + w.more
	if left > 0 && !w.compat {
		w.dst = append(w.dst, `,"truncated":`...)
		w.dst = strconv.AppendInt(w.dst, int64(left), 10)
	}
}

func (w *causeWriter) close() {
	w.endStack()
	w.dst = append(w.dst, '}')
}

// causedBy ends the open exception, and begins the one behind it.
func (w *causeWriter) causedBy(kind, message string) {
	w.endStack()
	w.dst = append(w.dst, `,"cause":"`...)
	w.dst = appendExceptionID(w.dst, w.s.SpanID, w.count)
	w.dst = append(w.dst, `"}`...)
	w.open(kind, message)
}

// failed writes one failed attempt of an AWS SDK.
func (w *causeWriter) failed(e *Event, code attribute.Value, message string) {
	text := numberOf(code) + "@" + strconv.FormatFloat(float64(e.Time.UnixMicro())/1e6, 'f', 6, 64) + "@" + message
	if len(w.dst) != w.first {
		w.dst = append(w.dst, ',')
	}
	w.dst = append(w.dst, `{"id":"`...)
	w.dst = appendExceptionID(w.dst, w.s.SpanID, w.count)
	w.dst = append(w.dst, `","type":"aws.http.error.event","remote":true,"message":`...)
	w.dst = appendjson.String(w.dst, shorten(w.text, text))
	w.dst = append(w.dst, '}')
	w.count++
}

// numberOf is a status code as text; of another type than it should be, as JSON
// has it.
func numberOf(code attribute.Value) string {
	if code.Type() == attribute.FLOAT64 {
		if text, err := json.Marshal(code.AsFloat64()); err == nil {
			return string(text)
		}
	}
	return code.String()
}

// appendExceptionID derives the 16 hex digits that X-Ray wants of each
// exception from the span's id and the exception's place, so that encoding a
// span twice gives one document.
func appendExceptionID(dst []byte, span trace.SpanID, i int) []byte {
	id := span
	for b := len(id) - 1; b >= 0 && i >= 0; b-- {
		id[b] ^= byte(i + 1)
		i = i>>8 - 1
	}
	id[0] ^= 0x80
	return appendjson.Hex(dst, id[:])
}
