package sampling

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
)

// request is what otelhttp says when a server span begins.
func request(method, host, path string) []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.String("http.request.method", method), attribute.String("url.scheme", "http"),
		attribute.String("server.address", host), attribute.Int("server.port", 8080), attribute.String("url.path", path),
		attribute.String("network.peer.address", "10.0.0.4"), attribute.Int("network.peer.port", 40112),
		attribute.String("user_agent.original", "curl/8.5"), attribute.String("network.protocol.version", "1.1"),
	}
}

// manyRules are 25, as many as X-Ray keeps, of which the last and the default one match GET /api/orders.
func manyRules() []Rule {
	var rules []Rule
	for i := range 24 {
		rules = append(rules, Rule{Name: fmt.Sprint("r", i), Priority: int64(i), URLPath: fmt.Sprintf("/api/v%d/*", i), HTTPMethod: "*", Host: "*", FixedRate: 0.5})
	}
	return append(rules, Rule{Name: "Default", Priority: 10000, ReservoirSize: 1, FixedRate: 0.05})
}

func compiled(tb testing.TB, rules []Rule, c Config) *Sampler {
	tb.Helper()
	s, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	p := &poller{Sampler: s, states: map[string]*ruleState{}}
	kept, err := usable(rules)
	if err != nil {
		tb.Fatal(err)
	}
	p.adopt(kept)
	return s
}

func randomID(r *rand.Rand) (id trace.TraceID) {
	binary.BigEndian.PutUint64(id[:], r.Uint64())
	binary.BigEndian.PutUint64(id[8:], r.Uint64())
	return id
}

func benchmarkSampler(b *testing.B, s sdktrace.Sampler) {
	attributes := request("GET", "shop.example.com", "/api/orders")
	run := func(next func() bool) {
		r := rand.New(rand.NewPCG(1, rand.Uint64()))
		p := sdktrace.SamplingParameters{ParentContext: context.Background(), Name: "GET /api/orders", Kind: trace.SpanKindServer, Attributes: attributes}
		for next() {
			p.TraceID = randomID(r)
			s.ShouldSample(p)
		}
	}
	b.Run("serial", func(b *testing.B) { b.ReportAllocs(); run(b.Loop) })
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) { run(pb.Next) })
	})
}

func BenchmarkDecision(b *testing.B) {
	b.Run("25 rules", func(b *testing.B) { benchmarkSampler(b, compiled(b, manyRules(), Config{})) })
	b.Run("25 rules and a quota", func(b *testing.B) {
		s := compiled(b, manyRules(), Config{})
		set := s.active.Load()
		quota := int64(5)
		(&poller{Sampler: s}).assign(set.all[24], Target{Quota: &quota, QuotaUntil: time.Now().Add(time.Hour)})
		benchmarkSampler(b, s)
	})
	b.Run("3 local rules", func(b *testing.B) {
		s, err := New(Config{Rules: []Rule{{URLPath: "/health"}, {URLPath: "/api/*", FixedRate: 1}, {FixedRate: 0.1}}})
		if err != nil {
			b.Fatal(err)
		}
		benchmarkSampler(b, s)
	})
	b.Run("OpenTelemetry TraceIDRatioBased", func(b *testing.B) {
		benchmarkSampler(b, sdktrace.ParentBased(sdktrace.TraceIDRatioBased(0.05)))
	})
}
