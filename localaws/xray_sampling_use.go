package localaws

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// Bounds of what is kept of the use of a rule.
const (
	usageWindow   = 10 * time.Second // as GetSamplingStatisticSummaries has it
	keptWindows   = 60               // ten minutes
	clientWindow  = 3 * reportInterval
	maxRuleClient = 10_000 // clients of one rule that are told apart
)

// A ruleUse is how clients use one rule.
type ruleUse struct {
	clients map[string]*samplingClient
	arrived int           // clients ever, to number them
	windows []usageCounts // with requests, oldest first
	total   usageCounts   // since the server started
	last    time.Time     // of the last report
	boost   ruleBoost
}

// usageCounts sums up reports.
type usageCounts struct {
	start                       time.Time // of the window
	requests, sampled, borrowed int64
}

func (u *usageCounts) add(doc samplingStatistics) {
	u.requests += int64(doc.RequestCount)
	u.sampled += int64(doc.SampledCount)
	u.borrowed += int64(doc.BorrowCount)
}

// A samplingClient is one process that reports of a rule.
type samplingClient struct {
	number int // in the order they came
	last   time.Time
	rate   float64 // requests a second that matched, as last reported
	quota  int32   // that it holds
}

// useOf is a rule's use; the lock is held.
func (s *samplingStore) useOf(name string) *ruleUse {
	u := s.use[name]
	if u == nil {
		u = &ruleUse{clients: make(map[string]*samplingClient)}
		s.use[name] = u
	}
	return u
}

// report takes one document and answers its target; not ok where the rule has
// gone meanwhile.
func (s *samplingStore) report(doc samplingStatistics, now time.Time) (samplingTarget, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, ok := s.rules[doc.RuleName]
	if !ok {
		return samplingTarget{}, false
	}
	rule := record.SamplingRule
	u := s.useOf(doc.RuleName)
	if rule.SamplingRateBoost != nil {
		u.boost.turn(rule, now)
	}
	u.last = now
	u.total.add(doc)
	u.count(doc, now)
	target := samplingTarget{
		RuleName: rule.RuleName, FixedRate: rule.FixedRate,
		Interval:      int32(reportInterval / time.Second),
		SamplingBoost: u.boost.active(now),
	}
	if quota, granted := u.allocate(u.client(doc, now), rule.ReservoirSize); granted {
		target.ReservoirQuota = &quota
		target.ReservoirQuotaTTL = wire.TimePtr(now.Add(quotaLifetime))
	}
	return target, true
}

// count puts a report into its window; one from the future is of now.
func (u *ruleUse) count(doc samplingStatistics, now time.Time) {
	at := doc.Timestamp.Time
	if at.After(now) {
		at = now
	}
	start := at.Truncate(usageWindow)
	i, found := slices.BinarySearchFunc(u.windows, start, func(w usageCounts, t time.Time) int { return w.start.Compare(t) })
	if !found {
		u.windows = slices.Insert(u.windows, i, usageCounts{start: start})
	}
	u.windows[i].add(doc)
	if extra := len(u.windows) - keptWindows; extra > 0 {
		u.windows = slices.Delete(u.windows, 0, extra)
	}
}

// client is the one that reports, with its rate; clients that have been silent
// are forgotten, and what they held is free again.
func (u *ruleUse) client(doc samplingStatistics, now time.Time) *samplingClient {
	for id, c := range u.clients {
		if now.Sub(c.last) > clientWindow {
			delete(u.clients, id)
		}
	}
	took := reportInterval
	c := u.clients[doc.ClientID]
	switch {
	case c != nil:
		took = max(now.Sub(c.last), time.Second)
	case len(u.clients) < maxRuleClient:
		u.arrived++
		c = &samplingClient{number: u.arrived}
		u.clients[doc.ClientID] = c
	default:
		return nil
	}
	c.rate, c.last = float64(doc.RequestCount)/took.Seconds(), now
	return c
}

// allocate gives a client its share of the reservoir, but never what others
// still hold: those get less when they report next, within an interval. It is
// not granted as long as they hold everything.
func (u *ruleUse) allocate(c *samplingClient, reservoir int32) (quota int32, granted bool) {
	if c == nil {
		return 0, false
	}
	all := make([]*samplingClient, 0, len(u.clients))
	held := int32(0)
	for _, other := range u.clients {
		all = append(all, other)
		if other != c {
			held += min(other.quota, reservoir-held)
		}
	}
	slices.SortFunc(all, func(a, b *samplingClient) int { return cmp.Compare(a.number, b.number) })
	share := fairShares(reservoir, all)[slices.Index(all, c)]
	c.quota = min(share, reservoir-held)
	return c.quota, c.quota > 0 || share == 0
}

// fairShares divides a reservoir evenly over clients; who needs less than an even
// share leaves the rest to the others, and what nobody needs is divided evenly
// too, for the moment when somebody does. Nothing is left over.
func fairShares(reservoir int32, clients []*samplingClient) []int32 {
	shares := make([]int32, len(clients))
	need := make([]int32, len(clients))
	order := make([]int, len(clients))
	for i, c := range clients {
		need[i] = int32(min(math.Ceil(c.rate), float64(reservoir)))
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { // of equals the oldest last: it gets what a division leaves over
		return cmp.Or(cmp.Compare(need[a], need[b]), cmp.Compare(b, a))
	})
	rest := reservoir
	for done, i := range order {
		shares[i] = min(need[i], rest/int32(len(order)-done))
		rest -= shares[i]
	}
	n := int32(len(shares))
	for i := range shares {
		shares[i] += rest / n
		if int32(i) < rest%n {
			shares[i]++
		}
	}
	return shares
}
