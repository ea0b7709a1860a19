package sampling

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// What a sampler says of itself on the spans that begin a trace.
const (
	// RuleKey is the attribute that names the deciding rule, as AWS's distributions have it.
	RuleKey = attribute.Key("aws.xray.sampling_rule")
	// AdaptiveKey is the attribute that tells that anomalies are looked for as [Adaptive] says, likewise.
	AdaptiveKey = attribute.Key("aws.xray.adaptive_sampling_configured")
	// ReasonKey is the attribute that says why the trace was sampled: "reservoir", "borrowed", "fixed_rate" or
	// "boosted_rate".
	ReasonKey = attribute.Key("updraft.sampling.reason")
)

// ReferenceKey is the member of tracestate that refers to the rule of the trace's first service, so that others report
// what they see in the trace to that rule.
const ReferenceKey = "xrsr"

// What is sampled where nothing else is said: X-Ray's own default.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-sampling
const (
	DefaultReservoir = 1
	DefaultRate      = 0.05
)

// Config says how to sample. The zero value samples as X-Ray does without rules: one trace a second, and five in a
// hundred of the others.
type Config struct {
	// Service hands out the rules; nil: Rules are all there are.
	Service Service
	// Rules are tried in their order, without a Service or while it can't be reached; what none matches is sampled as in
	// the zero Config.
	Rules []Rule
	// Resource is whose traces these are; rules ask for its service.name and its kind.
	Resource *resource.Resource
	// Adaptive says what an anomaly is and how many are captured; nil: what fails is one, where X-Ray's rules ask for
	// them, and none is captured.
	Adaptive *Adaptive
	// IgnoreParent makes a decision of its own for each span, also for those whose trace began elsewhere.
	IgnoreParent bool
	// Explain says on each first span which rule decided and why, with RuleKey and ReasonKey.
	Explain bool
	// PollingInterval is the time between two requests for rules; default 5 minutes.
	PollingInterval time.Duration
	// Timeout bounds one call of Service; default 10 seconds.
	Timeout time.Duration
	// Notify takes messages for the operator: one when something begins to fail, one when it works again. Nil: none.
	Notify func(message string)
	// Now returns the time; nil: time.Now.
	Now func() time.Time
	// Random returns numbers from 0 to 1, for the times of polls; nil: math/rand/v2's.
	Random func() float64
}

// A Sampler decides by rules. It is safe for concurrent use; see [New].
type Sampler struct {
	config  Config
	service service
	client  string // 24 hexadecimal digits
	elapsed func() time.Duration
	local   *ruleSet
	active  atomic.Pointer[ruleSet] // local, or the service's rules
	traces  *traceCache

	anomalies *anomalies // of config.Adaptive; nil without
	captures  uint32     // a second, at most
	limiter   reservoir  // of captures
	captured  atomic.Int64

	cancel context.CancelFunc
	done   chan struct{} // closed by the polling goroutine; nil before Start
	mu     sync.Mutex    // of what follows
	status status
}

var _ sdktrace.Sampler = (*Sampler)(nil)

// New returns a sampler that decides by c.Rules until [Sampler.Start]. It fails where these make no sense.
func New(c Config) (*Sampler, error) {
	elapsed := c.fillIn()
	s := &Sampler{config: c, service: serviceOf(c.Resource), elapsed: elapsed, traces: newTraceCache()}
	if a := c.Adaptive; a != nil {
		compiled, err := compileAnomalies(a)
		if err != nil {
			return nil, err
		}
		s.anomalies = compiled
		if compiled.captures() {
			s.captures = clampQuota(int64(a.CapturesPerSecond))
		}
	}
	var id [12]byte
	_, _ = rand.Read(id[:]) // never fails
	s.client = hex.EncodeToString(id[:])
	rules := make([]*compiledRule, len(c.Rules))
	for i, r := range c.Rules {
		if r.Name == "" {
			r.Name = fmt.Sprintf("rule %d", i+1)
		}
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("sampling: %w", err)
		}
		rules[i] = s.compile(r, &ruleState{}, false)
	}
	otherwise := Rule{Name: "otherwise", ReservoirSize: DefaultReservoir, FixedRate: DefaultRate}
	s.local = s.newSet(rules, s.compile(otherwise, &ruleState{}, false))
	s.use(s.local)
	return s, nil
}

// fillIn sets what is not set, and returns a clock that tells the time since.
func (c *Config) fillIn() (elapsed func() time.Duration) {
	if c.PollingInterval <= 0 {
		c.PollingInterval = defaultPolling
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	if c.Notify == nil {
		c.Notify = func(string) {}
	}
	if c.Random == nil {
		c.Random = mathrand.Float64
	}
	if now := c.Now; now != nil {
		began := now()
		return func() time.Duration { return now().Sub(began) }
	}
	c.Now = time.Now
	began := time.Now()
	return func() time.Duration { return time.Since(began) } // half as long as Now
}

// compile makes a rule ready for this process's resource.
func (s *Sampler) compile(r Rule, state *ruleState, remote bool) *compiledRule {
	return compileRule(r, s.service, state, remote)
}

// newSet makes the set of rules, and what they say on spans: known only now, since a single rule that may be boosted
// makes all rules be referred to.
func (s *Sampler) newSet(rules []*compiledRule, otherwise *compiledRule) *ruleSet {
	set := newRuleSet(rules, otherwise)
	set.record = set.boosts || s.captures > 0
	for _, r := range rules {
		r.results = s.results(r, set)
		if set.boosts {
			// It can't fail: both are in tracestate's alphabet.
			r.traceState, _ = trace.TraceState{}.Insert(ReferenceKey, r.reference)
		}
	}
	otherwise.results = s.results(otherwise, set)
	return set
}

func (s *Sampler) results(r *compiledRule, set *ruleSet) (all [reasons][]attribute.KeyValue) {
	for why := range reasons {
		var said []attribute.KeyValue
		if s.config.Explain || set.boosts {
			said = append(said, RuleKey.String(r.Name))
		}
		if s.config.Explain && why != notSampled {
			said = append(said, ReasonKey.String(why.String()))
		}
		if s.config.Adaptive != nil {
			said = append(said, AdaptiveKey.Bool(true))
		}
		all[why] = said
	}
	return all
}

func (s *Sampler) use(set *ruleSet) { s.active.Store(set) }

// ShouldSample implements sdktrace.Sampler. It takes no lock, and allocates only where the trace comes with a
// tracestate that the rule's reference must be added to.
func (s *Sampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	set := s.active.Load()
	parent := trace.SpanContextFromContext(p.ParentContext)
	state := parent.TraceState()
	if parent.IsValid() && !s.config.IgnoreParent {
		return sdktrace.SamplingResult{Decision: decision(parent.IsSampled(), set.record), Tracestate: state}
	}
	var f facts
	f.read(p.Name, p.Attributes, set.asked)
	rule := set.match(&f)
	why := rule.decide(p.TraceID, s.elapsed)
	switch {
	case !set.boosts || rule.traceState.Len() == 0:
	case state.Len() == 0:
		state = rule.traceState
	case state.Get(ReferenceKey) == "" && !parent.IsValid():
		state, _ = state.Insert(ReferenceKey, rule.reference) // as it was where it is full
	}
	return sdktrace.SamplingResult{
		Decision: decision(why != notSampled, set.record), Attributes: rule.results[why], Tracestate: state,
	}
}

func decision(sampled, record bool) sdktrace.SamplingDecision {
	switch {
	case sampled:
		return sdktrace.RecordAndSample
	case record:
		return sdktrace.RecordOnly
	}
	return sdktrace.Drop
}

// Description implements sdktrace.Sampler.
func (s *Sampler) Description() string {
	name := "Rules"
	if s.config.Service != nil {
		name = "XRay"
	}
	if s.config.IgnoreParent {
		return name
	}
	return "ParentBased{root:" + name + "}"
}

// Start begins to ask the service, in a goroutine that ends with ctx or with Shutdown. Without a service it does
// nothing. It may be called once.
func (s *Sampler) Start(ctx context.Context) error {
	if s.config.Service == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done != nil {
		return errors.New("sampling: the sampler was started before")
	}
	ctx, s.cancel = context.WithCancel(ctx)
	s.done = make(chan struct{})
	p := &poller{Sampler: s, states: map[string]*ruleState{}, interval: defaultInterval}
	go p.run(ctx)
	return nil
}

// Shutdown ends what Start began and waits for it, until ctx ends. The sampler goes on deciding by the rules it has.
func (s *Sampler) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	cancel, done := s.cancel, s.done
	s.mu.Unlock()
	if done == nil {
		return nil
	}
	cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("sampling: stop: %w", ctx.Err())
	}
}
