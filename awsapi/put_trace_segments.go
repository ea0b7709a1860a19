package awsapi

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/updraft-otel/updraft/internal/jsonstring"
)

// Limits of PutTraceSegments.
const (
	// MaxSegments is the most documents of a call; AWS refuses more with "Exceeding maximum segment count: 50".
	// https://docs.aws.amazon.com/xray/latest/api/API_PutTraceSegments.html
	MaxSegments = 50
	// MaxSegmentBytes is the longest document, embedded subsegments included.
	// https://docs.aws.amazon.com/general/latest/gr/xray.html
	MaxSegmentBytes = 64 << 10
)

// An UnprocessedTraceSegment is a document that X-Ray refused although the call worked. It is an
// error about that one document.
type UnprocessedTraceSegment struct {
	// ID is the segment's id, "" where X-Ray could not read one.
	ID string `json:"Id"`
	// ErrorCode is the kind of mistake, as "InvalidName".
	ErrorCode string `json:"ErrorCode"`
	// Message is X-Ray's text.
	Message string `json:"Message"`
}

// Error says what X-Ray said about the document.
func (u UnprocessedTraceSegment) Error() string {
	id := u.ID
	if id == "" {
		id = "without an id"
	}
	if u.Message == "" {
		return clean("segment " + id + ": " + u.ErrorCode)
	}
	return clean("segment " + id + ": " + u.ErrorCode + ": " + u.Message)
}

// Retryable reports whether X-Ray may take the document another time: not if the document is at fault.
func (u UnprocessedTraceSegment) Retryable() bool {
	return (&Error{Code: u.ErrorCode}).Retryable()
}

// Throttled reports whether X-Ray asks for fewer documents.
func (u UnprocessedTraceSegment) Throttled() bool {
	return (&Error{Code: u.ErrorCode}).Throttled()
}

// allProcessed is the answer where there is nothing to say.
const allProcessed = `{"UnprocessedTraceSegments":[]}`

// PutTraceSegments sends n segment documents, doc(0) to doc(n-1), each a JSON object, and returns those that X-Ray
// refused. A document is not kept after doc is called again.
// https://docs.aws.amazon.com/xray/latest/api/API_PutTraceSegments.html
func (c *Client) PutTraceSegments(ctx context.Context, n int, doc func(i int) []byte) ([]UnprocessedTraceSegment, error) {
	return c.PutEscapedTraceSegments(ctx, n, func(i int) ([]byte, bool) { return doc(i), false })
}

// PutEscapedTraceSegments is PutTraceSegments for documents some of which are escaped already: as they stand in a JSON
// string, without its quotes. It does not check them.
func (c *Client) PutEscapedTraceSegments(ctx context.Context, n int, doc func(i int) (document []byte, escaped bool)) ([]UnprocessedTraceSegment, error) {
	k := call{operation: "PutTraceSegments", path: "/TraceSegments", contentType: "application/json"}
	if err := c.check(k, XRay, n, MaxSegments); err != nil || n <= 0 {
		return nil, err
	}
	body := c.bodies.new()
	body.data = append(appendSegments(append(body.data, `{"TraceSegmentDocuments":[`...), n, doc), "]}"...)
	answer, err := c.do(ctx, k, body)
	if err != nil || len(answer) == 0 || string(answer) == allProcessed {
		return nil, err
	}
	var out struct{ UnprocessedTraceSegments []UnprocessedTraceSegment }
	if err := json.Unmarshal(answer, &out); err != nil {
		return nil, c.badAnswer(k, nil, err)
	}
	return out.UnprocessedTraceSegments, nil
}

// What stands around a document, and what JSON within JSON adds: a fifth, where values are as short as attributes are, and
// a fourth to be safe.
const (
	segmentRoom  = 3
	escapedShare = 4
)

func appendSegments(dst []byte, n int, doc func(i int) ([]byte, bool)) []byte {
	size := 0
	for i := range n {
		d, escaped := doc(i)
		if size += len(d) + segmentRoom; !escaped {
			size += len(d) / escapedShare
		}
	}
	dst = slices.Grow(dst, size)
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		d, escaped := doc(i)
		if escaped {
			dst = append(append(append(dst, '"'), d...), '"')
		} else {
			dst = jsonstring.Append(dst, d)
		}
	}
	return dst
}

// check refuses calls that cannot work before anything is sent.
func (c *Client) check(k call, s Service, n, most int) error {
	if c.cfg.Service != s {
		return c.localError(k, "InvalidRequest", fmt.Errorf("the client is for %v; make one for %v", c.cfg.Service, s), false)
	}
	if n > most {
		return c.localError(k, "InvalidRequest", fmt.Errorf("%d items in a call that takes %d", n, most), false)
	}
	return nil
}
