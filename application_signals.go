package updraft

import (
	"strings"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/updraft-otel/updraft/appsignals"
	"github.com/updraft-otel/updraft/otlp"
	"github.com/updraft-otel/updraft/outbox"
)

// The road of Application Signals: metrics of spans, by OTLP to a CloudWatch
// agent, which makes of them what CloudWatch's console shows.

// exporterSignals is this road in the report.
const exporterSignals = "applicationsignals"

// Where a CloudWatch agent listens.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Application-Signals-Enable-EC2Main.html
const (
	signalsEndpointHTTP = "http://localhost:4316/v1/metrics"
	signalsEndpointGRPC = "http://localhost:4315"
)

// maxSignalsInterval is the longest time between two exports: the agent expects
// each metric once a minute.
const maxSignalsInterval = time.Minute

func (b *builder) wantsApplicationSignals() bool {
	return b.config.ApplicationSignals || b.env.signals.enabled
}

// applicationSignals puts the measuring in front of the exporters' processors
// and around the sampler. A Lambda function makes no metrics: all its spans
// leave, and Application Signals measures those. Where the road cannot be built,
// spans are as they would be without.
func (b *builder) applicationSignals(next []sdktrace.SpanProcessor, sampler sdktrace.Sampler) ([]sdktrace.SpanProcessor, sdktrace.Sampler, error) {
	config := appsignals.Config{
		OperationPaths: strings.Split(b.env.signals.paths, ","),
		Environment:    b.config.Environment, Function: b.env.signals.function,
		RemoteEnvironment: b.env.signals.remoteEnvironment, Next: next,
	}
	source := envSignals
	if b.config.ApplicationSignals {
		source = "argument"
	}
	b.choices.add("application signals", "on", source)
	if config.Function == "" {
		provider, err := b.signalsProvider()
		if err != nil {
			return next, sampler, err
		}
		b.signals = append(b.signals, provider)
		config.MeterProvider = provider
	}
	processor, err := appsignals.NewProcessor(config)
	if err != nil {
		return next, sampler, err
	}
	return []sdktrace.SpanProcessor{processor}, appsignals.AlwaysRecord(sampler), nil
}

// signalsProvider makes the meters of Application Signals, and no others:
// what goes to the agent there is its own.
func (b *builder) signalsProvider() (*sdkmetric.MeterProvider, error) {
	config, err := b.signalsConfig()
	if err != nil {
		return nil, err
	}
	client, err := otlp.New(config)
	if err != nil {
		return nil, err
	}
	queue, err := b.otlpOutbox("metrics", exporterSignals, config, outbox.Config{
		Limits: outbox.Limits{Bytes: otlpBatchBytes, Overhead: otlp.MetricItemOverhead},
		Linger: metricLinger, Workers: 2,
	}, client.ExportMetrics)
	if err != nil {
		return nil, err
	}
	exporter, err := otlp.NewMetricExporter(otlp.MetricConfig{
		Queue: queue, Temporality: sdkmetric.DeltaTemporalitySelector, Aggregation: otlp.ExponentialHistograms,
	})
	if err != nil {
		return nil, err
	}
	b.outlets[len(b.outlets)-1].dropped = exporter.Dropped
	interval := maxSignalsInterval
	if b.env.metricInterval > 0 {
		interval = min(interval, b.env.metricInterval)
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithResource(b.resource),
		sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter, sdkmetric.WithInterval(interval))))
	if b.env.signals.runtime { // without the runtime's own histograms, which are totals
		return provider, observeRuntime(provider)
	}
	return provider, nil
}

// signalsConfig is what the OTLP variables say of metrics, but for the address:
// that is a variable of its own.
func (b *builder) signalsConfig() (otlp.Config, error) {
	config, err := otlpMetricsEnvironment()
	if err != nil {
		return config, err
	}
	byDefault := signalsEndpointHTTP
	if config.Protocol == otlp.ProtocolGRPC {
		byDefault = signalsEndpointGRPC
	}
	config.Endpoint = b.choices.pick("application signals endpoint", "", envSignalsEndpoint, b.env.signals.endpoint, byDefault)
	config.EndpointSource = envSignalsEndpoint
	config.Headers = nil // they are for another receiver
	return config, nil
}
