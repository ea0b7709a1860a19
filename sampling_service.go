package updraft

import (
	"context"
	"fmt"
	"time"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/sampling"
)

// xrayRules is where the sampler and X-Ray's calls meet.
type xrayRules struct{ client *awsapi.Client }

var _ sampling.Service = xrayRules{}

// maxRulePages bounds the pages of rules; a page of X-Ray's holds more than one
// rule.
const maxRulePages = sampling.MaxRules

// ruleVersion is the version of sampling rules that this library knows.
const ruleVersion = 1

// Rules reads all pages, or as many as have too many rules.
func (x xrayRules) Rules(ctx context.Context) ([]sampling.Rule, error) {
	var (
		rules []sampling.Rule
		token string
	)
	for range maxRulePages {
		records, next, err := x.client.GetSamplingRules(ctx, token)
		if err != nil {
			return nil, err
		}
		for i := range records {
			if records[i].SamplingRule.Version == ruleVersion {
				rules = append(rules, samplingRule(&records[i]))
			}
		}
		if next == "" || len(rules) > sampling.MaxRules {
			return rules, nil
		}
		token = next
	}
	return nil, fmt.Errorf("more than %d pages of sampling rules: is this X-Ray?", maxRulePages)
}

func samplingRule(record *awsapi.SamplingRuleRecord) sampling.Rule {
	r := &record.SamplingRule
	rule := sampling.Rule{
		Name: r.RuleName, Priority: r.Priority, ReservoirSize: r.ReservoirSize, FixedRate: r.FixedRate,
		ServiceName: r.ServiceName, ServiceType: r.ServiceType, ResourceARN: r.ResourceARN,
		Host: r.Host, HTTPMethod: r.HTTPMethod, URLPath: r.URLPath, Attributes: r.Attributes,
		ModifiedAt: epoch(max(record.CreatedAt, record.ModifiedAt)),
	}
	if b := r.SamplingRateBoost; b != nil {
		rule.Boost = &sampling.Boost{
			MaxRate: b.MaxRate, Cooldown: minutes(b.CooldownWindowMinutes), NoDefaultAnomalies: b.DisableDefaultAnomalyDetection,
		}
	}
	return rule
}

// Report sends statistics and reads what X-Ray assigns.
func (x xrayRules) Report(ctx context.Context, statistics []sampling.Statistics, boosts []sampling.BoostStatistics) (sampling.Targets, error) {
	documents := make([]awsapi.SamplingStatistics, len(statistics))
	for i, s := range statistics {
		documents[i] = awsapi.SamplingStatistics{
			RuleName: s.Rule, ClientID: s.Client, Timestamp: s.At.Unix(),
			RequestCount: s.Requests, SampledCount: s.Sampled, BorrowCount: s.Borrowed,
		}
	}
	boosted := make([]awsapi.SamplingBoostStatistics, len(boosts))
	for i, b := range boosts {
		boosted[i] = awsapi.SamplingBoostStatistics{
			RuleName: b.Rule, ServiceName: clipTo(b.Service, awsapi.MaxSamplingServiceName), Timestamp: b.At.Unix(),
			TotalCount: b.Total, AnomalyCount: b.Anomalies, SampledAnomalyCount: b.SampledAnomalies,
		}
	}
	answer, err := x.client.GetSamplingTargets(ctx, documents, boosted)
	if err != nil {
		return sampling.Targets{}, err
	}
	targets := sampling.Targets{RulesModified: epoch(answer.LastRuleModification)}
	for i := range answer.SamplingTargetDocuments {
		targets.Targets = append(targets.Targets, samplingTarget(&answer.SamplingTargetDocuments[i]))
	}
	targets.Unprocessed = unprocessed(unprocessed(nil, answer.UnprocessedStatistics, false), answer.UnprocessedBoostStatistics, true)
	return targets, nil
}

func samplingTarget(t *awsapi.SamplingTarget) sampling.Target {
	target := sampling.Target{Rule: t.RuleName, FixedRate: t.FixedRate}
	if t.ReservoirQuota != nil && t.ReservoirQuotaTTL != nil {
		target.Quota, target.QuotaUntil = t.ReservoirQuota, epoch(*t.ReservoirQuotaTTL)
	}
	if t.Interval != nil {
		target.Interval = time.Duration(min(max(*t.Interval, 0), maxSeconds)) * time.Second
	}
	if b := t.SamplingBoost; b != nil {
		target.BoostRate, target.BoostUntil = b.BoostRate, epoch(b.BoostRateTTL)
	}
	return target
}

func unprocessed(to []sampling.Unprocessed, all []awsapi.UnprocessedStatistics, boost bool) []sampling.Unprocessed {
	for _, u := range all {
		to = append(to, sampling.Unprocessed{Rule: u.RuleName, Boost: boost, Again: u.Retryable(), Reason: u.Error()})
	}
	return to
}

// maxSeconds bounds times that X-Ray gives; an interval of so many seconds is
// still a time.Duration.
const maxSeconds = 9_000_000_000

// epoch is a time in seconds since 1970; what is none is the zero time.
func epoch(seconds float64) time.Time {
	if !(seconds > 0 && seconds <= maxSeconds) {
		return time.Time{}
	}
	whole := int64(seconds)
	return time.Unix(whole, int64((seconds-float64(whole))*1e9))
}

func minutes(n int64) time.Duration {
	const most = 7 * 24 * 60
	return time.Duration(min(max(n, 0), most)) * time.Minute
}

func clipTo(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most])
	}
	return s
}
