package localaws

import (
	"mime"
	"net/http"
	"strings"

	"github.com/updraft-otel/updraft/localaws/internal/sigv4"
	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// Where the operation of a request is written, by protocol.
const (
	logsTarget       = "Logs_20140328."
	cloudwatchTarget = "GraniteServiceVersion20100801."
	cborPrefix       = "/service/GraniteServiceVersion20100801/operation/"
)

// A route is what a request's line and headers say: which service it is for, in
// which protocol, and which operation; op is nil where there is no such.
type route struct {
	service  service
	protocol wire.Protocol
	name     string
	op       *operation
}

// route finds the operation of a request. The body, as it came, is the form of
// awsQuery.
func (t table) route(r *http.Request, body []byte) route {
	target := r.Header.Get("X-Amz-Target")
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	path := r.URL.Path
	switch {
	case strings.HasPrefix(path, cborPrefix):
		return t.named(serviceCloudWatch, wire.CBOR, strings.TrimPrefix(path, cborPrefix))
	case strings.HasPrefix(target, logsTarget):
		return t.named(serviceLogs, wire.JSON11, strings.TrimPrefix(target, logsTarget))
	case strings.HasPrefix(target, cloudwatchTarget):
		return t.named(serviceCloudWatch, wire.JSON10, strings.TrimPrefix(target, cloudwatchTarget))
	case target != "":
		return t.unknown(r, target)
	case r.URL.Query().Has("Action"):
		return t.named(serviceCloudWatch, wire.Query, r.URL.Query().Get("Action"))
	case mediaType == "application/x-www-form-urlencoded" && path == "/": // elsewhere it is a careless client, as curl -d
		return t.named(serviceCloudWatch, wire.Query, wire.FormValue(plainForm(r, body), "Action"))
	}
	if op := t.onPath(r.Method, path); op != nil {
		return route{op.service, pathProtocol(op, mediaType), op.name, op}
	}
	return t.unknown(r, r.Method+" "+path)
}

// plainForm is a form as it was before it was compressed; what cannot be read is
// found to be so when the request is admitted.
func plainForm(r *http.Request, body []byte) []byte {
	plain, err := wire.Decompress(r.Header.Get("Content-Encoding"), body, maxRequest)
	if err != nil {
		return body
	}
	return plain
}

// onPath is the operation of a method and a path, nil without one. One path has
// a name in it, and is for GET only.
func (t table) onPath(method, path string) *operation {
	_, isValues := labelOfPath(path)
	if isValues {
		path = promqlValuesPath
	}
	op := t.byPath[path]
	if op != nil && (method == http.MethodPost && !isValues || method == http.MethodGet && op.reads) {
		return op
	}
	return nil
}

// pathProtocol is the protocol of an operation that is found by its path.
func pathProtocol(op *operation, mediaType string) wire.Protocol {
	switch {
	case op.reads:
		return wire.Prometheus
	case op.name != otlpOperation && op.name != otlpLogsOperation && op.name != otlpMetricsOperation:
		return wire.RestJSON
	case mediaType == "application/json":
		return wire.OTLPJSON
	}
	return wire.OTLP
}

func (t table) named(s service, p wire.Protocol, name string) route {
	return route{s, p, name, t.byName[s][name]}
}

// unknown answers in the protocol of the service that the request was signed for.
func (t table) unknown(r *http.Request, name string) route {
	if strings.HasPrefix(r.URL.Path, promqlPrefix) {
		return route{serviceCloudWatch, wire.Prometheus, name, nil}
	}
	switch service(sigv4.Service(r)) {
	case serviceLogs:
		return route{serviceLogs, wire.JSON11, name, nil}
	case serviceCloudWatch:
		return route{serviceCloudWatch, wire.JSON10, name, nil}
	default:
		return route{serviceXRay, wire.RestJSON, name, nil}
	}
}

// input is what the operation decodes: the body, or awsQuery's query string.
func (rt route) input(r *http.Request, body []byte) *wire.Input {
	if rt.protocol == wire.Query && len(body) == 0 {
		body = []byte(r.URL.RawQuery)
	}
	return wire.NewInput(rt.protocol, body)
}
