package metrics

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdkresource "go.opentelemetry.io/otel/sdk/resource"
)

// Format is the form in which a [Recorder] hands over what was put.
type Format uint8

// Forms of metric data.
const (
	// Datums are those of PutMetricData, see AppendDatum; the key of the
	// queue's items is the namespace.
	Datums Format = iota
	// Documents are lines in the embedded metric format, see Document; the
	// key is RecorderConfig.Key.
	Documents
	// JSONDatums are datums as JSON, see AppendDatumJSON.
	JSONDatums
)

// How a recorder works unless RecorderConfig says else.
const (
	defaultInterval  = 10 * time.Second
	defaultMaxSeries = 10_000
)

// idleIntervals is how many intervals a series is remembered in which nothing was
// put; one that comes again sooner costs nothing.
const idleIntervals = 30

// Output is where a [Recorder] hands over what was put: a queue, or an exporter of
// OpenTelemetry's SDK. It is flushed and shut down with the recorder.
type Output struct {
	// Queue takes the data in Format.
	Queue Queue
	// Format is the form of the data. Default: Datums.
	Format Format
	// Key is the queue's key of Documents, such as a log group and stream.
	// Default: the namespace.
	Key string
	// Exporter, where there is no queue, gets exponential histograms with
	// delta temporality.
	Exporter sdkmetric.Exporter
	// Resource is what the exporter is told the metrics are of; may be nil.
	Resource *sdkresource.Resource
}

// RecorderConfig is the settings of a [Recorder].
type RecorderConfig struct {
	// Outputs are where what was put goes, all of it to each. Required.
	Outputs []Output
	// Namespace is where CloudWatch files the metrics; CleanNamespace is
	// applied to it. Required.
	Namespace string
	// Dimensions are added to every metric, before its own.
	Dimensions []Dimension
	// Interval is how often what is complete leaves. Default: 10 seconds.
	Interval time.Duration
	// MaxSeries bounds how many series are kept at a time. Those beyond are
	// one series of their metric, with the single dimension
	// otel.metric.overflow; MaxSeries of metrics have such a one. Default:
	// 10,000.
	MaxSeries int
	// Notify is told the first metric that was not taken, for each reason.
	// Default: nobody. It must not put metrics.
	Notify func(message string)
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// A Recorder takes metrics put by hand, adds up what belongs together, and hands
// it over for delivery. It needs no OpenTelemetry.
//
// What is put of one metric, with the same dimensions and unit, in one minute (or
// second, see PutHighResolution) leaves as one datum: each value with how often
// it was put, so that CloudWatch has sums, averages and percentiles. Up to 150
// different values stay as they are. Where there are more, minimum, maximum, sum
// and count stay exact, and neighbouring values are joined: always those that
// make the narrowest group in relation to their size.
//
// A minute leaves when it is over. All methods are safe for concurrent use, and
// do nothing on a nil *Recorder.
type Recorder struct {
	config RecorderConfig
	seed   maphash.Seed
	shards []*shard
	own    sync.Pool // of *shard: a processor has one to itself, nearly always
	turn   atomic.Uint32

	registry registry
	outputs  outputs

	mu      sync.Mutex // guards what follows
	dropped map[string]int64

	closing sync.Once
	done    chan struct{} // closed by Shutdown
	stopped chan struct{} // closed when run has returned
	err     error         // of Shutdown
}

// Reasons, in Dropped, of metrics that a Recorder does not take. The others are
// DropNoName, DropNotFinite, DropOutOfRange, DropSeriesOverflow, DropSeriesLimit
// and DropClosed.
const (
	// DropBadUnit counts what was put with a unit CloudWatch does not have.
	DropBadUnit = "bad_unit"
	// DropTooManyDimensions counts what was put with more than MaxDimensions.
	DropTooManyDimensions = "too_many_dimensions"
	// DropNoDimensionName counts what was put with a dimension without a name.
	DropNoDimensionName = "no_dimension_name"
)

// NewRecorder returns a recorder, whose goroutine Shutdown ends.
func NewRecorder(c RecorderConfig) (*Recorder, error) {
	if c.Namespace = CleanNamespace(c.Namespace); c.Namespace == "" {
		return nil, errors.New("metrics: no namespace: set RecorderConfig.Namespace")
	}
	outputs, err := newOutputs(&c)
	if err != nil {
		return nil, err
	}
	var fixed []Dimension
	for _, d := range c.Dimensions {
		fixed = addDimension(fixed, d.Name, d.Value)
	}
	if len(fixed) > MaxDimensions {
		return nil, fmt.Errorf("metrics: RecorderConfig.Dimensions has %d, CloudWatch takes %d", len(fixed), MaxDimensions)
	}
	c.Dimensions = fixed
	if c.Interval <= 0 {
		c.Interval = defaultInterval
	}
	if c.MaxSeries <= 0 {
		c.MaxSeries = defaultMaxSeries
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	r := &Recorder{
		config: c, seed: maphash.MakeSeed(), dropped: map[string]int64{},
		done: make(chan struct{}), stopped: make(chan struct{}),
	}
	r.registry.limit = c.MaxSeries
	r.outputs.each = outputs
	for range runtime.GOMAXPROCS(0) {
		r.shards = append(r.shards, &shard{cells: map[uint64]*cell{}})
	}
	r.own.New = func() any { return r.shards[int(r.turn.Add(1))%len(r.shards)] }
	go r.run()
	return r, nil
}

// D is a dimension.
func D(name, value string) Dimension { return Dimension{name, value} }

// Put records a value of a metric, by the minute. The unit is one of CloudWatch's,
// or one of OpenTelemetry's that CloudWatch has, as "ms", or "" for none.
// Dimensions tell series apart, whatever their order; those without a value are
// left out, and of two with one name the first counts.
//
// Put neither blocks nor keeps dimensions. What CloudWatch would refuse is
// counted, see Dropped.
func (r *Recorder) Put(name string, value float64, unit string, dimensions ...Dimension) {
	r.put(name, value, unit, StandardResolution, dimensions)
}

// PutHighResolution is Put by the second, a high-resolution metric. CloudWatch
// keeps seconds for three hours.
func (r *Recorder) PutHighResolution(name string, value float64, unit string, dimensions ...Dimension) {
	r.put(name, value, unit, HighResolution, dimensions)
}

func (r *Recorder) put(name string, value float64, unit string, resolution int64, dimensions []Dimension) {
	if r == nil {
		return
	}
	if reason := refusal(value); reason != "" {
		r.drop(reason, name, fmt.Sprintf("CloudWatch does not take the value %v", value))
		return
	}
	value = settled(value)
	id := identity{name, unit, resolution, dimensions}
	hash := r.hash(&id)
	slot := r.config.Now().Unix() / resolution
	s := r.own.Get().(*shard)
	s.mu.Lock()
	c := s.find(&id, hash)
	if c == nil {
		s.mu.Unlock()
		if c = r.enter(s, &id, hash); c == nil {
			r.own.Put(s)
			return
		}
	}
	closed := s.closed
	if !closed {
		c.add(s, slot, value)
	}
	s.mu.Unlock()
	r.own.Put(s)
	if closed {
		r.drop(DropClosed, name, "the recorder was shut down")
	}
}

// hash is the same for dimensions in any order.
func (r *Recorder) hash(id *identity) uint64 {
	const odd = 0x9E3779B97F4A7C15 // so that names and values don't cancel out
	h := maphash.String(r.seed, id.name)*odd ^ maphash.String(r.seed, id.unit) + uint64(id.resolution)
	for i := range id.dimensions {
		d := &id.dimensions[i]
		h += (maphash.String(r.seed, d.Name)*odd ^ maphash.String(r.seed, d.Value)) * odd
	}
	return h
}

// enter makes the cell of a series that the shard does not have, or finds that
// of the overflow, and returns with the shard locked; nil where there is none.
func (r *Recorder) enter(s *shard, id *identity, hash uint64) *cell {
	of := r.enlist(id, hash, false)
	if of == nil {
		return nil
	}
	s.mu.Lock()
	c := s.find(&of.identity, of.hash)
	if c != nil {
		r.registry.leave(of) // it was the cell's already
		return c
	}
	c = &cell{handSeries: of}
	s.add(c)
	return c
}

// enlist finds or makes a series, or that of the overflow. It is nil, and counted,
// for what is not taken.
func (r *Recorder) enlist(id *identity, hash uint64, overflow bool) *handSeries {
	known, room := r.registry.use(id, hash, overflow)
	switch {
	case known != nil:
		return known
	case !room && overflow:
		r.drop(DropSeriesLimit, id.name, fmt.Sprintf("there are %d series and as many overflows", r.config.MaxSeries))
		return nil
	case !room:
		r.drop(DropSeriesOverflow, id.name, fmt.Sprintf("there are %d series; it is kept, in one series for all others", r.config.MaxSeries))
		beyond := id.clone()
		beyond.dimensions = []Dimension{{DimensionOverflow, "true"}}
		return r.enlist(&beyond, r.hash(&beyond), true)
	}
	fresh, reason, why := newSeries(id.clone(), hash, &r.config)
	if fresh == nil {
		r.drop(reason, id.name, why)
		return nil
	}
	fresh.overflow = overflow
	return r.registry.add(fresh)
}

// drop counts a metric that is not taken, and says so the first time.
func (r *Recorder) drop(reason, name, why string) {
	r.mu.Lock()
	r.dropped[reason]++
	first := r.dropped[reason] == 1
	r.mu.Unlock()
	if first && r.config.Notify != nil {
		r.config.Notify(fmt.Sprintf("metric %q dropped: %s; more like it are counted as %s", strings.Clone(name), why, reason))
	}
}

// Dropped counts what was not handed over, by reason.
func (r *Recorder) Dropped() map[string]int64 {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	all := maps.Clone(r.dropped)
	for reason, n := range r.outputs.dropped() {
		all[reason] += n
	}
	return all
}

// run hands over what is complete, once an interval.
func (r *Recorder) run() {
	defer close(r.stopped)
	tick := time.NewTicker(r.config.Interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.flush(takeComplete)
		case <-r.done:
			return
		}
	}
}

// Flush hands over all that was put before the call, and waits until it is
// delivered, or ctx ends.
func (r *Recorder) Flush(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.flush(takeAll)
	return r.outputs.do(func(o *output) error { return o.flush(ctx) })
}

// Shutdown takes no more metrics, hands over what was put, and shuts the outputs
// down. Calls after the first return its result.
func (r *Recorder) Shutdown(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.closing.Do(func() {
		close(r.done)
		<-r.stopped
		r.flush(takeLast)
		r.err = r.outputs.do(func(o *output) error { return o.shutdown(ctx) })
	})
	return r.err
}
