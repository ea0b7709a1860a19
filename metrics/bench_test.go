package metrics

import (
	"context"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

func BenchmarkAppendDatum(b *testing.B) {
	d := fullDatum()
	dst := AppendDatum(nil, d)
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendDatum(dst[:0], d)
	}
}

func BenchmarkAppendDatum_150values(b *testing.B) {
	d := fullDatum()
	d.Values, d.Counts = make([]float64, MaxValues), make([]float64, MaxValues)
	dst := AppendDatum(nil, d)
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendDatum(dst[:0], d)
	}
}

func BenchmarkAppendDatumJSON(b *testing.B) {
	d := fullDatum()
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendDatumJSON(dst[:0], d)
	}
}

// nowhere is a queue that takes everything and keeps nothing.
type nowhere struct{}

func (nowhere) Put(string, time.Time, []byte) error { return nil }
func (nowhere) Flush(context.Context) error         { return nil }
func (nowhere) Shutdown(context.Context) error      { return nil }

// BenchmarkExport_histogram is one histogram point of 14 used buckets.
func BenchmarkExport_histogram(b *testing.B) {
	e, err := NewExporter(Config{Queue: nowhere{}, Namespace: "n"})
	if err != nil {
		b.Fatal(err)
	}
	bounds := []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10}
	p := within(histogram(800, bounds, 1, 5, 20, 80, 90, 70, 60, 50, 40, 30, 20, 10, 5, 2, 1), 0.001, 12)
	p.Attributes = attribute.NewSet(attribute.String("http.route", "/cart"), attribute.String("http.request.method", "GET"))
	p.Time = datumTime()
	rm := one("http.server.request.duration", "s", metricdata.Histogram[float64]{
		Temporality: metricdata.DeltaTemporality, DataPoints: []metricdata.HistogramDataPoint[float64]{*p},
	})
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Export(ctx, rm); err != nil {
			b.Fatal(err)
		}
	}
}
