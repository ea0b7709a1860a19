package updraft

import (
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
)

// HTTPHandler makes a server span of each request that h serves, named after
// the method and the pattern it matched, as the child of the span that the
// request's headers name. It uses OpenTelemetry's globals, which [Start] sets.
func HTTPHandler(h http.Handler, operation string) http.Handler {
	return otelhttp.NewHandler(h, operation)
}

// HTTPClient returns a client that makes a span of each request and sends the
// trace context along. It uses OpenTelemetry's globals, which [Start] sets.
func HTTPClient() *http.Client {
	return &http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}
}
