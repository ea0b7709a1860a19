// Package wire speaks the protocols that AWS's clients speak, from the server's
// side: restJson1 (X-Ray), awsJson1.1 (CloudWatch Logs), rpc-v2-cbor,
// awsJson1.0 and awsQuery (CloudWatch), OTLP's two forms, and the answers of
// Prometheus' API.
//
// It knows no operation. Inputs and outputs are plain structs whose json tags
// are AWS's member names; a pointer is an optional member, a []byte of an output a
// blob. Unknown members are ignored, as AWS does. It does not stream, and has no
// blobs of inputs, documents or unions.
//
//	in := wire.NewInput(wire.JSON11, body)
//	err := in.Decode(&request)
//	reply, err := wire.Encode(wire.JSON11, "PutLogEvents", requestID, &response)
package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Protocol is one of AWS's wire protocols.
type Protocol int

// The protocols, with the name Smithy gives them.
const (
	RestJSON   Protocol = iota // aws.protocols#restJson1
	JSON10                     // aws.protocols#awsJson1_0
	JSON11                     // aws.protocols#awsJson1_1
	CBOR                       // smithy.protocols#rpcv2Cbor
	Query                      // aws.protocols#awsQuery
	OTLP                       // OpenTelemetry's, in protobuf
	OTLPJSON                   // OpenTelemetry's, in JSON
	Prometheus                 // Prometheus' HTTP API; it reads its parameters by itself
)

// String is Smithy's name of the protocol.
func (p Protocol) String() string {
	switch p {
	case JSON10:
		return "awsJson1_0"
	case JSON11:
		return "awsJson1_1"
	case CBOR:
		return "rpcv2Cbor"
	case Query:
		return "awsQuery"
	case OTLP:
		return "otlp"
	case OTLPJSON:
		return "otlpJson"
	case Prometheus:
		return "prometheus"
	default:
		return "restJson1"
	}
}

// ContentType is what the protocol's answers carry.
func (p Protocol) ContentType() string {
	switch p {
	case JSON10:
		return "application/x-amz-json-1.0"
	case JSON11:
		return "application/x-amz-json-1.1"
	case CBOR:
		return "application/cbor"
	case Query:
		return "text/xml"
	case OTLP:
		return "application/x-protobuf"
	default:
		return "application/json"
	}
}

// An Input is a request body that has not been looked into yet.
type Input struct {
	protocol Protocol
	body     []byte
}

// NewInput wraps a body, which for Query is the form (or the query string).
func NewInput(p Protocol, body []byte) *Input {
	return &Input{protocol: p, body: body}
}

// Protocol is the protocol the request came in.
func (in *Input) Protocol() Protocol { return in.protocol }

// Decode fills v, a pointer to a struct. Its errors are all *[DecodeError].
func (in *Input) Decode(v any) error {
	var err error
	switch in.protocol {
	case CBOR:
		err = decodeCBOR(in.body, v)
	case Query:
		err = decodeQuery(in.body, v)
	default:
		err = decodeJSON(in.body, v)
	}
	if err != nil {
		return &DecodeError{Protocol: in.protocol, Err: err}
	}
	return nil
}

// A DecodeError is a body that its protocol cannot read.
type DecodeError struct {
	Protocol Protocol
	Err      error
}

func (e *DecodeError) Error() string { return fmt.Sprintf("decode %s: %v", e.Protocol, e.Err) }

func (e *DecodeError) Unwrap() error { return e.Err }

// decodeJSON takes an empty body for an empty object, as AWS does.
func decodeJSON(body []byte, v any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("data after the top-level value")
	}
	return nil
}

// Encode writes the answer of an operation. A nil out is an empty answer.
func Encode(p Protocol, operation, requestID string, out any) ([]byte, error) {
	switch p {
	case CBOR:
		return encodeCBOR(out)
	case Query:
		return encodeXML(operation, requestID, out)
	case OTLP, OTLPJSON:
		return encodeOTLP(p, out)
	default:
		if out == nil {
			return nil, nil
		}
		return encodeJSON(out)
	}
}

// encodeJSON leaves <, > and & as they are, as AWS does.
func encodeJSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// An Error is an answer that says no.
type Error struct {
	Code    string // the error's name in JSON and CBOR, e.g. "InvalidParameterValueException"
	Query   string // its older name in awsQuery, e.g. "InvalidParameterValue"; default: Code
	Message string
	Status  int         // HTTP status
	Header  http.Header // further headers of the answer, e.g. Retry-After
	Members any         // further members of the body in awsJson, a struct, e.g. queryCompileError; nil: none
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// queryCode is the error's name in awsQuery.
func (e *Error) queryCode() string {
	if e.Query != "" {
		return e.Query
	}
	return e.Code
}

// fault says whose fault it is, in awsQuery's words.
func (e *Error) fault() string {
	if e.Status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

// EncodeError writes e in the form of a protocol, and adds to header what the
// protocol says in headers.
func EncodeError(p Protocol, requestID string, e *Error, header http.Header) []byte {
	for k, v := range e.Header {
		header[k] = v
	}
	switch p {
	case RestJSON:
		header.Set("X-Amzn-Errortype", e.Code)
		return mustJSON(struct{ Message string }{e.Message})
	case Query:
		return encodeErrorXML(requestID, e)
	case OTLP, OTLPJSON:
		return encodeStatus(p, e)
	case Prometheus:
		return encodePrometheus(e)
	case CBOR:
		header.Set("X-Amzn-Query-Error", e.queryCode()+";"+e.fault())
		body, err := encodeCBOR(errorBody{e.Code, e.Message})
		if err != nil { // two strings always encode
			return nil
		}
		return body
	case JSON10:
		header.Set("X-Amzn-Query-Error", e.queryCode()+";"+e.fault())
	}
	return appendMembers(mustJSON(errorBody{e.Code, e.Message}), e.Members)
}

// appendMembers puts the members of a struct behind those of a JSON object.
func appendMembers(body []byte, members any) []byte {
	more, err := encodeJSON(members)
	if members == nil || err != nil || len(more) <= len("{}") || more[0] != '{' {
		return body
	}
	return append(append(body[:len(body)-1], ','), more[1:]...)
}

// errorBody is an error in awsJson and rpc-v2-cbor.
type errorBody struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

// encodePrometheus writes an error of Prometheus' API, whose code is its type.
func encodePrometheus(e *Error) []byte {
	return mustJSON(struct {
		Status string `json:"status"`
		Type   string `json:"errorType"`
		Error  string `json:"error"`
	}{"error", e.Code, e.Message})
}

// mustJSON encodes structs of strings, which cannot fail.
func mustJSON(v any) []byte {
	body, err := encodeJSON(v)
	if err != nil {
		return nil
	}
	return body
}

// formPairs calls f for each pair of a form in its order. Unlike
// [url.ParseQuery] it has no limit on their number: 1,000 metrics with their
// dimensions are tens of thousands of pairs. The body's size is the limit.
func formPairs(form []byte, f func(key, value string) error) error {
	rest := string(form)
	for rest != "" {
		var pair string
		pair, rest = cut(rest, '&')
		if pair == "" {
			continue
		}
		k, v := cut(pair, '=')
		key, err := url.QueryUnescape(k)
		if err != nil {
			return fmt.Errorf("key %q: %w", k, err)
		}
		value, err := url.QueryUnescape(v)
		if err != nil {
			return fmt.Errorf("value of %q: %w", key, err)
		}
		if err := f(key, value); err != nil {
			return err
		}
	}
	return nil
}

func cut(s string, sep byte) (before, after string) {
	for i := range len(s) {
		if s[i] == sep {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// FormValue is the value of one key of a form, e.g. its Action.
func FormValue(form []byte, name string) string {
	var found string
	_ = formPairs(form, func(k, v string) error {
		if k == name {
			found = v
			return io.EOF // enough
		}
		return nil
	})
	return found
}
