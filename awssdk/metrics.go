package awssdk

import (
	"context"
	"reflect"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// durations keeps the histogram of the provider used last.
type durations struct {
	mu        sync.Mutex
	provider  metric.MeterProvider
	histogram metric.Float64Histogram
}

// of returns the provider's histogram; nil where it has none.
func (d *durations) of(provider metric.MeterProvider) metric.Float64Histogram {
	pointer := reflect.TypeOf(provider).Kind() == reflect.Pointer // comparing any other might panic
	d.mu.Lock()
	defer d.mu.Unlock()
	if pointer && d.provider == provider {
		return d.histogram
	}
	histogram, err := provider.Meter(scope).Float64Histogram("rpc.client.call.duration",
		metric.WithUnit("s"),
		metric.WithDescription("Duration of calls to AWS, all attempts included."),
		// Source: https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/
		metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10))
	if err != nil {
		histogram = nil
	}
	d.provider, d.histogram = nil, histogram
	if pointer {
		d.provider = provider
	}
	return histogram
}

// record adds the call to the semantic conventions' rpc.client.call.duration.
func (in *instrumentation) record(ctx context.Context, c *call, took time.Duration, err error) {
	provider := in.MeterProvider
	if provider == nil {
		provider = otel.GetMeterProvider()
	}
	histogram := in.durations.of(provider)
	if histogram == nil || !histogram.Enabled(ctx) {
		return
	}
	attributes := make([]attribute.KeyValue, 0, 4)
	attributes = append(attributes,
		attribute.String("rpc.system.name", "aws-api"),
		attribute.String("rpc.service", c.op.service),
		attribute.String("rpc.method", c.op.name))
	if err != nil {
		attributes = append(attributes, attribute.String("error.type", errorType(err)))
	}
	histogram.Record(ctx, took.Seconds(), metric.WithAttributes(attributes...))
}
