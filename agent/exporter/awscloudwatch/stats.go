package awscloudwatch

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/updraft-otel/updraft/agent/internal/loss"
	"github.com/updraft-otel/updraft/metrics"
)

// scopeName is the instrumentation scope of the exporter's own metrics.
const scopeName = "github.com/updraft-otel/updraft/agent/exporter/awscloudwatch"

// pointStats count the points that became no datum as they came.
type pointStats struct {
	log           *loss.Log
	id            attribute.KeyValue
	lost, altered metric.Int64Counter
}

func newPointStats(set exporter.Settings) (*pointStats, error) {
	m := set.MeterProvider.Meter(scopeName)
	s := &pointStats{log: loss.New(set.Logger, "metric points"), id: attribute.String("exporter", set.ID.String())}
	var errs [2]error
	s.lost, errs[0] = m.Int64Counter("otelcol_exporter_awscloudwatch_dropped_points", metric.WithUnit("{points}"),
		metric.WithDescription("Points that CloudWatch would not take, by the reason."))
	s.altered, errs[1] = m.Int64Counter("otelcol_exporter_awscloudwatch_altered_points", metric.WithUnit("{points}"),
		metric.WithDescription("Points that were sent without something, or said there was no measurement, by the reason."))
	return s, errors.Join(errs[:]...)
}

// errPoint is what the log says of points that are dropped.
var errPoint = errors.New("CloudWatch would not take the point; docs/metrics-mapping.md lists the limits")

func (s *pointStats) dropped(ctx context.Context, reason string, n int) {
	option := metric.WithAttributes(s.id, attribute.String("reason", reason))
	switch reason {
	case metrics.DropNoValue, metrics.DropDimensionLimit, metrics.DropSeriesOverflow, metrics.DropNameTaken:
		s.altered.Add(ctx, int64(n), option)
	default:
		s.lost.Add(ctx, int64(n), option)
		s.log.Lost(n, reason, errPoint)
	}
}

func (s *pointStats) worked() { s.log.Worked() }

func (s *pointStats) close() { s.log.Close() }
