package sampling

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// pending is the statistics of a rule that are being reported.
type pending struct {
	rule  *compiledRule
	sent  counts
	boost boostTotals
}

// report says what was decided since the last time, and takes what is assigned. What could not be said is said the next
// time.
func (p *poller) report(ctx context.Context) {
	statistics, boosts := p.statistics()
	before := p.interval
	p.interval = 0
	var failed, refused error
	for len(statistics) > 0 || len(boosts) > 0 {
		var some, more []pending
		some, statistics = cut(statistics)
		more, boosts = cut(boosts)
		refusal, err := p.send(ctx, some, more)
		if refused == nil {
			refused = refusal
		}
		if err != nil {
			failed = err
			break
		}
	}
	if p.interval == 0 {
		p.interval = before
	}
	if ctx.Err() != nil {
		return // it is over, and that is no failure
	}
	now := p.config.Now()
	if failed != nil {
		p.reportFailed++
		p.reportDue = now.Add(p.retry(failed, p.reportFailed, p.interval*2, maxInterval))
		p.tell(&p.status.targets, "sampling targets", failed, "rules and borrowed places decide until then")
		return
	}
	p.reportFailed = 0
	p.reportDue = now.Add(p.jittered(p.interval, reportJitter))
	p.tell(&p.status.targets, "sampling targets", refused, "what was refused is not counted")
	p.mu.Lock()
	p.status.reportedAt = now
	p.mu.Unlock()
}

func cut(all []pending) (some, rest []pending) {
	n := min(len(all), MaxStatistics)
	return all[:n], all[n:]
}

// statistics collects what is to be reported: rules that decided something, and boosts of rules whose traces were seen.
func (p *poller) statistics() (statistics, boosts []pending) {
	for _, r := range p.rules {
		now := r.state.counts()
		if now.requests > r.state.reported.requests {
			statistics = append(statistics, pending{rule: r, sent: now})
		}
		if totals := r.state.boost.totals(); r.Boost != nil && totals.total > r.state.reportedBoost.total {
			boosts = append(boosts, pending{rule: r, boost: totals})
		}
	}
	return statistics, boosts
}

// send makes one call. It returns what was refused for good, and why the call failed.
func (p *poller) send(ctx context.Context, statistics, boosts []pending) (refused, failed error) {
	at := p.config.Now()
	documents := make([]Statistics, len(statistics))
	for i, s := range statistics {
		n := s.sent.minus(s.rule.state.reported)
		documents[i] = Statistics{
			Rule: s.rule.Name, Client: p.client, At: at, Requests: n.requests, Sampled: n.sampled, Borrowed: n.borrowed,
		}
	}
	boosted := make([]BoostStatistics, len(boosts))
	for i, b := range boosts {
		n := b.boost.minus(b.rule.state.reportedBoost)
		boosted[i] = BoostStatistics{
			Rule: b.rule.Name, Service: p.service.name, At: at, Total: n.total, Anomalies: n.anomalies, SampledAnomalies: n.sampled,
		}
	}
	call, cancel := context.WithTimeout(ctx, p.config.Timeout)
	defer cancel()
	answer, err := p.config.Service.Report(call, documents, boosted)
	if err != nil {
		return nil, err
	}
	kept, boostKept, refused := p.unprocessed(answer.Unprocessed)
	for _, s := range statistics {
		if !kept[s.rule.Name] {
			s.rule.state.reported = s.sent
		}
	}
	for _, b := range boosts {
		if !boostKept[b.rule.Name] {
			b.rule.state.reportedBoost = b.boost
		}
	}
	p.take(answer)
	return refused, nil
}

// unprocessed sorts what was not taken into what is said again and what is refused for good, of which the rules may be
// gone.
func (p *poller) unprocessed(all []Unprocessed) (kept, boostKept map[string]bool, refused error) {
	kept, boostKept = map[string]bool{}, map[string]bool{}
	var errs []error
	for _, u := range all {
		switch {
		case u.Again && u.Boost:
			boostKept[u.Rule] = true
		case u.Again:
			kept[u.Rule] = true
		case len(errs) == 0:
			errs = append(errs, fmt.Errorf("rule %q: %s", clip(u.Rule), u.Reason))
		}
	}
	if len(errs) > 0 {
		p.askSoon()
	}
	return kept, boostKept, errors.Join(errs...)
}

// askSoon makes the rules due now, or when they may be asked for again.
func (p *poller) askSoon() {
	soon := p.rulesAsked.Add(minRulesGap)
	if soon.Before(p.rulesDue) {
		p.rulesDue = soon
	}
}

// take uses what is assigned.
func (p *poller) take(answer Targets) {
	byName := make(map[string]*compiledRule, len(p.rules))
	for _, r := range p.rules {
		byName[r.Name] = r
	}
	for _, t := range answer.Targets {
		r := byName[t.Rule]
		if r == nil {
			continue
		}
		p.assign(r, t)
		if t.Interval > 0 {
			wanted := min(max(t.Interval, minInterval), maxInterval)
			if p.interval == 0 || wanted < p.interval {
				p.interval = wanted
			}
		}
	}
	// Both times are the service's, so that a wrong clock here does no harm.
	if answer.RulesModified.After(p.modified) {
		p.modified = answer.RulesModified
		p.askSoon()
	}
}

// assign changes a rule's target by what t says and makes sense; the rest stays.
func (p *poller) assign(r *compiledRule, t Target) {
	next := target{rate: r.FixedRate}
	if old := r.state.target.Load(); old != nil {
		next = *old
		if !old.ownRate {
			next.rate = r.FixedRate
		}
	}
	if rate := t.FixedRate; rate != nil && *rate >= 0 && *rate <= 1 {
		next.rate, next.ownRate = *rate, true
	}
	if t.Quota != nil && *t.Quota >= 0 {
		next.quota, next.hasQuota, next.quotaUntil = clampQuota(*t.Quota), true, p.since(t.QuotaUntil)
	}
	if r.Boost != nil && t.BoostRate > 0 && t.BoostRate <= 1 {
		next.boostRate = min(t.BoostRate, r.Boost.MaxRate)
		next.boost, next.boostUntil = boundOf(next.boostRate), p.since(t.BoostUntil)
	}
	next.bound = boundOf(next.rate)
	r.state.target.Store(&next)
}

// longest is how long an assigned quota or boost holds at most; X-Ray gives minutes.
const longest = time.Hour

// since is a time of the service's on the sampler's clock, which does not jump.
func (p *poller) since(at time.Time) time.Duration {
	return p.elapsed() + min(max(at.Sub(p.config.Now()), 0), longest)
}
