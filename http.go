package updraft

import (
	"net/http"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/xray"
)

// HTTPHandler makes a server span of each request that h serves, named after
// the method and the pattern it matched, as the child of the span that the
// request's headers name. A caller that leaves the sampling to this service,
// with Sampled=? in X-Amzn-Trace-Id, reads the decision in the response's
// header of that name. It uses OpenTelemetry's globals, which [Start] sets.
//
// Where h is an [http.ServeMux] itself, the span has its name before the
// request is served, so that the calls made meanwhile are known by it, in
// Application Signals too. Middleware is best put around HTTPHandler.
func HTTPHandler(h http.Handler, operation string) http.Handler {
	if mux, ok := h.(*http.ServeMux); ok {
		h = nameEarly(mux)
	}
	return otelhttp.NewHandler(answerSampled(h), operation)
}

// nameEarly names the span as otelhttp does when the request has been served.
func nameEarly(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if span := trace.SpanFromContext(r.Context()); span.IsRecording() {
			_, pattern := mux.Handler(r)
			if i := strings.IndexByte(pattern, '/'); i >= 0 && standardMethod(r.Method) {
				span.SetName(r.Method + " " + pattern[i:])
			}
		}
		mux.ServeHTTP(w, r)
	})
}

// standardMethod tells those that otelhttp names spans by; others are "HTTP".
func standardMethod(method string) bool {
	switch method {
	case http.MethodConnect, http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions,
		http.MethodPatch, http.MethodPost, http.MethodPut, http.MethodTrace:
		return true
	}
	return false
}

// answerSampled says in the response what was decided, as X-Ray's SDKs do.
func answerSampled(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asksToSample(r.Header.Get(xray.Header)) {
			if sc := trace.SpanContextFromContext(r.Context()); sc.HasTraceID() {
				answer := xray.AppendTraceID([]byte("Root="), sc.TraceID())
				if sc.IsSampled() {
					answer = append(answer, ";Sampled=1"...)
				} else {
					answer = append(answer, ";Sampled=0"...)
				}
				w.Header().Set(xray.Header, string(answer))
			}
		}
		h.ServeHTTP(w, r)
	})
}

func asksToSample(header string) bool {
	for field := range strings.SplitSeq(header, ";") {
		key, value, _ := strings.Cut(field, "=")
		if strings.TrimSpace(value) == "?" && strings.EqualFold(strings.TrimSpace(key), "sampled") {
			return true
		}
	}
	return false
}

// HTTPClient returns a client that makes a span of each request and sends the
// trace context along. It uses OpenTelemetry's globals, which [Start] sets.
func HTTPClient() *http.Client {
	return &http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}
}
