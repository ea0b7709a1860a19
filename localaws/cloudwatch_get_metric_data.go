package localaws

import (
	"slices"
	"strconv"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// GetMetricData as AWS does it: MetricStat queries with all statistics, metric
// math (see internal/metricmath for what there is), both orders, pages of
// MaxDatapoints, dynamic labels, and the start rounded as AWS rounds it; a query
// without data is Complete and empty. Without a unit, data of all units count as
// one. It leaves out: Metrics Insights and what else metricmath leaves out, which
// is refused loudly; other accounts. Read from getMetricDataPage.

type getMetricDataInput struct {
	MetricDataQueries []metricDataQuery `json:"MetricDataQueries"`
	StartTime         *wire.Time        `json:"StartTime"`
	EndTime           *wire.Time        `json:"EndTime"`
	NextToken         *string           `json:"NextToken"`
	ScanBy            *string           `json:"ScanBy"`
	MaxDatapoints     *int              `json:"MaxDatapoints"`
	LabelOptions      *labelOptions     `json:"LabelOptions"`
}

type labelOptions struct {
	Timezone *string `json:"Timezone"`
}

// A metricDataQuery is MetricDataQuery, of GetMetricData and of alarms.
type metricDataQuery struct {
	ID         *string     `json:"Id,omitempty"`
	MetricStat *metricStat `json:"MetricStat,omitempty"`
	Expression *string     `json:"Expression,omitempty"`
	Label      *string     `json:"Label,omitempty"`
	ReturnData *bool       `json:"ReturnData,omitempty"`
	Period     *int        `json:"Period,omitempty"`
	AccountID  *string     `json:"AccountId,omitempty"`
}

type metricStat struct {
	Metric *metricName `json:"Metric,omitempty"`
	Period *int        `json:"Period,omitempty"`
	Stat   *string     `json:"Stat,omitempty"`
	Unit   *string     `json:"Unit,omitempty"`
}

type getMetricDataOutput struct {
	MetricDataResults []metricDataResult `json:"MetricDataResults"`
	NextToken         string             `json:"NextToken,omitempty"`
	Messages          []messageData      `json:"Messages"`
}

type metricDataResult struct {
	ID         string      `json:"Id"`
	Label      string      `json:"Label"`
	Timestamps []wire.Time `json:"Timestamps"`
	Values     []float64   `json:"Values"`
	StatusCode string      `json:"StatusCode"`
}

type messageData struct {
	Code  string `json:"Code"`
	Value string `json:"Value"`
}

func getMetricData(c *call, in *getMetricDataInput) (*getMetricDataOutput, error) {
	v := &violations{c: c, in: in}
	in.check(v)
	r := &metricRequest{now: c.now.Unix(), queries: v.whole().queries("MetricDataQueries", in.MetricDataQueries), zone: v.whole().zone(in.LabelOptions)}
	if err := v.err(); err != nil {
		return nil, err
	}
	r.start, r.end = in.StartTime.Unix(), ceilSeconds(*in.EndTime)
	skip := 0
	if in.NextToken != nil {
		var err error
		if skip, err = strconv.Atoi(*in.NextToken); err != nil || skip < 1 {
			return nil, c.fail("InvalidNextToken", "The next token specified is invalid.")
		}
	}
	answer, err := c.srv.metrics.evaluate(r)
	if err != nil {
		return nil, v.refuseExpression("MetricDataQueries", err)
	}
	return in.page(answer, skip), nil
}

// page is one page of an answer. AWS gives no token where there is math.
func (in *getMetricDataInput) page(answer *metricAnswer, skip int) *getMetricDataOutput {
	room := maxMetricDatapoints
	if in.MaxDatapoints != nil {
		room = *in.MaxDatapoints
	}
	out := &getMetricDataOutput{MetricDataResults: []metricDataResult{}, Messages: []messageData{}}
	out.Messages = append(out.Messages, answer.messages...)
	p := pager{skip: skip, room: room, first: skip == 0}
	for i := range answer.lines {
		line := &answer.lines[i]
		if !line.returned {
			continue
		}
		if r := p.take(line.result(deref(in.ScanBy) != "TimestampAscending")); r != nil {
			out.MetricDataResults = append(out.MetricDataResults, *r)
		}
	}
	if p.more && !slices.ContainsFunc(in.MetricDataQueries, func(q metricDataQuery) bool { return q.Expression != nil }) {
		out.NextToken = strconv.Itoa(skip + room)
	}
	return out
}

// result is a line as an answer has it.
func (l *metricLine) result(newestFirst bool) *metricDataResult {
	r := &metricDataResult{ID: l.id, Label: l.label, StatusCode: "Complete", Timestamps: []wire.Time{}, Values: []float64{}}
	for i, t := range l.series.Times {
		r.Timestamps = append(r.Timestamps, metricTime(t))
		r.Values = append(r.Values, l.series.Values[i])
	}
	if newestFirst {
		slices.Reverse(r.Timestamps)
		slices.Reverse(r.Values)
	}
	return r
}

// A pager cuts one page out of the data points of all queries in turn.
type pager struct {
	skip, room  int
	first, more bool
}

// take is the part of a result that is on the page; nil for none. A result
// without any data is on the first page.
func (p *pager) take(r *metricDataResult) *metricDataResult {
	n := len(r.Values)
	if n == 0 {
		if p.first {
			return r
		}
		return nil
	}
	skipped := min(p.skip, n)
	p.skip -= skipped
	taken := min(p.room, n-skipped)
	p.room -= taken
	r.Timestamps, r.Values = r.Timestamps[skipped:skipped+taken], r.Values[skipped:skipped+taken]
	if skipped+taken < n {
		p.more = true
		r.StatusCode = "PartialData"
	}
	if taken == 0 {
		return nil
	}
	return r
}

// check checks what is not of a single query.
func (in *getMetricDataInput) check(v *violations) {
	it := v.whole()
	switch n := len(in.MetricDataQueries); {
	case n == 0:
		it.fail(&ruleMetricRequired, "MetricDataQueries", "", "MetricDataQueries")
	case n > maxMetricQueries:
		it.fail(&ruleQueryCount, "MetricDataQueries", n, "MetricDataQueries")
	}
	if it.times(in.StartTime, in.EndTime) {
		switch {
		case in.StartTime.Equal(in.EndTime.Time):
			it.fail(&ruleQueryTimes, "EndTime", in.EndTime, "The parameter StartTime must not equal parameter EndTime.")
		case in.StartTime.After(in.EndTime.Time):
			it.fail(&ruleQueryTimes, "EndTime", in.EndTime, "The parameter EndTime must be greater than StartTime.")
		}
	}
	switch deref(in.ScanBy) {
	case "", "TimestampDescending", "TimestampAscending":
	default:
		it.fail(&ruleQueryScanBy, "ScanBy", *in.ScanBy)
	}
	if m := in.MaxDatapoints; m != nil && (*m < 1 || *m > maxMetricDatapoints) {
		it.fail(&ruleQueryDatapoints, "MaxDatapoints", *m, *m)
	}
}

// times reports whether both times are there.
func (i item) times(start, end *wire.Time) bool {
	if start == nil {
		i.fail(&ruleMetricRequired, "StartTime", "", "StartTime")
	}
	if end == nil {
		i.fail(&ruleMetricRequired, "EndTime", "", "EndTime")
	}
	return start != nil && end != nil
}
