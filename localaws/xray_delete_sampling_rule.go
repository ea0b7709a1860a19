package localaws

// DeleteSamplingRule as AWS does it: answers the rule that is gone; Default
// cannot go. Statistics that clients report of a deleted rule come back in
// UnprocessedStatistics.
//
// Read from https://docs.aws.amazon.com/xray/latest/api/API_DeleteSamplingRule.html

type deleteSamplingRuleInput struct {
	RuleName *string `json:"RuleName"`
	RuleARN  *string `json:"RuleARN"`
}

func deleteSamplingRule(c *call, in *deleteSamplingRuleInput) (*samplingRuleOutput, error) {
	name, err := c.ruleNameOf("", in.RuleName, in.RuleARN)
	if err != nil {
		return nil, err
	}
	if name == defaultRule {
		return nil, c.refuse(&ruleSamplingDefaultStays, "RuleName", name, c.body)
	}
	store := c.srv.sampling
	store.changing.Lock()
	defer store.changing.Unlock()
	record, exists := store.lookup(name)
	if !exists {
		return nil, c.refuse(&ruleSamplingUnknown, "RuleName", name, c.body)
	}
	if err := c.changeRules(samplingChange{Deleted: name}); err != nil {
		return nil, err
	}
	return &samplingRuleOutput{record}, nil
}
