package xray

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
)

// appendFlags writes X-Ray's verdict on the request: error for 4xx, throttle
// besides for 429, fault for 5xx. Without such a status a gRPC code stands in
// by the HTTP status it maps to, and a failed span without either is a fault.
func (f *facts) appendFlags(dst []byte, s *Segment) []byte {
	var isError, isFault, isThrottle bool
	code, _ := f.httpStatus()
	if (code < 400 || code > 599) && !f.compat {
		code = httpOfGRPC(f.grpcStatus)
	}
	switch {
	case code >= 400 && code < 500:
		isError, isThrottle = true, code == 429
	case code >= 500 && code < 600:
		isFault = true
	default:
		isFault = s.Status == codes.Error
	}
	dst = appendFlag(dst, `,"error":`, isError)
	dst = appendFlag(dst, `,"fault":`, isFault)
	return appendFlag(dst, `,"throttle":`, isThrottle)
}

func appendFlag(dst []byte, member string, set bool) []byte {
	dst = append(dst, member...)
	if set {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}

// grpcCodes is how many codes gRPC has, OK included.
//
// Source: https://grpc.io/docs/guides/status-codes/
const grpcCodes = 17

// grpcCode reads a gRPC status code, a number or its name; 0 for none.
func grpcCode(v attribute.Value) int64 {
	if v.Type() == attribute.INT64 {
		return v.AsInt64()
	}
	switch str(v) {
	case "CANCELLED", "1":
		return 1
	case "UNKNOWN", "2":
		return 2
	case "INVALID_ARGUMENT", "3":
		return 3
	case "DEADLINE_EXCEEDED", "4":
		return 4
	case "NOT_FOUND", "5":
		return 5
	case "ALREADY_EXISTS", "6":
		return 6
	case "PERMISSION_DENIED", "7":
		return 7
	case "RESOURCE_EXHAUSTED", "8":
		return 8
	case "FAILED_PRECONDITION", "9":
		return 9
	case "ABORTED", "10":
		return 10
	case "OUT_OF_RANGE", "11":
		return 11
	case "UNIMPLEMENTED", "12":
		return 12
	case "INTERNAL", "13":
		return 13
	case "UNAVAILABLE", "14":
		return 14
	case "DATA_LOSS", "15":
		return 15
	case "UNAUTHENTICATED", "16":
		return 16
	}
	return 0
}

// httpOfGRPC is the HTTP status of a gRPC code; 0 for OK and unknown ones.
//
// Source: https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
func httpOfGRPC(code int64) int64 {
	of := [grpcCodes]int64{0, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401}
	if code < 0 || code >= grpcCodes {
		return 0
	}
	return of[code]
}
