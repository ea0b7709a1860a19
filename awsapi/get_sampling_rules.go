package awsapi

import (
	"context"
	"encoding/json"
)

// A SamplingRule is one of X-Ray's sampling rules, as X-Ray says it: its values are not checked.
// https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html
type SamplingRule struct {
	// RuleName is the rule's name.
	RuleName string
	// Priority orders the rules, the lowest first.
	Priority int64
	// Version is the format of the rule; there is 1.
	Version int64
	// FixedRate is the part of the matching requests to sample after the reservoir, from 0 to 1.
	FixedRate float64
	// ReservoirSize is how many matching requests to sample a second before that, all services together.
	ReservoirSize int64

	// What requests and services the rule is for, in patterns with * and ?.
	ServiceName, ServiceType, Host, HTTPMethod, URLPath, ResourceARN string
	// Attributes are patterns of the request's attributes, by key.
	Attributes map[string]string
	// SamplingRateBoost lets X-Ray raise the rate for a while; nil without.
	SamplingRateBoost *SamplingRateBoost
}

// SamplingRateBoost bounds what X-Ray may do to a rule's rate when it sees anomalies.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-adaptive-sampling.html
type SamplingRateBoost struct {
	// MaxRate is the highest rate, from 0 to 1.
	MaxRate float64
	// CooldownWindowMinutes is how long there is no other boost after one.
	CooldownWindowMinutes int64
	// DisableDefaultAnomalyDetection makes anomalies only of what the application calls one.
	DisableDefaultAnomalyDetection bool
}

// A SamplingRuleRecord is a rule and when it was made and changed, in seconds since 1970.
type SamplingRuleRecord struct {
	SamplingRule          SamplingRule
	CreatedAt, ModifiedAt float64
}

// GetSamplingRules returns a page of the account's sampling rules, the first for the token "", and the token of the
// next page, "" after the last.
// https://docs.aws.amazon.com/xray/latest/api/API_GetSamplingRules.html
func (c *Client) GetSamplingRules(ctx context.Context, token string) (records []SamplingRuleRecord, next string, err error) {
	k := call{operation: "GetSamplingRules", path: "/GetSamplingRules", contentType: "application/json"}
	if err := c.check(k, XRay, 0, 0); err != nil {
		return nil, "", err
	}
	body := c.bodies.new()
	if token == "" {
		body.data = append(body.data, "{}"...)
	} else {
		body.data = append(appendMember(body.data, `{"NextToken":`, token), '}')
	}
	answer, err := c.do(ctx, k, body)
	if err != nil {
		return nil, "", err
	}
	var out struct {
		SamplingRuleRecords []SamplingRuleRecord
		NextToken           string
	}
	if err := json.Unmarshal(answer, &out); err != nil { // an empty answer is none: it would say that there are no rules
		return nil, "", c.badAnswer(k, nil, err)
	}
	return out.SamplingRuleRecords, out.NextToken, nil
}
