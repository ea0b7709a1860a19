package updraft_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft"
)

// receiver is an OTLP receiver that keeps the bodies it gets, by path.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies map[string][]byte
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{bodies: map[string][]byte{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var body io.Reader = req.Body
		if req.Header.Get("Content-Encoding") == "gzip" {
			if z, err := gzip.NewReader(body); err == nil {
				body = z
			}
		}
		all, _ := io.ReadAll(body)
		r.mu.Lock()
		r.bodies[req.URL.Path] = append(r.bodies[req.URL.Path], all...)
		r.mu.Unlock()
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) body(path string) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Clone(r.bodies[path])
}

// TestApplicationSignals serves requests of which none is sampled, and has the
// agent receive metrics of all.
func TestApplicationSignals(t *testing.T) {
	agent := newReceiver(t)
	t.Setenv("OTEL_AWS_APPLICATION_SIGNALS_ENABLED", "true")
	t.Setenv("OTEL_AWS_APPLICATION_SIGNALS_EXPORTER_ENDPOINT", agent.URL+"/v1/metrics")
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", agent.URL+"/v1/traces")
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	tel, err := updraft.Config{ServiceName: "shop", Environment: "prod", Traces: updraft.ExporterOTLP, Metrics: updraft.ExporterNone,
		Logs: updraft.ExporterNone, Strict: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cart/{id}", func(_ http.ResponseWriter, r *http.Request) {
		_, call := tel.TracerProvider().Tracer("test").Start(r.Context(), "DynamoDB.GetItem",
			trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("rpc.system", "aws-api"),
				attribute.String("rpc.service", "DynamoDB"), attribute.String("rpc.method", "GetItem"),
				attribute.StringSlice("aws.dynamodb.table_names", []string{"carts"})))
		call.End()
	})
	server := httptest.NewServer(updraft.HTTPHandler(mux, "shop"))
	response, err := http.Get(server.URL + "/cart/7")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	server.Close()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}

	metrics := string(agent.body("/v1/metrics"))
	for _, want := range []string{"AwsSpanMetricsProcessor", "Latency", "Milliseconds", "Error", "Fault", "shop", "prod",
		"LOCAL_ROOT", "CLIENT", "AWS::DynamoDB::Table", "carts", "GetItem"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics have no %q", want)
		}
	}
	// Three metrics of each of two spans: the call belongs to the operation of
	// the request by its whole name.
	if n := strings.Count(metrics, "GET /cart/{id}"); n != 6 {
		t.Errorf("the operation is in the metrics %d times", n)
	}
	if spans := agent.body("/v1/traces"); len(spans) != 0 {
		t.Errorf("spans were exported that are not sampled: %q", spans)
	}
	if report := tel.Report().String(); !strings.Contains(report, "applicationsignals to "+agent.URL) || strings.Contains(report, "dropped") {
		t.Error(report)
	}
}

// TestApplicationSignals_spans has the metrics' attributes on spans.
func TestApplicationSignals_spans(t *testing.T) {
	agent := newReceiver(t)
	t.Setenv("OTEL_AWS_APPLICATION_SIGNALS_EXPORTER_ENDPOINT", agent.URL+"/v1/metrics")
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", agent.URL+"/v1/traces")
	tel, err := updraft.Config{ServiceName: "shop", ApplicationSignals: true, Traces: updraft.ExporterOTLP,
		Metrics: updraft.ExporterNone, Logs: updraft.ExporterNone, Strict: true, NoGlobals: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "nightly")
	span.End()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	spans := string(agent.body("/v1/traces"))
	for _, want := range []string{"aws.local.service", "aws.local.operation", "InternalOperation", "aws.span.kind", "LOCAL_ROOT"} {
		if !strings.Contains(spans, want) {
			t.Errorf("the spans have no %q", want)
		}
	}
}

// TestApplicationSignals_lambda makes no metrics inside a function.
func TestApplicationSignals_lambda(t *testing.T) {
	agent := newReceiver(t)
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "resize")
	t.Setenv("OTEL_AWS_APPLICATION_SIGNALS_ENABLED", "true")
	t.Setenv("OTEL_AWS_APPLICATION_SIGNALS_EXPORTER_ENDPOINT", agent.URL+"/v1/metrics")
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", agent.URL+"/v1/traces")
	tel, err := updraft.Config{ServiceName: "shop", Traces: updraft.ExporterOTLP, Metrics: updraft.ExporterNone,
		Logs: updraft.ExporterNone, Strict: true, NoGlobals: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "resize", trace.WithSpanKind(trace.SpanKindServer))
	span.End()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if spans := string(agent.body("/v1/traces")); !strings.Contains(spans, "resize/FunctionHandler") {
		t.Errorf("the operation is not the function's: %q", spans)
	}
	if metrics := agent.body("/v1/metrics"); len(metrics) != 0 {
		t.Errorf("metrics were sent: %q", metrics)
	}
}

func TestApplicationSignals_badEndpoint(t *testing.T) {
	t.Setenv("OTEL_AWS_APPLICATION_SIGNALS_EXPORTER_ENDPOINT", "localhost:4316")
	_, err := updraft.Config{ApplicationSignals: true, Traces: updraft.ExporterNone, Metrics: updraft.ExporterNone,
		Logs: updraft.ExporterNone, Strict: true, NoGlobals: true}.Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "application signals: otlp: the endpoint") {
		t.Error(err)
	}
}
