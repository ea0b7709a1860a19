package bench

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsxrayexporter"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
)

// settings are what both exporters are told beside the spans.
type settings struct {
	indexed   []string
	all       bool
	logGroups []string
}

// An xrayCollector is OpenTelemetry's awsxray exporter, by its public factory, in
// front of a server that keeps the documents it puts.
type xrayCollector struct {
	exporter exporter.Traces

	mu        sync.Mutex
	documents []string
}

func newXRayCollector(tb testing.TB, s settings) *xrayCollector {
	tb.Helper()
	tb.Setenv("AWS_ACCESS_KEY_ID", "local")
	tb.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	tb.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	c := new(xrayCollector)
	server := httptest.NewServer(c)
	tb.Cleanup(server.Close)

	factory := awsxrayexporter.NewFactory()
	config := factory.CreateDefaultConfig().(*awsxrayexporter.Config)
	config.AWSSessionSettings.Region = "eu-central-1"
	config.AWSSessionSettings.Endpoint = server.URL
	config.IndexedAttributes, config.IndexAllAttributes, config.LogGroupNames = s.indexed, s.all, s.logGroups
	traces, err := factory.CreateTraces(tb.Context(), exporter.Settings{
		ID: component.NewID(factory.Type()),
		TelemetrySettings: component.TelemetrySettings{
			Logger: zap.NewNop(), TracerProvider: tracenoop.NewTracerProvider(), MeterProvider: metricnoop.NewMeterProvider(),
			Resource: pcommon.NewResource(),
		},
	}, config)
	if err != nil {
		tb.Fatal(err)
	}
	if err := traces.Start(tb.Context(), nil); err != nil {
		tb.Fatal(err)
	}
	c.exporter = traces
	return c
}

func (c *xrayCollector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct{ TraceSegmentDocuments []string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	c.documents = append(c.documents, body.TraceSegmentDocuments...)
	c.mu.Unlock()
	_, _ = io.WriteString(w, `{"UnprocessedTraceSegments":[]}`)
}

// export returns the documents that the exporter makes of traces, in order.
func (c *xrayCollector) export(tb testing.TB, traces ptrace.Traces) []string {
	tb.Helper()
	c.mu.Lock()
	c.documents = c.documents[:0]
	c.mu.Unlock()
	if err := c.exporter.ConsumeTraces(tb.Context(), traces); err != nil {
		tb.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.documents)
}
