package localaws

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/updraft-otel/updraft/localaws/internal/metricstat"
	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// GetMetricData as AWS does it: MetricStat queries with all statistics, both
// orders, pages of MaxDatapoints, and the start rounded as AWS rounds it; a
// query without data is Complete and empty. Without a unit, data of all units
// count as one. It leaves out: Expression (metric math and Metrics Insights),
// which is refused loudly; other accounts; dynamic labels, which come back as
// they are. Read from getMetricDataPage.

type getMetricDataInput struct {
	MetricDataQueries []metricDataQuery `json:"MetricDataQueries"`
	StartTime         *wire.Time        `json:"StartTime"`
	EndTime           *wire.Time        `json:"EndTime"`
	NextToken         *string           `json:"NextToken"`
	ScanBy            *string           `json:"ScanBy"`
	MaxDatapoints     *int              `json:"MaxDatapoints"`
}

type metricDataQuery struct {
	ID         *string     `json:"Id"`
	MetricStat *metricStat `json:"MetricStat"`
	Expression *string     `json:"Expression"`
	Label      *string     `json:"Label"`
	ReturnData *bool       `json:"ReturnData"`
}

type metricStat struct {
	Metric *metricName `json:"Metric"`
	Period *int        `json:"Period"`
	Stat   *string     `json:"Stat"`
	Unit   *string     `json:"Unit"`
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
	stats := make([]metricstat.Stat, len(in.MetricDataQueries))
	for i := range in.MetricDataQueries {
		stats[i] = v.whole().query(fmt.Sprintf("MetricDataQueries.member.%d", i+1), &in.MetricDataQueries[i])
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	skip := 0
	if in.NextToken != nil {
		var err error
		if skip, err = strconv.Atoi(*in.NextToken); err != nil || skip < 1 {
			return nil, c.fail("InvalidNextToken", "The next token specified is invalid.")
		}
	}
	room := maxMetricDatapoints
	if in.MaxDatapoints != nil {
		room = *in.MaxDatapoints
	}
	out := &getMetricDataOutput{MetricDataResults: []metricDataResult{}, Messages: []messageData{}}
	p := pager{skip: skip, room: room, first: skip == 0}
	for i := range in.MetricDataQueries {
		q := &in.MetricDataQueries[i]
		if q.ReturnData != nil && !*q.ReturnData {
			continue
		}
		if r := p.take(in.result(c, q, stats[i])); r != nil {
			out.MetricDataResults = append(out.MetricDataResults, *r)
		}
	}
	if p.more {
		out.NextToken = strconv.Itoa(skip + room)
	}
	return out, nil
}

// result is all data of one query, in the order that is asked for.
func (in *getMetricDataInput) result(c *call, q *metricDataQuery, stat metricstat.Stat) *metricDataResult {
	m := q.MetricStat
	r := &metricDataResult{ID: *q.ID, Label: *m.Metric.MetricName, StatusCode: "Complete", Timestamps: []wire.Time{}, Values: []float64{}}
	if q.Label != nil {
		r.Label = *q.Label
	}
	buckets := c.srv.metrics.queryAny(metricQuery{
		key:  metricKey(*m.Metric.Namespace, *m.Metric.MetricName, sortedDimensions(m.Metric.Dimensions)),
		unit: deref(m.Unit), start: in.StartTime.Unix(), end: ceilSeconds(*in.EndTime), period: int64(*m.Period), now: c.now.Unix(),
	})
	for i := range buckets {
		if value, ok := stat.Of(&buckets[i].dist); ok {
			r.Timestamps = append(r.Timestamps, metricTime(buckets[i].start))
			r.Values = append(r.Values, value)
		}
	}
	if deref(in.ScanBy) != "TimestampAscending" {
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
	seen := make(map[string]bool)
	for i := range in.MetricDataQueries {
		id := deref(in.MetricDataQueries[i].ID)
		if seen[id] && id != "" {
			it.fail(&ruleQueryTwice, "MetricDataQueries", id, id)
		}
		seen[id] = true
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

// query checks one query and reads its statistic.
func (i item) query(at string, q *metricDataQuery) (stat metricstat.Stat) {
	if i.required(at+".Id", q.ID) {
		if !isQueryID(*q.ID) {
			i.fail(&ruleQueryID, at+".Id", *q.ID, *q.ID, at+".Id")
		}
		i.text(at+".Id", *q.ID, maxMetricName)
	}
	if (q.MetricStat == nil) == (q.Expression == nil) {
		i.fail(&ruleQueryKind, at, "", at)
		return stat
	}
	if q.Expression != nil {
		i.fail(&ruleQueryExpression, at+".Expression", *q.Expression, *q.Expression)
		return stat
	}
	at += ".MetricStat"
	m := q.MetricStat
	if m.Metric == nil {
		i.fail(&ruleMetricRequired, at+".Metric", "", at+".Metric")
	} else {
		i.metric(at+".Metric", m.Metric)
	}
	i.period(&ruleQueryPeriod, at+".Period", m.Period)
	i.unit(&ruleQueryUnit, at+".Unit", m.Unit)
	if i.required(at+".Stat", m.Stat) {
		var err error
		if stat, err = metricstat.Parse(*m.Stat); err != nil {
			i.fail(&ruleQueryStat, at+".Stat", *m.Stat, at+".Stat")
		}
	}
	return stat
}

// metric checks the metric that is asked for.
func (i item) metric(at string, m *metricName) {
	if i.required(at+".Namespace", m.Namespace) {
		i.text(at+".Namespace", *m.Namespace, maxMetricName)
	}
	if i.required(at+".MetricName", m.MetricName) {
		i.text(at+".MetricName", *m.MetricName, maxMetricName)
	}
	i.dimensions(at+".Dimensions", m.Dimensions)
}

func (i item) period(rule *Rule, field string, period *int) {
	switch {
	case period == nil:
		i.fail(&ruleMetricRequired, field, "", field)
	case !isPeriod(*period):
		i.fail(rule, field, *period, field)
	}
}

// isQueryID reports whether an id matches ^[a-z][a-zA-Z0-9_]*$.
func isQueryID(id string) bool {
	for i := range len(id) {
		ch := id[i]
		letter := ch >= 'a' && ch <= 'z'
		if !letter && (i == 0 || (ch < 'A' || ch > 'Z') && (ch < '0' || ch > '9') && ch != '_') {
			return false
		}
	}
	return id != ""
}
