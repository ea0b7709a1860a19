package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/otlp"
	"github.com/updraft-otel/updraft/outbox"
)

// serviceMetrics is a collection of a service's metrics: counters, histograms
// and exponential histograms, each with the attributes of some routes.
func serviceMetrics() (rm *metricdata.ResourceMetrics, points int) {
	const metrics, routes = 60, 50
	r := rand.New(rand.NewPCG(1, 2))
	at := time.Now()
	scope := metricdata.ScopeMetrics{}
	scope.Scope.Name = "shop/http"
	for i := range metrics {
		var sums []metricdata.DataPoint[int64]
		var histograms []metricdata.HistogramDataPoint[float64]
		var exponentials []metricdata.ExponentialHistogramDataPoint[float64]
		for k := range routes {
			attrs := attribute.NewSet(
				attribute.String("http.request.method", "GET"), attribute.String("http.route", fmt.Sprintf("/api/products/%d/{id}", k)),
				attribute.Int("http.response.status_code", 200), attribute.String("server.address", "shop.example.com"))
			counts := make([]uint64, 15)
			for c := range counts {
				counts[c] = r.Uint64N(100)
			}
			sums = append(sums, metricdata.DataPoint[int64]{Attributes: attrs, StartTime: at, Time: at, Value: r.Int64N(1e6)})
			histograms = append(histograms, metricdata.HistogramDataPoint[float64]{
				Attributes: attrs, StartTime: at, Time: at, Count: 750, Sum: 100, BucketCounts: counts, Min: metricdata.NewExtrema(0.001), Max: metricdata.NewExtrema(9.0),
				Bounds: []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10},
			})
			exponentials = append(exponentials, metricdata.ExponentialHistogramDataPoint[float64]{
				Attributes: attrs, StartTime: at, Time: at, Count: 750, Sum: 100, Scale: 3, PositiveBucket: metricdata.ExponentialBucket{Offset: -40, Counts: counts},
			})
		}
		m := metricdata.Metrics{Name: fmt.Sprintf("http.server.metric_%d", i), Unit: "s"}
		switch {
		case i%12 == 0:
			m.Data = metricdata.ExponentialHistogram[float64]{DataPoints: exponentials, Temporality: metricdata.DeltaTemporality}
		case i%4 == 0:
			m.Data = metricdata.Histogram[float64]{DataPoints: histograms, Temporality: metricdata.DeltaTemporality}
		default:
			m.Data = metricdata.Sum[int64]{DataPoints: sums, Temporality: metricdata.DeltaTemporality, IsMonotonic: true}
		}
		scope.Metrics = append(scope.Metrics, m)
	}
	return &metricdata.ResourceMetrics{
		Resource:     resource.NewSchemaless(attribute.String("service.name", "shop"), attribute.String("host.name", "a")),
		ScopeMetrics: []metricdata.ScopeMetrics{scope},
	}, metrics * routes
}

// metricExporter is the exporter of the OTLP road as updraft.Start makes it, with
// CloudWatch's limits and signed, or with a collector's.
func metricExporter(b *testing.B, signed bool) sdkmetric.Exporter {
	config := otlp.Config{Endpoint: sink(b) + "/v1/metrics"}
	limits := outbox.Limits{Bytes: 1 << 20, Overhead: otlp.MetricItemOverhead}
	if signed {
		client, err := awsapi.New(awsapi.Config{
			Service: awsapi.CloudWatch, Region: "eu-central-1",
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
			}),
		})
		if err != nil {
			b.Fatal(err)
		}
		config.Signer = client
		limits.Bytes, limits.Items = otlp.MaxMetricsBytes-otlp.MaxMetricsLabelBytes-1<<12, otlp.MaxMetricsPoints
	}
	client, err := otlp.New(config)
	if err != nil {
		b.Fatal(err)
	}
	queue, err := outbox.New(outbox.Config{Limits: limits, Linger: time.Second, Send: func(ctx context.Context, batch *outbox.Batch) error {
		_, err := client.ExportMetrics(ctx, batch.Key(), batch.Len(), batch.Body)
		return err
	}})
	if err != nil {
		b.Fatal(err)
	}
	exporter, err := otlp.NewMetricExporter(otlp.MetricConfig{Queue: queue, CloudWatch: signed})
	if err != nil {
		b.Fatal(err)
	}
	return exporter
}

// BenchmarkOTLPMetrics takes collections to a server in this process, which
// counts for all: encoded, signed where it says so, sent and answered.
func BenchmarkOTLPMetrics(b *testing.B) {
	b.Run("otlpmetrichttp", func(b *testing.B) {
		exporter, err := otlpmetrichttp.New(b.Context(), otlpmetrichttp.WithEndpointURL(sink(b)+"/v1/metrics"))
		if err != nil {
			b.Fatal(err)
		}
		measureMetrics(b, exporter)
	})
	b.Run("updraft", func(b *testing.B) { measureMetrics(b, metricExporter(b, false)) })
	b.Run("updraft-signed", func(b *testing.B) { measureMetrics(b, metricExporter(b, true)) })
}

func measureMetrics(b *testing.B, exporter sdkmetric.Exporter) {
	rm, points := serviceMetrics()
	export := func() {
		if err := exporter.Export(b.Context(), rm); err != nil {
			b.Fatal(err)
		}
		if err := exporter.ForceFlush(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	export()
	b.ReportAllocs()
	n, before := 0, cpu(b)
	for b.Loop() {
		export()
		n++
	}
	used := cpu(b) - before
	b.ReportMetric(float64(used.Nanoseconds())/float64(n*points), "cpu-ns/point")
	b.ReportMetric(float64(n*points)/used.Seconds(), "points/cpu-s")
	if err := exporter.Shutdown(b.Context()); err != nil {
		b.Error(err)
	}
	if kept, ok := exporter.(interface{ Dropped() map[string]int64 }); ok && len(kept.Dropped()) > 0 {
		b.Errorf("dropped %v", kept.Dropped())
	}
}
