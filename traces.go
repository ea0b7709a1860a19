package updraft

import (
	"context"
	"errors"
	"fmt"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/updraft-otel/updraft/xray"
)

// buildTraces makes the tracer provider and its roads.
func (b *builder) buildTraces(ctx context.Context) error {
	names := b.choices.pick("traces", b.config.Traces, "OTEL_TRACES_EXPORTER", b.env.traces, ExporterXRay)
	var (
		errs       []error
		processors []sdktrace.TracerProviderOption
	)
	for _, name := range exporterNames(names) {
		processor, err := b.traceProcessor(ctx, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("traces: %w", err))
			continue
		}
		processors = append(processors, sdktrace.WithSpanProcessor(processor))
	}
	if len(processors) == 0 {
		return errors.Join(errs...)
	}
	options := append(processors, sdktrace.WithResource(b.resource), sdktrace.WithIDGenerator(xray.NewIDGenerator()))
	sampler, err := b.sampler()
	if err != nil {
		errs = append(errs, err)
	}
	if sampler != nil {
		options = append(options, sdktrace.WithSampler(sampler))
	}
	provider := sdktrace.NewTracerProvider(options...)
	b.tracerProvider = provider
	b.signals = append(b.signals, provider)
	return errors.Join(errs...)
}

// traceProcessor makes the road of an exporter: spans as OTLP, or as segment
// documents.
func (b *builder) traceProcessor(ctx context.Context, name string) (sdktrace.SpanProcessor, error) {
	switch name {
	case ExporterOTLP, ExporterXRayOTLP:
		return b.otlpProcessor(ctx, name)
	}
	queue, err := b.traceQueue(ctx, name)
	if err != nil {
		return nil, err
	}
	exporter := xray.NewExporter(xray.ExporterConfig{Queue: queue, Indexed: b.config.IndexedAttributes})
	return xray.NewProcessor(exporter), nil
}

func (b *builder) traceQueue(ctx context.Context, name string) (xray.Queue, error) {
	switch name {
	case ExporterXRay:
		return b.xrayQueue(ctx)
	case ExporterConsole:
		return b.consoleQueue("traces"), nil
	}
	return nil, fmt.Errorf("exporter %q is none of %s, %s, %s, %s, %s", name,
		ExporterXRay, ExporterXRayOTLP, ExporterOTLP, ExporterConsole, ExporterNone)
}

// sampler returns what Config asks for. A nil sampler leaves the choice to the
// SDK, which reads OTEL_TRACES_SAMPLER itself.
func (b *builder) sampler() (sdktrace.Sampler, error) {
	if s := b.config.Sampler; s != nil {
		b.choices.add("sampler", s.Description(), "argument")
		return s, nil
	}
	switch b.env.sampler {
	case "", "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio":
		b.choices.pick("sampler", "", "OTEL_TRACES_SAMPLER", b.env.sampler, "parentbased_always_on")
		return nil, nil
	}
	b.choices.add("sampler", "parentbased_always_on", "default")
	return sdktrace.ParentBased(sdktrace.AlwaysSample()),
		fmt.Errorf("OTEL_TRACES_SAMPLER: %q is no standard sampler; all traces are sampled", b.env.sampler)
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
