package sampling

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// When the service is asked. The times of X-Ray's own SDKs, and of OpenTelemetry's samplers.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sampling.html
const (
	defaultPolling  = 5 * time.Minute
	defaultTimeout  = 10 * time.Second
	defaultInterval = 10 * time.Second // between two reports
	rulesTTL        = time.Hour        // rules that are older are not used

	// What a service may ask for as the interval of reports.
	minInterval, maxInterval = time.Second, 5 * time.Minute
	// minRulesGap is the least time between two requests for rules, whatever reports say about their age.
	minRulesGap = 10 * time.Second

	pollingJitter = 0.1  // of the polling interval, so that processes started together do not stay together
	reportJitter  = 0.01 // of the interval of reports
)

// poller is the goroutine that asks the service. It alone changes what follows.
type poller struct {
	*Sampler
	states   map[string]*ruleState // of the rules there are, by name
	rules    []*compiledRule       // nil before the first
	modified time.Time             // when rules had last changed, as far as the service has said

	rulesAsked          time.Time // the last attempt
	rulesDue, reportDue time.Time // the next ones
	expires             time.Time
	interval            time.Duration
	rulesFailed         int // in a row
	reportFailed        int
}

// run asks until ctx ends.
func (p *poller) run(ctx context.Context) {
	defer close(p.done)
	p.rulesDue = p.config.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		timer.Reset(max(p.step(ctx), time.Millisecond))
	}
}

// step does what is due and returns how long to wait for what is next.
func (p *poller) step(ctx context.Context) time.Duration {
	if !p.config.Now().Before(p.rulesDue) {
		p.askRules(ctx)
	}
	if p.rules != nil && !p.config.Now().Before(p.reportDue) {
		p.report(ctx)
	}
	now := p.config.Now()
	if p.rules != nil && !now.Before(p.expires) {
		p.expire()
	}
	next := p.rulesDue
	if p.rules != nil {
		for _, at := range []time.Time{p.reportDue, p.expires} {
			if at.Before(next) {
				next = at
			}
		}
	}
	return next.Sub(now)
}

// askRules gets the rules and uses them; where that fails, those before stay.
func (p *poller) askRules(ctx context.Context) {
	p.rulesAsked = p.config.Now()
	call, cancel := context.WithTimeout(ctx, p.config.Timeout)
	rules, err := p.config.Service.Rules(call)
	cancel()
	if ctx.Err() != nil {
		return // it is over, and that is no failure
	}
	if err == nil && len(rules) > MaxRules {
		err = fmt.Errorf("%d sampling rules, of at most %d: is this X-Ray?", len(rules), MaxRules)
	}
	var problem error
	if err == nil {
		rules, problem = usable(rules)
		if len(rules) == 0 {
			err = errors.Join(errors.New("no sampling rules, not even a default"), problem)
		}
	}
	now := p.config.Now()
	if err != nil {
		p.rulesFailed++
		p.rulesDue = now.Add(p.retry(err, p.rulesFailed, defaultInterval, p.config.PollingInterval))
		p.tell(&p.status.rules, "sampling rules", err, p.consequence())
		return
	}
	p.rulesFailed = 0
	p.rulesDue = now.Add(p.jittered(p.config.PollingInterval, pollingJitter))
	p.expires = p.rulesAsked.Add(rulesTTL)
	if p.rules == nil {
		p.reportDue = now.Add(p.jittered(p.interval, reportJitter))
	}
	p.adopt(rules)
	p.tell(&p.status.rules, "sampling rules", nil, "")
	p.tell(&p.status.left, "sampling rules that make no sense", problem, "they are left out")
}

// adopt makes rules those in force; what has the name of one before goes on with its counts and its target.
func (p *poller) adopt(rules []Rule) {
	states := make(map[string]*ruleState, len(rules))
	p.rules = make([]*compiledRule, len(rules))
	for i, r := range rules {
		state := p.states[r.Name]
		if state == nil {
			state = &ruleState{}
		}
		states[r.Name] = state
		p.rules[i] = p.compile(r, state, true)
		if t := state.target.Load(); t != nil { // its bound was the rule's, where the service gave none
			p.assign(p.rules[i], Target{})
		}
		if r.ModifiedAt.After(p.modified) {
			p.modified = r.ModifiedAt
		}
	}
	p.states = states
	other := p.local.other
	p.use(p.newSet(p.rules, p.compile(other.Rule, other.state, false)))
	p.mu.Lock()
	p.status.rulesAt = p.config.Now()
	p.mu.Unlock()
}

// expire lets the local rules decide: the service's are too old to be the account's will.
func (p *poller) expire() {
	p.rules = nil
	p.use(p.local)
}

func (p *poller) consequence() string {
	if p.active.Load() == p.local {
		return "the local rules decide until then"
	}
	return fmt.Sprintf("those of %s are used until then, for an hour at most", p.rulesTime().Format(time.TimeOnly))
}

func (p *poller) rulesTime() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status.rulesAt
}

// retry is how long to wait after so many failures in a row: half of twice as long each time, and a random part of the
// other half; or what the service asks for.
func (p *poller) retry(err error, failed int, first, most time.Duration) time.Duration {
	d := min(first<<min(failed-1, 10), max(most, first))
	d = d/2 + time.Duration(p.config.Random()*float64(d/2))
	var asked interface{ RetryAfter() time.Duration }
	if errors.As(err, &asked) {
		d = max(d, min(asked.RetryAfter(), rulesTTL))
	}
	return d
}

// jittered is d and a random part of it more.
func (p *poller) jittered(d time.Duration, part float64) time.Duration {
	return d + time.Duration(p.config.Random()*part*float64(d))
}

// trouble is one kind of failure as it was last said.
type trouble struct {
	message string
	count   int64 // of failures, ever
}

// tell keeps what is wrong for the report, and says it when it begins and when it ends.
func (p *poller) tell(t *trouble, what string, err error, consequence string) {
	now := ""
	if err != nil {
		now = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	p.mu.Lock()
	before := t.message
	t.message = now
	if err != nil {
		t.count++
	}
	p.mu.Unlock()
	switch {
	case err != nil && before == "":
		p.config.Notify(fmt.Sprintf("%s: %s; %s", what, now, consequence))
	case err == nil && before != "":
		p.config.Notify(what + ": it works again")
	}
}
