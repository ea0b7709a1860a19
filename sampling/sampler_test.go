package sampling

import (
	"context"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// child is the context of a span whose parent is elsewhere.
func child(t *testing.T, flags trace.TraceFlags, tracestate string) context.Context {
	t.Helper()
	state, err := trace.ParseTraceState(tracestate)
	if err != nil {
		t.Fatal(err)
	}
	return trace.ContextWithRemoteSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: never, SpanID: trace.SpanID{1}, TraceFlags: flags, TraceState: state, Remote: true,
	}))
}

func TestShouldSample_parent(t *testing.T) {
	f := func(c Config, rate float64, parent trace.TraceFlags, want sdktrace.SamplingDecision, counted int64) {
		t.Helper()
		s := compiled(t, all(0, rate), c)
		result := s.ShouldSample(sdktrace.SamplingParameters{ParentContext: child(t, parent, "other=1"), TraceID: never})
		if result.Decision != want || result.Tracestate.String() != "other=1" {
			t.Errorf("rate %g, parent %v: %v with %q, want %v", rate, parent, result.Decision, result.Tracestate, want)
		}
		if n := s.Report().Rules[0].Requests; n != counted {
			t.Errorf("rate %g, parent %v: counted %d, want %d", rate, parent, n, counted)
		}
	}
	f(Config{}, 1, 0, sdktrace.Drop, 0)
	f(Config{}, 0, trace.FlagsSampled, sdktrace.RecordAndSample, 0)
	f(Config{IgnoreParent: true}, 1, 0, sdktrace.RecordAndSample, 1)
	f(Config{IgnoreParent: true}, 0, trace.FlagsSampled, sdktrace.Drop, 1)
	// To see anomalies, what is not sampled is recorded.
	f(Config{Adaptive: &Adaptive{CapturesPerSecond: 1}}, 1, 0, sdktrace.RecordOnly, 0)
	f(Config{Adaptive: &Adaptive{CapturesPerSecond: 0}}, 1, 0, sdktrace.Drop, 0)
	f(Config{Adaptive: &Adaptive{CapturesPerSecond: 1, Conditions: []AnomalyCondition{{ErrorCode: "5", Use: UseBoost}}}}, 1, 0, sdktrace.Drop, 0)
}

// The policy "never /health, always /api/, else one in ten" is three rules.
func TestLocalRules_policy(t *testing.T) {
	rules, err := ParseRules("/health=0,/api/*=1,*=0.1")
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	f := func(path string, want bool) {
		t.Helper()
		result := s.ShouldSample(sdktrace.SamplingParameters{
			ParentContext: t.Context(), TraceID: never, Attributes: []attribute.KeyValue{attribute.String("url.path", path)},
		})
		if got := result.Decision == sdktrace.RecordAndSample; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	f("/health", false)
	f("/api/orders", true)
	f("/", false)
	if s.Report().Source != SourceLocal {
		t.Errorf("source %q", s.Report().Source)
	}
}

func TestNew_mistakes(t *testing.T) {
	for _, c := range []Config{
		{Rules: []Rule{{FixedRate: 2}}}, {Rules: []Rule{{ReservoirSize: -1}}}, {Adaptive: &Adaptive{CapturesPerSecond: -1}},
		{Adaptive: &Adaptive{Conditions: []AnomalyCondition{{Use: "never"}}}},
		{Adaptive: &Adaptive{Conditions: []AnomalyCondition{{ErrorCode: "("}}}},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v makes a sampler", c)
		}
	}
}

func TestExplain(t *testing.T) {
	s, err := New(Config{Explain: true, Rules: []Rule{{Name: "first", SpanName: "a", ReservoirSize: 1}, {Name: "second", FixedRate: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	f := func(span string, want ...attribute.KeyValue) {
		t.Helper()
		result := s.ShouldSample(sdktrace.SamplingParameters{ParentContext: t.Context(), Name: span})
		if !slices.Equal(result.Attributes, want) {
			t.Errorf("span %q: %v, want %v", span, result.Attributes, want)
		}
	}
	f("a", RuleKey.String("first"), ReasonKey.String("reservoir"))
	f("b", RuleKey.String("second"), ReasonKey.String("fixed_rate"))
}

func TestReference(t *testing.T) {
	rules := append(all(0, 0), Rule{Name: "a", SpanName: "a", Boost: &Boost{MaxRate: 1}})
	s := compiled(t, rules, Config{})
	f := func(parent context.Context, span, want string) {
		t.Helper()
		result := s.ShouldSample(sdktrace.SamplingParameters{ParentContext: parent, Name: span})
		if got := result.Tracestate.String(); got != want {
			t.Errorf("span %q: tracestate %q, want %q", span, got, want)
		}
	}
	// The first 8 bytes of SHA-256 of "a" and "Default", as any other program computes them.
	f(t.Context(), "a", "xrsr=ca978112ca1bbdca")
	f(t.Context(), "b", "xrsr="+referenceOf("Default"))
	f(child(t, 0, "xrsr=0123456789abcdef"), "a", "xrsr=0123456789abcdef")
	f(child(t, 0, "other=1"), "a", "other=1") // it is not known who decided
	state, err := trace.ParseTraceState("other=1")
	if err != nil {
		t.Fatal(err)
	}
	question := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceState: state}))
	f(question, "a", "xrsr=ca978112ca1bbdca,other=1")
	s = compiled(t, all(0, 0), Config{}) // without boosts nobody needs to know
	f(t.Context(), "a", "")
}

func TestObserve(t *testing.T) {
	s := compiled(t, append(all(1, 0), Rule{Name: "other", ServiceName: "other"}, Rule{Name: "boosted", SpanName: "x", Boost: &Boost{MaxRate: 1}}), Config{})
	offer(s, 3, never)
	reader := metric.NewManualReader()
	provider := metric.NewMeterProvider(metric.WithReader(reader))
	registration, err := s.Observe(provider.Meter("test"))
	if err != nil {
		t.Fatal(err)
	}
	var got metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, m := range got.ScopeMetrics[0].Metrics {
		switch data := m.Data.(type) {
		case metricdata.Sum[int64]:
			for _, point := range data.DataPoints {
				name, _ := point.Attributes.Value(RuleKey)
				values[m.Name+" "+name.AsString()] = float64(point.Value)
			}
		case metricdata.Gauge[float64]:
			for _, point := range data.DataPoints {
				name, _ := point.Attributes.Value(RuleKey)
				values[m.Name+" "+name.AsString()] = point.Value
			}
		}
	}
	for name, want := range map[string]float64{
		"updraft.sampling.requests Default": 3, "updraft.sampling.sampled Default": 1, "updraft.sampling.borrowed Default": 1,
		"updraft.sampling.rate Default": 0, "updraft.sampling.boost boosted": 0, "updraft.sampling.captured ": 0, "updraft.sampling.failures ": 0,
	} {
		if value, ok := values[name]; !ok || value != want {
			t.Errorf("%s is %v, want %v", name, value, want)
		}
	}
	if _, ok := values["updraft.sampling.requests other"]; ok {
		t.Error("there is a metric of another service's rule")
	}
	if err := registration.Unregister(); err != nil {
		t.Error(err)
	}
}

func TestReport_text(t *testing.T) {
	s, err := New(Config{Rules: []Rule{{Name: "api", URLPath: "/api/*", HTTPMethod: "POST", ReservoirSize: 2, FixedRate: 0.5}}})
	if err != nil {
		t.Fatal(err)
	}
	want := "rules: local\n" +
		"api                  method=POST path=/api/*: requests 0, sampled 0; reservoir 2/s + 0.5\n" +
		"otherwise            all: requests 0, sampled 0; reservoir 1/s + 0.05\n"
	if got := s.Report().String(); got != want {
		t.Errorf("report\n%s, want\n%s", got, want)
	}
}
