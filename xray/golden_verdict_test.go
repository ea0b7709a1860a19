package xray

import (
	"fmt"
	"testing"

	"go.opentelemetry.io/otel/codes"
)

// fail makes a span failed, with a message.
func fail(message string) func(*Segment) {
	return func(s *Segment) { s.Status, s.StatusMessage = codes.Error, message }
}

func TestGolden_verdict(t *testing.T) {
	f := golden(t, "verdict")
	for _, status := range []int{0, 100, 200, 304, 399, 400, 404, 428, 429, 430, 499, 500, 503, 599, 600, -1} {
		f(fmt.Sprint("HTTP status ", status), serverOf("http.request.method", "GET", "http.response.status_code", status))
	}
	f("old HTTP status 429", serverOf("http.method", "GET", "http.status_code", 429))
	f("HTTP status 200 of a failed span", with(serverOf("http.response.status_code", 200), fail("late")))
	f("HTTP status 404 of a failed span", with(clientOf("http.response.status_code", 404), fail("")))
	f("status unset", internalOf())
	f("status ok", with(internalOf(), func(s *Segment) { s.Status = codes.Ok }))
	f("status error", with(internalOf(), fail("")))

	for code := range grpcCodes {
		f(fmt.Sprint("gRPC code ", code), clientOf("rpc.system", "grpc", "rpc.grpc.status_code", code))
	}
	for _, name := range []string{
		"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
		"RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
	} {
		f("gRPC code "+name, clientOf("rpc.system.name", "grpc", "rpc.response.status_code", name))
	}
	f("gRPC code 8 as text", clientOf("rpc.system", "grpc", "rpc.response.status_code", "8"))
	f("gRPC code 17", clientOf("rpc.system", "grpc", "rpc.grpc.status_code", 17))
	f("gRPC code -1", with(clientOf("rpc.system", "grpc", "rpc.grpc.status_code", -1), fail("?")))
	f("gRPC code 0 of a failed span", with(clientOf("rpc.system", "grpc", "rpc.grpc.status_code", 0), fail("?")))
	f("gRPC code 8 under HTTP status 200", serverOf("http.response.status_code", 200, "rpc.system", "grpc", "rpc.grpc.status_code", 8))
	f("gRPC code 8 under HTTP status 503", serverOf("http.response.status_code", 503, "rpc.system", "grpc", "rpc.grpc.status_code", 8))
}
