package logs

import (
	"log/slog"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// This file is how a LineHandler writes most lines: each part at once where it
// belongs, without an [Event] between, and as it stands in a call's body, where
// the line is a JSON string: with a backslash before each quote.
// TestLineHandler_likeHandlerAndProcessor and FuzzLineHandler_fast hold the
// lines to those of AppendEvent.

// lineBegin is what every line begins with, and how many escapes are in it.
const (
	lineBegin    = `{\"timestamp\":\"`
	beginEscapes = 3
)

// lineTail is what every line of a handler ends with.
func lineTail(part *resourcePart, scope string) []byte {
	tail := appendEvent(nil, &Event{
		SeverityNumber: 1, Service: part.service, Scope: scope, Resource: part.attributes, resourceJSON: part.json,
	})
	return appendjson.EscapeFrom(tail[len(`{"severity_number":1`):], 0)
}

// fast writes the line of r into b, unless it is one for the slow way: text, a
// key that stands twice, a time that has no text, a line that is too long.
func (h *LineHandler) fast(of ids, at time.Time, r *slog.Record, b *lineBuffer) bool {
	if h.slow || h.to.text || h.to.raw || r.NumAttrs() > manyKeys || at.Unix() > lastSecond {
		return false
	}
	w := lineWriter{escapes: beginEscapes, open: h.begun.open, pending: h.begun.pending}
	dst := w.level(h.to.seconds.append(b.line[:0], at), r.Level)
	dst = w.text(dst, r.Message)
	dst, ok := h.appendAttributes(dst, &w, r)
	if of.span.IsValid() {
		dst = w.ids(dst, of.trace, of.span)
	}
	b.size = len(dst) - w.escapes + h.to.tailSize
	b.line = append(dst, h.to.tail...)
	return ok && b.size <= MaxEventBytes
}

// manyKeys is how many attributes are compared with one another; with more, the
// slow way is the quicker one.
const manyKeys = 16

// appendAttributes appends the field of the attributes, and reports whether their
// keys differ: of equal ones the last counts, which only the slow way knows.
func (h *LineHandler) appendAttributes(dst []byte, w *lineWriter, r *slog.Record) (extended []byte, differ bool) {
	const name = `,\"attributes\":{`
	start := len(dst)
	dst = append(dst, name...)
	if h.source {
		dst = w.part(dst, h.to.sources.json(r))
	}
	if len(h.begun.json) > 0 {
		dst = append(comma(dst), h.begun.json...)
		w.escapes += h.begun.escapes
	}
	seen, alike, named := h.keys, false, true
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "" {
			named = false
			return false
		}
		bit := keyBit(a.Key)
		alike = alike || seen&bit != 0
		seen |= bit
		dst = w.add(dst, a.Key, a.Value)
		return true
	})
	if len(dst) == start+len(name) {
		dst = dst[:start]
	} else {
		dst = append(w.close(dst), '}')
		w.escapes += 2
	}
	return dst, named && (!alike || h.keysDiffer(r))
}

// keyBit is a bit for a key that is not empty: keys with different bits differ.
func keyBit(key string) uint64 {
	return 1 << ((len(key) + int(key[0]) + 5*int(key[len(key)-1])) % 64)
}

// keysDiffer compares the keys of r, of which there are at most manyKeys, with one another and with those of the group.
func (h *LineHandler) keysDiffer(r *slog.Record) bool {
	inner := h.path[len(h.path)-1].attrs
	seen := make([]string, 0, manyKeys)
	differ := true
	r.Attrs(func(a slog.Attr) bool {
		differ = !slices.Contains(seen, a.Key) &&
			!slices.ContainsFunc(inner, func(kv attribute.KeyValue) bool { return string(kv.Key) == a.Key })
		seen = append(seen, a.Key)
		return differ
	})
	return differ
}

// A lineWriter knows of a line that is being written, as it stands within a
// string, how many backslashes that has put into it, and of the attributes how
// many groups are open, and which are to be opened by the first attribute in
// them, since a group without any is left out.
type lineWriter struct {
	escapes int
	open    int
	pending []string
}

// level appends the end of the time, what appendSeverity does, and the name of
// the body.
func (w *lineWriter) level(dst []byte, level slog.Level) []byte {
	const time, body, escapes = `Z\"`, `,\"body\":`, 9
	w.escapes += escapes
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
	dst = appendjson.EscapeFrom(appendSeverity(dst, level.String(), int(severity(level))), start)
	return append(dst, body...)
}

// text appends a string.
func (w *lineWriter) text(dst []byte, s string) []byte {
	const quotes = 2 * len(`\"`)
	start := len(dst)
	dst = appendjson.Within(dst, s)
	if len(dst) == start+len(s)+quotes { // all else would be longer
		w.escapes += 2
	} else {
		w.count(dst[start:])
	}
	return dst
}

// part appends JSON that is escaped already.
func (w *lineWriter) part(dst, escaped []byte) []byte {
	w.count(escaped)
	return append(dst, escaped...)
}

// escape changes the JSON that begins at start into what stands within a string.
func (w *lineWriter) escape(dst []byte, start int) []byte {
	dst = appendjson.EscapeFrom(dst, start)
	w.count(dst[start:])
	return dst
}

// count adds up the escapes in what was written.
func (w *lineWriter) count(escaped []byte) {
	w.escapes += len(escaped) - appendjson.UnescapedLen(escaped)
}

// ids appends what appendIDs does.
func (w *lineWriter) ids(dst []byte, trace trace.TraceID, span trace.SpanID) []byte {
	const escapes = 12
	w.escapes += escapes
	dst = appendjson.Hex(append(dst, `,\"trace_id\":\"`...), trace[:])
	dst = appendjson.Hex(append(dst, `\",\"span_id\":\"`...), span[:])
	dst = appendjson.Hex(append(dst, `\",\"xray_trace_id\":\"1-`...), trace[:4])
	dst = appendjson.Hex(append(dst, '-'), trace[4:])
	return append(dst, '\\', '"')
}

// add appends an attribute; one that is empty leaves no trace.
func (w *lineWriter) add(dst []byte, key string, v slog.Value) []byte {
	kind := v.Kind()
	if kind == slog.KindLogValuer {
		v = v.Resolve()
		kind = v.Kind()
	}
	switch {
	case kind != slog.KindGroup:
		if key != "" || !v.Equal(slog.Value{}) {
			dst = w.value(w.key(dst, key), kind, v)
		}
	case key == "":
		for _, a := range v.Group() {
			dst = w.add(dst, a.Key, a.Value)
		}
	default:
		if kvs := groupAttributes(v); len(kvs) > 0 {
			dst = w.key(dst, key)
			dst = w.escape(appendAttributes(dst, kvs, appendjson.Value), len(dst))
		}
	}
	return dst
}

// key appends a key, and opens the groups it stands in.
func (w *lineWriter) key(dst []byte, key string) []byte {
	if len(w.pending) > 0 {
		dst = w.openPending(dst)
	}
	return append(w.text(comma(dst), key), ':')
}

func (w *lineWriter) openPending(dst []byte) []byte {
	for _, name := range w.pending {
		dst = append(w.text(comma(dst), name), ':', '{')
		w.open++
	}
	w.pending = nil
	return dst
}

// close closes all groups.
func (w *lineWriter) close(dst []byte) []byte {
	for range w.open {
		dst = append(dst, '}')
	}
	return dst
}

// value appends what value makes of v, without making it where that would take
// longer.
func (w *lineWriter) value(dst []byte, kind slog.Kind, v slog.Value) []byte {
	switch kind {
	case slog.KindString:
		return w.text(dst, v.String())
	case slog.KindInt64:
		return appendjson.Int(dst, v.Int64())
	case slog.KindDuration:
		return appendjson.Int(dst, v.Duration().Nanoseconds())
	case slog.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case slog.KindTime:
		w.escapes += 2
		return append(v.Time().AppendFormat(append(dst, '\\', '"'), time.RFC3339Nano), '\\', '"')
	case slog.KindFloat64:
		return w.escape(appendjson.Float(dst, v.Float64()), len(dst))
	}
	return w.escape(appendjson.Value(dst, value(v)), len(dst))
}

// comma appends one before all members of an object but the first.
func comma(dst []byte) []byte {
	if n := len(dst); n > 0 && dst[n-1] != '{' {
		dst = append(dst, ',')
	}
	return dst
}

// begun is the attributes of a handler as a line has them, and the writer that
// wrote them.
type begun struct {
	lineWriter
	json []byte
}

func (b begun) clone() begun {
	b.json, b.pending = slices.Clip(b.json), slices.Clip(b.pending)
	return b
}
