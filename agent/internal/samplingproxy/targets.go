package samplingproxy

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// reportEvery is the time between reports where X-Ray says none.
	reportEvery = 10 * time.Second
	// clientFor is how long a sampler that has gone silent still gets its share.
	clientFor = 35 * time.Second
	// maxDocuments is the most of each kind in a call.
	// https://docs.aws.amazon.com/xray/latest/api/API_GetSamplingTargets.html
	maxDocuments = 25
	// maxRules, maxClients and maxBoosts bound what is remembered of samplers, the clients of all rules together.
	maxRules   = 1000
	maxClients = 10_000
	maxBoosts  = 1000
)

// The parts of GetSamplingTargets' request and answer.
type (
	statistics struct {
		RuleName     string
		ClientID     string
		Timestamp    float64
		RequestCount int64
		SampledCount int64
		BorrowCount  int64
	}
	boost struct {
		RuleName            string
		ServiceName         string
		Timestamp           float64
		AnomalyCount        int64
		TotalCount          int64
		SampledAnomalyCount int64
	}
	report struct {
		SamplingStatisticsDocuments      []statistics
		SamplingBoostStatisticsDocuments []boost `json:",omitempty"`
	}
	target struct {
		RuleName          string
		FixedRate         *float64        `json:",omitempty"`
		ReservoirQuota    *int64          `json:",omitempty"`
		ReservoirQuotaTTL *float64        `json:",omitempty"`
		Interval          *int64          `json:",omitempty"`
		SamplingBoost     json.RawMessage `json:",omitempty"`
	}
	unprocessed struct {
		RuleName  string
		ErrorCode string
		Message   string
	}
	assignment struct {
		SamplingTargetDocuments    []target
		LastRuleModification       float64
		UnprocessedStatistics      []unprocessed
		UnprocessedBoostStatistics []unprocessed `json:",omitempty"`
	}
)

// targets adds up what samplers report, and shares out what X-Ray assigns.
type targets struct {
	client    string
	reporting singleflight.Group // one calls X-Ray at a time

	mu       sync.Mutex // guards what follows
	rules    map[string]*ruleState
	boosts   map[boostKey]*boost
	modified float64
}

type boostKey struct{ rule, service string }

// A ruleState is what is known of a rule.
type ruleState struct {
	pending statistics // what X-Ray has not been told
	clients map[string]time.Time
	target  *target
	refused *unprocessed
	due     time.Time // for the next report
	used    time.Time
}

func (p *Proxy) serveTargets(w http.ResponseWriter, r *http.Request, body []byte) {
	var asked report
	if err := json.Unmarshal(body, &asked); err != nil {
		fail(w, http.StatusBadRequest, "InvalidRequestException", "the request is not what GetSamplingTargets takes: "+err.Error())
		return
	}
	if err := p.targets.add(&asked, p.now()); err != nil {
		fail(w, http.StatusBadRequest, "InvalidRequestException", err.Error())
		return
	}
	failed := p.report(r.Context(), &asked)
	given, complete := p.targets.assign(&asked)
	if !complete && failed != nil {
		refuse(w, failed)
		return
	}
	text, err := json.Marshal(given)
	if err != nil { // numbers that X-Ray gave can be written
		fail(w, http.StatusInternalServerError, "InternalFailure", err.Error())
		return
	}
	answer(w, text)
}

// add takes over what a sampler reports, all of it or, with an error, nothing.
func (t *targets) add(asked *report, now time.Time) error {
	if err := asked.check(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	clients := t.forget(now)
	if unknown := t.unknown(asked); len(t.rules)+unknown > maxRules {
		return fmt.Errorf("samplers report more than %d rules", maxRules)
	}
	for _, d := range asked.SamplingStatisticsDocuments {
		s := t.rule(d.RuleName)
		s.used = now
		s.pending.add(&d)
		if _, known := s.clients[d.ClientID]; known || clients < maxClients {
			if s.clients[d.ClientID] = now; !known {
				clients++
			}
		}
	}
	for _, b := range asked.SamplingBoostStatisticsDocuments {
		t.addBoost(&b)
	}
	return nil
}

// unknown counts the rules of a report that are new; one named twice counts twice.
func (t *targets) unknown(asked *report) (n int) {
	for _, d := range asked.SamplingStatisticsDocuments {
		if t.rules[d.RuleName] == nil {
			n++
		}
	}
	return n
}

func (s *statistics) add(d *statistics) {
	s.RequestCount = sum(s.RequestCount, d.RequestCount)
	s.SampledCount = sum(s.SampledCount, d.SampledCount)
	s.BorrowCount = sum(s.BorrowCount, d.BorrowCount)
}

// addBoost adds to the statistics of a rule and service; beyond maxBoosts of them there is no room.
func (t *targets) addBoost(b *boost) {
	key := boostKey{b.RuleName, b.ServiceName}
	all := t.boosts[key]
	if all == nil {
		if len(t.boosts) >= maxBoosts {
			return
		}
		all = &boost{RuleName: b.RuleName, ServiceName: b.ServiceName}
		t.boosts[key] = all
	}
	all.AnomalyCount = sum(all.AnomalyCount, b.AnomalyCount)
	all.TotalCount = sum(all.TotalCount, b.TotalCount)
	all.SampledAnomalyCount = sum(all.SampledAnomalyCount, b.SampledAnomalyCount)
}

// sum adds counts; the most that X-Ray takes is the most there is.
func sum(a, b int64) int64 { return min(a+b, maxCount) }

// rule is the state of a rule, nil where there are too many.
func (t *targets) rule(name string) *ruleState {
	s := t.rules[name]
	if s == nil && len(t.rules) < maxRules {
		s = &ruleState{clients: map[string]time.Time{}}
		s.pending.RuleName, s.pending.ClientID = name, t.client
		t.rules[name] = s
	}
	return s
}

// forget drops the samplers that have gone silent, and rules without any, and counts the others.
func (t *targets) forget(now time.Time) (clients int) {
	for name, s := range t.rules {
		maps.DeleteFunc(s.clients, func(_ string, seen time.Time) bool { return now.Sub(seen) > clientFor })
		if now.Sub(s.used) > staleFor {
			delete(t.rules, name)
		}
		clients += len(s.clients)
	}
	return clients
}

// isDue tells whether a rule asked for has waited long enough, or is new.
func (t *targets) isDue(asked *report, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range asked.SamplingStatisticsDocuments {
		if s := t.rules[d.RuleName]; s != nil && !now.Before(s.due) {
			return true
		}
	}
	return len(asked.SamplingBoostStatisticsDocuments) > 0
}

// take takes up to a call's worth of what is due.
func (t *targets) take(now time.Time) (batch report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	stamp := float64(now.Unix())
	batch.SamplingStatisticsDocuments = []statistics{}
	for _, name := range slices.Sorted(maps.Keys(t.rules)) {
		s := t.rules[name]
		if len(batch.SamplingStatisticsDocuments) == maxDocuments || now.Before(s.due) || len(s.clients) == 0 {
			continue
		}
		d := s.pending
		d.Timestamp = stamp
		batch.SamplingStatisticsDocuments = append(batch.SamplingStatisticsDocuments, d)
		s.pending.RequestCount, s.pending.SampledCount, s.pending.BorrowCount = 0, 0, 0
		s.due, s.refused = now.Add(reportEvery), nil
	}
	for key, b := range t.boosts {
		if len(batch.SamplingBoostStatisticsDocuments) == maxDocuments {
			break
		}
		b.Timestamp = stamp
		batch.SamplingBoostStatisticsDocuments = append(batch.SamplingBoostStatisticsDocuments, *b)
		delete(t.boosts, key)
	}
	return batch
}

// giveBack adds what X-Ray did not take to what it has not been told.
func (t *targets) giveBack(batch *report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range batch.SamplingStatisticsDocuments {
		if s := t.rule(d.RuleName); s != nil {
			s.pending.add(&d)
		}
	}
	for _, b := range batch.SamplingBoostStatisticsDocuments {
		t.addBoost(&b)
	}
}

func (t *targets) learn(got *assignment, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.modified = max(t.modified, got.LastRuleModification)
	for _, d := range got.SamplingTargetDocuments {
		s := t.rules[d.RuleName]
		if s == nil {
			continue
		}
		s.target = &d
		if d.Interval != nil && *d.Interval > 0 {
			s.due = now.Add(min(time.Duration(*d.Interval), staleFor/time.Second) * time.Second)
		}
	}
	for _, u := range got.UnprocessedStatistics {
		if s := t.rules[u.RuleName]; s != nil {
			s.refused = &u
		}
	}
}

// assign answers a sampler: a share of each quota. complete is false where a rule
// it asked about has neither target nor refusal.
func (t *targets) assign(asked *report) (given assignment, complete bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	given = assignment{SamplingTargetDocuments: []target{}, UnprocessedStatistics: []unprocessed{}, LastRuleModification: t.modified}
	complete = true
	for _, d := range asked.SamplingStatisticsDocuments {
		s := t.rules[d.RuleName]
		switch {
		case s != nil && s.refused != nil:
			given.UnprocessedStatistics = append(given.UnprocessedStatistics, *s.refused)
		case s != nil && s.target != nil:
			mine := *s.target
			if mine.ReservoirQuota != nil {
				quota := share(*mine.ReservoirQuota, s.clients, d.ClientID)
				mine.ReservoirQuota = &quota
			}
			given.SamplingTargetDocuments = append(given.SamplingTargetDocuments, mine)
		default:
			complete = false
		}
	}
	return given, complete
}

// share divides a quota so that all shares make up the whole.
func share(quota int64, clients map[string]time.Time, client string) int64 {
	n := int64(len(clients))
	if n <= 1 {
		return quota
	}
	before := int64(0)
	for id := range clients {
		if id < client {
			before++
		}
	}
	mine := quota / n
	if before < quota%n {
		mine++
	}
	return mine
}
