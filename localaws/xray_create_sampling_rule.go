package localaws

import (
	"unicode/utf8"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// CreateSamplingRule as AWS does it: every member but Attributes, the boost and
// the tags is required and has its limits, a name is there once, and there are at
// most 25 rules besides Default. It leaves out the tags themselves: they are
// checked, and nothing reads them yet.
//
// Read from https://docs.aws.amazon.com/xray/latest/api/API_CreateSamplingRule.html

type createSamplingRuleInput struct {
	SamplingRule *samplingRuleInput `json:"SamplingRule"`
	Tags         []resourceTag      `json:"Tags"`
}

type resourceTag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// A samplingRuleOutput is what the calls that change a rule answer.
type samplingRuleOutput struct {
	SamplingRuleRecord samplingRecord `json:"SamplingRuleRecord"`
}

func createSamplingRule(c *call, in *createSamplingRuleInput) (*samplingRuleOutput, error) {
	const parent = "SamplingRule"
	if in.SamplingRule == nil {
		return nil, c.refuse(&ruleSamplingMember, parent, parent, c.body)
	}
	name, err := c.ruleNameOf(parent+".", in.SamplingRule.RuleName, in.SamplingRule.RuleARN)
	if err != nil {
		return nil, err
	}
	if err := c.requireRule(parent, in.SamplingRule); err != nil {
		return nil, err
	}
	if err := c.checkRule(parent, in.SamplingRule); err != nil {
		return nil, err
	}
	if text := ruleTagTrouble(in.Tags); text != "" {
		return nil, c.refuse(&ruleSamplingTags, "Tags", text, c.body)
	}

	store := c.srv.sampling
	store.changing.Lock()
	defer store.changing.Unlock()
	if _, exists := store.lookup(name); exists {
		return nil, c.refuse(&ruleSamplingExists, parent+".RuleName", name, c.body)
	}
	if n := store.custom(); n >= maxSamplingRules {
		return nil, c.refuse(&ruleSamplingCount, parent, n+1, c.body)
	}
	now := wire.NewTime(c.now)
	record := samplingRecord{
		SamplingRule: samplingRule{RuleName: name, RuleARN: samplingRuleARNPrefix + name, Attributes: map[string]string{}},
		CreatedAt:    now, ModifiedAt: now,
	}
	in.SamplingRule.applyTo(&record.SamplingRule)
	if err := c.changeRules(samplingChange{Record: &record}); err != nil {
		return nil, err
	}
	return &samplingRuleOutput{record}, nil
}

// ruleTagTrouble says what is wrong with tags; "" for nothing.
func ruleTagTrouble(tags []resourceTag) string {
	if len(tags) > maxRuleTags {
		return "Member must have length less than or equal to 50"
	}
	for _, t := range tags {
		if n := utf8.RuneCountInString(t.Key); n < 1 || n > maxTagKey {
			return "Tag keys must have length less than or equal to 128 and greater than or equal to 1"
		}
		if utf8.RuneCountInString(t.Value) > maxTagValue {
			return "Tag values must have length less than or equal to 256"
		}
	}
	return ""
}
