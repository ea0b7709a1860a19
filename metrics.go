package updraft

import (
	"context"
	"errors"
	"fmt"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/updraft-otel/updraft/metrics"
)

// buildMetrics makes the meter provider and its roads. Each exporter has a
// reader that collects every OTEL_METRIC_EXPORT_INTERVAL, a minute by default.
func (b *builder) buildMetrics(ctx context.Context) error {
	names := b.choices.pick("metrics", b.config.Metrics, "OTEL_METRICS_EXPORTER", b.env.metrics, ExporterCloudWatch)
	var (
		errs      []error
		exporters []sdkmetric.Exporter
	)
	for _, name := range exporterNames(names) {
		exporter, err := b.metricExporter(ctx, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("metrics: %w", err))
			continue
		}
		b.outlets[len(b.outlets)-1].dropped = exporter.Dropped
		exporters = append(exporters, exporter)
	}
	if len(exporters) == 0 {
		return errors.Join(errs...)
	}
	return errors.Join(append(errs, b.startMetrics(exporters))...)
}

// startMetrics makes the provider that has a reader for each exporter.
func (b *builder) startMetrics(exporters []sdkmetric.Exporter) error {
	var producer []sdkmetric.PeriodicReaderOption
	withRuntime := b.config.RuntimeMetrics || b.env.runtimeMetrics
	if withRuntime {
		producer = append(producer, sdkmetric.WithProducer(newRuntimeHistograms()))
	}
	options := []sdkmetric.Option{sdkmetric.WithResource(b.resource)}
	for _, exporter := range exporters {
		options = append(options, sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter, producer...)))
	}
	provider := sdkmetric.NewMeterProvider(options...)
	b.meterProvider = provider
	b.signals = append(b.signals, provider)
	if !withRuntime {
		return nil
	}
	if err := observeRuntime(provider); err != nil {
		return fmt.Errorf("runtime metrics: %w", err)
	}
	b.choices.add("runtime metrics", "on", "argument or "+envRuntimeMetrics)
	return nil
}

// metricExporter is an exporter that also says what it left out.
type metricExporter interface {
	sdkmetric.Exporter
	Dropped() map[string]int64
}

func (b *builder) metricExporter(ctx context.Context, name string) (metricExporter, error) {
	switch name {
	case ExporterCloudWatch:
		queue, err := b.metricsQueue(ctx)
		if err != nil {
			return nil, err
		}
		namespace := b.choices.pick("metric namespace", b.config.MetricNamespace,
			"OTEL_EXPORTER_OTLP_LOGS_HEADERS", b.env.headers[headerMetricNamespace],
			defaultNamespace(attributeOf(b.resource, "service.namespace"), b.service))
		return metrics.NewExporter(metrics.Config{Queue: queue, Namespace: namespace})
	case ExporterOTLP:
		return b.otlpMetricExporter(ctx)
	case ExporterConsole:
		return metrics.NewWriterExporter(b.consoleQueue("metrics"), metrics.Config{})
	}
	return nil, fmt.Errorf("exporter %q is none of %s, %s, %s, %s", name,
		ExporterCloudWatch, ExporterOTLP, ExporterConsole, ExporterNone)
}

// defaultNamespace is service.name behind service.namespace, as the collector's
// awsemf exporter has it.
func defaultNamespace(namespace, service string) string {
	if namespace == "" {
		return service
	}
	return namespace + "/" + service
}
