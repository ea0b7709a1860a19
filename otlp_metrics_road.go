package updraft

import (
	"context"
	"errors"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/metrics"
	"github.com/updraft-otel/updraft/otlp"
	"github.com/updraft-otel/updraft/outbox"
)

// The OTLP road of metrics: to a collector, or to CloudWatch's own endpoint,
// signed or with a bearer token.

// cloudWatchMetricsBytes leaves room, in a request to CloudWatch, for the
// resource, which is not counted with the points.
const cloudWatchMetricsBytes = otlp.MaxMetricsBytes - otlp.MaxMetricsLabelBytes - 1<<12

// otlpMetricExporter makes the exporter "otlp" of metrics. Where nothing is
// said it sends running totals, as OpenTelemetry has it; CloudWatch's endpoint
// takes those and increases, and says which in the label __temporality__.
func (b *builder) otlpMetricExporter(ctx context.Context) (metricExporter, error) {
	config, err := otlpMetricsEnvironment()
	if err == nil {
		err = b.signIfAWS(ctx, &config, awsapi.CloudWatch, otlpMetricsPath)
	}
	temporality, aggregation, err2 := metricSelectors()
	if err = errors.Join(err, err2); err != nil {
		return nil, err
	}
	client, err := otlp.New(config)
	if err != nil {
		return nil, err
	}
	toCloudWatch := config.Signer != nil || isHostOf(awsapi.CloudWatch, config.Endpoint)
	limits := outbox.Limits{Bytes: otlpBatchBytes, Overhead: otlp.MetricItemOverhead}
	if toCloudWatch {
		limits.Bytes, limits.Items = cloudWatchMetricsBytes, otlp.MaxMetricsPoints
	}
	b.choices.add("otlp metrics endpoint", config.Endpoint, config.EndpointSource)
	queue, err := b.otlpOutbox("metrics", ExporterOTLP, config, outbox.Config{
		Limits: limits, Linger: metricLinger, Workers: metricWorkers,
	}, client.ExportMetrics)
	if err != nil {
		return nil, err
	}
	exporter, err := otlp.NewMetricExporter(otlp.MetricConfig{
		Queue: queue, Temporality: temporality, Aggregation: aggregation, CloudWatch: toCloudWatch,
	})
	if err == nil {
		b.share(metrics.Output{Exporter: exporter})
	}
	return exporter, err
}
