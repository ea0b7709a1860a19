package localaws

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// POST /v1/traces, X-Ray's OTLP endpoint: takes OpenTelemetry's spans in protobuf
// or JSON, plain or gzip'ed, signed for xray; refuses a request as a whole over
// AWS's limits, with a google.rpc.Status; turns each span into a segment document,
// as X-Ray does. It leaves out gRPC and bearer tokens, which AWS has not either,
// and the log group aws/spans.
//
// Read from https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html

// Limits of a request to the OTLP endpoint, from the page above.
const (
	maxOTLPBytes         = 5 << 20 // uncompressed
	maxOTLPSpans         = 10_000
	maxOTLPResourceBytes = 16 << 10 // of a resource and one scope of it
	maxOTLPSpanBytes     = 200 << 10
	maxOTLPPast          = 14 * 24 * time.Hour
	maxOTLPFuture        = 2 * time.Hour
	maxOTLPGap           = 24 * time.Hour
)

func otlpOperations() []operation {
	return []operation{{service: serviceXRay, name: otlpOperation, path: "/v1/traces", run: exportTraces}}
}

func exportTraces(c *call, _ *wire.Input) (any, error) {
	if c.srv.cfg.NoTransactionSearch {
		return nil, c.refuse(&ruleTransactionSearch, "Content-Type", c.protocol.ContentType(), nil)
	}
	if len(c.body) > maxOTLPBytes {
		return nil, c.refuse(&ruleOTLPBytes, "body", len(c.body), nil)
	}
	decode := decodeOTLP
	if c.protocol == wire.OTLPJSON {
		decode = decodeOTLPJSON
	}
	request, err := decode(c.body)
	if err != nil {
		return nil, c.malformed(err)
	}
	if rule, field, value := checkExport(request, c.now); rule != nil {
		return nil, c.refuse(rule, field, value, nil)
	}
	documents, answer := c.convert(request, true)
	return answer, c.keep(documents)
}

// checkExport checks what concerns the request as a whole.
func checkExport(request *tracepb.TracesData, now time.Time) (*Rule, string, any) {
	spans := 0
	var oldest, newest time.Time
	for i, rs := range request.GetResourceSpans() {
		resource := proto.Size(rs.GetResource()) // once: a request may have a million scopes
		for j, ss := range rs.GetScopeSpans() {
			field := fmt.Sprintf("resourceSpans[%d].scopeSpans[%d]", i, j)
			if n := resource + proto.Size(ss.GetScope()); n > maxOTLPResourceBytes {
				return &ruleOTLPResource, field, n
			}
			for k, span := range ss.GetSpans() {
				at := nanoTime(span.GetStartTimeUnixNano())
				field := fmt.Sprintf("%s.spans[%d].startTimeUnixNano", field, k)
				switch {
				case now.Sub(at) > maxOTLPPast:
					return &ruleOTLPPast, field, at.Format(time.RFC3339)
				case at.Sub(now) > maxOTLPFuture:
					return &ruleOTLPFuture, field, at.Format(time.RFC3339)
				}
				if spans == 0 || at.Before(oldest) {
					oldest = at
				}
				if spans == 0 || at.After(newest) {
					newest = at
				}
				spans++
			}
		}
	}
	switch {
	case spans > maxOTLPSpans:
		return &ruleOTLPSpans, "resourceSpans", spans
	case newest.Sub(oldest) > maxOTLPGap:
		return &ruleOTLPGap, "startTimeUnixNano", newest.Sub(oldest)
	}
	return nil, "", nil
}

// nanoTime is a time of OTLP; what no int64 holds is far in the future.
func nanoTime(nano uint64) time.Time {
	const limit = 1 << 63
	if nano >= limit {
		nano = limit - 1
	}
	return time.Unix(0, int64(nano)).UTC()
}

// checkSpan checks one span.
func checkSpan(span *tracepb.Span) (*Rule, string, any) {
	if n := proto.Size(span); n > maxOTLPSpanBytes {
		return &ruleOTLPSpanBytes, "span", n
	}
	if !isOTLPID(span.GetTraceId(), 16) {
		return &ruleOTLPTraceID, "traceId", hex.EncodeToString(span.GetTraceId())
	}
	if !isOTLPID(span.GetSpanId(), 8) {
		return &ruleOTLPSpanID, "spanId", hex.EncodeToString(span.GetSpanId())
	}
	if parent := span.GetParentSpanId(); len(parent) != 0 && len(parent) != 8 {
		return &ruleOTLPSpanID, "parentSpanId", hex.EncodeToString(parent)
	}
	return nil, "", nil
}

func isOTLPID(id []byte, size int) bool {
	return len(id) == size && !bytes.Equal(id, make([]byte, size))
}

// A checked document is one that the store may have.
type checkedDocument struct {
	segment *segment
	raw     []byte
}

// convert makes segment documents of the spans, and counts those that X-Ray
// rejects one by one.
func (c *call) convert(request *tracepb.TracesData, sampled bool) ([]checkedDocument, *wire.PartialSuccess) {
	var documents []checkedDocument
	answer := &wire.PartialSuccess{}
	for _, rs := range request.GetResourceSpans() {
		resource := attributesOf(rs.GetResource().GetAttributes())
		for _, ss := range rs.GetScopeSpans() {
			for _, span := range ss.GetSpans() {
				rule, field, value := checkSpan(span)
				if rule != nil {
					c.note(rule, field, value, spanJSON(span))
					answer.Rejected++
					answer.Message = rule.message(value)
					continue
				}
				documents = append(documents, segmentOfSpan(span, resource, ss.GetScope().GetName(), sampled))
			}
		}
	}
	return documents, answer
}

// keep journals documents and puts them into the store, but for those of traces
// that are full.
func (c *call) keep(documents []checkedDocument) error {
	documents = slices.DeleteFunc(documents, func(d checkedDocument) bool {
		full := c.srv.traces.full(d.segment.TraceID)
		if full {
			c.note(&ruleTraceSize, "trace_id", d.segment.TraceID, d.raw)
		}
		return full
	})
	if len(documents) == 0 {
		return nil
	}
	raw := make([][]byte, len(documents))
	for i, d := range documents {
		raw[i] = d.raw
	}
	if err := c.srv.journal.append(kindSegments, c.now, appendChunk(nil, c.now, raw)); err != nil {
		return err
	}
	for _, d := range documents {
		c.srv.traces.put(d.segment, d.raw, c.now)
	}
	return nil
}
