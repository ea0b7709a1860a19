package localaws

import (
	"cmp"
	"slices"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// GetTraceSummaries: by default the time is the one inside the trace id, so that
// traces with random ids are not found, which is a trap worth falling into here
// rather than in production. TimeRangeType Event is the time of the last update,
// Service that of the last segment's end. Newest first, 100 a page. It leaves
// out sampling of the summaries (all are given) and root causes (always empty).
//
// Read from https://docs.aws.amazon.com/xray/latest/api/API_GetTraceSummaries.html

// summariesPerPage is our choice; AWS names no number.
const summariesPerPage = 100

type getTraceSummariesInput struct {
	StartTime        *wire.Time `json:"StartTime"`
	EndTime          *wire.Time `json:"EndTime"`
	TimeRangeType    string     `json:"TimeRangeType"`
	FilterExpression string     `json:"FilterExpression"`
	NextToken        string     `json:"NextToken"`
}

type getTraceSummariesOutput struct {
	TraceSummaries       []traceSummary `json:"TraceSummaries"`
	ApproximateTime      wire.Time      `json:"ApproximateTime"`
	TracesProcessedCount int            `json:"TracesProcessedCount"`
	NextToken            string         `json:"NextToken,omitempty"`
}

func getTraceSummaries(c *call, in *getTraceSummariesInput) (*getTraceSummariesOutput, error) {
	times, err := c.readRange(in.StartTime, in.EndTime)
	if err != nil {
		return nil, err
	}
	key := summaryKey(in.TimeRangeType)
	if key == nil {
		return nil, c.refuse(&ruleRangeType, "TimeRangeType", in.TimeRangeType, c.body)
	}
	where, err := parseFilter(in.FilterExpression)
	if err != nil {
		return nil, c.refuse(&ruleFilter, "FilterExpression", err, []byte(in.FilterExpression))
	}
	from, ok := parseCursor(in.NextToken)
	if !ok {
		return nil, c.refuse(&ruleToken, "NextToken", in.NextToken, c.body)
	}
	page := c.srv.traces.page(pageQuery{times: times, key: key, where: where, from: from, limit: summariesPerPage})
	out := &getTraceSummariesOutput{
		TraceSummaries:       []traceSummary{},
		ApproximateTime:      wire.NewTime(c.now),
		TracesProcessedCount: page.processed,
		NextToken:            page.next,
	}
	for _, hit := range page.hits {
		summary := newSummary(hit.view, hit.facts)
		if in.TimeRangeType == "Event" {
			summary.MatchedEventTime = wire.TimePtr(hit.view.updated)
		}
		out.TraceSummaries = append(out.TraceSummaries, summary)
	}
	return out, nil
}

// summaryKey is the time that a TimeRangeType goes by; nil for an unknown one.
func summaryKey(rangeType string) func(t *trace) float64 {
	switch rangeType {
	case "", "TraceId":
		return func(t *trace) float64 { return seconds(traceTime(t.id)) }
	case "Event":
		return func(t *trace) float64 { return seconds(t.updated) }
	case "Service":
		return func(t *trace) float64 { return t.end }
	}
	return nil
}

// A pageQuery asks for one page of traces, newest first by key.
type pageQuery struct {
	times timeRange
	key   func(t *trace) float64
	where filter
	also  func(f *traceFacts) bool // nil: all
	from  *cursor
	limit int
}

type tracePage struct {
	hits      []traceHit
	next      string
	processed int // traces in range
}

type traceHit struct {
	view  traceView
	facts *traceFacts
	at    float64
}

// page finds one page. Facts are worked out only for the traces it looks at.
func (s *traceStore) page(q pageQuery) tracePage {
	var hits []traceHit
	s.find(func(t *trace) bool {
		if at := q.key(t); q.times.has(at) && q.from.after(at, t.id) {
			hits = append(hits, traceHit{view: t.view(), at: at})
		}
		return false
	})
	slices.SortFunc(hits, func(a, b traceHit) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.view.id, b.view.id))
	})
	p := tracePage{processed: len(hits)}
	for _, hit := range hits {
		hit.facts = s.factsOf(hit.view)
		if !q.where.matches(hit.facts) || q.also != nil && !q.also(hit.facts) {
			continue
		}
		if len(p.hits) == q.limit {
			last := p.hits[len(p.hits)-1]
			p.next = cursor{last.at, last.view.id}.String()
			break
		}
		p.hits = append(p.hits, hit)
	}
	return p
}
