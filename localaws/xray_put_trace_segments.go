package localaws

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// PutTraceSegments: takes documents one by one, so that a bad one is told in
// UnprocessedTraceSegments and its neighbours are kept; a complete segment
// replaces the one in progress of the same id; only the whole call fails over 50
// documents. It leaves out the rate of segments per second and the limit of the
// whole trace, which BatchGetTraces shows. A document may be T1S and OTLP in
// base64 instead, as the CloudWatch agent sends it for Transaction Search.
//
// Read from https://docs.aws.amazon.com/xray/latest/api/API_PutTraceSegments.html

type putTraceSegmentsInput struct {
	TraceSegmentDocuments []string `json:"TraceSegmentDocuments"`
}

type putTraceSegmentsOutput struct {
	UnprocessedTraceSegments []unprocessedTraceSegment `json:"UnprocessedTraceSegments"`
}

type unprocessedTraceSegment struct {
	ID        string `json:"Id,omitempty"` // absent where the document has none that can be read
	ErrorCode string `json:"ErrorCode"`
	Message   string `json:"Message"`
}

func putTraceSegments(c *call, in *putTraceSegmentsInput) (*putTraceSegmentsOutput, error) {
	if in.TraceSegmentDocuments == nil {
		return nil, c.refuse(&ruleSegmentsMissing, "TraceSegmentDocuments", "", c.body)
	}
	if n := len(in.TraceSegmentDocuments); n > maxSegmentDocuments {
		return nil, c.refuse(&ruleSegmentCount, "TraceSegmentDocuments", n, c.body)
	}
	out := &putTraceSegmentsOutput{UnprocessedTraceSegments: []unprocessedTraceSegment{}}
	var documents []checkedDocument
	for _, text := range in.TraceSegmentDocuments {
		doc := []byte(text)
		if strings.HasPrefix(text, prefixSampled) {
			spans, err := c.documentOTLP(text)
			documents = append(documents, spans...)
			if err != nil {
				c.note(&ruleSegmentOTLP, "document", err.Error(), doc)
				out.UnprocessedTraceSegments = append(out.UnprocessedTraceSegments,
					unprocessedTraceSegment{ErrorCode: ruleSegmentOTLP.Code, Message: err.Error()})
			}
			continue
		}
		seg, v := checkDocument(doc, c.srv.cfg.StrictTraceTime, c.now)
		if v != nil {
			c.note(v.rule, v.field, v.value, doc)
			out.UnprocessedTraceSegments = append(out.UnprocessedTraceSegments,
				unprocessedTraceSegment{ID: seg.ID, ErrorCode: v.rule.Code, Message: v.message()})
			continue
		}
		documents = append(documents, checkedDocument{seg, doc})
	}
	return out, c.keep(documents)
}

// documentOTLP reads a document that is OTLP; its bound is that of any document.
func (c *call) documentOTLP(text string) ([]checkedDocument, error) {
	if len(text) > maxSegmentBytes {
		return nil, fmt.Errorf("OTLP document of %d bytes is larger than %d bytes", len(text), maxSegmentBytes)
	}
	raw, err := base64.StdEncoding.DecodeString(text[len(prefixSampled):])
	if err != nil {
		return nil, fmt.Errorf("base64: %w", err)
	}
	request, err := decodeOTLP(raw)
	if err != nil {
		return nil, err
	}
	documents, _ := c.convert(request, true)
	return documents, nil
}

var ruleSegmentOTLP = Rule{
	ID:        "xray.segment.otlp",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "Behind T1S stands an ExportTraceServiceRequest in protobuf, in standard base64, within the size of a document.",
	Limit:     "65,536 bytes",
	Code:      "InvalidSegment",
	Message:   "%v",
	Page:      putPage,
	Fix:       "Split the request; 49,149 bytes of protobuf fit.",
	Certainty: unsettled,
}
