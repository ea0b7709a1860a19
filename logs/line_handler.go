package logs

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

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
	// Async has a goroutine encode the lines while they come fast, 5,000 to
	// 250,000 a second, which takes most of the work off the calls that log
	// them: such a line is in the queue a few milliseconds later. A call still
	// encodes its own line where its values could change (those of kinds
	// slog.KindAny, KindLogValuer and KindGroup), where it has more than five
	// attributes or 4 KiB of text, and where 1,024 lines or 128 KiB of text wait
	// already. Call Flush before the queue's own Flush and Shutdown.
	Async bool
}

// LineHandler encodes what is logged through slog and puts the line into a
// queue, at once unless it is Async and lines come fast. Its lines are those
// that [Handler] and [Processor] give together, without the OpenTelemetry SDK
// between them: a line costs about as much as with slog's own JSON handler, and
// no allocation more.
//
// It is safe for concurrent use.
type LineHandler struct {
	to     *lineSink
	level  slog.Leveler
	source bool
	path   []group // as of Handler
	begun  begun
	keys   uint64 // a bit for each key of the innermost group, as keyBit has it
	slow   bool   // a key stands twice in path: of equal ones the last counts
}

var _ slog.Handler = (*LineHandler)(nil)

// A lineSink is what a handler and those made of it share.
type lineSink struct {
	queue    Queue
	escaped  func(key string, at time.Time, escaped []byte, size int) error // instead of queue's Put, or nil
	now      func() time.Time
	part     *resourcePart
	scope    string
	text     bool
	raw      bool
	tail     []byte // of every line: service, scope and resource, and the end
	tailSize int    // unescaped
	seconds  secondCache
	sources  sourceCache
	buffers  sync.Pool // of *lineBuffer
	backlog  *backlog  // of an Async handler
}

type lineBuffer struct {
	line  []byte
	size  int    // of a line of the fast way, unescaped
	plain []byte // that line, where it is needed
}

// NewLineHandler returns a handler that puts lines into c.Queue. Opts may be
// nil. The error says what c lacks.
func NewLineHandler(c LineHandlerConfig, opts *HandlerOptions) (*LineHandler, error) {
	s, err := newSink(c.Config)
	if err != nil {
		return nil, err
	}
	if c.Text && c.Raw {
		return nil, errTextAndRaw
	}
	if c.Attributes == nil {
		c.Attributes = resource.Empty()
	}
	part := s.lines.resource(c.Attributes)
	tail := lineTail(part, c.Scope)
	h := &LineHandler{level: slog.LevelInfo, path: []group{{}}, to: &lineSink{
		queue: s.queue, escaped: c.PutEscaped, now: s.now, part: part, scope: c.Scope, text: c.Text, raw: c.Raw,
		tail: tail, tailSize: appendjson.UnescapedLen(tail),
		buffers: sync.Pool{New: func() any { return new(lineBuffer) }},
	}}
	if c.Async {
		h.to.backlog = newBacklog()
	}
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

// Handle puts r into the queue as a line, or has that done within a few
// milliseconds where the handler is Async. It returns no error: what the queue
// refuses, the queue counts.
func (h *LineHandler) Handle(ctx context.Context, r slog.Record) error {
	of := idsOf(ctx)
	if h.to.backlog == nil || !h.to.backlog.put(h, of, &r) {
		h.write(of, &r)
	}
	return nil
}

// Flush puts into the queue what an Async handler and those made of it have
// taken before the call and not encoded yet.
func (h *LineHandler) Flush() {
	if h.to.backlog != nil {
		h.to.backlog.drain()
	}
}

// write encodes r and puts it into the queue.
func (h *LineHandler) write(of ids, r *slog.Record) {
	at := r.Time
	if at.IsZero() || at.Unix() < 0 {
		at = h.to.now()
	}
	key := h.to.part.to.fixed
	if key == "" {
		key = h.to.part.to.key(at, r.Level.String(), h.to.scope)
	}
	b := h.to.buffers.Get().(*lineBuffer)
	switch {
	case !h.fast(of, at, r, b):
		b.line = h.appendSlow(of, b.line[:0], at, r)
		h.put(key, at, b.line)
	case h.to.escaped != nil:
		_ = h.to.escaped(key, at, b.line, b.size)
	default:
		b.plain = appendjson.Unescape(b.plain[:0], b.line)
		_ = h.to.queue.Put(key, at, b.plain)
	}
	if cap(b.line) <= maxPooled {
		h.to.buffers.Put(b)
	}
}

// appendSlow appends the line of any record.
func (h *LineHandler) appendSlow(of ids, dst []byte, at time.Time, r *slog.Record) []byte {
	if h.to.raw && r.Message != "" && utf8.ValidString(r.Message) {
		return append(dst, r.Message...)
	}
	e := h.event(of, at, *r)
	switch {
	case h.to.text:
		return AppendText(dst, &e)
	case h.to.raw:
		return appendRaw(dst, &e)
	}
	return AppendEvent(dst, &e)
}

// put puts a line that may be longer than an event.
func (h *LineHandler) put(key string, at time.Time, line []byte) {
	if len(line) <= MaxEventBytes { // nothing is allocated
		_ = h.to.queue.Put(key, at, line)
		return
	}
	_ = EachPiece(line, func(piece []byte) error { return h.to.queue.Put(key, at, piece) })
}

// event is r as Handler and Processor make it.
func (h *LineHandler) event(of ids, at time.Time, r slog.Record) Event {
	return Event{
		Time: at, Severity: r.Level.String(), SeverityNumber: int(severity(r.Level)),
		Body: attribute.StringValue(r.Message), Attributes: h.attributes(r), TraceID: of.trace, SpanID: of.span,
		Service: h.to.part.service, Scope: h.to.scope, Resource: h.to.part.attributes, resourceJSON: h.to.part.json,
	}
}

// ids are those of a span; zero without one.
type ids struct {
	trace trace.TraceID
	span  trace.SpanID
}

// idsOf returns those of the span in ctx.
func idsOf(ctx context.Context) ids {
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		return ids{sc.TraceID(), sc.SpanID()}
	}
	return ids{}
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
		with.begun.json = with.begun.add(with.begun.json, a.Key, a.Value)
	}
	with.keys = 0
	for _, kv := range inner {
		if kv.Key != "" {
			with.keys |= keyBit(string(kv.Key))
		}
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
	with.keys = 0
	return &with
}
