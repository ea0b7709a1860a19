package updraft_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/xray"
)

const (
	httpRoot   = "Root=1-674f0a1b-a2c3d4e5f60718293a4b5c6d"
	httpParent = ";Parent=1122334455667788"
)

// useGlobals installs providers for a test and takes them away after it.
func useGlobals(t *testing.T, sampler sdktrace.Sampler) *tracetest.SpanRecorder {
	t.Helper()
	oldProvider, oldPropagator := otel.GetTracerProvider(), otel.GetTextMapPropagator()
	t.Cleanup(func() {
		otel.SetTracerProvider(oldProvider)
		otel.SetTextMapPropagator(oldPropagator)
	})
	recorder := tracetest.NewSpanRecorder()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder),
		sdktrace.WithSampler(xray.HonorHeader(sampler)), sdktrace.WithIDGenerator(xray.NewIDGenerator())))
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.Baggage{}, xray.Propagator{}, propagation.TraceContext{}))
	return recorder
}

func TestHTTPHandler_answersSampled(t *testing.T) {
	f := func(sampler sdktrace.Sampler, header, want string) {
		t.Helper()
		useGlobals(t, sdktrace.ParentBased(sampler))
		server := httptest.NewServer(updraft.HTTPHandler(http.NotFoundHandler(), "shop"))
		defer server.Close()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(xray.Header, header)
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if got := response.Header.Get(xray.Header); got != want {
			t.Errorf("%q: answered %q, want %q", header, got, want)
		}
	}
	always, never := sdktrace.AlwaysSample(), sdktrace.NeverSample()
	f(always, httpRoot+httpParent+";Sampled=?", httpRoot+";Sampled=1")
	f(never, httpRoot+httpParent+";Sampled=?", httpRoot+";Sampled=0")
	f(always, httpRoot+" ; sampled = ?", httpRoot+";Sampled=1")
	f(always, httpRoot+httpParent+";Sampled=1", "")
	f(always, httpRoot+httpParent+";Note=?", "")
	f(always, "", "")
}

func TestHTTP_clientAndServerShareATrace(t *testing.T) {
	recorder := useGlobals(t, sdktrace.AlwaysSample())
	mux := http.NewServeMux()
	var header string
	mux.HandleFunc("GET /orders/{id}", func(_ http.ResponseWriter, r *http.Request) { header = r.Header.Get(xray.Header) })
	server := httptest.NewServer(updraft.HTTPHandler(mux, "shop"))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/orders/7", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := updraft.HTTPClient().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	server.Close()
	spans := recorder.Ended()
	if len(spans) != 2 {
		t.Fatalf("%d spans, want 2", len(spans))
	}
	served, called := spans[0], spans[1]
	if served.Parent().SpanID() != called.SpanContext().SpanID() {
		served, called = called, served
	}
	if served.Parent().SpanID() != called.SpanContext().SpanID() || header == "" {
		t.Errorf("the server's parent is %s, want %s (header %q)", served.Parent().SpanID(), called.SpanContext().SpanID(), header)
	}
	if got, want := served.Name(), "GET /orders/{id}"; got != want {
		t.Errorf("server span is named %q, want %q", got, want)
	}
}
