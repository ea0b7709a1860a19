// Package bench compares Updraft with its peers, in one process and one run.
// It is a module of its own, so that the peers reach nobody else.
package bench

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft"
)

// sink is a server that takes all and keeps nothing.
func sink(b *testing.B) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if strings.HasSuffix(r.URL.Path, "TraceSegments") {
			_, _ = io.WriteString(w, `{"UnprocessedTraceSegments":[]}`)
		}
	}))
	b.Cleanup(server.Close)
	return server.URL
}

// request records what a small web request does: a server span and a client
// span below it, with the attributes that HTTP instrumentation gives them.
func request(ctx context.Context, tracer trace.Tracer) {
	ctx, serving := tracer.Start(ctx, "GET /api/products", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("http.request.method", "GET"), attribute.String("url.scheme", "http"),
		attribute.String("server.address", "shop.example.com"), attribute.Int("server.port", 8080),
		attribute.String("url.path", "/api/products"), attribute.String("network.peer.address", "10.0.0.4"),
		attribute.String("user_agent.original", "curl/8.5"), attribute.String("http.route", "/api/products"),
	))
	_, calling := tracer.Start(ctx, "GET", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("http.request.method", "GET"), attribute.String("url.full", "http://inventory:8081/stock"),
		attribute.String("server.address", "inventory"), attribute.Int("server.port", 8081),
	))
	calling.SetAttributes(attribute.Int("http.response.status_code", 200))
	calling.End()
	serving.SetAttributes(attribute.Int("http.response.status_code", 200))
	serving.End()
}

// spansPerRequest is how many spans request records.
const spansPerRequest = 2

func measure(b *testing.B, tracer trace.Tracer, flush func(context.Context) error) {
	b.ReportAllocs()
	n, began := 0, cpu(b)
	for b.Loop() {
		request(b.Context(), tracer)
		if n++; n%1000 == 0 { // keep either queue from filling: the work is compared, not the drops
			if err := flush(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*spansPerRequest), "ns/span")
	b.ReportMetric(float64(n*spansPerRequest)/(cpu(b)-began).Seconds(), "spans/cpu-s")
}

// BenchmarkTraces_updraft is the direct road: spans to PutTraceSegments.
func BenchmarkTraces_updraft(b *testing.B) {
	telemetry, err := updraft.Config{
		ServiceName: "shop", Metrics: updraft.ExporterNone, Logs: updraft.ExporterNone, NoGlobals: true, Strict: true,
		AWS: &aws.Config{
			Region: "eu-central-1", BaseEndpoint: aws.String(sink(b)),
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
			}),
		},
	}.Start(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	measure(b, telemetry.TracerProvider().Tracer("bench"), telemetry.ForceFlush)
	report := telemetry.Report().Signals[0]
	if report.DroppedTotal() > 0 {
		b.Errorf("dropped %v, last error: %s", report.Dropped, report.LastError)
	}
	if err := telemetry.Shutdown(b.Context()); err != nil {
		b.Error(err)
	}
}

// BenchmarkTraces_updraftOTLP is OTLP over HTTP, to the same server, unsigned.
func BenchmarkTraces_updraftOTLP(b *testing.B) {
	b.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", sink(b))
	telemetry, err := updraft.Config{
		ServiceName: "shop", Traces: updraft.ExporterOTLP, Metrics: updraft.ExporterNone, Logs: updraft.ExporterNone,
		NoGlobals: true, Strict: true,
	}.Start(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	measure(b, telemetry.TracerProvider().Tracer("bench"), telemetry.ForceFlush)
	report := telemetry.Report().Signals[0]
	if report.DroppedTotal() > 0 {
		b.Errorf("dropped %v, last error: %s", report.Dropped, report.LastError)
	}
	if err := telemetry.Shutdown(b.Context()); err != nil {
		b.Error(err)
	}
}

// BenchmarkTraces_otlphttp is OpenTelemetry's own: batch processor and
// OTLP/HTTP exporter, to the same server, unsigned.
func BenchmarkTraces_otlphttp(b *testing.B) {
	exporter, err := otlptracehttp.New(b.Context(), otlptracehttp.WithEndpointURL(sink(b)+"/v1/traces"))
	if err != nil {
		b.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter, sdktrace.WithBatchTimeout(time.Second), sdktrace.WithBlocking()))
	measure(b, provider.Tracer("bench"), provider.ForceFlush)
	if err := provider.Shutdown(b.Context()); err != nil {
		b.Error(err)
	}
}
