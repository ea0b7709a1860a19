package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/sampling"
)

// account is a service of 25 rules, as many as X-Ray keeps, and the default one,
// which alone matches what the benchmark asks about.
type account struct{}

func (account) Rules(context.Context) ([]sampling.Rule, error) {
	rules := []sampling.Rule{{Name: "Default", Priority: 10000, ReservoirSize: 1, FixedRate: 0.05}}
	for i := range 25 {
		rules = append(rules, sampling.Rule{
			Name: fmt.Sprint("rule ", i), Priority: int64(i + 1), FixedRate: 0.5,
			ServiceName: "*", ServiceType: "*", Host: "*", ResourceARN: "*", HTTPMethod: "*", URLPath: fmt.Sprintf("/api/v%d/*", i),
		})
	}
	return rules, nil
}

func (account) Report(context.Context, []sampling.Statistics, []sampling.BoostStatistics) (sampling.Targets, error) {
	return sampling.Targets{}, nil
}

// decide measures decisions about new traces of a web request, on one core and
// on all.
func decide(b *testing.B, sampler sdktrace.Sampler) {
	attributes := []attribute.KeyValue{ // as otelhttp gives them
		attribute.String("server.address", "shop.example.com"), attribute.String("http.request.method", "GET"),
		attribute.String("url.scheme", "http"), attribute.Int("server.port", 8080), attribute.String("network.peer.address", "10.0.0.4"),
		attribute.Int("network.peer.port", 40112), attribute.String("user_agent.original", "curl/8.5"),
		attribute.String("client.address", "10.0.0.4"), attribute.String("url.path", "/api/products"),
		attribute.String("network.protocol.version", "1.1"),
	}
	run := func(next func() bool) {
		var ids [1024]trace.TraceID // made before: the decision is measured
		for i := range ids {
			binary.LittleEndian.PutUint64(ids[i][:], rand.Uint64())
			binary.LittleEndian.PutUint64(ids[i][8:], rand.Uint64())
		}
		p := sdktrace.SamplingParameters{ParentContext: context.Background(), Name: "GET /api/products", Kind: trace.SpanKindServer, Attributes: attributes}
		for i := 0; next(); i++ {
			p.TraceID = ids[i%len(ids)]
			sampler.ShouldSample(p)
		}
	}
	b.Run("serial", func(b *testing.B) { b.ReportAllocs(); run(b.Loop) })
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) { run(pb.Next) })
	})
}

// BenchmarkSampler_xray decides by the rules of an account.
func BenchmarkSampler_xray(b *testing.B) {
	s, err := sampling.New(sampling.Config{Service: account{}})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); s.Report().Source != sampling.SourceService; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatal("there are no rules")
		}
	}
	decide(b, s)
	if err := s.Shutdown(b.Context()); err != nil {
		b.Error(err)
	}
}

// BenchmarkSampler_ratio is OpenTelemetry's own sampler, which asks for nothing
// but the trace id.
func BenchmarkSampler_ratio(b *testing.B) {
	decide(b, sdktrace.ParentBased(sdktrace.TraceIDRatioBased(0.05)))
}
