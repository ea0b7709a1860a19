package sampling

import (
	"fmt"
	"strings"
	"time"
)

// status is what a sampler's polling knows about itself.
type status struct {
	rules, left, targets trouble
	rulesAt, reportedAt  time.Time
}

// Sources of the rules in force.
const (
	SourceLocal    = "local"    // there is no service
	SourceFallback = "fallback" // the local rules decide while the service's are not known
	SourceService  = "service"  // the service's rules decide
)

// A Report says which rules are in force and what they decided.
type Report struct {
	// Source is where the rules are from, SourceLocal and so on.
	Source string `json:"source"`
	// Rules are those in force, in the order in which they are tried; last what decides where none matches.
	Rules []RuleReport `json:"rules"`
	// RulesAt is when the service last gave rules, ReportedAt when it last took statistics.
	RulesAt    time.Time `json:"rulesAt,omitzero"`
	ReportedAt time.Time `json:"reportedAt,omitzero"`
	// Captured is how many spans were sent for an anomaly although their traces were not sampled.
	Captured int64 `json:"captured,omitempty"`
	// Failures is how many calls of the service failed, or gave rules that make no sense.
	Failures int64 `json:"failures,omitempty"`
	// LastError is what is wrong now, "" if nothing is.
	LastError string `json:"lastError,omitempty"`
}

// A RuleReport is the state of a rule. Counts are since it is known.
type RuleReport struct {
	Name     string `json:"name"`
	Priority int64  `json:"priority,omitempty"`
	// Condition is what a trace must be to match, for people to read.
	Condition string `json:"condition"`
	// OtherService tells that no trace of this process can match.
	OtherService bool `json:"otherService,omitempty"`
	// FixedRate is the rate without a boost, ReservoirSize the reservoir of the rule.
	FixedRate     float64 `json:"fixedRate"`
	ReservoirSize int64   `json:"reservoirSize,omitempty"`
	// Quota is this process's traces a second of the reservoir; nil while one is borrowed.
	Quota *int64 `json:"quota,omitempty"`
	// BoostRate is the raised rate, 0 while there is none, and MaxBoost what it
	// may be; 0 for a rule without boosts.
	BoostRate float64 `json:"boostRate,omitempty"`
	MaxBoost  float64 `json:"maxBoost,omitempty"`
	// Requests matched, Sampled were sampled, Borrowed by a borrowed place.
	Requests int64 `json:"requests"`
	Sampled  int64 `json:"sampled"`
	Borrowed int64 `json:"borrowed,omitempty"`
	// Traces were seen of a rule that may be boosted, Anomalies had one.
	Traces    int64 `json:"traces,omitempty"`
	Anomalies int64 `json:"anomalies,omitempty"`
}

// Report returns what is in force now.
func (s *Sampler) Report() Report {
	set := s.active.Load()
	r := Report{Source: s.source(set), Captured: s.captured.Load()}
	now := s.elapsed()
	for _, rule := range set.all {
		r.Rules = append(r.Rules, rule.report(now))
	}
	r.Rules = append(r.Rules, set.other.report(now))
	s.mu.Lock()
	defer s.mu.Unlock()
	r.RulesAt, r.ReportedAt = s.status.rulesAt, s.status.reportedAt
	for _, t := range []trouble{s.status.rules, s.status.targets, s.status.left} {
		r.Failures += t.count
		if r.LastError == "" {
			r.LastError = t.message
		}
	}
	return r
}

func (s *Sampler) source(set *ruleSet) string {
	switch {
	case s.config.Service == nil:
		return SourceLocal
	case set == s.local:
		return SourceFallback
	}
	return SourceService
}

func (c *compiledRule) report(now time.Duration) RuleReport {
	n, boost := c.state.counts(), c.state.boost.totals()
	r := RuleReport{
		Name: c.Name, Priority: c.Priority, Condition: c.condition(), OtherService: !c.mayMatch,
		FixedRate: c.FixedRate, ReservoirSize: c.ReservoirSize,
		Requests: n.requests, Sampled: n.sampled, Borrowed: n.borrowed, Traces: boost.total, Anomalies: boost.anomalies,
	}
	if c.Boost != nil {
		r.MaxBoost = c.Boost.MaxRate
	}
	if t := c.state.target.Load(); t != nil {
		r.FixedRate = t.rate
		if t.hasQuota && now < t.quotaUntil {
			quota := int64(t.quota)
			r.Quota = &quota
		}
		if t.boost > t.bound && now < t.boostUntil {
			r.BoostRate = t.boostRate
		}
	}
	return r
}

// String is the report for people to read, a line for each rule.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "rules: %s", r.Source)
	if !r.RulesAt.IsZero() {
		fmt.Fprintf(&b, ", of %s", r.RulesAt.Format(time.TimeOnly))
	}
	if r.Captured > 0 {
		fmt.Fprintf(&b, ", captured %d", r.Captured)
	}
	if r.LastError != "" {
		fmt.Fprintf(&b, ", last error: %s", r.LastError)
	}
	b.WriteByte('\n')
	for _, rule := range r.Rules {
		if !rule.OtherService {
			b.WriteString(rule.String() + "\n")
		}
	}
	return b.String()
}

// String is the report of a rule on one line.
func (r RuleReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-20s %s: requests %d, sampled %d", r.Name, r.Condition, r.Requests, r.Sampled)
	if r.Borrowed > 0 {
		fmt.Fprintf(&b, ", borrowed %d", r.Borrowed)
	}
	switch {
	case r.Quota != nil:
		fmt.Fprintf(&b, "; %d/s + %g", *r.Quota, r.FixedRate)
	case r.ReservoirSize > 0:
		fmt.Fprintf(&b, "; reservoir %d/s + %g", r.ReservoirSize, r.FixedRate)
	default:
		fmt.Fprintf(&b, "; %g", r.FixedRate)
	}
	if r.BoostRate > 0 {
		fmt.Fprintf(&b, ", raised to %g", r.BoostRate)
	}
	return b.String()
}
