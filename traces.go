package updraft

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/updraft-otel/updraft/xray"
)

// buildTraces makes the tracer provider and its roads.
func (b *builder) buildTraces(ctx context.Context) error {
	names := b.choices.pick("traces", b.config.Traces, "OTEL_TRACES_EXPORTER", b.env.traces, b.defaultTraces())
	var (
		errs       []error
		processors []sdktrace.TracerProviderOption
	)
	for _, name := range exporterNames(names) {
		road, err := b.traceProcessors(ctx, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("traces: %w", err))
			continue
		}
		for _, processor := range road {
			processors = append(processors, sdktrace.WithSpanProcessor(processor))
		}
	}
	if len(processors) == 0 {
		return errors.Join(errs...)
	}
	sampler, err := b.sampler()
	if err != nil {
		errs = append(errs, err)
	}
	provider := sdktrace.NewTracerProvider(append(processors, sdktrace.WithResource(b.resource),
		sdktrace.WithIDGenerator(xray.NewIDGenerator()), sdktrace.WithSampler(sampler))...)
	b.tracerProvider = provider
	b.signals = append(b.signals, provider)
	return errors.Join(errs...)
}

// defaultTraces is where traces go that nobody said anything about: a Lambda
// function has a daemon beside it, which outlives the function's freezing.
func (b *builder) defaultTraces() string {
	if b.env.lambda {
		return ExporterXRayUDP
	}
	return ExporterXRay
}

// traceProcessors makes the road of an exporter: spans as OTLP, or as segment
// documents.
func (b *builder) traceProcessors(ctx context.Context, name string) ([]sdktrace.SpanProcessor, error) {
	switch name {
	case ExporterOTLP, ExporterXRayOTLP:
		processor, err := b.otlpProcessor(ctx, name)
		return []sdktrace.SpanProcessor{processor}, err
	case ExporterXRayUDP:
		return b.daemonProcessors()
	}
	queue, err := b.traceQueue(ctx, name)
	if err != nil {
		return nil, err
	}
	exporter := xray.NewExporter(xray.ExporterConfig{Queue: queue, Indexed: b.config.IndexedAttributes})
	return []sdktrace.SpanProcessor{xray.NewProcessor(exporter)}, nil
}

func (b *builder) traceQueue(ctx context.Context, name string) (xray.Queue, error) {
	switch name {
	case ExporterXRay:
		return b.xrayQueue(ctx)
	case ExporterConsole:
		return b.consoleQueue("traces"), nil
	}
	return nil, fmt.Errorf("exporter %q is none of %s, %s, %s, %s, %s, %s", name,
		ExporterXRay, ExporterXRayOTLP, ExporterXRayUDP, ExporterOTLP, ExporterConsole, ExporterNone)
}

// sampler is what Config asks for, else what OTEL_TRACES_SAMPLER names. What an
// X-Ray header says besides a parent is honoured in both cases.
func (b *builder) sampler() (sdktrace.Sampler, error) {
	if s := b.config.Sampler; s != nil {
		b.choices.add("sampler", s.Description(), "argument")
		return xray.HonorHeader(s), nil
	}
	s, err := standardSampler(b.env.sampler, b.env.samplerArg)
	if err != nil || b.env.sampler == "" {
		b.choices.add("sampler", s.Description(), "default")
	} else {
		b.choices.add("sampler", s.Description(), "OTEL_TRACES_SAMPLER")
	}
	return xray.HonorHeader(s), err
}

// standardSampler makes the sampler of a standard name, and the default where
// the name or the ratio makes no sense.
//
// Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration
func standardSampler(name, arg string) (sdktrace.Sampler, error) {
	byDefault := sdktrace.ParentBased(sdktrace.AlwaysSample())
	ratio := 1.0
	if strings.HasSuffix(name, "traceidratio") && arg != "" {
		var err error
		if ratio, err = strconv.ParseFloat(arg, 64); err != nil || !(ratio >= 0 && ratio <= 1) {
			return byDefault, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG: %q is no ratio from 0 to 1; all traces are sampled", arg)
		}
	}
	switch name {
	case "", "parentbased_always_on":
		return byDefault, nil
	case "always_on":
		return sdktrace.AlwaysSample(), nil
	case "always_off":
		return sdktrace.NeverSample(), nil
	case "traceidratio":
		return sdktrace.TraceIDRatioBased(ratio), nil
	case "parentbased_always_off":
		return sdktrace.ParentBased(sdktrace.NeverSample()), nil
	case "parentbased_traceidratio":
		return sdktrace.ParentBased(sdktrace.TraceIDRatioBased(ratio)), nil
	}
	return byDefault, fmt.Errorf("OTEL_TRACES_SAMPLER: %q is no standard sampler; all traces are sampled", name)
}

// exporterNames splits a list of exporters; "none" is an empty one.
func exporterNames(list string) []string {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" && name != ExporterNone {
			names = append(names, name)
		}
	}
	return names
}
