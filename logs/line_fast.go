package logs

import (
	"encoding/hex"
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
	w := lineWriter{json: h.to.seconds.append(b.line[:0], at), escapes: beginEscapes, open: h.begun.open, pending: h.begun.pending}
	w.level(r.Level)
	w.text(r.Message)
	ok := h.writeAttributes(&w, r)
	if of.span.IsValid() {
		w.ids(of.trace, of.span)
	}
	b.size = len(w.json) - w.escapes + h.to.tailSize
	b.line = append(w.json, h.to.tail...)
	return ok && b.size <= MaxEventBytes
}

// manyKeys is how many attributes are compared with one another; with more, the
// slow way is the quicker one.
const manyKeys = 16

// writeAttributes writes the field of the attributes, and reports whether their
// keys differ: of equal ones the last counts, which only the slow way knows.
func (h *LineHandler) writeAttributes(w *lineWriter, r *slog.Record) (differ bool) {
	const name = `,\"attributes\":{`
	start := len(w.json)
	w.json = append(w.json, name...)
	if h.source {
		w.part(h.to.sources.json(r))
	}
	if len(h.begun.json) > 0 {
		w.comma()
		w.json = append(w.json, h.begun.json...)
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
		w.add(&a)
		return true
	})
	if len(w.json) == start+len(name) {
		w.json = w.json[:start]
	} else {
		w.close()
		w.json = append(w.json, '}')
		w.escapes += 2
	}
	return named && (!alike || h.keysDiffer(r))
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

// A lineWriter is a line that is being written, as it stands within a string,
// and how many backslashes that has put into it. Of the attributes it knows how
// many groups are open, and which are to be opened by the first attribute in
// them, since a group without any is left out.
type lineWriter struct {
	json    []byte
	escapes int
	open    int
	pending []string
}

func (w *lineWriter) clone() lineWriter {
	return lineWriter{json: slices.Clip(w.json), escapes: w.escapes, open: w.open, pending: slices.Clip(w.pending)}
}

// level writes the end of the time, what appendSeverity does, and the name of
// the body.
func (w *lineWriter) level(level slog.Level) {
	const time, body, escapes = `Z\"`, `,\"body\":`, 9
	switch level {
	case slog.LevelDebug:
		w.json = append(w.json, time+`,\"severity\":\"DEBUG\",\"severity_number\":5`+body...)
	case slog.LevelInfo:
		w.json = append(w.json, time+`,\"severity\":\"INFO\",\"severity_number\":9`+body...)
	case slog.LevelWarn:
		w.json = append(w.json, time+`,\"severity\":\"WARN\",\"severity_number\":13`+body...)
	case slog.LevelError:
		w.json = append(w.json, time+`,\"severity\":\"ERROR\",\"severity_number\":17`+body...)
	default:
		w.json = append(w.json, time...)
		start := len(w.json)
		w.json = appendjson.EscapeFrom(appendSeverity(w.json, level.String(), int(severity(level))), start)
		w.json = append(w.json, body...)
	}
	w.escapes += escapes
}

// text writes a string.
func (w *lineWriter) text(s string) {
	const quotes = 2 * len(`\"`)
	start := len(w.json)
	w.json = appendjson.Within(w.json, s)
	if len(w.json) == start+len(s)+quotes { // all else would be longer
		w.escapes += 2
	} else {
		w.count(start)
	}
}

// part writes JSON that is escaped already.
func (w *lineWriter) part(escaped []byte) {
	start := len(w.json)
	w.json = append(w.json, escaped...)
	w.count(start)
}

// count adds up the escapes of what was written from start on.
func (w *lineWriter) count(start int) {
	w.escapes += len(w.json) - start - appendjson.UnescapedLen(w.json[start:])
}

// ids writes what appendIDs does.
func (w *lineWriter) ids(trace trace.TraceID, span trace.SpanID) {
	const escapes = 12
	var digits [2 * len(trace)]byte
	hex.Encode(digits[:], trace[:])
	dst := append(append(w.json, `,\"trace_id\":\"`...), digits[:]...)
	dst = hex.AppendEncode(append(dst, `\",\"span_id\":\"`...), span[:])
	dst = append(append(dst, `\",\"xray_trace_id\":\"1-`...), digits[:8]...)
	w.json = append(append(append(dst, '-'), digits[8:]...), '\\', '"')
	w.escapes += escapes
}

// add writes an attribute; one that is empty leaves no trace.
func (w *lineWriter) add(a *slog.Attr) {
	v := a.Value
	kind := v.Kind()
	if kind == slog.KindLogValuer {
		v = v.Resolve()
		kind = v.Kind()
	}
	if kind != slog.KindGroup {
		if a.Key != "" || !v.Equal(slog.Value{}) {
			w.key(a.Key)
			w.value(kind, &v)
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
		w.key(a.Key)
		start := len(w.json)
		w.json = appendjson.EscapeFrom(appendAttributes(w.json, kvs, appendjson.Value), start)
		w.count(start)
	}
}

// key writes a key, and opens the groups it stands in.
func (w *lineWriter) key(key string) {
	if len(w.pending) > 0 {
		w.openPending()
	}
	w.comma()
	w.text(key)
	w.json = append(w.json, ':')
}

func (w *lineWriter) openPending() {
	for _, name := range w.pending {
		w.comma()
		w.text(name)
		w.json = append(w.json, ':', '{')
		w.open++
	}
	w.pending = nil
}

// comma writes one before all members of an object but the first.
func (w *lineWriter) comma() {
	if n := len(w.json); n > 0 && w.json[n-1] != '{' {
		w.json = append(w.json, ',')
	}
}

// close closes all groups.
func (w *lineWriter) close() {
	for range w.open {
		w.json = append(w.json, '}')
	}
}

// value writes what value makes of v, without making it where that would take
// longer.
func (w *lineWriter) value(kind slog.Kind, v *slog.Value) {
	start := len(w.json)
	switch kind {
	case slog.KindString:
		w.text(v.String())
	case slog.KindInt64:
		w.json = appendjson.Int(w.json, v.Int64())
	case slog.KindDuration:
		w.json = appendjson.Int(w.json, v.Duration().Nanoseconds())
	case slog.KindBool:
		w.json = strconv.AppendBool(w.json, v.Bool())
	case slog.KindTime:
		w.json = append(v.Time().AppendFormat(append(w.json, '\\', '"'), time.RFC3339Nano), '\\', '"')
		w.escapes += 2
	case slog.KindFloat64:
		w.json = appendjson.EscapeFrom(appendjson.Float(w.json, v.Float64()), start)
		w.count(start)
	default:
		w.json = appendjson.EscapeFrom(appendjson.Value(w.json, value(*v)), start)
		w.count(start)
	}
}
