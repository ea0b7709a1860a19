package localaws

import (
	"fmt"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/metricmath"
	"github.com/updraft-otel/updraft/localaws/internal/metricstat"
)

// A preparedQuery is a query that was checked and read.
type preparedQuery struct {
	*metricDataQuery
	stat metricstat.Stat  // of a MetricStat
	expr *metricmath.Expr // of an Expression
}

// queries checks queries, of GetMetricData or of an alarm, and reads their
// statistics and expressions.
func (i item) queries(path string, list []metricDataQuery) []preparedQuery {
	out := make([]preparedQuery, len(list))
	seen := make(map[string]bool)
	for k := range list {
		q := &list[k]
		if id := deref(q.ID); id != "" {
			if seen[id] {
				i.fail(&ruleQueryTwice, path, id, id)
			}
			seen[id] = true
		}
		out[k] = i.query(fmt.Sprintf("%s.member.%d", path, k+1), q)
	}
	return out
}

// prepare reads a query that was checked once.
func prepare(q *metricDataQuery) (p preparedQuery, err error) {
	p.metricDataQuery = q
	if q.Expression != nil {
		p.expr, err = metricmath.Parse(*q.Expression)
		return p, err
	}
	p.stat, err = metricstat.Parse(*q.MetricStat.Stat)
	return p, err
}

// query checks one query.
func (i item) query(at string, q *metricDataQuery) preparedQuery {
	p := preparedQuery{metricDataQuery: q}
	if i.required(at+".Id", q.ID) {
		if !isQueryID(*q.ID) {
			i.fail(&ruleQueryID, at+".Id", *q.ID, *q.ID, at+".Id")
		}
		i.text(at+".Id", *q.ID, maxMetricName)
	}
	if q.Period != nil {
		i.period(&ruleQueryPeriod, at+".Period", q.Period)
	}
	if q.AccountID != nil && *q.AccountID != AccountID {
		i.fail(&ruleQueryAccount, at+".AccountId", *q.AccountID, *q.AccountID)
	}
	switch {
	case (q.MetricStat == nil) == (q.Expression == nil):
		i.fail(&ruleQueryKind, at, "", at)
	case q.Expression != nil:
		p.expr = i.expression(at+".Expression", deref(q.ID), *q.Expression)
	default:
		p.stat = i.metricStat(at+".MetricStat", q.MetricStat)
	}
	return p
}

// expression reads a metric math expression.
func (i item) expression(field, id, text string) *metricmath.Expr {
	if !i.required(field, &text) {
		return nil
	}
	if n := len([]rune(text)); n > maxExpression {
		i.fail(&ruleExpressionLength, field, n, field, maxExpression+1)
		return nil
	}
	expr, err := metricmath.Parse(text)
	if err != nil {
		i.failExpression(field, &expressionError{id, err})
	}
	return expr
}

func (i item) metricStat(at string, m *metricStat) (stat metricstat.Stat) {
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

// zone reads LabelOptions: + or - and four digits, hours and minutes.
func (i item) zone(o *labelOptions) *time.Location {
	if o == nil || o.Timezone == nil {
		return time.UTC
	}
	t, err := time.Parse("-0700", *o.Timezone)
	if err != nil {
		i.fail(&ruleLabelZone, "LabelOptions.Timezone", *o.Timezone, *o.Timezone)
		return time.UTC
	}
	return t.Location()
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
