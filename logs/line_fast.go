package logs

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// This file is how a LineHandler writes most lines: each part at once where it
// belongs, without an [Event] between. TestLineHandler_likeHandlerAndProcessor
// and FuzzLineHandler_fast hold the lines to those of AppendEvent.

// lineTail is what every line of a handler ends with.
func lineTail(part *resourcePart, scope string) []byte {
	tail := appendEvent(nil, &Event{
		SeverityNumber: 1, Service: part.service, Scope: scope, Resource: part.attributes, resourceJSON: part.json,
	})
	return tail[len(`{"severity_number":1`):]
}

// fast writes the line of r into b, unless it is one for the slow way: text, a
// key that stands twice, a time that has no text, a line that is too long.
func (h *LineHandler) fast(ctx context.Context, at time.Time, r *slog.Record, b *lineBuffer) bool {
	if h.to.raw {
		b.line = append(b.line[:0], r.Message...)
		return len(b.line) > 0 && utf8.Valid(b.line)
	}
	if h.slow || h.to.text || r.NumAttrs() > manyKeys || at.Unix() > lastSecond {
		return false
	}
	dst := h.to.seconds.append(append(b.line[:0], `{"timestamp":"`...), at)
	dst = appendLevel(dst, r.Level)
	dst = appendjson.String(append(dst, `,"body":`...), r.Message)
	dst, ok := h.appendAttributes(dst, r)
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		dst = appendIDs(dst, sc.TraceID(), sc.SpanID())
	}
	b.line = append(dst, h.to.tail...)
	return ok && len(b.line) <= MaxEventBytes
}

// appendLevel appends what appendSeverity does.
func appendLevel(dst []byte, level slog.Level) []byte {
	switch level {
	case slog.LevelDebug:
		return append(dst, `,"severity":"DEBUG","severity_number":5`...)
	case slog.LevelInfo:
		return append(dst, `,"severity":"INFO","severity_number":9`...)
	case slog.LevelWarn:
		return append(dst, `,"severity":"WARN","severity_number":13`...)
	case slog.LevelError:
		return append(dst, `,"severity":"ERROR","severity_number":17`...)
	}
	return appendSeverity(dst, level.String(), int(severity(level)))
}

// manyKeys is how many attributes are compared with one another; with more, the
// slow way is the quicker one.
const manyKeys = 16

// appendAttributes appends the field of the attributes, and reports whether
// their keys differ: of equal ones the last counts, which only the slow way
// knows.
func (h *LineHandler) appendAttributes(dst []byte, r *slog.Record) (extended []byte, ok bool) {
	start := len(dst)
	dst = append(dst, `,"attributes":{`...)
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

// attributesJSON is a JSON object that is being written: what stands in it,
// how many groups in it are open, and which are to be opened by the first
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
	if v.Kind() == slog.KindLogValuer {
		v = v.Resolve()
	}
	if v.Kind() != slog.KindGroup {
		if a.Key == "" && v.Equal(slog.Value{}) {
			return
		}
		w.json = appendSlogValue(w.key(a.Key), v)
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
		w.json = appendAttributes(w.key(a.Key), kvs, appendjson.Value)
	}
}

// key writes a key, and opens the groups it stands in.
func (w *attributesJSON) key(key string) []byte {
	for _, name := range w.pending {
		w.json = append(append(appendjson.String(w.comma(), name), ':'), '{')
		w.open++
	}
	w.pending = nil
	return append(appendjson.String(w.comma(), key), ':')
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
func appendSlogValue(dst []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindString:
		return appendjson.String(dst, v.String())
	case slog.KindInt64:
		return strconv.AppendInt(dst, v.Int64(), 10)
	case slog.KindDuration:
		return strconv.AppendInt(dst, v.Duration().Nanoseconds(), 10)
	case slog.KindFloat64:
		return appendjson.Float(dst, v.Float64())
	case slog.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case slog.KindTime:
		dst = v.Time().AppendFormat(append(dst, '"'), time.RFC3339Nano)
		return append(dst, '"')
	}
	return appendjson.Value(dst, value(v))
}
