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
func HTTPHandler(h http.Handler, operation string) http.Handler {
	return otelhttp.NewHandler(answerSampled(h), operation)
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
