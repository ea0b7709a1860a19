package xray

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
)

// HTTP statuses by which a request is judged.
const (
	badRequest      = 400
	tooManyRequests = 429
	serverError     = 500
	endOfErrors     = 600
)

// appendFlags writes X-Ray's verdict on the request: error for 4xx, throttle
// besides for 429, fault for 5xx. Without such a status a gRPC code stands in
// by the HTTP status it maps to, and a failed span without either is a fault.
// A call that AWS throttled is a throttle whatever its status: most of AWS's
// services answer 400.
func (f *facts) appendFlags(dst []byte, s *Segment) []byte {
	var isError, isFault, isThrottle bool
	code := f.httpStatus()
	if !f.compat {
		if (code < badRequest || code >= endOfErrors) && f.has(slotGRPCStatus) {
			code = httpOfGRPC(grpcCode(f.value(slotGRPCStatus)))
		}
		if f.callsAWS() && (code >= badRequest || code == 0 && s.Status == codes.Error) && f.throttled(s) {
			isThrottle = true
			code = max(code, badRequest)
		}
	}
	switch {
	case code >= badRequest && code < serverError:
		isError, isThrottle = true, isThrottle || code == tooManyRequests
	case code >= serverError && code < endOfErrors:
		isFault = true
	default:
		isFault = s.Status == codes.Error
	}
	dst = f.form.flag(dst, "error", isError)
	dst = f.form.flag(dst, "fault", isFault)
	return f.form.flag(dst, "throttle", isThrottle)
}

// throttled tells whether AWS refused a call because of too many: by the error
// code of the span, or by the type of an exception.
func (f *facts) throttled(s *Segment) bool {
	if code := f.text(slotErrorCode); code != "" {
		return isThrottle(code)
	}
	for i := range s.Events {
		e := &s.Events[i]
		if e.Name != exceptionEvent {
			continue
		}
		for _, kv := range e.Attributes {
			if kv.Key == "exception.type" && isThrottle(str(kv.Value)) {
				return true
			}
		}
	}
	return false
}

// isThrottle tells the error codes that the AWS SDKs take for throttling; the
// name of an exception's class may stand before the code.
//
// Source: DefaultThrottleErrorCodes of
// https://pkg.go.dev/github.com/aws/aws-sdk-go-v2/aws/retry
func isThrottle(code string) bool {
	switch code[strings.LastIndexByte(code, '.')+1:] {
	case "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
		"TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
		"RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "SlowDown", "PriorRequestNotComplete",
		"EC2ThrottledException":
		return true
	}
	return false
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
