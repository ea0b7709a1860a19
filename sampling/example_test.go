package sampling_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/sampling"
)

func ExampleNew() {
	sampler, err := sampling.New(sampling.Config{Rules: []sampling.Rule{
		{URLPath: "/health"},
		{URLPath: "/api/*", FixedRate: 1},
		{FixedRate: 0.1},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler))
	for _, path := range []string{"/health", "/api/orders"} {
		_, span := provider.Tracer("example").Start(context.Background(), "GET "+path, trace.WithAttributes(attribute.String("url.path", path)))
		fmt.Println(path, span.SpanContext().IsSampled())
		span.End()
	}
	// Output:
	// /health false
	// /api/orders true
}

func ExampleParseRules() {
	rules, err := sampling.ParseRules("/health=0,POST /api/*=1,*=1/s+10%")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range rules {
		fmt.Printf("%s: %d a second, then %g\n", r.Name, r.ReservoirSize, r.FixedRate)
	}
	// Output:
	// /health: 0 a second, then 0
	// POST /api/*: 0 a second, then 1
	// *: 1 a second, then 0.1
}

func ExampleParseLocalRules() {
	rules, err := sampling.ParseLocalRules([]byte(`{
		"version": 2,
		"rules": [{"description": "health", "host": "*", "http_method": "*", "url_path": "/health", "fixed_target": 0, "rate": 0}],
		"default": {"fixed_target": 1, "rate": 0.05}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rules[0].Name, rules[0].URLPath, rules[1].Name, rules[1].FixedRate)
	// Output: health /health default 0.05
}

func ExampleParseAdaptive() {
	adaptive, err := sampling.ParseAdaptive([]byte(`{version: 1.0, anomalyConditions: [{errorCodeRegex: "^5", usage: anomaly-span-capture}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(adaptive.Conditions[0].ErrorCode, adaptive.CapturesPerSecond)
	// Output: ^5 1
}

func ExampleSampler_Processor() {
	sampler, err := sampling.New(sampling.Config{
		Rules:    []sampling.Rule{{FixedRate: 0}},
		Adaptive: &sampling.Adaptive{CapturesPerSecond: 1},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	sent := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler),
		sdktrace.WithSpanProcessor(sampler.Processor(sdktrace.NewSimpleSpanProcessor(sent))))
	for _, status := range []int{200, 500} {
		_, span := provider.Tracer("example").Start(context.Background(), fmt.Sprint("answers ", status))
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		span.End()
	}
	for _, span := range sent.GetSpans() {
		fmt.Println(span.Name)
	}
	// Output: answers 500
}

func ExampleSampler_Report() {
	sampler, err := sampling.New(sampling.Config{Rules: []sampling.Rule{{Name: "everything", FixedRate: 1}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	sampler.ShouldSample(sdktrace.SamplingParameters{ParentContext: context.Background()})
	fmt.Print(sampler.Report())
	// Output:
	// rules: local
	// everything           all: requests 1, sampled 1; 1
	// otherwise            all: requests 0, sampled 0; reservoir 1/s + 0.05
}
