package loadbalancing

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/exporter/xexporter"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/updraft-otel/updraft/agent/internal/fullqueue"
)

// NewFactory returns the factory of the load_balancing exporter.
func NewFactory() exporter.Factory {
	return xexporter.NewFactory(component.MustNewType("load_balancing"), defaultConfig,
		xexporter.WithTraces(newTraces, component.StabilityLevelBeta),
		xexporter.WithMetrics(newMetrics, component.StabilityLevelBeta),
		xexporter.WithLogs(newLogs, component.StabilityLevelBeta),
		xexporter.WithDeprecatedTypeAlias(component.MustNewType("loadbalancing")),
	)
}

func newTraces(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Traces, error) {
	c := cfg.(*Config)
	key, err := newKey(c, byTrace, byTrace, byService, byResource, byAttributes)
	if err != nil {
		return nil, err
	}
	b, err := newBalancer(set, c, &signal[ptrace.Traces]{
		items: ptrace.Traces.SpanCount,
		split: func(data ptrace.Traces, choose chooser) map[int]ptrace.Traces { return splitTraces(data, key, choose) },
		merge: func(into, from ptrace.Traces) { from.ResourceSpans().MoveAndAppendTo(into.ResourceSpans()) },
		again: func(err error, rest ptrace.Traces) error { return consumererror.NewTraces(err, rest) },
		open: func(ctx context.Context, set exporter.Settings, cfg *otlpexporter.Config) (component.Component, consume[ptrace.Traces], error) {
			e, err := otlpexporter.NewFactory().CreateTraces(ctx, set, cfg)
			if err != nil {
				return nil, nil, err
			}
			return e, e.ConsumeTraces, nil
		},
	})
	if err != nil {
		return nil, err
	}
	e, err := exporterhelper.NewTraces(ctx, set, c, b.push, c.Options(b.start, b.shutdown)...)
	if err != nil {
		return nil, err
	}
	return fullqueue.Traces(e, set.Logger), nil
}

func newMetrics(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Metrics, error) {
	c := cfg.(*Config)
	key, err := newKey(c, byService, byService, byResource, byMetric, byStream, byAttributes)
	if err != nil {
		return nil, err
	}
	b, err := newBalancer(set, c, &signal[pmetric.Metrics]{
		items: pmetric.Metrics.DataPointCount,
		split: func(data pmetric.Metrics, choose chooser) map[int]pmetric.Metrics {
			return splitMetrics(data, key, choose)
		},
		merge: func(into, from pmetric.Metrics) { from.ResourceMetrics().MoveAndAppendTo(into.ResourceMetrics()) },
		again: func(err error, rest pmetric.Metrics) error { return consumererror.NewMetrics(err, rest) },
		open: func(ctx context.Context, set exporter.Settings, cfg *otlpexporter.Config) (component.Component, consume[pmetric.Metrics], error) {
			e, err := otlpexporter.NewFactory().CreateMetrics(ctx, set, cfg)
			if err != nil {
				return nil, nil, err
			}
			return e, e.ConsumeMetrics, nil
		},
	})
	if err != nil {
		return nil, err
	}
	e, err := exporterhelper.NewMetrics(ctx, set, c, b.push, c.Options(b.start, b.shutdown)...)
	if err != nil {
		return nil, err
	}
	return fullqueue.Metrics(e, set.Logger), nil
}

func newLogs(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Logs, error) {
	c := cfg.(*Config)
	key, err := newKey(c, byService, byTrace, byService, byResource, byAttributes)
	if err != nil {
		return nil, err
	}
	b, err := newBalancer(set, c, &signal[plog.Logs]{
		items: plog.Logs.LogRecordCount,
		split: func(data plog.Logs, choose chooser) map[int]plog.Logs { return splitLogs(data, key, choose) },
		merge: func(into, from plog.Logs) { from.ResourceLogs().MoveAndAppendTo(into.ResourceLogs()) },
		again: func(err error, rest plog.Logs) error { return consumererror.NewLogs(err, rest) },
		open: func(ctx context.Context, set exporter.Settings, cfg *otlpexporter.Config) (component.Component, consume[plog.Logs], error) {
			e, err := otlpexporter.NewFactory().CreateLogs(ctx, set, cfg)
			if err != nil {
				return nil, nil, err
			}
			return e, e.ConsumeLogs, nil
		},
	})
	if err != nil {
		return nil, err
	}
	e, err := exporterhelper.NewLogs(ctx, set, c, b.push, c.Options(b.start, b.shutdown)...)
	if err != nil {
		return nil, err
	}
	return fullqueue.Logs(e, set.Logger), nil
}

// newKey returns what the items of a signal are divided by: the first of the keys where none is configured, else the
// configured one, which must be one of the others.
func newKey(c *Config, unset string, allowed ...string) (*key, error) {
	by := c.RoutingKey
	if by == "" {
		by = unset
	}
	for _, a := range allowed {
		if by == a {
			return &key{by: by, attributes: c.RoutingAttributes}, nil
		}
	}
	return nil, fmt.Errorf("routing_key %q is none of this signal's: %q", by, allowed)
}
