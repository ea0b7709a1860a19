package metrics

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Queue takes encoded datums and sees to their delivery; the key is the
// namespace. Put must not block and must not keep body; what it refuses it
// counts itself.
type Queue interface {
	Put(key string, at time.Time, body []byte) error
	Flush(ctx context.Context) error
	Shutdown(ctx context.Context) error
}

// Config is the settings of an Exporter.
type Config struct {
	// Queue takes the encoded datums. It is flushed and shut down with the
	// exporter. A WriterExporter has none.
	Queue Queue
	// Namespace is where CloudWatch files the metrics; CleanNamespace is
	// applied to it.
	Namespace string
	// Dimensions are added to every datum, before its own.
	Dimensions []Dimension
	// Attributes says which of a point's attributes become dimensions.
	// Default: all. CloudWatch bills each combination of dimensions as a
	// metric of its own, and does not add them up: what is left out here
	// makes several points one series.
	Attributes func(attribute.Key) bool
	// Resolution is HighResolution or StandardResolution. Default: unset,
	// which CloudWatch takes for StandardResolution.
	Resolution int
	// Aggregation chooses how an instrument is summed up. Default: the SDK's.
	Aggregation sdkmetric.AggregationSelector
	// Now is the clock, for points without a time. Default: time.Now.
	Now func() time.Time
}

var (
	errNoQueue     = errors.New("metrics: no queue: set Config.Queue")
	errNoNamespace = errors.New("metrics: no namespace: set Config.Namespace")
	errResolution  = errors.New("metrics: Config.Resolution must be 1 or 60, or 0 to leave it unset")
)

// Exporter takes what an SDK's reader collects to a queue. Delivery comes
// later; what the queue refuses, the queue counts.
type Exporter struct {
	queue       Queue
	namespace   string
	aggregation sdkmetric.AggregationSelector

	mu     sync.Mutex // guards what follows
	points converter
	body   []byte
	closed bool
}

var _ sdkmetric.Exporter = (*Exporter)(nil)

// NewExporter returns an exporter that puts datums into c.Queue.
func NewExporter(c Config) (*Exporter, error) {
	if c.Queue == nil {
		return nil, errNoQueue
	}
	namespace := CleanNamespace(c.Namespace)
	if namespace == "" {
		return nil, errNoNamespace
	}
	points, err := newConverter(c)
	if err != nil {
		return nil, err
	}
	return &Exporter{queue: c.Queue, namespace: namespace, aggregation: c.Aggregation, points: points}, nil
}

func newConverter(c Config) (converter, error) {
	if c.Resolution != 0 && c.Resolution != HighResolution && c.Resolution != StandardResolution {
		return converter{}, errResolution
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	var fixed []Dimension
	for _, d := range c.Dimensions {
		fixed = addDimension(fixed, d.Name, d.Value)
	}
	return converter{
		fixed: fixed, keep: c.Attributes, resolution: c.Resolution, now: c.Now,
		increases: newDifferences(c.Now()), dropped: map[string]int64{},
	}, nil
}

// Temporality asks for increases of what only grows, and for current values of
// the rest: CloudWatch adds up what it is sent.
func (e *Exporter) Temporality(kind sdkmetric.InstrumentKind) metricdata.Temporality {
	return sdkmetric.DeltaTemporalitySelector(kind)
}

// Aggregation is the configured one, or the SDK's default.
func (e *Exporter) Aggregation(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return aggregation(e.aggregation, kind)
}

func aggregation(selector sdkmetric.AggregationSelector, kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	if selector != nil {
		return selector(kind)
	}
	return sdkmetric.DefaultAggregationSelector(kind)
}

// Export encodes every point of rm and puts it into the queue.
func (e *Exporter) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		e.points.dropAll(rm)
		return sdkmetric.ErrExporterShutdown
	}
	e.points.convert(rm, e.put)
	return nil
}

// put does not pass an error of the queue on: the queue counts it and says it
// once.
func (e *Exporter) put(d *Datum) {
	e.body = AppendDatum(e.body[:0], d)
	_ = e.queue.Put(e.namespace, d.Time, e.body)
}

// dropAll counts the points of an export that came too late.
func (c *converter) dropAll(rm *metricdata.ResourceMetrics) {
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			c.drop(DropClosed, points(m.Data))
		}
	}
}

// ForceFlush waits until the queue has delivered what it holds, or ctx ends.
func (e *Exporter) ForceFlush(ctx context.Context) error {
	if e.isClosed() {
		return nil
	}
	return e.queue.Flush(ctx)
}

// Shutdown takes no more metrics and shuts the queue down.
func (e *Exporter) Shutdown(ctx context.Context) error {
	e.mu.Lock()
	was := e.closed
	e.closed = true
	e.mu.Unlock()
	if was {
		return nil
	}
	return e.queue.Shutdown(ctx)
}

func (e *Exporter) isClosed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed
}

// Dropped counts what the exporter did not hand to the queue, by reason.
func (e *Exporter) Dropped() map[string]int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.points.dropped)
}
