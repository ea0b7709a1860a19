package metrics

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// EMFConfig is the settings of an [EMF].
type EMFConfig struct {
	// Queue takes the documents, a line each. It is flushed and shut down with
	// the EMF. [Lines] makes one of a writer, such as [os.Stdout], which is
	// what Lambda, ECS and Fargate take to CloudWatch Logs. Required.
	Queue Queue
	// Key is the queue's key of the documents, such as a log group and stream.
	Key string
	// Namespace is where CloudWatch files the metrics; CleanNamespace is
	// applied to it. Required.
	Namespace string
	// Dimensions are those of every request, before its own.
	Dimensions []Dimension
	// NoMetrics writes what was measured as members of the line, and has
	// CloudWatch make no metrics of it, as AWS_EMF_DISABLE_METRIC_EXTRACTION does.
	NoMetrics bool
	// Notify is told the first measurement that was not taken, for each reason.
	// Default: nobody.
	Notify func(message string)
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// An EMF makes documents in CloudWatch's embedded metric format: log lines with
// whatever belongs to a request, of which CloudWatch makes metrics of the
// numbers it is told to. It needs no OpenTelemetry, and is safe for concurrent
// use.
type EMF struct {
	config    EMFConfig
	splitters sync.Pool // of *Splitter

	mu      sync.Mutex // guards what follows
	dropped map[string]int64
	closed  bool
}

// NewEMF returns an EMF that hands lines to c.Queue.
func NewEMF(c EMFConfig) (*EMF, error) {
	if c.Queue == nil {
		return nil, errors.New("metrics: no queue: set EMFConfig.Queue")
	}
	if c.Namespace = CleanNamespace(c.Namespace); c.Namespace == "" {
		return nil, errors.New("metrics: no namespace: set EMFConfig.Namespace")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	var fixed []Dimension
	for _, d := range c.Dimensions {
		fixed = addDocumentDimension(fixed, d)
	}
	c.Dimensions = fixed
	return &EMF{config: c, splitters: sync.Pool{New: func() any { return new(Splitter) }}, dropped: map[string]int64{}}, nil
}

func addDocumentDimension(list []Dimension, d Dimension) []Dimension {
	return addDimension(list, clean(d.Name, MaxDocumentNameBytes, true), d.Value)
}

// With begins a request with dimensions.
func (e *EMF) With(dimensions ...Dimension) *Request {
	r := &Request{emf: e}
	if e != nil {
		r.dimensions = append(r.dimensions, e.config.Dimensions...)
	}
	return r.With(dimensions...)
}

// drop counts what is not taken, and says so the first time.
func (e *EMF) drop(reason, name, why string) {
	e.mu.Lock()
	e.dropped[reason]++
	first := e.dropped[reason] == 1
	e.mu.Unlock()
	if first && e.config.Notify != nil {
		e.config.Notify(fmt.Sprintf("%q dropped from an EMF document: %s; more like it are counted as %s", strings.Clone(name), why, reason))
	}
}

// Dropped counts what was left out, by reason.
func (e *EMF) Dropped() map[string]int64 {
	if e == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.dropped)
}

// Flush waits until the queue has delivered the lines of requests that were
// flushed or closed, or ctx ends.
func (e *EMF) Flush(ctx context.Context) error {
	if e == nil {
		return nil
	}
	return e.config.Queue.Flush(ctx)
}

// Shutdown takes no more lines and shuts the queue down. Close requests first.
func (e *EMF) Shutdown(ctx context.Context) error {
	if e == nil {
		return nil
	}
	e.mu.Lock()
	was := e.closed
	e.closed = true
	e.mu.Unlock()
	if was {
		return nil
	}
	return e.config.Queue.Shutdown(ctx)
}

// put writes the lines of a document. What the queue refuses it counts itself;
// the error is the first.
func (e *EMF) put(d *Document) error {
	e.mu.Lock()
	closed := e.closed
	e.mu.Unlock()
	if closed {
		e.drop(DropClosed, "", "it was shut down")
		return errShutDown
	}
	s := e.splitters.Get().(*Splitter)
	var failed error
	s.Lines(d, func(line []byte) {
		if err := e.config.Queue.Put(e.config.Key, d.Time, line); err != nil && failed == nil {
			failed = err
		}
	})
	for reason, n := range s.dropped {
		e.mu.Lock()
		e.dropped[reason] += n
		e.mu.Unlock()
	}
	clear(s.dropped)
	e.splitters.Put(s)
	return failed
}

var errShutDown = errors.New("metrics: shut down")

// maxRequestValues is how many measurements a request holds; with as many, they
// leave at once, in a document of their own.
const maxRequestValues = MaxDocumentMetrics * MaxDocumentValues

// A Request is a document in the making: what one request, job or message is
// about, and what was measured of it. Its methods may be called from several
// goroutines, and do nothing after Close.
type Request struct {
	emf *EMF

	mu         sync.Mutex // guards what follows
	dimensions []Dimension
	sets       [][]string // besides the one of all dimensions; nil: none
	properties []Property
	metrics    []DocumentMetric
	values     int       // of all metrics
	begun      time.Time // when the first was put
	closed     bool
}

// With adds dimensions: every metric is of all of them together. Those without a
// value are left out, and of two with one name the first counts. CloudWatch
// bills each combination of values as a metric of its own: what tells requests
// apart, such as an id, is better Set.
func (r *Request) With(dimensions ...Dimension) *Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range dimensions {
		before := len(r.dimensions)
		r.dimensions = addDocumentDimension(r.dimensions, d)
		if len(r.dimensions) > MaxDimensions {
			r.dimensions = r.dimensions[:before]
			r.drop(DropDimensionLimit, d.Name, fmt.Sprintf("CloudWatch takes %d dimensions", MaxDimensions))
		}
	}
	return r
}

// By makes each metric once more, of fewer dimensions: of those named alone, or
// of none where none is named.
func (r *Request) By(names ...string) *Request {
	set := make([]string, 0, len(names))
	for _, name := range names {
		set = append(set, clean(name, MaxDocumentNameBytes, true))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sets = append(r.sets, set)
	return r
}

// Put adds a measurement. More than one of a metric are a list, of which
// CloudWatch knows each. Units are as those of [Recorder.Put]. What CloudWatch
// would refuse is counted, see [EMF.Dropped].
func (r *Request) Put(name string, value float64, unit string) *Request {
	return r.put(name, value, unit, 0)
}

// PutHighResolution is Put for a metric that CloudWatch keeps by the second.
func (r *Request) PutHighResolution(name string, value float64, unit string) *Request {
	return r.put(name, value, unit, HighResolution)
}

func (r *Request) put(name string, value float64, unit string, resolution int) *Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := handUnit(unit)
	clean := CleanName(name)
	switch reason := refusal(value); {
	case r.isClosed():
		r.drop(DropClosed, name, "its request was closed")
	case reason != "":
		r.drop(reason, name, fmt.Sprintf("CloudWatch does not take the value %v", value))
	case !ok:
		r.drop(DropBadUnit, name, fmt.Sprintf("CloudWatch has no unit %q", unit))
	case clean == "" || clean == memberAWS:
		r.drop(DropNoName, name, "it is no name of a metric")
	default:
		r.add(clean, value, known, resolution)
	}
	return r
}

func (r *Request) add(name string, value float64, unit string, resolution int) {
	if r.begun.IsZero() {
		r.begun = r.emf.config.Now()
	}
	r.values++
	for i := range r.metrics {
		m := &r.metrics[i]
		if m.Name != name || m.Unit != unit || m.Resolution != resolution {
			continue
		}
		if len(m.Values) == 0 {
			m.Values = append(m.Values, m.Value)
		}
		m.Values = append(m.Values, value)
		if r.values >= maxRequestValues {
			_ = r.write() // the queue counts what it does not take
		}
		return
	}
	r.metrics = append(r.metrics, DocumentMetric{Name: name, Unit: unit, Resolution: resolution, Value: value})
	if r.values >= maxRequestValues {
		_ = r.write()
	}
}

// Set adds a member that is no metric and no dimension, to search for; one set
// before is replaced. Values are what encoding/json takes; of an error it is the
// text, of a [time.Duration] the milliseconds. What can't be JSON is written as
// fmt prints it.
func (r *Request) Set(name string, value any) *Request {
	text := propertyJSON(value) // before the lock: it may be code of the user's
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.isClosed():
		r.drop(DropClosed, name, "its request was closed")
		return r
	case name == "" || name == memberAWS:
		r.drop(DropNoName, name, "it is no name of a property")
		return r
	}
	for i := range r.properties {
		if r.properties[i].Name == name {
			r.properties[i].JSON = text
			return r
		}
	}
	r.properties = append(r.properties, Property{Name: strings.Clone(name), JSON: text})
	return r
}

// Flush writes what there is as a line, or as many as AWS's limits need, and
// begins another document with the same dimensions and properties. Nothing is
// written where nothing was put or set. The error is the queue's, which has
// counted it.
func (r *Request) Flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.isClosed() {
		return nil
	}
	return r.write()
}

// Close is the last Flush.
func (r *Request) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.isClosed() {
		return nil
	}
	r.closed = true
	return r.write()
}

// isClosed is true as well of requests of a nil *EMF.
func (r *Request) isClosed() bool { return r.closed || r.emf == nil }

func (r *Request) drop(reason, name, why string) {
	if r.emf != nil {
		r.emf.drop(reason, name, why)
	}
}

func (r *Request) write() error {
	if r.begun.IsZero() {
		r.begun = r.emf.config.Now()
	}
	all := make([]string, 0, len(r.dimensions))
	for _, d := range r.dimensions {
		all = append(all, d.Name)
	}
	d := Document{
		Time: r.begun, Namespace: r.emf.config.Namespace, Dimensions: withSets(all, r.sets),
		Labels: r.dimensions, Properties: r.properties, Metrics: r.metrics,
	}
	if r.emf.config.NoMetrics {
		for i := range d.Metrics {
			d.Metrics[i].Dimensions = [][]string{}
		}
	}
	err := r.emf.put(&d)
	r.metrics, r.values, r.begun = nil, 0, time.Time{}
	return err
}

// withSets is the set of all and the others, each once: CloudWatch would count
// one that stands twice twice.
func withSets(all []string, others [][]string) [][]string {
	sets := [][]string{all}
	for _, set := range others {
		same := func(other []string) bool {
			return len(other) == len(set) && !slices.ContainsFunc(set, func(name string) bool { return !slices.Contains(other, name) })
		}
		if !slices.ContainsFunc(sets, same) {
			sets = append(sets, set)
		}
	}
	return sets
}
