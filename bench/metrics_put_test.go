package bench

import (
	"context"
	"expvar"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelmetric "go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/updraft-otel/updraft/metrics"
)

// nowhere is a metrics.Queue without a receiver.
type nowhere struct{}

func (nowhere) Put(string, time.Time, []byte) error { return nil }
func (nowhere) Flush(context.Context) error         { return nil }
func (nowhere) Shutdown(context.Context) error      { return nil }

// BenchmarkPut counts metrics put by hand per second of processor time, beside
// what else a program could count with: OpenTelemetry's instruments, given the
// same dimensions at each call, and expvar, which has a map and atomics alone.
func BenchmarkPut(b *testing.B) {
	latencies := make([]float64, 1<<12)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range latencies {
		latencies[i] = 5 * math.Exp(random.NormFloat64())
	}
	recorder, err := metrics.NewRecorder(metrics.RecorderConfig{Outputs: []metrics.Output{{Queue: nowhere{}}}, Namespace: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = recorder.Shutdown(context.Background()) }()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))
	counter, _ := provider.Meter("bench").Float64Counter("Orders")
	histogram, _ := provider.Meter("bench").Float64Histogram("Latency")
	dimensions := otelmetric.WithAttributeSet(attribute.NewSet(attribute.String("Service", "shop"), attribute.String("Page", "cart")))
	counts := new(expvar.Map)
	ctx := context.Background()

	for _, way := range []struct {
		name string
		put  func(i int)
	}{
		{"count/updraft", func(int) {
			recorder.Put("Orders", 1, metrics.Count, metrics.D("Service", "shop"), metrics.D("Page", "cart"))
		}},
		{"count/otel", func(int) {
			counter.Add(ctx, 1, otelmetric.WithAttributes(attribute.String("Service", "shop"), attribute.String("Page", "cart")))
		}},
		{"count/otel with a set made before", func(int) { counter.Add(ctx, 1, dimensions) }},
		{"count/expvar", func(int) { counts.AddFloat("Orders,shop,cart", 1) }},
		{"latency/updraft", func(i int) {
			recorder.Put("Latency", latencies[i%len(latencies)], metrics.Milliseconds, metrics.D("Service", "shop"), metrics.D("Page", "cart"))
		}},
		{"latency/otel", func(i int) {
			histogram.Record(ctx, latencies[i%len(latencies)], otelmetric.WithAttributes(attribute.String("Service", "shop"), attribute.String("Page", "cart")))
		}},
		{"latency/otel with a set made before", func(i int) { histogram.Record(ctx, latencies[i%len(latencies)], dimensions) }},
	} {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpu(b)
			i := 0
			for b.Loop() {
				way.put(i)
				i++
			}
			b.ReportMetric(float64(b.N)/(cpu(b)-before).Seconds(), "puts/cpu-s")
		})
		b.Run(way.name+"/parallel", func(b *testing.B) {
			before := cpu(b)
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					way.put(i)
				}
			})
			b.ReportMetric(float64(b.N)/(cpu(b)-before).Seconds(), "puts/cpu-s")
		})
	}
}
