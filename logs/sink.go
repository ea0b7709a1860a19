package logs

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
)

// Queue takes encoded events and sees to their delivery. Put must not block
// and must not keep body; what it refuses it counts itself.
type Queue interface {
	Put(key string, at time.Time, body []byte) error
	Flush(ctx context.Context) error
	Shutdown(ctx context.Context) error
}

// Config is the settings of a Processor and of an Exporter.
type Config struct {
	// Queue takes the encoded events. It is flushed and shut down with the
	// processor or exporter.
	Queue Queue
	// PutEscaped, where it is set, takes the lines of a LineHandler instead of
	// Queue.Put, escaped as they must be in the body of a call: as they stand in
	// a JSON string, without its quotes. Size is the line's length unescaped. It
	// spares who sends them a pass, as PutEncoded of package outbox together
	// with PutEscapedLogEvents of package awsapi.
	PutEscaped func(key string, at time.Time, escaped []byte, size int) error
	// Group and Stream name the destination. They are templates: {service},
	// {namespace}, {version}, {environment}, {instance}, {host}, {container},
	// {cluster}, {task_arn}, {task_id}, {pod}, {function}, {region} and any
	// attribute by its full name, as {k8s.namespace.name}, are the resource's;
	// {date}, {hour}, {level} and {scope} the record's; {pid} the process's.
	// What is not known is "unknown". CleanGroup and CleanStream are applied.
	Group, Stream string
	// Resource says which attributes of the resource each line carries.
	// Default: [KeepResource].
	Resource func(attribute.Key) bool
	// Raw makes the body alone the event, without severity, attributes, ids and
	// resource: a string as it is, any other body as JSON. A string longer than
	// an event goes as several, as with a Writer. A record whose body is empty,
	// or longer than an event and no string, is written whole all the same:
	// CloudWatch Logs takes no empty event, and cut JSON is none.
	Raw bool
	// Now is the clock, for records without any time. Default: time.Now.
	Now func() time.Time
}

// DropClosed is the reason, in Dropped, of records that came after Shutdown.
const DropClosed = "closed"

var (
	errNoQueue       = errors.New("logs: no queue: set Config.Queue")
	errTextAndRaw    = errors.New("logs: text and raw lines exclude one another: set LineHandlerConfig.Text or Config.Raw")
	errNoDestination = errors.New("logs: no destination: set Config.Group and Config.Stream")
)

// maxPooled is the largest buffer kept for the next record: one enormous line
// must not stay in memory for ever.
const maxPooled = 64 << 10

// sink is what Processor and Exporter share: record in, line to the queue.
type sink struct {
	queue  Queue
	now    func() time.Time
	lines  liner
	closed atomic.Bool
	late   atomic.Int64
}

func newSink(c Config) (*sink, error) {
	if c.Queue == nil {
		return nil, errNoQueue
	}
	if c.Group == "" || c.Stream == "" {
		return nil, errNoDestination
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	lines := newLiner(c.Resource)
	lines.raw = c.Raw
	var err error
	if lines.group, err = parseTemplate(c.Group); err != nil {
		return nil, err
	}
	if lines.stream, err = parseTemplate(c.Stream); err != nil {
		return nil, err
	}
	return &sink{queue: c.Queue, now: c.Now, lines: lines}, nil
}

// put encodes r and hands it on. An error of the queue is not passed on: the
// queue counts it and says it once, an error handler would say it every time.
func (s *sink) put(r *sdklog.Record) {
	s.lines.with(r, func(e *Event, to *destination, line []byte) {
		at := e.At()
		if at.IsZero() || at.Unix() < 0 {
			at = s.now()
		}
		key := to.key(at, e.Severity, e.Scope)
		_ = EachPiece(line, func(piece []byte) error { return s.queue.Put(key, at, piece) })
	})
}

func (s *sink) dropped() map[string]int64 {
	if n := s.late.Load(); n > 0 {
		return map[string]int64{DropClosed: n}
	}
	return map[string]int64{}
}

// liner makes lines of records, with buffers used again and again.
type liner struct {
	group   []part
	stream  []part
	keep    func(attribute.Key) bool
	raw     bool
	buffers *sync.Pool
	last    *atomic.Pointer[resourcePart]
}

type buffer struct {
	event Event
	line  []byte
}

// resourcePart is what a line says of a resource, encoded once.
type resourcePart struct {
	of *resource.Resource
	Resource
	to destination
}

func newLiner(keep func(attribute.Key) bool) liner {
	if keep == nil {
		keep = KeepResource
	}
	return liner{
		keep:    keep,
		buffers: &sync.Pool{New: func() any { return new(buffer) }},
		last:    new(atomic.Pointer[resourcePart]),
	}
}

// with calls f with r as an event, where it goes, and its line, which only raw
// text makes longer than an event; f must not keep them.
func (l liner) with(r *sdklog.Record, f func(e *Event, to *destination, line []byte)) {
	b := l.buffers.Get().(*buffer)
	to := l.fill(&b.event, r)
	if l.raw {
		b.line = appendRaw(b.line[:0], &b.event)
	} else {
		b.line = AppendEvent(b.line[:0], &b.event)
	}
	f(&b.event, to, b.line)
	if cap(b.line) <= maxPooled {
		attributes := b.event.Attributes
		clear(attributes)
		b.event = Event{Attributes: attributes[:0]}
		l.buffers.Put(b)
	}
}

func (l liner) fill(e *Event, r *sdklog.Record) *destination {
	part := l.resource(r.Resource())
	e.Time, e.Observed = r.Timestamp(), r.ObservedTimestamp()
	e.Severity, e.SeverityNumber = r.SeverityText(), int(r.Severity())
	if e.Severity == "" && e.SeverityNumber != 0 {
		e.Severity = r.Severity().String()
	}
	e.Body, e.EventName = r.Body(), r.EventName()
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		e.Attributes = append(e.Attributes, kv)
		return true
	})
	e.TraceID, e.SpanID = r.TraceID(), r.SpanID()
	e.Scope = r.InstrumentationScope().Name
	e.SetResource(&part.Resource)
	return &part.to
}

// resource encodes res, or finds it encoded: a provider has one for life.
func (l liner) resource(res *resource.Resource) *resourcePart {
	if part := l.last.Load(); part != nil && part.of == res {
		return part
	}
	part := newResourcePart(res, l.keep)
	part.to = resolve(l.group, l.stream, ofAttributes(res.Attributes()))
	l.last.Store(part)
	return part
}

func newResourcePart(res *resource.Resource, keep func(attribute.Key) bool) *resourcePart {
	return &resourcePart{of: res, Resource: *NewResource(res.Attributes(), keep)}
}
