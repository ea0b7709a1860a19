package bench

import (
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

// An emfCollector is OpenTelemetry's awsemf exporter, by its public factory, in
// front of a server that keeps the documents it puts.
type emfCollector struct {
	exporter exporter.Metrics
	config   *awsemfexporter.Config

	mu        sync.Mutex
	keep      bool
	documents []string
}

func newEMFCollector(tb testing.TB, set func(*awsemfexporter.Config)) *emfCollector {
	tb.Helper()
	tb.Setenv("AWS_ACCESS_KEY_ID", "local")
	tb.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	tb.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	c := &emfCollector{keep: true}
	server := httptest.NewServer(c)
	tb.Cleanup(server.Close)

	factory := awsemfexporter.NewFactory()
	c.config = factory.CreateDefaultConfig().(*awsemfexporter.Config)
	c.config.AWSSessionSettings.Region = "eu-central-1"
	c.config.AWSSessionSettings.Endpoint = server.URL
	c.config.LogGroupName, c.config.LogStreamName = "group", "stream"
	set(c.config)
	if err := c.config.Validate(); err != nil {
		tb.Fatal(err)
	}
	metrics, err := factory.CreateMetrics(tb.Context(), exporter.Settings{
		ID: component.NewID(factory.Type()),
		TelemetrySettings: component.TelemetrySettings{
			Logger: zap.NewNop(), TracerProvider: tracenoop.NewTracerProvider(), MeterProvider: metricnoop.NewMeterProvider(),
			Resource: pcommon.NewResource(),
		},
	}, c.config)
	if err != nil {
		tb.Fatal(err)
	}
	if err := metrics.Start(tb.Context(), nil); err != nil {
		tb.Fatal(err)
	}
	c.exporter = metrics
	return c
}

// ServeHTTP answers with a sequence token, as CloudWatch Logs did once: without
// it the exporter sends all again.
func (c *emfCollector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if c.keep {
		var call struct{ LogEvents []struct{ Message string } }
		if err := json.Unmarshal(body, &call); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		for _, e := range call.LogEvents {
			c.documents = append(c.documents, e.Message)
		}
		c.mu.Unlock()
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_, _ = io.WriteString(w, `{"nextSequenceToken":"1"}`)
}

// export returns the documents that the exporter makes of metrics.
func (c *emfCollector) export(tb testing.TB, md pmetric.Metrics) []string {
	tb.Helper()
	c.mu.Lock()
	c.documents = c.documents[:0]
	c.mu.Unlock()
	if err := c.exporter.ConsumeMetrics(tb.Context(), md); err != nil {
		tb.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.documents)
}
