package awsapi

import (
	"context"
	"encoding/json"
	"strconv"
)

// MaxSamplingStatistics is the most documents, of each kind, of a call of GetSamplingTargets.
// https://docs.aws.amazon.com/xray/latest/api/API_GetSamplingTargets.html
const MaxSamplingStatistics = 25

// MaxSamplingServiceName is the longest name of a service in boost statistics, in characters.
// https://docs.aws.amazon.com/xray/latest/api/API_SamplingBoostStatisticsDocument.html
const MaxSamplingServiceName = 64

// ClientIDLength is how many hexadecimal digits [SamplingStatistics] has as the id of its client.
// https://docs.aws.amazon.com/xray/latest/api/API_SamplingStatisticsDocument.html
const ClientIDLength = 24

// SamplingStatistics says what a client decided by a rule since it last said so.
// https://docs.aws.amazon.com/xray/latest/api/API_SamplingStatisticsDocument.html
type SamplingStatistics struct {
	// RuleName is the rule, ClientID the process: ClientIDLength hexadecimal digits.
	RuleName, ClientID string
	// Timestamp is the time of the report, in seconds since 1970.
	Timestamp int64
	// RequestCount is how many requests matched, SampledCount how many of them were sampled, BorrowCount how many of
	// those by a borrowed place in the reservoir.
	RequestCount, SampledCount, BorrowCount int64
}

// SamplingBoostStatistics says what anomalies a service saw in the traces of a rule.
// https://docs.aws.amazon.com/xray/latest/api/API_SamplingBoostStatisticsDocument.html
type SamplingBoostStatistics struct {
	RuleName, ServiceName string
	// Timestamp is the time of the report, in seconds since 1970.
	Timestamp int64
	// TotalCount is how many traces were seen, AnomalyCount how many had an anomaly, SampledAnomalyCount how many of
	// those were sampled.
	TotalCount, AnomalyCount, SampledAnomalyCount int64
}

// A SamplingTarget is what X-Ray assigns a client for a rule, as X-Ray says it. What it does not say is nil.
// https://docs.aws.amazon.com/xray/latest/api/API_SamplingTargetDocument.html
type SamplingTarget struct {
	RuleName string
	// FixedRate is the rate after the reservoir.
	FixedRate *float64
	// ReservoirQuota is how many requests to sample a second before that, until ReservoirQuotaTTL, in seconds since
	// 1970.
	ReservoirQuota    *int64
	ReservoirQuotaTTL *float64
	// Interval is the time to the next report, in seconds.
	Interval *int64
	// SamplingBoost raises the rate.
	SamplingBoost *SamplingBoost
}

// SamplingBoost is a raised rate and when it ends, in seconds since 1970.
type SamplingBoost struct {
	BoostRate, BoostRateTTL float64
}

// UnprocessedStatistics is a report that X-Ray did not take although the call worked.
// https://docs.aws.amazon.com/xray/latest/api/API_UnprocessedStatistics.html
type UnprocessedStatistics struct {
	// RuleName is the report's rule, ErrorCode a status like HTTP's or a name, Message X-Ray's text.
	RuleName, ErrorCode, Message string
}

// Error says what X-Ray said about the report.
func (u UnprocessedStatistics) Error() string {
	return clean(u.ErrorCode + ": " + u.Message)
}

// Retryable reports whether X-Ray may take the report another time: not if its rule is gone.
func (u UnprocessedStatistics) Retryable() bool {
	e := &Error{Code: u.ErrorCode}
	if status, err := strconv.Atoi(u.ErrorCode); err == nil {
		e = &Error{StatusCode: status}
	}
	return e.Retryable()
}

// SamplingTargets is the answer to a report.
type SamplingTargets struct {
	SamplingTargetDocuments []SamplingTarget
	// LastRuleModification is when the account's rules last changed, in seconds since 1970.
	LastRuleModification       float64
	UnprocessedStatistics      []UnprocessedStatistics
	UnprocessedBoostStatistics []UnprocessedStatistics
}

// GetSamplingTargets reports statistics, at most MaxSamplingStatistics of each kind, and returns what X-Ray assigns
// for these rules. Without statistics it makes no call.
// https://docs.aws.amazon.com/xray/latest/api/API_GetSamplingTargets.html
func (c *Client) GetSamplingTargets(ctx context.Context, statistics []SamplingStatistics, boosts []SamplingBoostStatistics) (SamplingTargets, error) {
	var out SamplingTargets
	k := call{operation: "GetSamplingTargets", path: "/SamplingTargets", contentType: "application/json"}
	n := max(len(statistics), len(boosts))
	if err := c.check(k, XRay, n, MaxSamplingStatistics); err != nil || n == 0 {
		return out, err
	}
	body := c.bodies.new()
	body.data = append(body.data, `{"SamplingStatisticsDocuments":[`...)
	for i := range statistics {
		body.data = appendStatistics(separate(body.data, i), &statistics[i])
	}
	body.data = append(body.data, ']')
	if len(boosts) > 0 {
		body.data = append(body.data, `,"SamplingBoostStatisticsDocuments":[`...)
		for i := range boosts {
			body.data = appendBoostStatistics(separate(body.data, i), &boosts[i])
		}
		body.data = append(body.data, ']')
	}
	body.data = append(body.data, '}')
	answer, err := c.do(ctx, k, body)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return SamplingTargets{}, c.badAnswer(k, nil, err)
	}
	return out, nil
}

func separate(dst []byte, i int) []byte {
	if i > 0 {
		return append(dst, ',')
	}
	return dst
}

func appendStatistics(dst []byte, s *SamplingStatistics) []byte {
	dst = appendMember(dst, `{"RuleName":`, s.RuleName)
	dst = appendMember(dst, `,"ClientID":`, s.ClientID)
	dst = strconv.AppendInt(append(dst, `,"Timestamp":`...), s.Timestamp, 10)
	dst = strconv.AppendInt(append(dst, `,"RequestCount":`...), s.RequestCount, 10)
	dst = strconv.AppendInt(append(dst, `,"SampledCount":`...), s.SampledCount, 10)
	dst = strconv.AppendInt(append(dst, `,"BorrowCount":`...), s.BorrowCount, 10)
	return append(dst, '}')
}

func appendBoostStatistics(dst []byte, s *SamplingBoostStatistics) []byte {
	dst = appendMember(dst, `{"RuleName":`, s.RuleName)
	dst = appendMember(dst, `,"ServiceName":`, s.ServiceName)
	dst = strconv.AppendInt(append(dst, `,"Timestamp":`...), s.Timestamp, 10)
	dst = strconv.AppendInt(append(dst, `,"AnomalyCount":`...), s.AnomalyCount, 10)
	dst = strconv.AppendInt(append(dst, `,"TotalCount":`...), s.TotalCount, 10)
	dst = strconv.AppendInt(append(dst, `,"SampledAnomalyCount":`...), s.SampledAnomalyCount, 10)
	return append(dst, '}')
}
