package updraft

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"runtime"
	runtimemetrics "runtime/metrics"
	"strings"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

func TestStart_runtimeMetrics(t *testing.T) {
	f := func(c Config, variable string, want []string) {
		t.Helper()
		t.Setenv(envRuntimeMetrics, variable)
		var out bytes.Buffer
		c.Traces, c.Logs, c.Metrics, c.Console, c.NoGlobals, c.Strict = "none", "none", ExporterConsole, &out, true, true
		tel, err := c.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for line := range strings.Lines(out.String()) {
			var d struct{ MetricName string }
			if err := json.Unmarshal([]byte(line), &d); err != nil {
				t.Fatalf("%v in %q", err, line)
			}
			names[d.MetricName] = true
		}
		for _, name := range want {
			if !names[name] {
				t.Errorf("no %s among %v", name, names)
			}
		}
		if len(want) == 0 && len(names) > 0 {
			t.Errorf("%v, though nobody asked", names)
		}
	}
	all := []string{
		"go.memory.used", "go.memory.allocated", "go.memory.allocations", "go.memory.gc.goal", "go.memory.gc.cycles",
		"go.goroutine.count", "go.processor.limit", "go.config.gogc", "go.cpu.time", "go.memory.gc.pause.duration",
	}
	f(Config{RuntimeMetrics: true}, "", all)
	f(Config{}, "true", all)
	f(Config{}, "", nil)
}

// TestRuntimeMetrics_values compares what is told with what the runtime says.
func TestRuntimeMetrics_values(t *testing.T) {
	reader := sdkmetric.NewManualReader(sdkmetric.WithProducer(newRuntimeHistograms()))
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	defer func() { _ = provider.Shutdown(context.Background()) }()
	if err := observeRuntime(provider); err != nil {
		t.Fatal(err)
	}
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	for _, s := range rm.ScopeMetrics {
		for _, m := range s.Metrics {
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				checkRuntimeNumber(t, m.Name, d)
			case metricdata.Histogram[float64]:
				p := d.DataPoints[0]
				if len(p.BucketCounts) != len(p.Bounds)+1 || p.Sum < 0 || math.IsInf(p.Sum, 0) {
					t.Errorf("%s: %d counts, %d bounds, sum %v", m.Name, len(p.BucketCounts), len(p.Bounds), p.Sum)
				}
			}
		}
	}
}

func checkRuntimeNumber(t *testing.T, name string, d metricdata.Sum[int64]) {
	t.Helper()
	v := d.DataPoints[0].Value
	switch name {
	case "go.memory.limit":
		t.Errorf("a memory limit of %d, but there is none", v)
	case "go.processor.limit":
		if v != int64(runtime.GOMAXPROCS(0)) {
			t.Errorf("%s is %d", name, v)
		}
	case "go.memory.used":
		if len(d.DataPoints) != 2 || d.DataPoints[1].Value <= 0 {
			t.Errorf("%s is %+v", name, d.DataPoints)
		}
	case "go.memory.gc.cycles":
	default:
		if v <= 0 {
			t.Errorf("%s is %d", name, v)
		}
	}
}

func TestHistogramSince(t *testing.T) {
	inf := math.Inf(1)
	f := func(edges []float64, counts, before []uint64, wantBounds []float64, wantCounts []uint64, wantSum float64) {
		t.Helper()
		p := histogramSince(&runtimemetrics.Float64Histogram{Buckets: edges, Counts: counts}, before, time.Time{}, time.Time{})
		if len(p.Bounds) != len(wantBounds) || len(p.BucketCounts) != len(wantCounts) || p.Sum != wantSum {
			t.Fatalf("%v %v %v, want %v %v %v", p.Bounds, p.BucketCounts, p.Sum, wantBounds, wantCounts, wantSum)
		}
		for i := range wantBounds {
			if p.Bounds[i] != wantBounds[i] {
				t.Errorf("bounds %v", p.Bounds)
			}
		}
		for i := range wantCounts {
			if p.BucketCounts[i] != wantCounts[i] {
				t.Errorf("counts %v", p.BucketCounts)
			}
		}
	}
	f([]float64{-inf, 1, 3, inf}, []uint64{1, 2, 3}, []uint64{0, 1, 1}, []float64{1, 3}, []uint64{1, 1, 2}, 1+2+6)
	f([]float64{0, 2, 4}, []uint64{1, 2}, []uint64{0, 0}, []float64{0, 2, 4}, []uint64{0, 1, 2, 0}, 1+6)
}
