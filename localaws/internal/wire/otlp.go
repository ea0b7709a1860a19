package wire

import (
	"fmt"
	"net/http"

	"google.golang.org/protobuf/encoding/protowire"
)

// A PartialSuccess is OTLP's answer to a request that was taken, but for some
// of its items. The zero value is a full success.
type PartialSuccess struct {
	Rejected int64
	Message  string
	Items    string // what Rejected is called in JSON; default rejectedSpans
}

func (p *PartialSuccess) full() bool { return p.Rejected == 0 && p.Message == "" }

// Numbers of the fields of ExportTraceServiceResponse, of its
// ExportTracePartialSuccess, and of google.rpc.Status.
const (
	fieldPartialSuccess = 1
	fieldRejected       = 1
	fieldErrorMessage   = 2
	fieldCode           = 1
	fieldMessage        = 2
)

// encodeOTLP writes the answer to an export. A full success is an empty message.
func encodeOTLP(p Protocol, out any) ([]byte, error) {
	partial, ok := out.(*PartialSuccess)
	if !ok {
		return nil, fmt.Errorf("%T is no answer of OTLP", out)
	}
	if p == OTLPJSON {
		return encodeOTLPJSON(partial)
	}
	if partial.full() {
		return nil, nil
	}
	var inner []byte
	inner = protowire.AppendTag(inner, fieldRejected, protowire.VarintType)
	inner = protowire.AppendVarint(inner, uint64(partial.Rejected))
	inner = protowire.AppendTag(inner, fieldErrorMessage, protowire.BytesType)
	inner = protowire.AppendString(inner, partial.Message)
	body := protowire.AppendTag(nil, fieldPartialSuccess, protowire.BytesType)
	return protowire.AppendBytes(body, inner), nil
}

// encodeOTLPJSON writes the count as a string, as protobuf's JSON does with 64 bits.
func encodeOTLPJSON(partial *PartialSuccess) ([]byte, error) {
	if partial.full() {
		return []byte("{}"), nil
	}
	if partial.Items != "" { // as AWS's page on logs has it: a number
		return encodeJSON(map[string]any{"partialSuccess": map[string]any{partial.Items: partial.Rejected, "errorMessage": partial.Message}})
	}
	type success struct {
		Rejected string `json:"rejectedSpans"`
		Message  string `json:"errorMessage"`
	}
	return encodeJSON(struct {
		Partial success `json:"partialSuccess"`
	}{success{fmt.Sprint(partial.Rejected), partial.Message}})
}

// encodeStatus writes an error as a google.rpc.Status.
func encodeStatus(p Protocol, e *Error) []byte {
	code := statusCode(e.Status)
	if p == OTLPJSON {
		return mustJSON(struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		}{code, e.Message})
	}
	body := protowire.AppendTag(nil, fieldCode, protowire.VarintType)
	body = protowire.AppendVarint(body, uint64(code))
	body = protowire.AppendTag(body, fieldMessage, protowire.BytesType)
	return protowire.AppendString(body, e.Message)
}

// statusCode is the google.rpc.Code of an HTTP status.
func statusCode(status int) int {
	switch status {
	case http.StatusUnauthorized:
		return 16 // UNAUTHENTICATED
	case http.StatusForbidden:
		return 7 // PERMISSION_DENIED
	case http.StatusNotFound:
		return 5 // NOT_FOUND
	case http.StatusTooManyRequests:
		return 8 // RESOURCE_EXHAUSTED
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return 14 // UNAVAILABLE
	}
	if status >= http.StatusInternalServerError {
		return 13 // INTERNAL
	}
	return 3 // INVALID_ARGUMENT
}
