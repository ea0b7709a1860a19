package metrics

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdkresource "go.opentelemetry.io/otel/sdk/resource"
)

// exported is an exporter of OpenTelemetry's that keeps what it gets.
type exported struct {
	sdkmetric.Exporter
	got              []*metricdata.ResourceMetrics
	flushed, stopped bool
}

func (e *exported) Export(_ context.Context, rm *metricdata.ResourceMetrics) error {
	e.got = append(e.got, rm)
	return nil
}
func (e *exported) ForceFlush(context.Context) error { e.flushed = true; return nil }
func (e *exported) Shutdown(context.Context) error   { e.stopped = true; return nil }

func TestRecorder_points(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, res := &exported{}, sdkresource.NewSchemaless(attribute.String("service.name", "shop"))
		r, err := NewRecorder(RecorderConfig{Namespace: "shop", Outputs: []Output{{Exporter: e, Resource: res}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []float64{0, 1, 4, -2, 4} {
			r.Put("Latency", f, Milliseconds, D("Page", "cart"))
		}
		r.Put("Latency", 1, Milliseconds)
		pass(time.Second)
		if err := r.Shutdown(t.Context()); err != nil || !e.stopped || len(e.got) != 1 || e.got[0].Resource != res {
			t.Fatal(err, e)
		}
		scope := e.got[0].ScopeMetrics[0]
		m := scope.Metrics[0]
		data, ok := m.Data.(metricdata.ExponentialHistogram[float64])
		if !ok || scope.Scope.Name != handScope || len(scope.Metrics) != 1 || m.Name != "Latency" || m.Unit != "ms" ||
			data.Temporality != metricdata.DeltaTemporality || len(data.DataPoints) != 2 {
			t.Fatalf("%+v", scope)
		}
		p := data.DataPoints[1]
		least, _ := p.Min.Value()
		most, _ := p.Max.Value()
		if p.Count != 5 || p.Sum != 7 || least != -2 || most != 4 || p.ZeroCount != 1 || p.Time.Sub(p.StartTime) != time.Second {
			t.Errorf("%+v", p)
		}
		if len(p.NegativeBucket.Counts) != 1 || p.NegativeBucket.Counts[0] != 1 || p.PositiveBucket.Counts[len(p.PositiveBucket.Counts)-1] != 2 {
			t.Errorf("%+v", p)
		}
		if v, _ := p.Attributes.Value("Page"); v.AsString() != "cart" {
			t.Errorf("%v", p.Attributes)
		}
	})
}

// TestPointOf has each number in a bucket that holds it.
func TestPointOf(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, decades := range []float64{0.001, 1, 3, 12, 200} {
		m := minute{handSeries: &handSeries{identity: identity{resolution: StandardResolution}}}
		for range 1000 {
			m.values.add(math.Pow(10, decades*(random.Float64()-0.5)), 1)
		}
		p := pointOf(&m, time.Now())
		if p.Count != 1000 || len(p.PositiveBucket.Counts) > maxPowerBuckets {
			t.Errorf("%v decades: %d measurements, %d buckets", decades, p.Count, len(p.PositiveBucket.Counts))
		}
		power := func(i int32) float64 { return math.Exp2(math.Ldexp(float64(i), -int(p.Scale))) }
		last := p.PositiveBucket.Offset + int32(len(p.PositiveBucket.Counts))
		if low, high := power(p.PositiveBucket.Offset), power(last); m.values.min < low*(1-1e-9) || m.values.max > high*(1+1e-9) {
			t.Errorf("%v decades: buckets from %v to %v, values from %v to %v", decades, low, high, m.values.min, m.values.max)
		}
	}
}

func TestUCUM(t *testing.T) {
	for _, unit := range []string{Seconds, Milliseconds, Microseconds, Percent, Count, CountPerSecond, Bytes, Kilobytes, Megabytes,
		Gigabytes, Terabytes, Bits, Kilobits, Megabits, Gigabits, Terabits, BytesPerSecond, MegabytesPerSecond, KilobitsPerSecond, TerabitsPerSecond} {
		if got := Unit(ucum(unit)); got != unit {
			t.Errorf("%s is %q, which is %s", unit, ucum(unit), got)
		}
	}
}
