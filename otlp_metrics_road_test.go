package updraft

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// metricsPeer is a receiver of OTLP metrics.
type metricsPeer struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
	bodies   [][]byte
}

// newMetricsPeer answers the nth request, counted from 1, as answer says.
func newMetricsPeer(t *testing.T, answer func(w http.ResponseWriter, n int)) *metricsPeer {
	t.Helper()
	p := &metricsPeer{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.mu.Lock()
		p.requests, p.bodies = append(p.requests, r), append(p.bodies, body)
		n := len(p.requests)
		p.mu.Unlock()
		if answer != nil {
			answer(w, n)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func localAWS(endpoint string) *aws.Config {
	return &aws.Config{
		Region: "eu-central-1", BaseEndpoint: aws.String(endpoint),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	}
}

// record starts, has record make metrics, and returns the report of them.
func recordMetrics(t *testing.T, c Config, endpoint string, record func(metric.Meter)) SignalReport {
	t.Helper()
	c.ServiceName, c.Traces, c.Logs, c.NoGlobals, c.Strict = "shop", "none", "none", true, true
	if c.Metrics == "" {
		c.Metrics = ExporterOTLP
	}
	c.AWS = localAWS(endpoint)
	tel, err := c.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	record(tel.MeterProvider().Meter("test"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := tel.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	return tel.Report().Signals[0]
}

// countTo makes a counter with n series.
func countTo(n int) func(metric.Meter) {
	return func(m metric.Meter) {
		counter, _ := m.Int64Counter("orders")
		for i := range n {
			counter.Add(context.Background(), 1, metric.WithAttributes(attribute.Int("i", i)))
		}
	}
}

func TestStart_OTLPMetrics(t *testing.T) {
	f := func(name, variables string, check func(t *testing.T, r *http.Request, body string, report SignalReport)) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			p := newMetricsPeer(t, nil)
			for pair := range strings.FieldsSeq(variables) {
				name, value, _ := strings.Cut(pair, "=")
				t.Setenv(name, strings.ReplaceAll(value, "URL", p.URL))
			}
			report := recordMetrics(t, Config{}, p.URL, countTo(3))
			if report.Exporter != ExporterOTLP || report.Delivered != 3 || report.DroppedTotal() != 0 || len(p.requests) != 1 {
				t.Fatalf("%d requests, %+v", len(p.requests), report)
			}
			check(t, p.requests[0], string(p.bodies[0]), report)
		})
	}
	const cumulative, delta = "\x10\x02\x18\x01", "\x10\x01\x18\x01" // and monotonic
	f("collector", "OTEL_EXPORTER_OTLP_ENDPOINT=URL", func(t *testing.T, r *http.Request, body string, _ SignalReport) {
		if r.URL.Path != "/v1/metrics" || r.Header.Get("Authorization") != "" || !strings.Contains(body, cumulative) {
			t.Errorf("%s %v %q", r.URL, r.Header, body)
		}
	})
	f("delta", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=URL/in OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta", func(t *testing.T, r *http.Request, body string, _ SignalReport) {
		if r.URL.Path != "/in" || !strings.Contains(body, delta) {
			t.Errorf("%s %q", r.URL, body)
		}
	})
	f("signed", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=URL/v1/metrics AWS_SIGV4_SERVICE=xray,monitoring OTEL_EXPORTER_OTLP_COMPRESSION=gzip",
		func(t *testing.T, r *http.Request, _ string, report SignalReport) {
			if !strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/monitoring/aws4_request") || !strings.Contains(report.Endpoint, "SigV4") {
				t.Errorf("%v, %s", r.Header, report.Endpoint)
			}
			if r.Header.Get("Content-Encoding") != "gzip" {
				t.Errorf("%v", r.Header)
			}
		})
	f("bearer token", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=URL/v1/metrics AWS_SIGV4_SERVICE=monitoring OTEL_EXPORTER_OTLP_METRICS_HEADERS=Authorization=Bearer%20ACWLx",
		func(t *testing.T, r *http.Request, _ string, _ SignalReport) {
			if r.Header.Get("Authorization") != "Bearer ACWLx" {
				t.Errorf("%v", r.Header)
			}
		})
}

// TestStart_OTLPMetricsHistograms: a histogram has the form that is asked for.
func TestStart_OTLPMetricsHistograms(t *testing.T) {
	f := func(aggregation string, field byte) {
		t.Helper()
		p := newMetricsPeer(t, nil)
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", p.URL)
		t.Setenv("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", aggregation)
		recordMetrics(t, Config{}, p.URL, func(m metric.Meter) {
			h, _ := m.Float64Histogram("h")
			h.Record(context.Background(), 1)
		})
		if len(p.bodies) != 1 || !strings.Contains(string(p.bodies[0]), "\x0a\x01h"+string(rune(field<<3|2))) {
			t.Errorf("%q: %q", aggregation, p.bodies)
		}
	}
	f("", 9)
	f("base2_exponential_bucket_histogram", 10)
}

// TestStart_OTLPMetricsBatches: CloudWatch takes 1,000 points a request, and
// takes a point for itself when it is over a limit.
func TestStart_OTLPMetricsBatches(t *testing.T) {
	p := newMetricsPeer(t, nil)
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", p.URL+"/v1/metrics")
	t.Setenv("AWS_SIGV4_SERVICE", "monitoring")
	report := recordMetrics(t, Config{}, p.URL, func(m metric.Meter) {
		countTo(1500)(m)
		var many []attribute.KeyValue
		for i := range 150 {
			many = append(many, attribute.Bool("k"+strings.Repeat("x", i), true))
		}
		wide, _ := m.Int64Counter("wide")
		wide.Add(context.Background(), 1, metric.WithAttributes(many...))
	})
	if report.Delivered != 1500 || report.Dropped["labels"] != 1 || len(p.bodies) != 2 {
		t.Errorf("%d requests, %+v", len(p.bodies), report)
	}
}

func TestStart_OTLPMetricsFaults(t *testing.T) {
	f := func(name string, answer func(w http.ResponseWriter, n int), check func(r SignalReport) bool) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			p := newMetricsPeer(t, answer)
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", p.URL)
			if report := recordMetrics(t, Config{}, p.URL, countTo(8)); !check(report) {
				t.Errorf("%d requests, %+v", len(p.bodies), report)
			}
		})
	}
	f("partial success", func(w http.ResponseWriter, _ int) { _, _ = io.WriteString(w, "\x0a\x09\x08\x02\x12\x05stale") },
		func(r SignalReport) bool {
			return r.Delivered == 6 && r.Dropped["refused"] == 2 && strings.Contains(r.LastError, "data point rejected: stale")
		})
	f("throttled", func(w http.ResponseWriter, n int) {
		if n < 3 {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}, func(r SignalReport) bool { return r.Delivered == 8 && r.Throttled == 2 && r.Retries == 2 })
	f("unavailable", func(w http.ResponseWriter, n int) {
		if n < 2 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}, func(r SignalReport) bool { return r.Delivered == 8 && r.Retries == 1 && r.DroppedTotal() == 0 })
	f("refused for good", func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusForbidden) },
		func(r SignalReport) bool { return r.Delivered == 0 && r.Dropped["refused"] == 8 })
}

func TestStart_OTLPMetricsErrors(t *testing.T) {
	f := func(variable, value, want string) {
		t.Helper()
		t.Run(variable, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://monitoring.eu-west-1.amazonaws.com")
			t.Setenv(variable, value)
			c := Config{Traces: "none", Logs: "none", Metrics: ExporterOTLP, Strict: true, AWS: localAWS("")}
			if _, err := c.Start(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
	f("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "AWS's endpoints speak http/protobuf only")
	f("AWS_SIGV4_SERVICE", "cloudwatch", `"cloudwatch" is none of xray, logs, monitoring`)
	f("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "up", "want cumulative, delta or lowmemory")
	f("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "1s", "want milliseconds")
}
