package localaws

import "github.com/updraft-otel/updraft/localaws/internal/wire"

// UpdateSamplingRule as AWS does it: the members that are sent are changed, the
// others stay; of the Default rule only the rate and the reservoir can be. It
// leaves out a way to take a boost off a rule again, which AWS does not tell.
//
// Read from https://docs.aws.amazon.com/xray/latest/api/API_UpdateSamplingRule.html

type updateSamplingRuleInput struct {
	SamplingRuleUpdate *samplingRuleInput `json:"SamplingRuleUpdate"`
}

func updateSamplingRule(c *call, in *updateSamplingRuleInput) (*samplingRuleOutput, error) {
	const parent = "SamplingRuleUpdate"
	update := in.SamplingRuleUpdate
	if update == nil {
		return nil, c.refuse(&ruleSamplingMember, parent, parent, c.body)
	}
	update.Version = nil // no member of an update
	name, err := c.ruleNameOf(parent+".", update.RuleName, update.RuleARN)
	if err != nil {
		return nil, err
	}
	if name == defaultRule && !update.onlyRate() {
		return nil, c.refuse(&ruleSamplingDefault, parent, name, c.body)
	}
	if err := c.checkRule(parent, update); err != nil {
		return nil, err
	}

	store := c.srv.sampling
	store.changing.Lock()
	defer store.changing.Unlock()
	record, exists := store.lookup(name)
	if !exists {
		return nil, c.refuse(&ruleSamplingUnknown, parent+".RuleName", name, c.body)
	}
	update.applyTo(&record.SamplingRule)
	record.ModifiedAt = wire.NewTime(c.now)
	if err := c.changeRules(samplingChange{Record: &record}); err != nil {
		return nil, err
	}
	return &samplingRuleOutput{record}, nil
}

// onlyRate tells whether nothing but rate and reservoir is to change.
func (in *samplingRuleInput) onlyRate() bool {
	for _, m := range in.texts() {
		if m.value != nil {
			return false
		}
	}
	return in.Priority == nil && in.Attributes == nil && in.SamplingRateBoost == nil
}
