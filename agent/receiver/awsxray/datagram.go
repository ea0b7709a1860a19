package awsxray

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/updraft-otel/updraft/agent/internal/xraydoc"
)

// Prefixes of documents that are an OTLP request in base64, as AWS's
// distributions of OpenTelemetry send them: of sampled spans, and of others.
const (
	otlpSampled   = "T1S"
	otlpUnsampled = "T1U"
)

var (
	errNoLine   = errors.New("the datagram has no header line")
	errNoBody   = errors.New("the datagram has no document")
	errHeader   = errors.New(`the datagram's header is not {"format":"json","version":1}`)
	errNoOTLP   = errors.New("the document is no OTLP request")
	knownHeader = []byte(`{"format":"json","version":1}`)
)

// payload is the document of a datagram: what follows the header line.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon
func payload(datagram []byte) ([]byte, error) {
	header, body, ok := bytes.Cut(datagram, []byte{'\n'})
	if !ok {
		return nil, errNoLine
	}
	if header = bytes.TrimSpace(header); !bytes.Equal(header, knownHeader) {
		var h struct {
			Format  string `json:"format"`
			Version int    `json:"version"`
		}
		if json.Unmarshal(header, &h) != nil || !strings.EqualFold(h.Format, "json") || h.Version != 1 {
			return nil, errHeader
		}
	}
	if body = bytes.TrimSpace(body); len(body) == 0 {
		return nil, errNoBody
	}
	return body, nil
}

// isUnsampled tells documents of spans that were recorded, but not sampled: they
// are for what measures spans, and not for X-Ray.
func isUnsampled(doc []byte) bool { return bytes.HasPrefix(doc, []byte(otlpUnsampled)) }

// appendDocument adds a document's spans.
func appendDocument(td ptrace.Traces, doc []byte) error {
	text, ok := bytes.CutPrefix(doc, []byte(otlpSampled))
	if !ok {
		_, err := xraydoc.AppendSpans(td, doc)
		return err
	}
	request := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(request, text)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoOTLP, err)
	}
	var unmarshaler ptrace.ProtoUnmarshaler
	spans, err := unmarshaler.UnmarshalTraces(request[:n])
	if err != nil {
		return fmt.Errorf("%w: %w", errNoOTLP, err)
	}
	spans.ResourceSpans().MoveAndAppendTo(td.ResourceSpans())
	return nil
}
