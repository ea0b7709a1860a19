package otlp

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// gRPC over HTTP/2: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.

// frameHead is what stands before a message: whether it is compressed, and its
// length.
const frameHead = 5

// Statuses of gRPC that are acted on.
const (
	grpcCancelled         = 1
	grpcUnknown           = 2
	grpcInvalidArgument   = 3
	grpcDeadlineExceeded  = 4
	grpcPermissionDenied  = 7
	grpcResourceExhausted = 8
	grpcAborted           = 10
	grpcOutOfRange        = 11
	grpcUnimplemented     = 12
	grpcInternal          = 13
	grpcUnavailable       = 14
	grpcDataLoss          = 15
	grpcUnauthenticated   = 16
)

func grpcName(status int) string {
	names := [...]string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
		"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
		"INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}
	if status < 0 || status >= len(names) {
		return "status " + strconv.Itoa(status)
	}
	return names[status]
}

// grpcTimeout is a time as the grpc-timeout header has it, at most 8 digits.
func grpcTimeout(d time.Duration) string {
	return strconv.FormatInt(min(99_999_999, max(1, d.Milliseconds())), 10) + "m"
}

func (c *Client) grpcAnswer(resp *http.Response, answer []byte, readErr error) (Rejection, error) {
	status, message := grpcStatus(resp)
	if status == 0 {
		rejection, ok := unframe(resp.Header.Get("Grpc-Encoding"), answer)
		if !ok {
			return Rejection{}, &Error{
				Host: c.host, Code: grpcName(grpcInternal), StatusCode: resp.StatusCode, Message: "answer not understood",
				again: true, unknown: true,
			}
		}
		return parseRejection("", rejection), nil
	}
	if readErr != nil && status < 0 {
		return Rejection{}, c.networkError(readErr, true)
	}
	if status < 0 {
		status, message = statusOfHTTP(resp.StatusCode), clean(string(answer))
		if message == "" {
			message = "HTTP " + resp.Status + " without a gRPC status; check that the endpoint speaks gRPC"
		}
	}
	e := &Error{
		Host: c.host, Code: grpcName(status), StatusCode: resp.StatusCode, Message: clean(message), grpc: status,
		After: retryAfter(resp.Header),
	}
	_, detailed, after := decodeStatus(binaryHeader(trailer(resp, "Grpc-Status-Details-Bin")))
	if e.Message == "" {
		e.Message = clean(detailed)
	}
	e.After = max(e.After, after)
	return Rejection{}, e
}

// grpcStatus returns the status of an answer, -1 if it has none.
func grpcStatus(resp *http.Response) (status int, message string) {
	status, err := strconv.Atoi(trailer(resp, "Grpc-Status"))
	if err != nil || status < 0 {
		return -1, ""
	}
	message = trailer(resp, "Grpc-Message")
	if decoded, err := url.PathUnescape(message); err == nil {
		message = decoded
	}
	return status, message
}

// trailer reads what stands behind the body, or, where there is none, before it.
func trailer(resp *http.Response, name string) string {
	if v := resp.Trailer.Get(name); v != "" {
		return v
	}
	return resp.Header.Get(name)
}

// binaryHeader decodes a header whose name ends in -bin.
func binaryHeader(v string) []byte {
	b, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(v, "="))
	return b
}

// unframe returns the message of an answer.
func unframe(encoding string, answer []byte) ([]byte, bool) {
	if len(answer) < frameHead || uint64(binary.BigEndian.Uint32(answer[1:])) != uint64(len(answer)-frameHead) {
		return nil, false
	}
	message := answer[frameHead:]
	if answer[0] == 0 {
		return message, true
	}
	if encoding != "gzip" {
		return nil, false
	}
	r, err := gzip.NewReader(bytes.NewReader(message))
	if err != nil {
		return nil, false
	}
	message, err = io.ReadAll(io.LimitReader(r, maxAnswer))
	return message, err == nil
}

// statusOfHTTP is gRPC's table for answers that are not gRPC's.
// https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
func statusOfHTTP(code int) int {
	switch code {
	case http.StatusBadRequest:
		return grpcInternal
	case http.StatusUnauthorized:
		return grpcUnauthenticated
	case http.StatusForbidden:
		return grpcPermissionDenied
	case http.StatusNotFound:
		return grpcUnimplemented
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return grpcUnavailable
	}
	return grpcUnknown
}
