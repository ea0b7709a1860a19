package logs

import (
	"context"
	"encoding/hex"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// This file is how a LineHandler writes most lines: each part at once where it
// belongs, without an [Event] between, and as it stands in a call's body, where
// the line is a JSON string: with a backslash before each quote.
// TestLineHandler_likeHandlerAndProcessor and FuzzLineHandler_fast hold the
// lines to those of AppendEvent.

// lineBegin is what every line begins with.
const lineBegin = `{\"timestamp\":\"`

// lineTail is what every line of a handler ends with.
func lineTail(part *resourcePart, scope string) []byte {
	tail := appendEvent(nil, &Event{
		SeverityNumber: 1, Service: part.service, Scope: scope, Resource: part.attributes, resourceJSON: part.json,
	})
	return appendjson.EscapeFrom(tail[len(`{"severity_number":1`):], 0)
}

// fast writes the line of r into b, unless it is one for the slow way: text, a
// key that stands twice, a time that has no text, a line that is too long.
func (h *LineHandler) fast(ctx context.Context, at time.Time, r *slog.Record, b *lineBuffer) bool {
	if h.slow || h.to.text || h.to.raw || r.NumAttrs() > manyKeys || at.Unix() > lastSecond {
		return false
	}
	dst := h.to.seconds.append(b.line[:0], at)
	dst = appendLevel(dst, r.Level)
	dst = appendjson.Within(dst, r.Message)
	dst, ok := h.appendAttributes(dst, r)
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		dst = appendIDsWithin(dst, sc.TraceID(), sc.SpanID())
	}
	b.size = appendjson.UnescapedLen(dst) + h.to.tailSize
	b.line = append(dst, h.to.tail...)
	return ok && b.size <= MaxEventBytes
}

// appendLevel appends the end of the time, what appendSeverity does, and the
// name of the body.
func appendLevel(dst []byte, level slog.Level) []byte {
	const time, body = `Z\"`, `,\"body\":`
	switch level {
	case slog.LevelDebug:
		return append(dst, time+`,\"severity\":\"DEBUG\",\"severity_number\":5`+body...)
	case slog.LevelInfo:
		return append(dst, time+`,\"severity\":\"INFO\",\"severity_number\":9`+body...)
	case slog.LevelWarn:
		return append(dst, time+`,\"severity\":\"WARN\",\"severity_number\":13`+body...)
	case slog.LevelError:
		return append(dst, time+`,\"severity\":\"ERROR\",\"severity_number\":17`+body...)
	}
	dst = append(dst, time...)
	start := len(dst)
	dst = appendSeverity(dst, level.String(), int(severity(level)))
	return append(appendjson.EscapeFrom(dst, start), body...)
}

// appendIDsWithin appends what appendIDs does.
func appendIDsWithin(dst []byte, trace trace.TraceID, span trace.SpanID) []byte {
	var digits [2 * len(trace)]byte
	hex.Encode(digits[:], trace[:])
	dst = append(append(dst, `,\"trace_id\":\"`...), digits[:]...)
	dst = hex.AppendEncode(append(dst, `\",\"span_id\":\"`...), span[:])
	dst = append(append(dst, `\",\"xray_trace_id\":\"1-`...), digits[:8]...)
	return append(append(append(dst, '-'), digits[8:]...), '\\', '"')
}

// manyKeys is how many attributes are compared with one another; with more, the
// slow way is the quicker one.
const manyKeys = 16

// appendAttributes appends the field of the attributes, and reports whether
// their keys differ: of equal ones the last counts, which only the slow way
// knows.
func (h *LineHandler) appendAttributes(dst []byte, r *slog.Record) (extended []byte, ok bool) {
	start := len(dst)
	dst = append(dst, `,\"attributes\":{`...)
	w := attributesJSON{json: dst, open: h.begun.open, pending: h.begun.pending}
	if h.source {
		w.json = append(w.json, h.to.sources.json(r)...)
	}
	if len(h.begun.json) > 0 {
		w.json = append(w.comma(), h.begun.json...)
	}
	var seen [manyKeys]string
	n := 0
	inner := h.path[len(h.path)-1].attrs
	ok = true
	r.Attrs(func(a slog.Attr) bool {
		ok = a.Key != "" && !slices.Contains(seen[:n], a.Key)
		for i := 0; ok && i < len(inner); i++ {
			ok = string(inner[i].Key) != a.Key
		}
		if ok {
			seen[n] = a.Key
			n++
			w.add(&a)
		}
		return ok
	})
	if len(w.json) == len(dst) {
		return dst[:start], ok
	}
	return append(w.close(), '}'), ok
}

// attributesJSON is a JSON object that is being written, as it stands within a
// string: what stands in it, how many groups in it are open, and which are to be opened by the first
// attribute in them, since a group without any is left out.
type attributesJSON struct {
	json    []byte
	open    int
	pending []string
}

func (w attributesJSON) clone() attributesJSON {
	return attributesJSON{json: slices.Clip(w.json), open: w.open, pending: slices.Clip(w.pending)}
}

// add writes an attribute; one that is empty leaves no trace.
func (w *attributesJSON) add(a *slog.Attr) {
	v := a.Value
	kind := v.Kind()
	if kind == slog.KindLogValuer {
		v = v.Resolve()
		kind = v.Kind()
	}
	if kind != slog.KindGroup {
		if a.Key != "" || !v.Equal(slog.Value{}) {
			w.json = appendSlogValue(w.key(a.Key), kind, &v)
		}
		return
	}
	if a.Key == "" {
		group := v.Group()
		for i := range group {
			w.add(&group[i])
		}
		return
	}
	if kvs := groupAttributes(v); len(kvs) > 0 {
		dst := w.key(a.Key)
		start := len(dst)
		w.json = appendjson.EscapeFrom(appendAttributes(dst, kvs, appendjson.Value), start)
	}
}

// key writes a key, and opens the groups it stands in.
func (w *attributesJSON) key(key string) []byte {
	if len(w.pending) > 0 {
		w.openPending()
	}
	return append(appendjson.Within(w.comma(), key), ':')
}

func (w *attributesJSON) openPending() {
	for _, name := range w.pending {
		w.json = append(appendjson.Within(w.comma(), name), ':', '{')
		w.open++
	}
	w.pending = nil
}

func (w *attributesJSON) comma() []byte {
	if n := len(w.json); n > 0 && w.json[n-1] != '{' {
		return append(w.json, ',')
	}
	return w.json
}

// close returns the members of the object, with all groups closed.
func (w *attributesJSON) close() []byte {
	for range w.open {
		w.json = append(w.json, '}')
	}
	return w.json
}

// appendSlogValue appends what value makes of v, without making it where that
// would take longer.
func appendSlogValue(dst []byte, kind slog.Kind, v *slog.Value) []byte {
	switch kind {
	case slog.KindString:
		return appendjson.Within(dst, v.String())
	case slog.KindInt64:
		return appendjson.Int(dst, v.Int64())
	case slog.KindDuration:
		return appendjson.Int(dst, v.Duration().Nanoseconds())
	case slog.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case slog.KindTime:
		dst = v.Time().AppendFormat(append(dst, '\\', '"'), time.RFC3339Nano)
		return append(dst, '\\', '"')
	}
	start := len(dst)
	if kind == slog.KindFloat64 {
		dst = appendjson.Float(dst, v.Float64())
	} else {
		dst = appendjson.Value(dst, value(*v))
	}
	return appendjson.EscapeFrom(dst, start)
}
