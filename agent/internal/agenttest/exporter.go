package agenttest

import (
	"context"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// A Rig is an exporter alone, with what it says about itself.
type Rig struct {
	// Lines are those of its log, from info on.
	Lines *observer.ObservedLogs

	reader *sdkmetric.ManualReader
	prefix string // of its own metrics
}

// LoadConfig reads the keys of an exporter over its defaults, as the collector does, and checks them.
func LoadConfig[C component.Config](t testing.TB, factory exporter.Factory, keys map[string]any) (C, error) {
	t.Helper()
	cfg := factory.CreateDefaultConfig().(C)
	if err := confmap.NewFromStringMap(keys).Unmarshal(cfg); err != nil {
		return cfg, err
	}
	return cfg, confmap.Validate(cfg)
}

// StartExporter runs an exporter alone with these keys until the test ends. create is the factory's method for the signal.
func StartExporter[E component.Component](
	t testing.TB, factory exporter.Factory, create func(context.Context, exporter.Settings, component.Config) (E, error), keys map[string]any,
) (E, *Rig) {
	t.Helper()
	e, r := MakeExporter(t, factory, create, keys)
	if err := e.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
	return e, r
}

// MakeExporter is StartExporter for one that is not started.
func MakeExporter[E component.Component](
	t testing.TB, factory exporter.Factory, create func(context.Context, exporter.Settings, component.Config) (E, error), keys map[string]any,
) (E, *Rig) {
	t.Helper()
	cfg, err := LoadConfig[component.Config](t, factory, keys)
	if err != nil {
		t.Fatal(err)
	}
	core, lines := observer.New(zap.InfoLevel)
	r := &Rig{Lines: lines, reader: sdkmetric.NewManualReader(), prefix: "otelcol_exporter_" + factory.Type().String() + "_"}
	e, err := create(t.Context(), exporter.Settings{ID: component.NewID(factory.Type()), TelemetrySettings: component.TelemetrySettings{
		Logger: zap.New(core), TracerProvider: noop.NewTracerProvider(), MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.reader)),
	}}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e, r
}

// Counted is the exporter's own counter of that name, by the reason; what has none is under "".
func (r *Rig) Counted(t testing.TB, name string) map[string]int64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := r.reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if m.Name != r.prefix+name || !ok {
				continue
			}
			for _, p := range sum.DataPoints {
				reason, _ := p.Attributes.Value("reason")
				counts[reason.AsString()] += p.Value
			}
		}
	}
	return counts
}
