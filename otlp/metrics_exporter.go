package otlp

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

// MetricConfig is the settings of a [MetricExporter].
type MetricConfig struct {
	// Queue takes the encoded data points. Required.
	Queue Queue

	// Temporality says of which kinds of instruments increases are sent, of
	// which totals; nil means totals of all, OTLP's default. [MetricsSelectors]
	// reads it from the environment.
	Temporality sdkmetric.TemporalitySelector

	// Aggregation says how an instrument is summed up; nil means the SDK's
	// default.
	Aggregation sdkmetric.AggregationSelector

	// CloudWatch counts out the points that CloudWatch's endpoint would refuse,
	// so that a batch is not refused for them.
	CloudWatch bool

	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A MetricExporter encodes data points as items and hands them to its queue,
// under the keys of their resources. It stands behind an SDK's reader. Delivery
// comes later; what the queue can't take, the queue counts.
type MetricExporter struct {
	queue       Queue
	temporality sdkmetric.TemporalitySelector
	aggregation sdkmetric.AggregationSelector

	mu       sync.Mutex // guards what follows
	encoder  metricEncoder
	resource *encodedResource
	dropped  map[string]int64
	closed   bool
}

var _ sdkmetric.Exporter = (*MetricExporter)(nil)

// NewMetricExporter returns an exporter that encodes into c.Queue.
func NewMetricExporter(c MetricConfig) (*MetricExporter, error) {
	if c.Queue == nil {
		return nil, errors.New("otlp: no queue: set MetricConfig.Queue")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Temporality == nil {
		c.Temporality = sdkmetric.CumulativeTemporalitySelector
	}
	if c.Aggregation == nil {
		c.Aggregation = sdkmetric.DefaultAggregationSelector
	}
	e := &MetricExporter{queue: c.Queue, temporality: c.Temporality, aggregation: c.Aggregation, dropped: map[string]int64{}}
	if c.CloudWatch {
		e.encoder.limits = &metricLimits{now: c.Now, dropped: e.dropped}
	}
	return e, nil
}

// Temporality implements sdkmetric.Exporter.
func (e *MetricExporter) Temporality(kind sdkmetric.InstrumentKind) metricdata.Temporality {
	return e.temporality(kind)
}

// Aggregation implements sdkmetric.Exporter.
func (e *MetricExporter) Aggregation(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return e.aggregation(kind)
}

// Export implements sdkmetric.Exporter. It returns when the queue has taken
// the points; the queue retries, and counts what it drops.
func (e *MetricExporter) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		for range MetricItems(rm) {
			e.dropped[DropClosed]++
		}
		return sdkmetric.ErrExporterShutdown
	}
	key := e.key(rm.Resource)
	e.encoder.yield = func(at time.Time, item []byte) bool {
		_ = e.queue.Put(key, at, item) // the queue counts what it can't take, and says it once
		return true
	}
	e.encoder.encode(rm)
	if cap(e.encoder.buf) > maxPooledItem {
		e.encoder.buf = nil
	}
	return nil
}

// key returns the encoded form of a resource, of which the last is kept.
func (e *MetricExporter) key(r *resource.Resource) string {
	if e.resource == nil || e.resource.of != r {
		e.resource = encodeResource(r)
	}
	return e.resource.key
}

// ForceFlush delivers what the queue holds, until ctx ends.
func (e *MetricExporter) ForceFlush(ctx context.Context) error { return e.queue.Flush(ctx) }

// Shutdown takes no more metrics and shuts the queue down.
func (e *MetricExporter) Shutdown(ctx context.Context) error {
	e.mu.Lock()
	was := e.closed
	e.closed = true
	e.mu.Unlock()
	if was {
		return nil
	}
	return e.queue.Shutdown(ctx)
}

// Dropped counts the points that were not handed to the queue, by reason.
func (e *MetricExporter) Dropped() map[string]int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.dropped)
}
