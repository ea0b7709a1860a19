// Package callstats has the metrics that each exporter of ours has of its AWS calls, beside those that exporterhelper has of
// queue and items, and tells the log of losses:
//
//	otelcol_exporter_<type>_sent_<documents>     what AWS took
//	otelcol_exporter_<type>_refused_<items>      what AWS will never take, by reason
//	otelcol_exporter_<type>_retried_<items>      what went back for another try
//	otelcol_exporter_<type>_calls                calls, by outcome
//	otelcol_exporter_<type>_throttled_calls      calls that AWS throttled
//	otelcol_exporter_<type>_parallel_calls       calls that may run at a time
//	otelcol_exporter_<type>_running_calls        calls that run
//	otelcol_exporter_<type>_lag                  seconds from the newest item of a call until AWS took it
package callstats

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/updraft-otel/updraft/agent/internal/contain"
	"github.com/updraft-otel/updraft/agent/internal/loss"
	"github.com/updraft-otel/updraft/agent/internal/pace"
	"github.com/updraft-otel/updraft/awsapi"
)

// scopePrefix begins the name of the instrumentation scope of an exporter's own metrics.
const scopePrefix = "github.com/updraft-otel/updraft/agent/exporter/"

// Words are what an exporter calls things.
type Words struct {
	// Service is who is called, as "X-Ray", and Operation the call, as "PutTraceSegments".
	Service, Operation string
	// Documents are what a call carries, as "documents", and Items what comes to the exporter, as "spans"; both are parts
	// of metrics' names.
	Documents, Items string
}

// Stats are an exporter's own metrics. The methods may be called from any goroutine.
type Stats struct {
	log    *loss.Log
	option metric.MeasurementOption
	id     attribute.KeyValue
	gauge  metric.Registration

	sent, refused, retried, calls, throttled metric.Int64Counter
	lag                                      metric.Float64Histogram
}

// lagBounds are the steps of the lag, in seconds: from what a queue that flushes at once has to what an outage makes.
var lagBounds = []float64{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200}

// New makes the metrics of an exporter whose calls keep to limit. Close them.
func New(set exporter.Settings, w Words, limit *pace.Limit) (*Stats, error) {
	m := set.MeterProvider.Meter(scopePrefix + set.ID.Type().String())
	items := strings.ReplaceAll(w.Items, "_", " ")
	s := &Stats{log: loss.New(set.Logger, items), id: attribute.String("exporter", set.ID.String())}
	s.option = metric.WithAttributeSet(attribute.NewSet(s.id))
	prefix := "otelcol_exporter_" + set.ID.Type().String() + "_"
	var errs []error
	counter := func(name, unit, description string) metric.Int64Counter {
		c, err := m.Int64Counter(prefix+name, metric.WithUnit("{"+unit+"}"), metric.WithDescription(description))
		errs = append(errs, err)
		return c
	}
	s.sent = counter("sent_"+w.Documents, w.Documents, "What "+w.Service+" took.")
	s.refused = counter("refused_"+w.Items, w.Items, "What "+w.Service+" will never take, by its reason.")
	s.retried = counter("retried_"+w.Items, w.Items, "What went back to the queue for another try.")
	s.calls = counter("calls", "calls", "Calls of "+w.Operation+", by outcome.")
	s.throttled = counter("throttled_calls", "calls", "Calls that "+w.Service+" throttled.")
	var err error
	s.lag, err = m.Float64Histogram(prefix+"lag", metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(lagBounds...),
		metric.WithDescription("Time from the newest item of a call until "+w.Service+" took it."))
	errs = append(errs, err, s.observe(m, prefix, limit))
	return s, errors.Join(errs...)
}

// observe has the limit read whenever metrics are collected.
func (s *Stats) observe(m metric.Meter, prefix string, limit *pace.Limit) error {
	parallel, err := m.Int64ObservableGauge(prefix+"parallel_calls", metric.WithUnit("{calls}"),
		metric.WithDescription("Calls that may run at a time, which follows what AWS takes."))
	if err != nil {
		return err
	}
	running, err := m.Int64ObservableGauge(prefix+"running_calls", metric.WithUnit("{calls}"), metric.WithDescription("Calls that run."))
	if err != nil {
		return err
	}
	s.gauge, err = m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(parallel, int64(limit.Parallel()), s.option)
		o.ObserveInt64(running, int64(limit.Running()), s.option)
		return nil
	}, parallel, running)
	return err
}

// Close tells of the end of a loss, and takes the gauges away.
func (s *Stats) Close() error {
	s.log.Close()
	return s.gauge.Unregister()
}

// Called takes note of a call.
func (s *Stats) Called(ctx context.Context, err error) {
	outcome := "ok"
	if err != nil {
		outcome = Reason(err)
	}
	var e *awsapi.Error
	if errors.As(err, &e) && e.Throttled() {
		s.throttled.Add(ctx, 1, s.option)
	}
	s.calls.Add(ctx, 1, metric.WithAttributes(s.id, attribute.String("outcome", outcome)))
}

// Sent takes note of documents that AWS took. newest is the time of the newest item in them, zero if none has one.
func (s *Stats) Sent(ctx context.Context, documents int, newest time.Time) {
	if documents <= 0 {
		return
	}
	s.sent.Add(ctx, int64(documents), s.option)
	if !newest.IsZero() {
		s.lag.Record(ctx, max(0, time.Since(newest).Seconds()), s.option)
	}
	s.log.Worked()
}

// Retried takes note of items that go back to the queue.
func (s *Stats) Retried(ctx context.Context, items int) {
	s.retried.Add(ctx, int64(items), s.option)
}

// Refused takes note of items that are gone.
func (s *Stats) Refused(ctx context.Context, items int, reason string, why error) {
	s.refused.Add(ctx, int64(items), metric.WithAttributes(s.id, attribute.String("reason", reason)))
	s.log.Lost(items, reason, why)
}

// Reason is the short name of what went wrong with a call, for a metric.
func Reason(err error) string {
	var e *awsapi.Error
	var panicked *contain.Panic
	switch {
	case errors.As(err, &panicked):
		return contain.Reason
	case !errors.As(err, &e):
		return "error"
	case e.Code == "":
		return "HTTPError"
	default:
		return e.Code
	}
}
