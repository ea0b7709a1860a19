package updraft

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/updraft-otel/updraft/metrics"
)

// buildMetrics makes the meter provider and its roads. Each exporter has a
// reader that collects every OTEL_METRIC_EXPORT_INTERVAL, a minute by default.
func (b *builder) buildMetrics(ctx context.Context) error {
	names := b.choices.pick("metrics", b.config.Metrics, "OTEL_METRICS_EXPORTER", b.env.metrics, b.env.defaultRoads().metrics)
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
		config, err := b.cloudWatchConfig()
		if err != nil {
			return nil, err
		}
		if config.Queue, err = b.metricsQueue(ctx); err != nil {
			return nil, err
		}
		b.share(metrics.Output{Queue: config.Queue})
		return metrics.NewExporter(config)
	case ExporterEMF:
		return b.emfExporter(ctx)
	case ExporterOTLP:
		return b.otlpMetricExporter(ctx)
	case ExporterConsole:
		config, err := b.cloudWatchConfig()
		if err != nil {
			return nil, err
		}
		queue := b.consoleQueue("metrics")
		b.share(metrics.Output{Queue: queue, Format: metrics.JSONDatums})
		return metrics.NewWriterExporter(queue, config)
	}
	return nil, fmt.Errorf("exporter %q is none of %s, %s, %s, %s, %s", name,
		ExporterCloudWatch, ExporterEMF, ExporterOTLP, ExporterConsole, ExporterNone)
}

// cloudWatchConfig is how metrics become CloudWatch's, but for the queue.
func (b *builder) cloudWatchConfig() (metrics.Config, error) {
	variable, named := "OTEL_EXPORTER_OTLP_LOGS_HEADERS", b.env.headers[headerMetricNamespace]
	if named == "" {
		variable, named = "AWS_EMF_NAMESPACE", b.env.awsEMF.Namespace
	}
	namespace := b.choices.pick("metric namespace", firstOf(b.config.MetricNamespace, b.config.MetricSettings.Namespace),
		variable, named, defaultNamespace(attributeOf(b.resource, "service.namespace"), b.service))
	config := b.config.MetricSettings
	config.Namespace = namespace
	aggregation, err := cloudWatchAggregation()
	if config.Aggregation == nil {
		config.Aggregation = aggregation
	}
	if len(config.Declarations) == 0 && b.env.declarations != "" {
		declarations, readErr := readDeclarations(b.env.declarations)
		if readErr != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", envDeclarations, readErr))
		}
		config.Declarations = declarations
		b.choices.add("metric declarations", strconv.Itoa(len(declarations)), envDeclarations)
	}
	return config, err
}

// cloudWatchAggregation makes exponential histograms of what CloudWatch gets,
// unless the environment says otherwise: their buckets follow the values, so
// that percentiles are right to about one in a hundred whatever the unit.
func cloudWatchAggregation() (sdkmetric.AggregationSelector, error) {
	_, aggregation, err := metricSelectors()
	if aggregation == nil {
		aggregation = cloudWatchHistograms
	}
	return aggregation, err
}

// cloudWatchBuckets is how many buckets a histogram for CloudWatch has: twice
// OpenTelemetry's number, at the cost of up to 2.5 kB a series. A distribution
// over a factor of 1,000 is then kept to about one in a hundred.
const cloudWatchBuckets = 320

func cloudWatchHistograms(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	if kind == sdkmetric.InstrumentKindHistogram {
		return sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: cloudWatchBuckets, MaxScale: 20}
	}
	return sdkmetric.DefaultAggregationSelector(kind)
}

// defaultNamespace is service.name behind service.namespace, as the collector's
// awsemf exporter has it.
func defaultNamespace(namespace, service string) string {
	if namespace == "" {
		return service
	}
	return namespace + "/" + service
}
