package localaws

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// decodeOTLP reads an ExportTraceServiceRequest, which has the wire form of
// TracesData.
func decodeOTLP(body []byte) (*tracepb.TracesData, error) {
	request := &tracepb.TracesData{}
	if err := proto.Unmarshal(body, request); err != nil {
		return nil, fmt.Errorf("protobuf: %w", err)
	}
	return request, nil
}

// decodeOTLPJSON reads one in JSON, where OTLP writes ids in hexadecimal and
// protobuf's own rules want base64.
func decodeOTLPJSON(body []byte) (*tracepb.TracesData, error) {
	request := &tracepb.TracesData{}
	if err := unmarshalOTLPJSON(body, request); err != nil {
		return nil, err
	}
	return request, nil
}

// unmarshalOTLPJSON reads any request of OTLP in JSON.
func unmarshalOTLPJSON(body []byte, request proto.Message) error {
	var tree any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&tree); err != nil {
		return fmt.Errorf("JSON: %w", err)
	}
	if err := hexToBase64(tree); err != nil {
		return err
	}
	standard, err := json.Marshal(tree)
	if err != nil {
		return fmt.Errorf("JSON: %w", err)
	}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(standard, request); err != nil {
		return fmt.Errorf("JSON: %w", err)
	}
	return nil
}

// hexToBase64 rewrites the ids of a tree. No attribute can be taken for one:
// attributes are lists of key and value.
func hexToBase64(tree any) error {
	switch t := tree.(type) {
	case []any:
		for _, v := range t {
			if err := hexToBase64(v); err != nil {
				return err
			}
		}
	case map[string]any:
		for k, v := range t {
			text, isText := v.(string)
			switch {
			case isText && (k == "traceId" || k == "spanId" || k == "parentSpanId"):
				id, err := hex.DecodeString(text)
				if err != nil {
					return fmt.Errorf("%s %.40q is not hexadecimal", k, text)
				}
				t[k] = base64.StdEncoding.EncodeToString(id)
			case !isText:
				if err := hexToBase64(v); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// spanJSON is a refused span as the console shows it.
func spanJSON(span *tracepb.Span) []byte {
	text, err := protojson.Marshal(span)
	if err != nil {
		return nil
	}
	return text
}
