package loadbalancing

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/updraft-otel/updraft/agent/internal/loss"
)

// scopeName is the instrumentation scope of the exporter's own metrics.
const scopeName = "github.com/updraft-otel/updraft/agent/exporter/loadbalancing"

// stats are the exporter's own metrics, beside those that exporterhelper has of queue and items. The first five are the
// collector's own exporter's.
type stats struct {
	log   *loss.Log
	gauge metric.Registration

	outcomes, resolutions, updates metric.Int64Counter
	latency                        metric.Int64Histogram
	reroutedItems, refusedItems    metric.Int64Counter
}

func newStats(set exporter.Settings, backends func() int) (*stats, error) {
	m := set.MeterProvider.Meter(scopeName)
	s := &stats{log: loss.New(set.Logger, "items")}
	var errs []error
	counter := func(name, unit, description string) metric.Int64Counter {
		c, err := m.Int64Counter("otelcol_loadbalancer_"+name, metric.WithUnit(unit), metric.WithDescription(description))
		errs = append(errs, err)
		return c
	}
	s.outcomes = counter("backend_outcome", "{outcomes}", "Calls to each collector that worked and that did not.")
	s.resolutions = counter("num_resolutions", "{resolutions}", "Times that the resolver asked for the collectors.")
	s.updates = counter("num_backend_updates", "{updates}", "Times that the collectors changed.")
	s.reroutedItems = counter("rerouted_items", "{items}", "Spans, data points or records sent to another collector, since theirs can't be reached.")
	s.refusedItems = counter("refused_items", "{items}", "Spans, data points or records that a collector will never take.")
	var err error
	s.latency, err = m.Int64Histogram("otelcol_loadbalancer_backend_latency", metric.WithUnit("ms"), metric.WithDescription("Time until a collector answered."))
	errs = append(errs, err)
	number, err := m.Int64ObservableGauge("otelcol_loadbalancer_num_backends", metric.WithUnit("{backends}"), metric.WithDescription("Collectors that are known."))
	errs = append(errs, err)
	s.gauge, err = m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(number, int64(backends()))
		return nil
	}, number)
	return s, errors.Join(append(errs, err)...)
}

func (s *stats) close() error {
	s.log.Close()
	return s.gauge.Unregister()
}

func of(endpoint string) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("endpoint", endpoint))
}

// called takes note of a call.
func (s *stats) called(ctx context.Context, endpoint string, worked bool, took time.Duration) {
	s.latency.Record(ctx, took.Milliseconds(), of(endpoint))
	s.outcomes.Add(ctx, 1, of(endpoint), metric.WithAttributes(attribute.Bool("success", worked)))
}

// rerouted takes note of items that another collector is to take.
func (s *stats) rerouted(ctx context.Context, endpoint string, items int) {
	s.reroutedItems.Add(ctx, int64(items), of(endpoint))
}

// refused takes note of items that are lost.
func (s *stats) refused(ctx context.Context, endpoint string, items int, err error) {
	s.refusedItems.Add(ctx, int64(items), of(endpoint))
	s.log.Lost(items, "refused by "+endpoint, err)
}

// resolved takes note of an answer of the resolver's.
func (s *stats) resolved(ctx context.Context, err error, changed bool) {
	s.resolutions.Add(ctx, 1, metric.WithAttributes(attribute.Bool("success", err == nil)))
	if changed {
		s.updates.Add(ctx, 1)
	}
}
