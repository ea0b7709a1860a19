package localaws

import (
	"encoding/json"
	"math"
	"net/http"
	"time"
)

// The simulator: the requests of the store through the rules that are, and
// through others.

type simulateInput struct {
	Rules []samplingRuleInput `json:"rules"` // without Default that stays as it is
	Start *float64            `json:"start"` // milliseconds; default: everything that is held
	End   *float64            `json:"end"`
	Scale float64             `json:"scale"` // times the recorded traffic; default 1
}

type simulateOutput struct {
	Requests int           `json:"requests"` // recorded ones that were replayed
	StandFor float64       `json:"standFor"` // with those that were not kept, as clients report
	Seconds  float64       `json:"seconds"`  // between the first and the last
	Unseen   []unseenRule  `json:"unseen"`   // rules that kept nothing of what they matched
	Present  replayResult  `json:"present"`
	Edited   *replayResult `json:"edited"` // of the rules that were sent
	Price    tracePrice    `json:"price"`
}

// An unseenRule has matched requests of which none was recorded, so that they
// cannot be replayed.
type unseenRule struct {
	Name    string `json:"name"`
	Matched int64  `json:"matched"`
}

const maxSimulateScale = 1e6

func consoleSimulate(s *Server, r *http.Request) (any, error) {
	var in simulateInput
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, badRequest("%v", err)
	}
	if in.Scale == 0 {
		in.Scale = 1
	}
	if in.Scale < 0 || in.Scale > maxSimulateScale {
		return nil, badRequest("scale must be more than 0 and at most %g", maxSimulateScale)
	}
	edited, err := s.draft(in.Rules)
	if err != nil {
		return nil, consoleAnswer(err)
	}
	times := timeRange{math.Inf(-1), math.Inf(1)}
	if in.Start != nil {
		times.from = *in.Start / 1e3
	}
	if in.End != nil {
		times.to = *in.End / 1e3
	}
	present := plainRules(s.sampling.list())
	requests := s.traces.rootRequests(times)
	out := simulateOutput{Requests: len(requests), Price: recordedPrice}
	weights, unseen := s.sampling.weights(present)
	out.Unseen, out.StandFor = unseen, weigh(present, weights, requests)
	for i := range requests {
		requests[i].weight *= in.Scale
	}
	if n := len(requests); n > 0 {
		out.Seconds = requests[n-1].at - requests[0].at
	}
	out.Present = replay(present, requests, recordedPrice)
	if in.Rules != nil {
		result := replay(edited, requests, recordedPrice)
		out.Edited = &result
	}
	return out, nil
}

// draft makes rules of what was sent, by the calls that would make them: what AWS
// would refuse is refused, but not kept among what was.
func (s *Server) draft(rules []samplingRuleInput) ([]samplingRule, error) {
	scratch := &Server{cfg: s.cfg, refused: &refusedRing{}, sampling: newSamplingStore()}
	if record, ok := s.sampling.lookup(defaultRule); ok {
		scratch.sampling.apply(samplingChange{Record: &record})
	}
	c := &call{srv: scratch, now: time.Now(), op: &operation{service: serviceXRay, name: "CreateSamplingRule"}}
	for i := range rules {
		in := rules[i]
		in.RuleARN = nil // a copy of a rule has it too
		var err error
		if in.RuleName != nil && *in.RuleName == defaultRule {
			_, err = updateSamplingRule(c, &updateSamplingRuleInput{&samplingRuleInput{RuleName: in.RuleName, FixedRate: in.FixedRate, ReservoirSize: in.ReservoirSize}})
		} else {
			_, err = createSamplingRule(c, &createSamplingRuleInput{SamplingRule: &in})
		}
		if err != nil {
			return nil, err
		}
	}
	return plainRules(scratch.sampling.list()), nil
}

func plainRules(records []samplingRecord) []samplingRule {
	var rules []samplingRule
	for _, r := range records {
		rules = append(rules, r.SamplingRule)
	}
	return rules
}

// weights are how many requests a recorded one of each rule stands for: what
// clients report to have matched of the rule, over what they kept. Traffic of
// which nobody reports was recorded whole. What was recorded before this server
// started, or under a rule as it was before, counts like the rest.
func (s *samplingStore) weights(rules []samplingRule) (weights []float64, unseen []unseenRule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	unseen = []unseenRule{}
	for _, r := range rules {
		weight := 1.0
		if u := s.use[r.RuleName]; u != nil && u.total.requests > 0 {
			if kept := max(u.total.sampled, u.total.borrowed); kept > 0 {
				weight = max(1, float64(u.total.requests)/float64(kept))
			} else {
				unseen = append(unseen, unseenRule{r.RuleName, u.total.requests})
			}
		}
		weights = append(weights, weight)
	}
	return weights, unseen
}

// weigh gives each request the weight of its rule, and sums them up.
func weigh(rules []samplingRule, weights []float64, requests []recordedRequest) (standFor float64) {
	var matchers []ruleMatcher
	for _, r := range rules {
		matchers = append(matchers, newRuleMatcher(r))
	}
	for i := range requests {
		r := &requests[i]
		if rule := firstMatch(matchers, r); rule >= 0 {
			r.weight = weights[rule]
			r.several = r.weight > 1
		}
		standFor += r.weight
	}
	return standFor
}
