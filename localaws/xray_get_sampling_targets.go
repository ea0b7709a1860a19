package localaws

import (
	"time"
	"unicode/utf8"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// GetSamplingTargets as AWS does it: takes what a client did by each rule, and
// answers its share of the rule's reservoir, good for five minutes, the rate, when
// to report again, a boost if there is one, and when the rules changed last. A
// document of a deleted rule, or too old, comes back unprocessed and the others
// count. As long as others hold the whole reservoir the answer has no quota, and
// the client goes on borrowing.
//
// A count that is missing is 0, as in the models where such a member is a plain
// integer; ADOT for Python misspells SampledCount. It leaves out longer intervals
// than 10 seconds, which AWS may ask for.
//
// Read from https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sampling.html

// What the answers say, and their limits. AWS does not tell when statistics are
// too old; five minutes is how long a quota lasts.
const (
	reportInterval       = 10 * time.Second
	quotaLifetime        = 5 * time.Minute
	maxStatisticsAge     = 5 * time.Minute
	maxStatisticsPerCall = 25
	clientIDLength       = 24
)

type getSamplingTargetsInput struct {
	SamplingStatisticsDocuments      *[]samplingStatistics `json:"SamplingStatisticsDocuments"`
	SamplingBoostStatisticsDocuments []boostStatistics     `json:"SamplingBoostStatisticsDocuments"`
}

type samplingStatistics struct {
	RuleName     string     `json:"RuleName"`
	ClientID     string     `json:"ClientID"`
	Timestamp    *wire.Time `json:"Timestamp"`
	RequestCount int32      `json:"RequestCount"`
	SampledCount int32      `json:"SampledCount"`
	BorrowCount  int32      `json:"BorrowCount"`
}

type boostStatistics struct {
	RuleName            string     `json:"RuleName"`
	ServiceName         string     `json:"ServiceName"`
	Timestamp           *wire.Time `json:"Timestamp"`
	AnomalyCount        int32      `json:"AnomalyCount"`
	TotalCount          int32      `json:"TotalCount"`
	SampledAnomalyCount int32      `json:"SampledAnomalyCount"`
}

type getSamplingTargetsOutput struct {
	SamplingTargetDocuments    []samplingTarget        `json:"SamplingTargetDocuments"`
	LastRuleModification       wire.Time               `json:"LastRuleModification"`
	UnprocessedStatistics      []unprocessedStatistics `json:"UnprocessedStatistics"`
	UnprocessedBoostStatistics []unprocessedStatistics `json:"UnprocessedBoostStatistics"`
}

type samplingTarget struct {
	RuleName          string         `json:"RuleName"`
	FixedRate         float64        `json:"FixedRate"`
	ReservoirQuota    *int32         `json:"ReservoirQuota,omitempty"`
	ReservoirQuotaTTL *wire.Time     `json:"ReservoirQuotaTTL,omitempty"`
	Interval          int32          `json:"Interval"`
	SamplingBoost     *samplingBoost `json:"SamplingBoost,omitempty"`
}

type samplingBoost struct {
	BoostRate    float64   `json:"BoostRate"`
	BoostRateTTL wire.Time `json:"BoostRateTTL"`
}

type unprocessedStatistics struct {
	RuleName  string `json:"RuleName"`
	ErrorCode string `json:"ErrorCode"` // an HTTP status: clients look at its first digit
	Message   string `json:"Message"`
}

func getSamplingTargets(c *call, in *getSamplingTargetsInput) (*getSamplingTargetsOutput, error) {
	if err := c.checkStatistics(in); err != nil {
		return nil, err
	}
	out := &getSamplingTargetsOutput{
		SamplingTargetDocuments:    []samplingTarget{},
		UnprocessedStatistics:      []unprocessedStatistics{},
		UnprocessedBoostStatistics: []unprocessedStatistics{},
	}
	for _, doc := range in.SamplingBoostStatisticsDocuments { // first: they may start a boost that the answer tells
		if bad := c.unprocessed(doc.RuleName, doc.Timestamp); bad != nil {
			out.UnprocessedBoostStatistics = append(out.UnprocessedBoostStatistics, *bad)
			continue
		}
		c.srv.sampling.addBoost(doc, c.now)
	}
	for _, doc := range *in.SamplingStatisticsDocuments {
		if bad := c.unprocessed(doc.RuleName, doc.Timestamp); bad != nil {
			out.UnprocessedStatistics = append(out.UnprocessedStatistics, *bad)
			continue
		}
		if target, ok := c.srv.sampling.report(doc, c.now); ok {
			out.SamplingTargetDocuments = append(out.SamplingTargetDocuments, target)
		}
	}
	out.LastRuleModification = wire.NewTime(c.srv.sampling.lastModified())
	return out, nil
}

func (s *samplingStore) lastModified() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.modified
}

// unprocessed is what a document is answered that concerns no rule, or no time
// that still matters; nil for a good one.
func (c *call) unprocessed(name string, at *wire.Time) *unprocessedStatistics {
	rule, field, value := &ruleTargetsRule, "RuleName", name
	if _, known := c.srv.sampling.lookup(name); known {
		if c.now.Sub(at.Time) <= maxStatisticsAge {
			return nil
		}
		rule, field, value = &ruleTargetsAge, "Timestamp", at.Format(time.RFC3339)
	}
	c.note(rule, field, value, c.body)
	return &unprocessedStatistics{name, rule.Code, rule.message(value)}
}

// checkStatistics refuses the call for what no document can have.
func (c *call) checkStatistics(in *getSamplingTargetsInput) error {
	const plain, boost = "SamplingStatisticsDocuments", "SamplingBoostStatisticsDocuments"
	if in.SamplingStatisticsDocuments == nil {
		return c.refuse(&ruleTargetsMember, plain, plain, c.body)
	}
	if n := len(*in.SamplingStatisticsDocuments); n > maxStatisticsPerCall {
		return c.refuse(&ruleTargetsCount, plain, n, c.body)
	}
	if n := len(in.SamplingBoostStatisticsDocuments); n > maxStatisticsPerCall {
		return c.refuse(&ruleTargetsCount, boost, n, c.body)
	}
	for _, doc := range *in.SamplingStatisticsDocuments {
		if err := c.checkDocument(plain, doc.RuleName, doc.Timestamp, doc.RequestCount, doc.SampledCount, doc.BorrowCount); err != nil {
			return err
		}
		if utf8.RuneCountInString(doc.ClientID) != clientIDLength {
			return c.refuse(&ruleTargetsClient, plain+".ClientID", doc.ClientID, c.body)
		}
	}
	for _, doc := range in.SamplingBoostStatisticsDocuments {
		if err := c.checkDocument(boost, doc.RuleName, doc.Timestamp, doc.AnomalyCount, doc.TotalCount, doc.SampledAnomalyCount); err != nil {
			return err
		}
		if utf8.RuneCountInString(doc.ServiceName) > maxRuleServiceName {
			return c.refuse(&ruleSamplingServiceName, boost+".ServiceName", doc.ServiceName, c.body)
		}
	}
	return nil
}

func (c *call) checkDocument(parent, name string, at *wire.Time, counts ...int32) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > maxRuleName {
		return c.refuse(&ruleSamplingName, parent+".RuleName", name, c.body)
	}
	if at == nil {
		return c.refuse(&ruleTargetsMember, parent+".Timestamp", "Timestamp", c.body)
	}
	for _, n := range counts {
		if n < 0 {
			return c.refuse(&ruleTargetsNumber, parent, n, c.body)
		}
	}
	return nil
}
