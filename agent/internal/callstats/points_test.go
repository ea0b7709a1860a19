package callstats_test

import (
	"fmt"
	"slices"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/updraft-otel/updraft/agent/internal/callstats"
	"github.com/updraft-otel/updraft/metrics"
)

// TestPoints tells losses from what is sent without something, and tells the log of the former alone.
func TestPoints(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	core, logs := observer.New(zap.WarnLevel)
	points, err := callstats.NewPoints(exporter.Settings{ID: component.MustNewID("awsemf"), TelemetrySettings: component.TelemetrySettings{
		Logger: zap.New(core), MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	points.Dropped(t.Context(), metrics.DropDimensionLimit, 3)
	if logs.Len() != 0 {
		t.Errorf("%v", logs.All())
	}
	points.Dropped(t.Context(), metrics.DropNotFinite, 2)
	points.Dropped(t.Context(), metrics.DropNotFinite, 5)
	points.Worked()
	points.Close()
	if logs.Len() != 2 { // the beginning and the end
		t.Errorf("%v", logs.All())
	}
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range rm.ScopeMetrics[0].Metrics {
		for _, dp := range m.Data.(metricdata.Sum[int64]).DataPoints {
			reason, _ := dp.Attributes.Value("reason")
			got = append(got, fmt.Sprint(m.Name, " ", reason.AsString(), " ", dp.Value))
		}
	}
	slices.Sort(got)
	want := []string{"otelcol_exporter_awsemf_altered_points dimension_limit 3", "otelcol_exporter_awsemf_dropped_points not_finite 7"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
