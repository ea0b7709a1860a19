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
		errs    []error
		options []sdkmetric.Option
	)
	for _, name := range exporterNames(names) {
		exporter, err := b.metricExporter(ctx, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("metrics: %w", err))
			continue
		}
		b.outlets[len(b.outlets)-1].dropped = exporter.Dropped
		options = append(options, sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)))
	}
	if len(options) == 0 {
		return errors.Join(errs...)
	}
	provider := sdkmetric.NewMeterProvider(append(options, sdkmetric.WithResource(b.resource))...)
	b.meterProvider = provider
	b.signals = append(b.signals, provider)
	return errors.Join(errs...)
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
