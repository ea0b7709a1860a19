package awsxray

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/updraft-otel/updraft/agent/internal/loss"
	"github.com/updraft-otel/updraft/agent/internal/pace"
	"github.com/updraft-otel/updraft/awsapi"
)

// scopeName is the instrumentation scope of the exporter's own metrics.
const scopeName = "github.com/updraft-otel/updraft/agent/exporter/awsxray"

// stats are the exporter's own metrics, beside those that exporterhelper has of queue and spans.
type stats struct {
	log    *loss.Log
	option metric.MeasurementOption
	id     attribute.KeyValue
	gauge  metric.Registration

	documents, refusedSpans, retriedSpans, calls, throttled metric.Int64Counter
	lag                                                     metric.Float64Histogram
}

// lagBounds are the steps of the lag, in seconds: from what a queue that flushes at once has to what an outage makes.
var lagBounds = []float64{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200}

func newStats(set exporter.Settings, limit *pace.Limit) (*stats, error) {
	m := set.MeterProvider.Meter(scopeName)
	s := &stats{log: loss.New(set.Logger, "spans"), id: attribute.String("exporter", set.ID.String())}
	s.option = metric.WithAttributeSet(attribute.NewSet(s.id))
	var errs []error
	counter := func(name, unit, description string) metric.Int64Counter {
		c, err := m.Int64Counter("otelcol_exporter_awsxray_"+name, metric.WithUnit(unit), metric.WithDescription(description))
		errs = append(errs, err)
		return c
	}
	s.documents = counter("sent_documents", "{documents}", "Segment documents that X-Ray took.")
	s.refusedSpans = counter("refused_spans", "{spans}", "Spans that X-Ray will never take, by its reason.")
	s.retriedSpans = counter("retried_spans", "{spans}", "Spans that went back to the queue for another try.")
	s.calls = counter("calls", "{calls}", "Calls of PutTraceSegments, by outcome.")
	s.throttled = counter("throttled_calls", "{calls}", "Calls that X-Ray throttled.")
	var err error
	s.lag, err = m.Float64Histogram("otelcol_exporter_awsxray_lag", metric.WithUnit("s"),
		metric.WithDescription("Time from the end of the last span of a call until X-Ray took it."), metric.WithExplicitBucketBoundaries(lagBounds...))
	errs = append(errs, err)
	parallel, err := m.Int64ObservableGauge("otelcol_exporter_awsxray_parallel_calls", metric.WithUnit("{calls}"),
		metric.WithDescription("Calls that may run at a time, which follows what X-Ray takes."))
	errs = append(errs, err)
	running, err := m.Int64ObservableGauge("otelcol_exporter_awsxray_running_calls", metric.WithUnit("{calls}"),
		metric.WithDescription("Calls that run."))
	errs = append(errs, err)
	s.gauge, err = m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(parallel, int64(limit.Parallel()), s.option)
		o.ObserveInt64(running, int64(limit.Running()), s.option)
		return nil
	}, parallel, running)
	return s, errors.Join(append(errs, err)...)
}

func (s *stats) close() error {
	s.log.Close()
	return s.gauge.Unregister()
}

// called takes note of a call.
func (s *stats) called(ctx context.Context, err error) {
	outcome := "ok"
	var e *awsapi.Error
	if errors.As(err, &e) {
		outcome = reasonOf(e)
		if e.Throttled() {
			s.throttled.Add(ctx, 1, s.option)
		}
	} else if err != nil {
		outcome = "error"
	}
	s.calls.Add(ctx, 1, metric.WithAttributes(s.id, attribute.String("outcome", outcome)))
}

// sent takes note of documents that X-Ray took, the last of whose spans ended then.
func (s *stats) sent(ctx context.Context, documents int, newest pcommon.Timestamp) {
	if documents <= 0 {
		return
	}
	s.documents.Add(ctx, int64(documents), s.option)
	if newest > 0 {
		s.lag.Record(ctx, max(0, time.Since(newest.AsTime()).Seconds()), s.option)
	}
	s.log.Worked()
}

func (s *stats) retried(ctx context.Context, spans int) {
	s.retriedSpans.Add(ctx, int64(spans), s.option)
}

// refused takes note of spans that are gone.
func (s *stats) refused(ctx context.Context, spans int, reason string, why error) {
	s.refusedSpans.Add(ctx, int64(spans), metric.WithAttributes(s.id, attribute.String("reason", reason)))
	s.log.Lost(spans, reason, why)
}
