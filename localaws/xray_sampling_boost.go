package localaws

import (
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// Adaptive sampling, the service's part: clients report anomalies by rule and
// service, and a rule with SamplingRateBoost gets a higher rate for a minute. AWS
// says when: as low as 10 seconds after the anomaly, for up to a minute, once in a
// cooldown window, only if the base rate does not capture enough, and by the least
// rate that does, up to MaxRate. It does not say how much is enough. Here it is
// one trace with an anomaly a second, AWS's own default for captured anomalies,
// of each service that reports any.
//
// A boost begins when a window of 10 seconds is complete, so that it rests on what
// all clients reported in it, and keeps its rate until it ends. It leaves out the
// metric SamplingRate, which X-Ray writes to CloudWatch's AWS/X-Ray.
//
// Read from https://docs.aws.amazon.com/xray/latest/devguide/xray-adaptive-sampling.html

const (
	boostLifetime     = time.Minute
	anomaliesWanted   = int64(usageWindow / time.Second) // in a window
	maxBoostedService = 1000                             // services of a rule that are told apart
)

// A ruleBoost is the boost of one rule, and the anomalies that may start one.
type ruleBoost struct {
	rate    float64 // of the last boost
	started time.Time
	until   time.Time
	window  time.Time // start of the window that fills
	filling map[string]anomalies
}

// anomalies are those of one service in a window.
type anomalies struct{ found, sampled int64 }

// active is the boost that clients are told of; nil for none.
func (b *ruleBoost) active(now time.Time) *samplingBoost {
	if !now.Before(b.until) {
		return nil
	}
	return &samplingBoost{BoostRate: b.rate, BoostRateTTL: wire.NewTime(b.until)}
}

// addBoost counts anomalies, after it has looked at the window before. A rule
// without SamplingRateBoost has none.
func (s *samplingStore) addBoost(doc boostStatistics, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, ok := s.rules[doc.RuleName]
	settings := record.SamplingRule.SamplingRateBoost
	if !ok || settings == nil {
		return
	}
	b := &s.useOf(doc.RuleName).boost
	b.turn(record.SamplingRule, now)
	sum, known := b.filling[doc.ServiceName]
	if !known && len(b.filling) >= maxBoostedService {
		return
	}
	sum.found += int64(doc.AnomalyCount)
	sum.sampled += int64(doc.SampledAnomalyCount)
	b.filling[doc.ServiceName] = sum
}

// turn opens the window of now. Of the one before, unless it is long over, it
// starts a boost where one is needed and allowed.
func (b *ruleBoost) turn(rule samplingRule, now time.Time) {
	window := now.Truncate(usageWindow)
	if window.Equal(b.window) && b.filling != nil {
		return
	}
	if window.Sub(b.window) <= clientWindow {
		b.start(rule, now)
	}
	b.window, b.filling = window, make(map[string]anomalies)
}

func (b *ruleBoost) start(rule samplingRule, now time.Time) {
	cooldown := time.Duration(*rule.SamplingRateBoost.CooldownWindowMinutes) * time.Minute
	if now.Before(b.until) || !b.started.IsZero() && now.Before(b.started.Add(cooldown)) {
		return
	}
	rate := 0.0
	for _, sum := range b.filling {
		if sum.found > 0 && sum.sampled < min(anomaliesWanted, sum.found) {
			rate = max(rate, float64(anomaliesWanted)/float64(sum.found))
		}
	}
	rate = min(rate, *rule.SamplingRateBoost.MaxRate)
	if rate > rule.FixedRate {
		b.rate, b.started, b.until = rate, now, now.Add(boostLifetime)
	}
}
