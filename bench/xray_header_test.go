package bench

import (
	"net/http"
	"testing"

	upstream "go.opentelemetry.io/contrib/propagators/aws/xray"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/xray"
)

const typicalHeader = "Root=1-6ab13b80-a2c3d4e5f60718293a4b5c6d;Parent=1122334455667788;Sampled=1"

// The peers, under one name each.
var (
	propagators = []struct {
		name string
		propagation.TextMapPropagator
	}{{"updraft", xray.Propagator{}}, {"upstream", upstream.Propagator{}}}
	generators = []struct {
		name string
		sdktrace.IDGenerator
	}{{"updraft", xray.NewIDGenerator()}, {"upstream", upstream.NewIDGenerator()}}
)

func TestHeader_agrees(t *testing.T) {
	carrier := propagation.HeaderCarrier{}
	carrier.Set("X-Amzn-Trace-Id", typicalHeader)
	for _, p := range propagators {
		sc := trace.SpanContextFromContext(p.Extract(t.Context(), carrier))
		if sc.TraceID().String() != "6ab13b80a2c3d4e5f60718293a4b5c6d" || sc.SpanID().String() != "1122334455667788" || !sc.IsSampled() {
			t.Errorf("%s read %v", p.name, sc)
		}
		to := propagation.HeaderCarrier{}
		p.Inject(trace.ContextWithSpanContext(t.Context(), sc), to)
		if got := to.Get("X-Amzn-Trace-Id"); got != typicalHeader {
			t.Errorf("%s wrote %q", p.name, got)
		}
	}
}

func BenchmarkHeader_extract(b *testing.B) {
	carrier := propagation.HeaderCarrier{}
	carrier.Set("X-Amzn-Trace-Id", typicalHeader)
	for _, p := range propagators {
		b.Run(p.name, func(b *testing.B) {
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				_ = p.Extract(ctx, carrier)
			}
		})
	}
}

func BenchmarkHeader_inject(b *testing.B) {
	carrier := propagation.HeaderCarrier(http.Header{"X-Amzn-Trace-Id": {typicalHeader}})
	for _, p := range propagators {
		b.Run(p.name, func(b *testing.B) {
			ctx := p.Extract(b.Context(), carrier)
			to := propagation.HeaderCarrier{}
			b.ReportAllocs()
			for b.Loop() {
				p.Inject(ctx, to)
			}
		})
	}
}

func BenchmarkIDs(b *testing.B) {
	for _, g := range generators {
		b.Run(g.name, func(b *testing.B) {
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				_, _ = g.NewIDs(ctx)
			}
		})
		b.Run(g.name+"/parallel", func(b *testing.B) {
			ctx := b.Context()
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_, _ = g.NewIDs(ctx)
				}
			})
		})
	}
}
