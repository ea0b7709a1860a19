package metrics

import (
	"context"
	"sync"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Exporter takes what an SDK's reader collects to a queue, as data for
// PutMetricData; the key is the namespace. Delivery comes later; what the queue
// refuses, the queue counts.
type Exporter struct {
	exporter
	data *DatumEncoder
	body []byte
}

var _ sdkmetric.Exporter = (*Exporter)(nil)

// NewExporter returns an exporter that puts datums into c.Queue.
func NewExporter(c Config) (*Exporter, error) {
	if c.Queue == nil {
		return nil, errNoQueue
	}
	if _, err := c.namespaceOf(); err != nil {
		return nil, err
	}
	e := &Exporter{exporter: exporter{queue: c.Queue, aggregation: c.Aggregation}}
	var err error
	if e.data, err = NewDatumEncoder(c, e.put); err != nil {
		return nil, err
	}
	e.source.add, e.conv = e.data.Add, e.data.points
	return e, nil
}

// Export encodes every point of rm and puts it into the queue.
func (e *Exporter) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	return e.export(ctx, rm, e.data.Begin, func() error { return nil })
}

// put does not pass an error of the queue on: the queue counts it and says it
// once.
func (e *Exporter) put(namespace string, d *Datum) {
	e.body = AppendDatum(e.body[:0], d)
	_ = e.queue.Put(namespace, d.Time, e.body)
}

// Dropped counts what the exporter did not hand to the queue as it came, by
// reason.
func (e *Exporter) Dropped() map[string]int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.data.Dropped()
}

// exporter is what the exporters have in common.
type exporter struct {
	queue       Queue // nil for one that writes at once
	aggregation sdkmetric.AggregationSelector

	mu     sync.Mutex // guards what follows, and the encoder
	source sdkPoints
	conv   *converter
	closed bool
}

// Temporality asks for increases of what only grows, and for current values of
// the rest: CloudWatch adds up what it is sent.
func (e *exporter) Temporality(kind sdkmetric.InstrumentKind) metricdata.Temporality {
	return sdkmetric.DeltaTemporalitySelector(kind)
}

// Aggregation is the configured one, or the SDK's default.
func (e *exporter) Aggregation(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	if e.aggregation != nil {
		return e.aggregation(kind)
	}
	return sdkmetric.DefaultAggregationSelector(kind)
}

func (e *exporter) export(ctx context.Context, rm *metricdata.ResourceMetrics, begin func(), end func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		e.dropAll(rm)
		return sdkmetric.ErrExporterShutdown
	}
	begin()
	e.source.each(rm)
	return end()
}

// dropAll counts the points of an export that came too late.
func (e *exporter) dropAll(rm *metricdata.ResourceMetrics) {
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			e.conv.drop(DropClosed, points(m.Data))
		}
	}
}

// ForceFlush waits until the queue has delivered what it holds, or ctx ends.
func (e *exporter) ForceFlush(ctx context.Context) error {
	e.mu.Lock()
	closed := e.closed
	e.mu.Unlock()
	if closed || e.queue == nil {
		return nil
	}
	return e.queue.Flush(ctx)
}

// Shutdown takes no more metrics and shuts the queue down.
func (e *exporter) Shutdown(ctx context.Context) error {
	e.mu.Lock()
	was := e.closed
	e.closed = true
	e.mu.Unlock()
	if was || e.queue == nil {
		return nil
	}
	return e.queue.Shutdown(ctx)
}

// EMFExporter takes what an SDK's reader collects to a queue, as documents in
// the embedded metric format; the key is Config.Key.
type EMFExporter struct {
	exporter
	documents *EMFEncoder
	putLine   func(key string, at time.Time, line []byte)
}

var _ sdkmetric.Exporter = (*EMFExporter)(nil)

// NewEMFExporter returns an exporter that puts documents into c.Queue.
func NewEMFExporter(c Config) (*EMFExporter, error) {
	if c.Queue == nil {
		return nil, errNoQueue
	}
	if _, err := c.namespaceOf(); err != nil {
		return nil, err
	}
	c.Escaped = false
	documents, err := NewEMFEncoder(c)
	if err != nil {
		return nil, err
	}
	e := &EMFExporter{exporter: exporter{queue: c.Queue, aggregation: c.Aggregation}, documents: documents}
	e.source.add, e.conv = documents.Add, documents.points
	// The queue counts what it refuses and says it once.
	e.putLine = func(key string, at time.Time, line []byte) { _ = e.queue.Put(key, at, line) }
	return e, nil
}

// Export encodes every point of rm and puts the documents into the queue.
func (e *EMFExporter) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	return e.export(ctx, rm, func() {}, func() error {
		e.documents.Lines(e.putLine)
		return nil
	})
}

// Dropped counts what the exporter did not hand to the queue as it came, by
// reason.
func (e *EMFExporter) Dropped() map[string]int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.documents.Dropped()
}
