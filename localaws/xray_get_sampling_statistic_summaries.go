package localaws

import (
	"cmp"
	"slices"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// GetSamplingStatisticSummaries as AWS does it: what all clients together did by
// each rule, in windows of 10 seconds of the last ten minutes, newest first. AWS
// says "recent" and not how much; it does not tell the size of a page either.
//
// Read from https://docs.aws.amazon.com/xray/latest/api/API_GetSamplingStatisticSummaries.html

const samplingSummariesPerPage = 100

type getSamplingStatisticSummariesInput struct {
	NextToken string `json:"NextToken"`
}

type getSamplingStatisticSummariesOutput struct {
	SamplingStatisticSummaries []samplingSummary `json:"SamplingStatisticSummaries"`
	NextToken                  string            `json:"NextToken,omitempty"`
}

type samplingSummary struct {
	RuleName     string    `json:"RuleName"`
	Timestamp    wire.Time `json:"Timestamp"`
	RequestCount int64     `json:"RequestCount"`
	BorrowCount  int64     `json:"BorrowCount"`
	SampledCount int64     `json:"SampledCount"`
}

func getSamplingStatisticSummaries(c *call, in *getSamplingStatisticSummariesInput) (*getSamplingStatisticSummariesOutput, error) {
	from, ok := parseCursor(in.NextToken)
	if !ok {
		return nil, c.refuse(&ruleToken, "NextToken", in.NextToken, c.body)
	}
	out := &getSamplingStatisticSummariesOutput{SamplingStatisticSummaries: []samplingSummary{}}
	for _, summary := range c.srv.sampling.summaries(c.now.Add(-keptWindows * usageWindow).Unix()) {
		if !from.after(float64(summary.Timestamp.Unix()), summary.RuleName) {
			continue
		}
		if n := len(out.SamplingStatisticSummaries); n == samplingSummariesPerPage {
			last := out.SamplingStatisticSummaries[n-1]
			out.NextToken = cursor{float64(last.Timestamp.Unix()), last.RuleName}.String()
			break
		}
		out.SamplingStatisticSummaries = append(out.SamplingStatisticSummaries, summary)
	}
	return out, nil
}

// summaries are the windows of all rules since a time, newest first and by name.
func (s *samplingStore) summaries(since int64) []samplingSummary {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []samplingSummary
	for name, u := range s.use {
		for _, w := range u.windows {
			if w.start.Unix() >= since {
				list = append(list, samplingSummary{name, wire.NewTime(w.start), w.requests, w.borrowed, w.sampled})
			}
		}
	}
	slices.SortFunc(list, func(a, b samplingSummary) int {
		return cmp.Or(b.Timestamp.Compare(a.Timestamp.Time), cmp.Compare(a.RuleName, b.RuleName))
	})
	return list
}
