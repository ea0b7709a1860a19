package localaws

import (
	"cmp"
	"unicode/utf8"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// A samplingRule is a rule as X-Ray keeps and answers it.
//
// Read from https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html
type samplingRule struct {
	RuleName          string             `json:"RuleName"`
	RuleARN           string             `json:"RuleARN"`
	ResourceARN       string             `json:"ResourceARN"`
	Priority          int32              `json:"Priority"`
	FixedRate         float64            `json:"FixedRate"`
	ReservoirSize     int32              `json:"ReservoirSize"`
	ServiceName       string             `json:"ServiceName"`
	ServiceType       string             `json:"ServiceType"`
	Host              string             `json:"Host"`
	HTTPMethod        string             `json:"HTTPMethod"`
	URLPath           string             `json:"URLPath"`
	Version           int32              `json:"Version"`
	Attributes        map[string]string  `json:"Attributes"`
	SamplingRateBoost *samplingRateBoost `json:"SamplingRateBoost,omitempty"`
}

// A samplingRateBoost says how far the rate may rise while there are anomalies.
type samplingRateBoost struct {
	MaxRate                        *float64 `json:"MaxRate"`
	CooldownWindowMinutes          *int32   `json:"CooldownWindowMinutes"`
	DisableDefaultAnomalyDetection *bool    `json:"DisableDefaultAnomalyDetection,omitempty"` // for clients; in the guide, not yet in the API reference
}

// A samplingRecord is a rule with its times.
type samplingRecord struct {
	SamplingRule samplingRule `json:"SamplingRule"`
	CreatedAt    wire.Time    `json:"CreatedAt"`
	ModifiedAt   wire.Time    `json:"ModifiedAt"`
}

// The rule that is always there.
const (
	defaultRule          = "Default"
	defaultRulePriority  = 10000
	defaultRuleRate      = 0.05
	defaultRuleReservoir = 1
)

// Limits of a rule, from the page above. A length is in characters.
const (
	maxSamplingRules      = 25 // besides Default: https://docs.aws.amazon.com/general/latest/gr/xray.html
	maxRuleName           = 32
	maxRulePriority       = 9999
	maxRuleResourceARN    = 500
	maxRuleServiceName    = 64
	maxRuleServiceType    = 64
	maxRuleHost           = 64
	maxRuleHTTPMethod     = 10
	maxRuleURLPath        = 128
	maxRuleAttributes     = 5
	maxRuleAttributeText  = 32
	maxRuleTags           = 50
	samplingRuleARNPrefix = "arn:aws:xray:" + Region + ":" + AccountID + ":sampling-rule/"
)

func newDefaultRule() samplingRecord {
	return samplingRecord{SamplingRule: samplingRule{
		RuleName: defaultRule, RuleARN: samplingRuleARNPrefix + defaultRule, ResourceARN: "*",
		Priority: defaultRulePriority, FixedRate: defaultRuleRate, ReservoirSize: defaultRuleReservoir,
		ServiceName: "*", ServiceType: "*", Host: "*", HTTPMethod: "*", URLPath: "*", Version: 1,
		Attributes: map[string]string{},
	}, CreatedAt: wire.NewTime(epoch), ModifiedAt: wire.NewTime(epoch)}
}

// compareRules is the order in which rules are tried: by priority, then by name.
func compareRules(a, b samplingRecord) int {
	return cmp.Or(cmp.Compare(a.SamplingRule.Priority, b.SamplingRule.Priority),
		cmp.Compare(a.SamplingRule.RuleName, b.SamplingRule.RuleName))
}

// A samplingRuleInput is a rule, or the changes to one, as a caller sends it.
type samplingRuleInput struct {
	RuleName          *string            `json:"RuleName"`
	RuleARN           *string            `json:"RuleARN"`
	ResourceARN       *string            `json:"ResourceARN"`
	Priority          *int32             `json:"Priority"`
	FixedRate         *float64           `json:"FixedRate"`
	ReservoirSize     *int32             `json:"ReservoirSize"`
	ServiceName       *string            `json:"ServiceName"`
	ServiceType       *string            `json:"ServiceType"`
	Host              *string            `json:"Host"`
	HTTPMethod        *string            `json:"HTTPMethod"`
	URLPath           *string            `json:"URLPath"`
	Version           *int32             `json:"Version"`
	Attributes        *map[string]string `json:"Attributes"`
	SamplingRateBoost *samplingRateBoost `json:"SamplingRateBoost"`
}

// applyTo changes the members that were sent.
func (in *samplingRuleInput) applyTo(r *samplingRule) {
	set(&r.ResourceARN, in.ResourceARN)
	set(&r.Priority, in.Priority)
	set(&r.FixedRate, in.FixedRate)
	set(&r.ReservoirSize, in.ReservoirSize)
	set(&r.ServiceName, in.ServiceName)
	set(&r.ServiceType, in.ServiceType)
	set(&r.Host, in.Host)
	set(&r.HTTPMethod, in.HTTPMethod)
	set(&r.URLPath, in.URLPath)
	set(&r.Version, in.Version)
	set(&r.Attributes, in.Attributes)
	if in.SamplingRateBoost != nil {
		r.SamplingRateBoost = in.SamplingRateBoost
	}
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// A textMember is a member of a rule that is matched, with its limit.
type textMember struct {
	name  string
	value *string
	limit int
	rule  *Rule
}

func (in *samplingRuleInput) texts() []textMember {
	return []textMember{
		{"ResourceARN", in.ResourceARN, maxRuleResourceARN, &ruleSamplingResourceARN},
		{"ServiceName", in.ServiceName, maxRuleServiceName, &ruleSamplingServiceName},
		{"ServiceType", in.ServiceType, maxRuleServiceType, &ruleSamplingServiceType},
		{"Host", in.Host, maxRuleHost, &ruleSamplingHost},
		{"HTTPMethod", in.HTTPMethod, maxRuleHTTPMethod, &ruleSamplingHTTPMethod},
		{"URLPath", in.URLPath, maxRuleURLPath, &ruleSamplingURLPath},
	}
}

// requireRule refuses a new rule that lacks a member, parent is where it stands.
func (c *call) requireRule(parent string, in *samplingRuleInput) error {
	for _, m := range []struct {
		name   string
		absent bool
	}{
		{"Priority", in.Priority == nil}, {"FixedRate", in.FixedRate == nil},
		{"ReservoirSize", in.ReservoirSize == nil}, {"Version", in.Version == nil},
	} {
		if m.absent {
			return c.refuse(&ruleSamplingMember, parent+"."+m.name, m.name, c.body)
		}
	}
	for _, m := range in.texts() {
		if m.value == nil {
			return c.refuse(&ruleSamplingMember, parent+"."+m.name, m.name, c.body)
		}
	}
	return nil
}

// checkRule refuses what no rule can have, of the members that were sent.
func (c *call) checkRule(parent string, in *samplingRuleInput) error {
	refuse := func(r *Rule, member string, value any) error { return c.refuse(r, parent+"."+member, value, c.body) }
	switch {
	case in.Priority != nil && (*in.Priority < 1 || *in.Priority > maxRulePriority):
		return refuse(&ruleSamplingPriority, "Priority", *in.Priority)
	case in.FixedRate != nil && (*in.FixedRate < 0 || *in.FixedRate > 1):
		return refuse(&ruleSamplingRate, "FixedRate", *in.FixedRate)
	case in.ReservoirSize != nil && *in.ReservoirSize < 0:
		return refuse(&ruleSamplingReservoir, "ReservoirSize", *in.ReservoirSize)
	case in.Version != nil && *in.Version < 1:
		return refuse(&ruleSamplingVersion, "Version", *in.Version)
	}
	for _, m := range in.texts() {
		if m.value != nil && utf8.RuneCountInString(*m.value) > m.limit {
			return refuse(m.rule, m.name, *m.value)
		}
	}
	if in.Attributes != nil {
		if text := attributeTrouble(*in.Attributes); text != "" {
			return refuse(&ruleSamplingAttributes, "Attributes", text)
		}
	}
	if text := boostTrouble(in.SamplingRateBoost); text != "" {
		return refuse(&ruleSamplingBoost, "SamplingRateBoost", text)
	}
	return nil
}

// attributeTrouble says what is wrong with attributes; "" for nothing.
func attributeTrouble(attributes map[string]string) string {
	if len(attributes) > maxRuleAttributes {
		return "Member must have length less than or equal to 5"
	}
	fits := func(s string) bool { n := utf8.RuneCountInString(s); return n >= 1 && n <= maxRuleAttributeText }
	for k, v := range attributes {
		if !fits(k) {
			return "Map keys must satisfy constraint: Member must have length less than or equal to 32 and greater than or equal to 1"
		}
		if !fits(v) {
			return "Map values must satisfy constraint: Member must have length less than or equal to 32 and greater than or equal to 1"
		}
	}
	return ""
}

func boostTrouble(b *samplingRateBoost) string {
	switch {
	case b == nil:
		return ""
	case b.MaxRate == nil:
		return "MaxRate must not be null"
	case *b.MaxRate < 0 || *b.MaxRate > 1:
		return "MaxRate must have value less than or equal to 1 and greater than or equal to 0"
	case b.CooldownWindowMinutes == nil:
		return "CooldownWindowMinutes must not be null"
	case *b.CooldownWindowMinutes < 0:
		return "CooldownWindowMinutes must have value greater than or equal to 0"
	}
	return ""
}

// ruleNameOf is the name that a call means, by name or by ARN but not by both.
func (c *call) ruleNameOf(parent string, name, arn *string) (string, error) {
	if (name == nil) == (arn == nil) {
		return "", c.refuse(&ruleSamplingNameOrARN, parent+"RuleName", nil, c.body)
	}
	if name != nil {
		if n := utf8.RuneCountInString(*name); n < 1 || n > maxRuleName {
			return "", c.refuse(&ruleSamplingName, parent+"RuleName", *name, c.body)
		}
		return *name, nil
	}
	found := nameInARN(*arn)
	if n := utf8.RuneCountInString(found); n < 1 || n > maxRuleName {
		return "", c.refuse(&ruleSamplingName, parent+"RuleARN", *arn, c.body)
	}
	return found, nil
}
