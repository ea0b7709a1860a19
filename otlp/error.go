package otlp

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxMessage is how much of a receiver's text an error keeps.
const maxMessage = 512

// maxAfter is the longest wait taken from an answer; more is a mistake.
const maxAfter = time.Hour

// An Error is a request that did not arrive or was refused.
type Error struct {
	// Host is the receiver's host and port.
	Host string
	// Code is gRPC's name of its status, as "UNAVAILABLE", or HTTP's number;
	// "" without an answer.
	Code string
	// StatusCode is the HTTP status, 0 if there is no answer.
	StatusCode int
	// Message is the receiver's text, shortened, or why there is no answer.
	Message string
	// After is how long the receiver asks to wait, 0 if it does not.
	After time.Duration

	grpc    int  // gRPC's status
	again   bool // another try may help for a reason that is not in the fields
	unknown bool // the request may have arrived
	err     error
}

// Error says where the request went and why it did not work.
func (e *Error) Error() string {
	text := "otlp: " + e.Host + ": "
	if e.Code != "" {
		text += e.Code + ": "
	}
	if e.Message == "" {
		return text + "no reason given"
	}
	return text + e.Message
}

// Unwrap returns what lies below, a network error or a context's, or nil.
func (e *Error) Unwrap() error { return e.err }

// Retryable reports whether the same request may work later.
// https://opentelemetry.io/docs/specs/otlp/#failures; of HTTP's, 408 and the
// other server errors are taken for passing too.
func (e *Error) Retryable() bool {
	switch e.grpc {
	case grpcCancelled, grpcDeadlineExceeded, grpcAborted, grpcOutOfRange, grpcUnavailable, grpcDataLoss:
		return true
	case grpcResourceExhausted:
		return e.After > 0 || e.again
	case 0:
	default:
		return e.again
	}
	switch e.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return e.again
	}
	return e.again || e.StatusCode >= http.StatusInternalServerError
}

// Throttled reports whether the receiver asks for fewer requests.
func (e *Error) Throttled() bool {
	return e.StatusCode == http.StatusTooManyRequests || e.grpc == grpcResourceExhausted && e.Retryable()
}

// RetryAfter returns how long the receiver asks to wait, 0 if it does not.
func (e *Error) RetryAfter() time.Duration { return e.After }

// OutcomeUnknown reports whether the request may have arrived although it
// failed.
func (e *Error) OutcomeUnknown() bool {
	switch e.grpc {
	case grpcCancelled, grpcDeadlineExceeded, grpcDataLoss:
		return true
	}
	switch e.StatusCode {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return true
	}
	return e.unknown
}

// Splittable reports whether the request was refused for what may be a single
// span of it, or for its size.
func (e *Error) Splittable() bool {
	switch e.grpc {
	case grpcInvalidArgument, grpcResourceExhausted:
		return true
	}
	switch e.StatusCode {
	case http.StatusRequestEntityTooLarge:
		return true
	case http.StatusBadRequest:
		return !strings.Contains(e.Message, wrongDestination)
	}
	return false
}

// wrongDestination is in what X-Ray answers where spans can't go to CloudWatch
// Logs.
const wrongDestination = "Trace Segment Destination"

// explain adds what an operator can do.
func explain(message string, status int) string {
	switch {
	case strings.Contains(message, wrongDestination):
		return message + " To turn on Transaction Search: aws xray update-trace-segment-destination --destination CloudWatchLogs," +
			" or in the console: CloudWatch, Settings, X-Ray traces. Or use OTEL_TRACES_EXPORTER=awsxray, which does not need it."
	case status == http.StatusNotFound:
		return message + " (check the endpoint's path: OTEL_EXPORTER_OTLP_ENDPOINT gets /v1/traces added," +
			" OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used as it is)"
	}
	return message
}

// clean makes text from outside fit for one line of a log.
func clean(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), maxMessage)], "")
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// retryAfter reads the standard header, seconds or a date by the server's clock.
func retryAfter(h http.Header) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseUint(v, 10, 32); err == nil {
		return min(maxAfter, time.Duration(s)*time.Second)
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(maxAfter, max(0, at.Sub(now)))
}
