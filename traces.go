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
	names := b.choices.pick("traces", b.config.Traces, "OTEL_TRACES_EXPORTER", b.env.traces, b.env.defaultRoads().traces)
	var (
		errs       []error
		processors []sdktrace.SpanProcessor
	)
	for _, name := range exporterNames(names) {
		road, err := b.traceProcessors(ctx, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("traces: %w", err))
			continue
		}
		processors = append(processors, road...)
	}
	if len(processors) == 0 && !b.wantsApplicationSignals() {
		return errors.Join(errs...)
	}
	sampler, err := b.sampler(ctx)
	if err != nil {
		errs = append(errs, err)
	}
	if s := b.ruleSampler; s != nil { // it sends spans of traces that were not sampled, where they are anomalies
		processors = []sdktrace.SpanProcessor{s.Processor(processors...)}
	}
	if b.wantsApplicationSignals() { // in front of all others: it measures what the sampler leaves out
		if processors, sampler, err = b.applicationSignals(processors, sampler); err != nil {
			errs = append(errs, fmt.Errorf("application signals: %w", err))
		}
	}
	options := []sdktrace.TracerProviderOption{sdktrace.WithResource(b.resource),
		sdktrace.WithIDGenerator(xray.NewIDGenerator()), sdktrace.WithSampler(sampler)}
	for _, processor := range processors {
		options = append(options, sdktrace.WithSpanProcessor(processor))
	}
	provider := b.quietly(func() *sdktrace.TracerProvider { return sdktrace.NewTracerProvider(options...) })
	b.tracerProvider = provider
	b.signals = append(b.signals, provider)
	return errors.Join(errs...)
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
	config := xray.ExporterConfig{Indexed: b.config.IndexedAttributes}
	if err := b.traceQueue(ctx, name, &config); err != nil {
		return nil, err
	}
	return []sdktrace.SpanProcessor{xray.NewProcessor(xray.NewExporter(config))}, nil
}

func (b *builder) traceQueue(ctx context.Context, name string, config *xray.ExporterConfig) error {
	switch name {
	case ExporterXRay:
		queue, err := b.xrayQueue(ctx)
		if err == nil {
			config.Queue, config.PutEscaped = queue, queue.PutEncoded
		}
		return err
	case ExporterConsole:
		config.Queue = b.consoleQueue("traces")
		return nil
	}
	return fmt.Errorf("exporter %q is none of %s, %s, %s, %s, %s, %s", name,
		ExporterXRay, ExporterXRayOTLP, ExporterXRayUDP, ExporterOTLP, ExporterConsole, ExporterNone)
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
