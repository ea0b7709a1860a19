package localaws

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// BatchGetTraces: the documents as they were received; subsegments that were
// sent alone are put into the segment they belong to. It leaves out the segments
// that X-Ray infers and adds, and paging (five traces fit one answer).
//
// Read from https://docs.aws.amazon.com/xray/latest/api/API_BatchGetTraces.html

// Limits of reading. Five ids are long-standing behaviour, not in the model; a
// trace over 500 KB is cut.
// https://docs.aws.amazon.com/general/latest/gr/xray.html
const (
	maxTraceIDs   = 5
	maxTraceBytes = 500 * 1024
)

type batchGetTracesInput struct {
	TraceIDs  []string `json:"TraceIds"`
	NextToken string   `json:"NextToken"`
}

type batchGetTracesOutput struct {
	Traces              []traceOutput `json:"Traces"`
	UnprocessedTraceIDs []string      `json:"UnprocessedTraceIds"`
}

type traceOutput struct {
	ID            string          `json:"Id"`
	Duration      float64         `json:"Duration"`
	LimitExceeded bool            `json:"LimitExceeded"`
	Segments      []segmentOutput `json:"Segments"`
}

type segmentOutput struct {
	ID       string `json:"Id"`
	Document string `json:"Document"`
}

func batchGetTraces(c *call, in *batchGetTracesInput) (*batchGetTracesOutput, error) {
	switch {
	case in.NextToken != "":
		return nil, c.refuse(&ruleToken, "NextToken", in.NextToken, c.body)
	case in.TraceIDs == nil:
		return nil, c.refuse(&ruleTraceIDsMissing, "TraceIds", "", c.body)
	case len(in.TraceIDs) > maxTraceIDs:
		return nil, c.refuse(&ruleTraceIDs, "TraceIds", len(in.TraceIDs), c.body)
	}
	out := &batchGetTracesOutput{Traces: []traceOutput{}, UnprocessedTraceIDs: []string{}}
	for _, id := range in.TraceIDs {
		v, ok := c.srv.traces.get(id)
		if !ok {
			out.UnprocessedTraceIDs = append(out.UnprocessedTraceIDs, id)
			continue
		}
		facts := c.srv.traces.factsOf(v)
		trace := traceOutput{ID: v.id, Duration: millis(facts.end - facts.start)}
		trace.Segments, trace.LimitExceeded = mergedDocuments(v.docs, maxTraceBytes)
		out.Traces = append(out.Traces, trace)
	}
	return out, nil
}

// mergedDocuments are the segments of a trace by start time, each with the
// subsegments that came alone in their places, as far as they are within the
// limit together. One whose parent is not there stays a document of its own.
func mergedDocuments(docs []document, limit int) (out []segmentOutput, exceeded bool) {
	t := newTree(docs)
	var tops []*span
	for _, sp := range t.all {
		if sp.raw != nil && (!sp.sub || sp.parent == nil) {
			tops = append(tops, sp)
		}
	}
	slices.SortStableFunc(tops, func(a, b *span) int { return cmp.Compare(a.seg.start(), b.seg.start()) })
	out = make([]segmentOutput, 0, len(tops))
	for _, top := range tops {
		if limit -= top.size(); limit < 0 {
			return out, true
		}
		out = append(out, segmentOutput{top.seg.ID, string(top.merged())})
	}
	return out, false
}

// size is the bytes of the documents that belong into a document, its own included.
func (sp *span) size() int {
	n := len(sp.raw)
	for _, child := range sp.children {
		if child.sub {
			n += child.size()
		}
	}
	return n
}

// merged is the document with what belongs into it.
func (sp *span) merged() []byte {
	if !sp.adopts() {
		return sp.raw
	}
	m, err := readObject(sp.raw)
	if err != nil {
		return sp.raw
	}
	sp.mergeInto(m)
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if enc.Encode(m) != nil {
		return sp.raw
	}
	return bytes.TrimSpace(buf.Bytes())
}

// adopts tells whether a subsegment that came alone is anywhere below.
func (sp *span) adopts() bool {
	for _, child := range sp.children {
		if child.sub && (child.raw != nil || child.adopts()) {
			return true
		}
	}
	return false
}

// mergeInto adds the subsegments below to the object of the span.
func (sp *span) mergeInto(m map[string]any) {
	nested, _ := m["subsegments"].([]any)
	for _, child := range sp.children {
		switch {
		case !child.sub:
			continue
		case child.raw != nil:
			if own, err := readObject(child.raw); err == nil {
				child.mergeInto(own)
				nested = append(nested, own)
			}
		default:
			if own := findObject(nested, child.seg.ID); own != nil {
				child.mergeInto(own)
			}
		}
	}
	if nested != nil {
		m["subsegments"] = nested
	}
}

func findObject(list []any, id string) map[string]any {
	for _, v := range list {
		m, _ := v.(map[string]any)
		if have, _ := m["id"].(string); strings.EqualFold(have, id) {
			return m
		}
	}
	return nil
}

// readObject keeps numbers as they are written.
func readObject(raw []byte) (map[string]any, error) {
	var m map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	err := dec.Decode(&m)
	return m, err
}
