package localaws

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// A recordedRequest is a root segment of the store, as a sampler would have seen
// it when the request came; what is matched is in lower case.
type recordedRequest struct {
	at                                            float64 // seconds since 1970
	service, serviceType, host, method, path, arn string
	attributes                                    []annotation
	failed                                        bool    // error or fault
	fault                                         bool    // what clients call an anomaly unless they are told otherwise
	weight                                        float64 // how many requests it stands for
	several                                       bool    // it stands for others that were not kept, whose times are not known
}

// rootRequests are the requests of a range of time, oldest first. A trace whose
// root was sent elsewhere is none.
func (s *traceStore) rootRequests(times timeRange) []recordedRequest {
	var list []recordedRequest
	for _, v := range s.find(func(t *trace) bool { return times.has(t.start) }) {
		if f := s.factsOf(v); f.root >= 0 && f.entities[f.root].root {
			list = append(list, requestOf(&f.entities[f.root]))
		}
	}
	slices.SortStableFunc(list, func(a, b recordedRequest) int { return cmp.Compare(a.at, b.at) })
	return list
}

func requestOf(e *entity) recordedRequest {
	r := recordedRequest{
		at: e.start, service: e.service.name, serviceType: e.service.typ, arn: e.arn, method: e.http.method,
		attributes: e.notes, failed: e.errors.fault || e.errors.error, fault: e.errors.fault, weight: 1,
	}
	if u, err := url.Parse(e.http.url); err == nil && e.http.url != "" {
		r.host, r.path = u.Hostname(), u.Path
		if u.Path == "" {
			r.path = "/" // as the samplers have it
		}
	} else if path, _, _ := strings.Cut(e.http.url, "?"); strings.HasPrefix(path, "/") {
		r.path = path
	}
	r.fold()
	return r
}

// fold puts what is matched into lower case.
func (r *recordedRequest) fold() {
	for _, text := range []*string{&r.service, &r.serviceType, &r.host, &r.method, &r.path, &r.arn} {
		*text = strings.ToLower(*text)
	}
}

// A replayedRule is what a rule would have done. Numbers are expected values:
// the rate is counted, no dice are thrown, so that two runs are alike.
type replayedRule struct {
	Name       string  `json:"name"`
	Matched    float64 `json:"matched"`
	Borrowed   float64 `json:"borrowed"`  // before a quota came
	Reservoir  float64 `json:"reservoir"` // by quota
	ByRate     float64 `json:"byRate"`
	Sampled    float64 `json:"sampled"`
	Dropped    float64 `json:"dropped"`
	Kept       float64 `json:"kept"`       // share, 0 to 1
	Failed     float64 `json:"failed"`     // of the matched ones
	FailedKept float64 `json:"failedKept"` // of those
	PerMonth   float64 `json:"perMonth"`   // traces, at this pace
	Cost       float64 `json:"cost"`       // US dollars a month
}

// A replayResult is what a set of rules would have done.
type replayResult struct {
	Rules []replayedRule `json:"rules"` // in the order they are tried
	Total replayedRule   `json:"total"`
}

// replay puts requests through rules, in the order of the list. Every service
// counts as one client, which borrows one trace a second for its first interval
// with a rule, and then shares in the rule's reservoir. Requests that stand for
// several came at times that are not known: their reservoir is counted by windows
// of ten seconds, that of others by the second.
func replay(rules []samplingRule, requests []recordedRequest, price tracePrice) replayResult {
	p := newPlayer(rules)
	for i := range requests {
		p.play(&requests[i])
	}
	out := replayResult{Rules: make([]replayedRule, len(rules)), Total: replayedRule{Name: "Total"}}
	for i := range rules {
		out.Rules[i] = p.sum(i)
		out.Total.add(out.Rules[i])
	}
	seconds := 1.0
	if n := len(requests); n > 0 {
		seconds = max(seconds, requests[n-1].at-requests[0].at)
	}
	out.Total.project(seconds, price)
	for i := range out.Rules { // the free traces are shared by all
		out.Rules[i].project(seconds, price)
		out.Rules[i].Cost = out.Total.Cost * share(out.Rules[i].Sampled, out.Total.Sampled)
	}
	return out
}

func (r *replayedRule) add(o replayedRule) {
	r.Matched += o.Matched
	r.Borrowed += o.Borrowed
	r.Reservoir += o.Reservoir
	r.ByRate += o.ByRate
	r.Sampled += o.Sampled
	r.Dropped += o.Dropped
	r.Failed += o.Failed
	r.FailedKept += o.FailedKept
}

func (r *replayedRule) project(seconds float64, price tracePrice) {
	r.Kept = share(r.Sampled, r.Matched)
	r.PerMonth = r.Sampled / seconds * monthSeconds
	r.Cost = price.cost(r.PerMonth)
}

func share(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}

// A player sorts requests into slots of one rule and one stretch of time.
type player struct {
	matchers []ruleMatcher
	slots    []map[slotKey]*slot // by rule
	order    [][]*slot           // of a rule, as they came: sums are alike to the last digit
	arrived  []map[string]float64
}

// slotKey: a client that only borrows has slots of its own; client is "" for all
// those that have quotas.
type slotKey struct {
	start, length int64 // seconds
	client        string
}

type slot struct {
	slotKey
	matched, failed, faults float64
}

// window is the one of ten seconds in which the slot is.
func (s *slot) window() int64 { return s.start * s.length / int64(usageWindow.Seconds()) }

func newPlayer(rules []samplingRule) *player {
	p := &player{order: make([][]*slot, len(rules))}
	for _, r := range rules {
		p.matchers = append(p.matchers, newRuleMatcher(r))
		p.slots = append(p.slots, make(map[slotKey]*slot))
		p.arrived = append(p.arrived, make(map[string]float64))
	}
	return p
}

// firstMatch is the rule that decides; -1 for none.
func firstMatch(rules []ruleMatcher, r *recordedRequest) int {
	for i := range rules {
		if rules[i].matches(r) {
			return i
		}
	}
	return -1
}

// play finds a request's rule and its slot.
func (p *player) play(r *recordedRequest) {
	rule := firstMatch(p.matchers, r)
	if rule < 0 {
		return
	}
	first, known := p.arrived[rule][r.service]
	if !known {
		first = r.at
		p.arrived[rule][r.service] = r.at
	}
	key := slotKey{length: 1}
	if r.several {
		key.length = int64(usageWindow.Seconds())
	}
	key.start = int64(r.at) / key.length
	if r.at-first < reportInterval.Seconds() {
		key.client = "client " + r.service
	}
	s := p.slots[rule][key]
	if s == nil {
		s = &slot{slotKey: key}
		p.slots[rule][key] = s
		p.order[rule] = append(p.order[rule], s)
	}
	s.matched += r.weight
	if r.failed {
		s.failed += r.weight
	}
	if r.fault {
		s.faults += r.weight
	}
}

// sum decides over all slots of a rule.
func (p *player) sum(rule int) replayedRule {
	m := &p.matchers[rule]
	out := replayedRule{Name: m.RuleName}
	boost := newReplayedBoost(m.samplingRule)
	for _, s := range p.order[rule] {
		size, into := float64(m.ReservoirSize), &out.Reservoir
		if s.client != "" {
			size, into = min(size, 1), &out.Borrowed
		}
		taken := min(size*float64(s.length), s.matched)
		byRate := (s.matched - taken) * boost.rate(s.window())
		boost.add(s.window(), s.faults, s.faults*share(taken+byRate, s.matched))
		*into += taken
		out.ByRate += byRate
		out.Matched += s.matched
		out.Failed += s.failed
		out.FailedKept += s.failed * share(taken+byRate, s.matched)
	}
	out.Sampled = out.Borrowed + out.Reservoir + out.ByRate
	out.Dropped = out.Matched - out.Sampled
	return out
}
