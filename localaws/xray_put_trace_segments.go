package localaws

// PutTraceSegments: takes documents one by one, so that a bad one is told in
// UnprocessedTraceSegments and its neighbours are kept; a complete segment
// replaces the one in progress of the same id; only the whole call fails over 50
// documents. It leaves out the rate of segments per second and the limit of the
// whole trace, which BatchGetTraces shows.
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
	var segments []*segment
	var documents [][]byte
	for _, text := range in.TraceSegmentDocuments {
		doc := []byte(text)
		seg, v := checkDocument(doc, c.srv.cfg.StrictTraceTime, c.now)
		if v != nil {
			c.note(v.rule, v.field, v.value, doc)
			out.UnprocessedTraceSegments = append(out.UnprocessedTraceSegments,
				unprocessedTraceSegment{ID: seg.ID, ErrorCode: v.rule.Code, Message: v.message()})
			continue
		}
		segments = append(segments, seg)
		documents = append(documents, doc)
	}
	if len(segments) == 0 {
		return out, nil
	}
	if err := c.srv.journal.append(kindSegments, c.now, appendChunk(nil, c.now, documents)); err != nil {
		return nil, err
	}
	for i, seg := range segments {
		c.srv.traces.put(seg, documents[i], c.now)
	}
	return out, nil
}
