package awsapi

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Codes of errors that callers act on.
const (
	// CodeResourceNotFound is PutLogEvents' and CreateLogStream's answer when the group or stream does not exist.
	CodeResourceNotFound = "ResourceNotFoundException"
	// CodeResourceAlreadyExists is CreateLogGroup's and CreateLogStream's answer; they turn it into success.
	CodeResourceAlreadyExists = "ResourceAlreadyExistsException"
)

// An Error is a call that did not work, with what AWS said about it. Its fields and text hold no credentials.
type Error struct {
	// Service is the service's name in host names, as "xray".
	Service string
	// Operation is the call, as "PutTraceSegments".
	Operation string
	// Code is AWS's name for the error, as "ThrottledException"; where there is no answer it is "NetworkError" or
	// "CredentialsUnavailable", where it cannot be understood "InvalidResponse", and "" where AWS gave none.
	Code string
	// Message is AWS's text, shortened, or the reason why there is no answer.
	Message string
	// RequestID is AWS's id of the request, for its support.
	RequestID string
	// StatusCode is the HTTP status, 0 if there is no answer.
	StatusCode int
	// After is how long the server asks to wait, 0 if it does not.
	After time.Duration

	err     error // what it was made from, for errors.Is
	again   bool  // another try may help for a reason that is not in the fields
	unknown bool  // the call may have worked
}

// Error says which call failed, why, and what AWS's support would ask for.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: ", e.Service, e.Operation)
	switch {
	case e.Code != "" && e.Message != "":
		b.WriteString(e.Code + ": " + e.Message)
	case e.Code != "" || e.Message != "":
		b.WriteString(e.Code + e.Message)
	default:
		b.WriteString("no reason given")
	}
	if e.StatusCode != 0 {
		fmt.Fprintf(&b, " (HTTP %d", e.StatusCode)
		if e.RequestID != "" {
			b.WriteString(", request id " + e.RequestID)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// Unwrap returns what lies below, a network error or a context's, or nil.
func (e *Error) Unwrap() error { return e.err }

// Retryable reports whether the same call may work later: after throttling, a server's failure, a lost connection, and
// after expired credentials or a wrong clock, which the next call corrects.
func (e *Error) Retryable() bool {
	switch {
	case e.again, e.Throttled(), expired(e.Code):
		return true
	case e.StatusCode == http.StatusNotImplemented, e.StatusCode == http.StatusHTTPVersionNotSupported:
		return false
	case e.StatusCode >= http.StatusInternalServerError, e.StatusCode == http.StatusRequestTimeout:
		return true
	}
	switch e.Code {
	case "RequestTimeout", "RequestTimeoutException", "InternalFailure", "InternalServerError", "InternalServiceError",
		"InternalServiceFault", "ServiceUnavailable", "ServiceUnavailableException", "OperationAbortedException":
		return true
	}
	return false
}

// Throttled reports whether AWS asks for fewer calls. The codes are those of AWS's SDKs.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
func (e *Error) Throttled() bool {
	if e.StatusCode == http.StatusTooManyRequests {
		return true
	}
	switch e.Code {
	case "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException", "RequestThrottled",
		"TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
		"RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "SlowDown",
		"PriorRequestNotComplete", "EC2ThrottledException":
		return true
	}
	return false
}

// RetryAfter returns how long the server asks to wait, 0 if it does not.
func (e *Error) RetryAfter() time.Duration { return e.After }

// OutcomeUnknown reports whether the call may have worked although it failed: the request left and no clear answer
// came.
func (e *Error) OutcomeUnknown() bool {
	switch e.StatusCode {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return !e.Throttled()
	}
	return e.unknown
}

// Splittable reports whether AWS refused the whole call for what may be a single item of it.
func (e *Error) Splittable() bool {
	if e.StatusCode == http.StatusRequestEntityTooLarge {
		return true
	}
	switch e.Code {
	case "InvalidParameterException", "InvalidParameterValue", "InvalidParameterValueException",
		"InvalidParameterCombination", "InvalidParameterCombinationException", "MissingParameter",
		"MissingRequiredParameterException", "InvalidRequestException", "InvalidFormat", "InvalidFormatFault",
		"MalformedInput", "SerializationException", "ValidationError", "ValidationException", "RequestEntityTooLarge":
		return e.StatusCode/100 == 4
	}
	return false
}

func expired(code string) bool {
	switch code {
	case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired":
		return true
	}
	return false
}

// aboutTime reports whether AWS gives the code when it does not believe a request's time, among other reasons.
func aboutTime(code string) bool {
	switch code {
	case "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException",
		"SignatureDoesNotMatch", "AuthFailure":
		return true
	}
	return false
}
