package localaws

import "slices"

// GetSamplingRules as AWS does it: every rule, Default included, in the order
// they are tried. How many AWS puts on a page is not published, and its own SDKs
// read one page only; so all are on one, and Config.SamplingRulesPerPage makes
// pages for those who want to see a client follow NextToken.
//
// Read from https://docs.aws.amazon.com/xray/latest/api/API_GetSamplingRules.html

type getSamplingRulesInput struct {
	NextToken string `json:"NextToken"`
}

type getSamplingRulesOutput struct {
	SamplingRuleRecords []samplingRecord `json:"SamplingRuleRecords"`
	NextToken           string           `json:"NextToken,omitempty"`
}

func getSamplingRules(c *call, in *getSamplingRulesInput) (*getSamplingRulesOutput, error) {
	from, ok := parseCursor(in.NextToken)
	if !ok {
		return nil, c.refuse(&ruleToken, "NextToken", in.NextToken, c.body)
	}
	rules := c.srv.sampling.list()
	if from != nil { // behind the last rule of the page before, be it there or not
		rules = slices.DeleteFunc(rules, func(r samplingRecord) bool {
			last := samplingRecord{SamplingRule: samplingRule{Priority: int32(from.At), RuleName: from.ID}}
			return compareRules(r, last) <= 0
		})
	}
	out := &getSamplingRulesOutput{SamplingRuleRecords: rules}
	if limit := c.srv.cfg.SamplingRulesPerPage; limit > 0 && len(rules) > limit {
		out.SamplingRuleRecords = rules[:limit]
		last := rules[limit-1].SamplingRule
		out.NextToken = cursor{float64(last.Priority), last.RuleName}.String()
	}
	return out, nil
}
