package sampling

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// A reason is why a trace was sampled, or that it was not.
type reason uint8

const (
	notSampled reason = iota
	byReservoir
	byBorrowing
	byRate
	byBoost
	reasons // how many there are
)

// String is the value of [ReasonKey].
func (r reason) String() string {
	return [...]string{"not_sampled", "reservoir", "borrowed", "fixed_rate", "boosted_rate"}[r]
}

// compiledRule is a rule made ready for decisions. It does not change.
type compiledRule struct {
	Rule
	state *ruleState
	bound uint64
	quota uint32 // places a second without an assigned quota
	from  reason // what such a place is
	timed bool   // there may be such a place

	facts      [numFacts]pattern
	attributes []attributePattern
	mayMatch   bool // this process's resource

	results    [reasons][]attribute.KeyValue // what is said on the span
	traceState trace.TraceState              // holds the rule's reference, if rules are referred to
	reference  string
}

type attributePattern struct {
	key     attribute.Key
	pattern pattern
}

// compileRule makes a rule ready; a remote one is X-Ray's, of whose reservoir a place a second may be borrowed.
func compileRule(r Rule, s service, state *ruleState, remote bool) *compiledRule {
	c := &compiledRule{
		Rule: r, state: state, bound: boundOf(r.FixedRate), quota: clampQuota(r.ReservoirSize), from: byReservoir,
		reference: referenceOf(r.Name),
	}
	if remote {
		c.quota, c.from = min(c.quota, 1), byBorrowing
	}
	c.timed = c.quota > 0
	for fact, text := range [numFacts]string{factPath: r.URLPath, factHost: r.Host, factMethod: r.HTTPMethod, factSpan: r.SpanName} {
		c.facts[fact] = compilePattern(text)
	}
	for _, key := range slices.Sorted(maps.Keys(r.Attributes)) {
		c.attributes = append(c.attributes, attributePattern{attribute.Key(key), compilePattern(r.Attributes[key])})
	}
	name, kind, arn := compilePattern(r.ServiceName), compilePattern(r.ServiceType), compilePattern(r.ResourceARN)
	c.mayMatch = name.match(s.name) && kind.match(s.kind) && arn.match(s.arn)
	return c
}

// referenceOf is how a rule is called in tracestate: the first 8 bytes of the SHA-256 of its name, in hexadecimal, as
// AWS's distributions of OpenTelemetry do it.
func referenceOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:8])
}

// asked is what the rule's patterns need to know.
func (c *compiledRule) asked() (set factSet) {
	for fact := range c.facts {
		if !c.facts[fact].any {
			set |= 1 << fact
		}
	}
	return set
}

// match tells whether the rule is for a trace; that it is for the resource is known.
func (c *compiledRule) match(f *facts) bool {
	for i := range c.facts {
		if p := &c.facts[i]; !p.any && !p.match(f.text[i]) {
			return false
		}
	}
	for i := range c.attributes {
		if !f.matchAttribute(c.attributes[i].key, &c.attributes[i].pattern) {
			return false
		}
	}
	return true
}

// decide decides about a trace and counts it. elapsed returns the time since the sampler's beginning.
func (c *compiledRule) decide(id trace.TraceID, elapsed func() time.Duration) reason {
	random := binary.BigEndian.Uint64(id[8:]) // of X-Ray's ids and W3C's, the part that is random in both
	shard := &c.state.shards[ownShard()]
	shard.requests.Add(1)
	why := c.choose(random>>1, elapsed)
	if why != notSampled {
		shard.sampled.Add(1)
	}
	if why == byBorrowing {
		shard.borrowed.Add(1)
	}
	return why
}

// choose tries the reservoir and then the rate.
func (c *compiledRule) choose(random uint64, elapsed func() time.Duration) reason {
	bound, quota, from, rate := c.bound, c.quota, c.from, byRate
	t := c.state.target.Load()
	if t == nil && !c.timed {
		return chosen(random < bound, rate)
	}
	now := elapsed()
	if t != nil {
		bound = t.bound
		if t.boost > bound && now < t.boostUntil {
			bound, rate = t.boost, byBoost
		}
		if t.hasQuota && now < t.quotaUntil {
			quota, from = t.quota, byReservoir
		}
	}
	if quota > 0 && c.state.reservoir.take(now, quota) {
		return from
	}
	return chosen(random < bound, rate)
}

func chosen(yes bool, why reason) reason {
	if yes {
		return why
	}
	return notSampled
}

// ruleSet is all rules that are in force at a time. It does not change.
type ruleSet struct {
	all    []*compiledRule
	rules  []*compiledRule // those that this process's traces may match
	groups []group         // of the same
	asked  factSet         // what the patterns of these need to know
	other  *compiledRule   // for what none matches
	boosts bool            // there is a rule whose rate X-Ray may raise
	record bool            // unsampled spans are recorded, to see their anomalies
	byRef  map[string]*compiledRule
}

func newRuleSet(all []*compiledRule, other *compiledRule) *ruleSet {
	set := &ruleSet{all: all, other: other, byRef: make(map[string]*compiledRule, len(all))}
	for _, r := range all {
		set.byRef[r.reference] = r
		set.boosts = set.boosts || r.Boost != nil
		if r.mayMatch {
			set.rules = append(set.rules, r)
			set.asked |= r.asked()
		}
	}
	set.groups = newGroups(set.rules)
	return set
}

// match returns the first rule that matches.
func (s *ruleSet) match(f *facts) *compiledRule {
	for i := range s.groups {
		if r := s.groups[i].match(f); r != nil {
			return r
		}
	}
	return s.other
}
