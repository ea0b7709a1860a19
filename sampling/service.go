package sampling

import (
	"context"
	"time"
)

// A Service hands out rules and quotas, as X-Ray does. Its methods are called by one goroutine at a time.
type Service interface {
	// Rules returns all rules there are.
	Rules(ctx context.Context) ([]Rule, error)
	// Report says what was decided and returns what the service assigns; there are at most MaxStatistics of each kind.
	Report(ctx context.Context, statistics []Statistics, boosts []BoostStatistics) (Targets, error)
}

// MaxStatistics is the most statistics, of each kind, that X-Ray takes in a call.
// https://docs.aws.amazon.com/xray/latest/api/API_GetSamplingTargets.html
const MaxStatistics = 25

// Statistics says what this process decided by a rule since its last report.
type Statistics struct {
	// Rule is the rule's name, Client the process's id: 24 hexadecimal digits.
	Rule, Client string
	// At is the time of the report.
	At time.Time
	// Requests matched the rule; of them Sampled were sampled; of those Borrowed by a borrowed place.
	Requests, Sampled, Borrowed int64
}

// BoostStatistics says what anomalies this process saw in the traces of a rule since its last report.
type BoostStatistics struct {
	// Rule is the rule's name, Service the name of the service.
	Rule, Service string
	// At is the time of the report.
	At time.Time
	// Total traces were seen; of them Anomalies had one; of those SampledAnomalies were sampled.
	Total, Anomalies, SampledAnomalies int64
}

// Targets is a service's answer to a report.
type Targets struct {
	// Targets are what is assigned.
	Targets []Target
	// RulesModified is when the rules last changed.
	RulesModified time.Time
	// Unprocessed are the statistics that were not taken.
	Unprocessed []Unprocessed
}

// A Target is what is assigned to this process for a rule. What is nil or zero was not said.
type Target struct {
	// Rule is the rule's name.
	Rule string
	// FixedRate is the rate after the reservoir.
	FixedRate *float64
	// Quota is this process's share of the reservoir, in traces a second, until QuotaUntil.
	Quota      *int64
	QuotaUntil time.Time
	// Interval is the time to the next report.
	Interval time.Duration
	// BoostRate replaces a lower rate until BoostUntil.
	BoostRate  float64
	BoostUntil time.Time
}

// Unprocessed are statistics that a service did not take.
type Unprocessed struct {
	// Rule is the rule's name.
	Rule string
	// Boost tells that it was the rule's boost statistics.
	Boost bool
	// Again tells that they may be taken later: they are not at fault.
	Again bool
	// Reason is what the service says.
	Reason string
}
