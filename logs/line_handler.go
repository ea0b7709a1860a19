package logs

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// LineHandlerConfig is the settings of a LineHandler.
type LineHandlerConfig struct {
	Config
	// Attributes describe where the lines come from; service.name is the
	// service.
	Attributes *resource.Resource
	// Scope is the logger's name.
	Scope string
	// Text writes lines for people, as "time LEVEL message key=value", instead
	// of JSON.
	Text bool
}

// LineHandler encodes what is logged through slog at once and puts the line
// into a queue. Its lines are those that [Handler] and [Processor] give
// together, without the OpenTelemetry SDK between them: a line costs about as
// much as with slog's own JSON handler, and no allocation more.
//
// It is safe for concurrent use.
type LineHandler struct {
	to     *lineSink
	level  slog.Leveler
	source bool
	path   []group // as of Handler
	begun  attributesJSON
	slow   bool // a key stands twice in path: of equal ones the last counts
}

var _ slog.Handler = (*LineHandler)(nil)

// A lineSink is what a handler and those made of it share.
type lineSink struct {
	queue   Queue
	now     func() time.Time
	part    *resourcePart
	scope   string
	text    bool
	buffers sync.Pool // of *lineBuffer
}

type lineBuffer struct{ attributes, line []byte }

// NewLineHandler returns a handler that puts lines into c.Queue. Opts may be
// nil. The error says what c lacks.
func NewLineHandler(c LineHandlerConfig, opts *HandlerOptions) (*LineHandler, error) {
	s, err := newSink(c.Config)
	if err != nil {
		return nil, err
	}
	if c.Attributes == nil {
		c.Attributes = resource.Empty()
	}
	h := &LineHandler{level: slog.LevelInfo, path: []group{{}}, to: &lineSink{
		queue: s.queue, now: s.now, part: s.lines.resource(c.Attributes), scope: c.Scope, text: c.Text,
		buffers: sync.Pool{New: func() any { return new(lineBuffer) }},
	}}
	if opts == nil {
		return h, nil
	}
	h.source = opts.AddSource
	if opts.Level != nil {
		h.level = opts.Level
	}
	return h, nil
}

// Enabled says whether level is logged.
func (h *LineHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

// Handle puts r into the queue as a line. It returns no error: what the queue
// refuses, the queue counts.
func (h *LineHandler) Handle(ctx context.Context, r slog.Record) error {
	b := h.to.buffers.Get().(*lineBuffer)
	e := h.event(ctx, &r)
	if !h.fast(&e, &r, b) {
		e.attributesJSON = nil
		e.Attributes = h.attributes(r)
		if h.to.text {
			b.line = AppendText(b.line[:0], &e)
		} else {
			b.line = AppendEvent(b.line[:0], &e)
		}
	}
	_ = h.to.queue.Put(h.to.part.to.key(e.Time, e.Severity, h.to.scope), e.Time, b.line)
	if cap(b.line) <= maxPooled && cap(b.attributes) <= maxPooled {
		h.to.buffers.Put(b)
	}
	return nil
}

// event is r without its attributes.
func (h *LineHandler) event(ctx context.Context, r *slog.Record) Event {
	e := Event{
		Time: r.Time, Severity: r.Level.String(), SeverityNumber: int(severity(r.Level)),
		Body: attribute.StringValue(r.Message), Service: h.to.part.service, Scope: h.to.scope,
		Resource: h.to.part.attributes, resourceJSON: h.to.part.json,
	}
	if e.Time.IsZero() || e.Time.Unix() < 0 {
		e.Time = h.to.now()
	}
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		e.TraceID, e.SpanID = sc.TraceID(), sc.SpanID()
	}
	return e
}

// fast writes the line with the attributes encoded as they come, unless one
// stands twice or the line is too long.
func (h *LineHandler) fast(e *Event, r *slog.Record, b *lineBuffer) bool {
	if h.slow || h.to.text || h.repeats(r) {
		return false
	}
	b.attributes = h.appendAttributes(b.attributes[:0], r)
	e.attributesJSON = b.attributes
	b.line = appendEvent(b.line[:0], e)
	return len(b.line) <= MaxEventBytes
}

// repeats tells whether a key of the record's stands twice.
func (h *LineHandler) repeats(r *slog.Record) bool {
	const many = 16
	if r.NumAttrs() > many {
		return true // the slow way is the quicker one
	}
	var seen [many]string
	n := 0
	inner := h.path[len(h.path)-1].attrs
	repeated := false
	r.Attrs(func(a slog.Attr) bool {
		repeated = slices.Contains(seen[:n], a.Key) || a.Key == "" ||
			slices.ContainsFunc(inner, func(kv attribute.KeyValue) bool { return string(kv.Key) == a.Key })
		seen[n] = a.Key
		n++
		return !repeated
	})
	return repeated
}

func (h *LineHandler) appendAttributes(dst []byte, r *slog.Record) []byte {
	w := attributesJSON{json: dst}
	if h.source {
		for _, kv := range source(*r) {
			w.json = appendjson.Value(w.key(string(kv.Key)), kv.Value)
		}
	}
	if len(h.begun.json) > 0 {
		w.json = append(w.comma(), h.begun.json...)
	}
	w.open, w.pending = h.begun.open, h.begun.pending
	r.Attrs(func(a slog.Attr) bool {
		w.add(a)
		return true
	})
	return w.close()
}

// attributes are r's and those of the open groups, as Handler has them.
func (h *LineHandler) attributes(r slog.Record) []attribute.KeyValue {
	kvs := attributesOf(h.path, r)
	if h.source {
		return append(source(r), kvs...)
	}
	return kvs
}

// WithAttrs returns a handler that adds attrs to every record, inside the
// groups that are open.
func (h *LineHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.path = withAttrs(h.path, attrs)
	inner := with.path[len(with.path)-1].attrs
	for i, kv := range inner {
		with.slow = with.slow || slices.ContainsFunc(inner[:i], func(other attribute.KeyValue) bool { return other.Key == kv.Key })
	}
	with.begun = h.begun.clone()
	for _, a := range attrs {
		with.begun.add(a)
	}
	return &with
}

// WithGroup returns a handler that puts what follows into the group name.
func (h *LineHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	outer := h.path[len(h.path)-1].attrs
	with.slow = h.slow || slices.ContainsFunc(outer, func(kv attribute.KeyValue) bool { return string(kv.Key) == name })
	with.path = append(slices.Clip(h.path), group{name: name})
	with.begun = h.begun.clone()
	with.begun.pending = append(with.begun.pending, name)
	return &with
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
func (w *attributesJSON) add(a slog.Attr) {
	v := a.Value.Resolve()
	if v.Kind() != slog.KindGroup {
		if a.Key == "" && v.Equal(slog.Value{}) {
			return
		}
		w.json = appendSlogValue(w.key(a.Key), v)
		return
	}
	if a.Key == "" {
		for _, inner := range v.Group() {
			w.add(inner)
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
// would allocate.
func appendSlogValue(dst []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindString:
		return appendjson.String(dst, v.String())
	case slog.KindTime:
		dst = v.Time().AppendFormat(append(dst, '"'), time.RFC3339Nano)
		return append(dst, '"')
	}
	return appendjson.Value(dst, value(v))
}
