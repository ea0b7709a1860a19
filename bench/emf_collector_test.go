package bench

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsemfexporter"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
)

// Where exporters send.
const (
	emfRegion = "eu-central-1"
	emfGroup  = "group"
	emfStream = "stream"
)

// An emfExporter is an exporter of metrics, by its public factory, in front of a
// server that keeps the documents it puts.
type emfExporter struct {
	exporter exporter.Metrics

	mu        sync.Mutex
	keep      bool
	documents []string
}

// newEMFExporter starts an exporter that configure has send to endpoint.
func newEMFExporter(tb testing.TB, factory exporter.Factory, configure func(endpoint string) component.Config) *emfExporter {
	tb.Helper()
	tb.Setenv("AWS_ACCESS_KEY_ID", "local")
	tb.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	tb.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	e := &emfExporter{keep: true}
	server := httptest.NewServer(e)
	tb.Cleanup(server.Close)
	metrics, err := factory.CreateMetrics(tb.Context(), exporter.Settings{
		ID: component.NewID(factory.Type()),
		TelemetrySettings: component.TelemetrySettings{
			Logger: zap.NewNop(), TracerProvider: tracenoop.NewTracerProvider(), MeterProvider: metricnoop.NewMeterProvider(),
			Resource: pcommon.NewResource(),
		},
	}, configure(server.URL))
	if err != nil {
		tb.Fatal(err)
	}
	if err := metrics.Start(tb.Context(), nil); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = metrics.Shutdown(context.Background()) })
	e.exporter = metrics
	return e
}

// An emfCollector is OpenTelemetry's awsemf exporter.
type emfCollector struct {
	*emfExporter
	config *awsemfexporter.Config
}

func newEMFCollector(tb testing.TB, set func(*awsemfexporter.Config)) *emfCollector {
	tb.Helper()
	factory := awsemfexporter.NewFactory()
	config := factory.CreateDefaultConfig().(*awsemfexporter.Config)
	return &emfCollector{config: config, emfExporter: newEMFExporter(tb, factory, func(endpoint string) component.Config {
		config.AWSSessionSettings.Region = emfRegion
		config.AWSSessionSettings.Endpoint = endpoint
		config.LogGroupName, config.LogStreamName = emfGroup, emfStream
		set(config)
		if err := config.Validate(); err != nil {
			tb.Fatal(err)
		}
		return config
	})}
}

// ServeHTTP answers with a sequence token, as CloudWatch Logs did once: without
// it the exporter sends all again.
func (e *emfExporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if e.keep {
		var call struct{ LogEvents []struct{ Message string } }
		if err := json.Unmarshal(body, &call); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		e.mu.Lock()
		for _, event := range call.LogEvents {
			e.documents = append(e.documents, event.Message)
		}
		e.mu.Unlock()
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_, _ = io.WriteString(w, `{"nextSequenceToken":"1"}`)
}

// export returns the documents that the exporter makes of metrics.
func (e *emfExporter) export(tb testing.TB, md pmetric.Metrics) []string {
	tb.Helper()
	e.mu.Lock()
	e.documents = e.documents[:0]
	e.mu.Unlock()
	if err := e.exporter.ConsumeMetrics(tb.Context(), md); err != nil {
		tb.Fatal(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.documents)
}
