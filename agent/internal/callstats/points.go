package callstats

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/updraft-otel/updraft/agent/internal/contain"
	"github.com/updraft-otel/updraft/agent/internal/loss"
	"github.com/updraft-otel/updraft/metrics"
)

// Points are the metrics of an exporter of metrics about points that did not become what they came as, and tell the log of
// losses:
//
//	otelcol_exporter_<type>_dropped_points    what CloudWatch would not take, by reason
//	otelcol_exporter_<type>_altered_points    what was sent without something, by reason
//
// The methods may be called from any goroutine.
type Points struct {
	log           *loss.Log
	id            attribute.KeyValue
	lost, altered metric.Int64Counter
}

// NewPoints makes the metrics. Close them.
func NewPoints(set exporter.Settings) (*Points, error) {
	m := set.MeterProvider.Meter(scopePrefix + set.ID.Type().String())
	prefix := "otelcol_exporter_" + set.ID.Type().String() + "_"
	s := &Points{log: loss.New(set.Logger, "metric points"), id: attribute.String("exporter", set.ID.String())}
	var errs [2]error
	s.lost, errs[0] = m.Int64Counter(prefix+"dropped_points", metric.WithUnit("{points}"),
		metric.WithDescription("Points that CloudWatch would not take, by the reason."))
	s.altered, errs[1] = m.Int64Counter(prefix+"altered_points", metric.WithUnit("{points}"),
		metric.WithDescription("Points that were sent without something, or said there was no measurement, by the reason."))
	return s, errors.Join(errs[:]...)
}

// errPoint is what the log says of points that are dropped.
var errPoint = errors.New("CloudWatch would not take the point; docs/metrics-mapping.md lists the limits")

// Dropped takes note of n points and one of the reasons of package metrics.
func (s *Points) Dropped(ctx context.Context, reason string, n int) {
	switch reason {
	case metrics.DropNoValue, metrics.DropDimensionLimit, metrics.DropSeriesOverflow, metrics.DropNameTaken:
		s.altered.Add(ctx, int64(n), s.because(reason))
	default:
		s.lose(ctx, n, reason, errPoint)
	}
}

// Panicked takes note of n points that a panic was contained to.
func (s *Points) Panicked(ctx context.Context, n int, why error) { s.lose(ctx, n, contain.Reason, why) }

func (s *Points) lose(ctx context.Context, n int, reason string, why error) {
	s.lost.Add(ctx, int64(n), s.because(reason))
	s.log.Lost(n, reason, why)
}

func (s *Points) because(reason string) metric.MeasurementOption {
	return metric.WithAttributes(s.id, attribute.String("reason", reason))
}

// Worked takes note of points that became what they came as.
func (s *Points) Worked() { s.log.Worked() }

// Close tells of the end of a loss.
func (s *Points) Close() { s.log.Close() }
