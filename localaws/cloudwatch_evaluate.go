package localaws

import (
	"errors"
	"fmt"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/metricmath"
	"github.com/updraft-otel/updraft/localaws/internal/metricstat"
)

// A metricRequest is queries over a range of time. GetMetricData, alarms and
// images of widgets all have their data by one.
type metricRequest struct {
	queries    []preparedQuery
	start, end int64 // seconds; the end is exclusive
	now        int64
	zone       *time.Location // of the times in labels
}

// A metricAnswer is what the queries are worth, in their order. An expression
// that is an array has a line for each of its series.
type metricAnswer struct {
	lines    []metricLine
	kinds    map[string]metricmath.Kind // by the id of the query
	messages []messageData
}

type metricLine struct {
	id, label string
	returned  bool // ReturnData is not false
	series    *metricmath.Series
}

// An expressionError is an expression that cannot be computed.
type expressionError struct {
	id  string
	err error
}

func (e *expressionError) Error() string {
	return fmt.Sprintf("Error in expression '%s': %v", e.id, e.err)
}

func (e *expressionError) Unwrap() error { return e.err }

// What one request may make: time series that a search finds, as AWS has it, and
// points that expressions make, about 130 MB.
const (
	maxSearchSeries = 500
	maxMathPoints   = 8 << 20

	defaultMathPeriod = 300 // of CloudWatch's graphs; where nothing else says one
)

// A metricEvaluator is one computation of a request.
type metricEvaluator struct {
	*metricRequest
	store    *metricStore
	byID     map[string]*preparedQuery
	values   map[string]metricmath.Value
	open     map[string]bool // expressions that are being computed
	metrics  []*metricmath.Series
	points   int
	messages []messageData
}

// evaluate computes a request whose queries were checked. Its errors are
// [*expressionError]s.
func (s *metricStore) evaluate(r *metricRequest) (*metricAnswer, error) {
	e := &metricEvaluator{
		metricRequest: r, store: s, points: maxMathPoints,
		byID: make(map[string]*preparedQuery), values: make(map[string]metricmath.Value), open: make(map[string]bool),
	}
	for i := range r.queries {
		q := &r.queries[i]
		e.byID[*q.ID] = q
		if q.MetricStat != nil {
			series := e.metric(q)
			e.metrics = append(e.metrics, series)
			e.values[*q.ID] = metricmath.One(series)
		}
	}
	out := &metricAnswer{kinds: make(map[string]metricmath.Kind)}
	for i := range r.queries {
		q := &r.queries[i]
		value, err := e.value(*q.ID)
		if err != nil {
			return nil, err
		}
		if value.Kind == metricmath.KindScalar {
			return nil, &expressionError{*q.ID, errScalar}
		}
		out.kinds[*q.ID] = value.Kind
		out.lines = append(out.lines, e.lines(q, value)...)
	}
	out.messages = e.messages
	return out, nil
}

// errScalar is an expression that is a number in the end.
var errScalar = &metricmath.Error{Text: "The result is a number; it must be a time series or an array of time series"}

// value computes a query, and what it refers to first.
func (e *metricEvaluator) value(id string) (metricmath.Value, error) {
	if v, ok := e.values[id]; ok {
		return v, nil
	}
	q := e.byID[id]
	e.open[id] = true
	defer delete(e.open, id)
	v, err := q.expr.Eval(&metricmath.Env{
		Start: roundedStart(e.start, e.period(q), e.now), End: e.end, Period: e.period(q),
		Metrics: e.metrics, Points: &e.points,
		Lookup: func(ref string) (metricmath.Value, error) { return e.lookup(id, ref) },
		Search: func(s *metricmath.Search) ([]*metricmath.Series, error) { return e.search(q, s) },
	})
	if err != nil {
		var inner *expressionError
		if errors.As(err, &inner) {
			return v, err // of the expression that this one refers to
		}
		return v, &expressionError{id, err}
	}
	e.values[id] = v
	return v, nil
}

func (e *metricEvaluator) lookup(id, ref string) (metricmath.Value, error) {
	switch {
	case e.byID[ref] == nil:
		return metricmath.Value{}, &expressionError{id, &metricmath.Error{Text: fmt.Sprintf("Unknown identifier %q: no query has this id", ref)}}
	case e.open[ref]:
		return metricmath.Value{}, &expressionError{id, &metricmath.Error{Text: fmt.Sprintf("The expressions refer to one another in a circle, at %q", ref)}}
	}
	return e.value(ref)
}

// period is the step of what an expression makes from nothing: the query's own,
// the shortest of the metrics', or CloudWatch's default.
func (e *metricEvaluator) period(q *preparedQuery) int64 {
	if q.Period != nil {
		return int64(*q.Period)
	}
	shortest := int64(0)
	for _, m := range e.metrics {
		if shortest == 0 || m.Period < shortest {
			shortest = m.Period
		}
	}
	if shortest == 0 {
		return defaultMathPeriod
	}
	return shortest
}

// A measure is a metric with a statistic: what a series that no expression made
// is of.
type measure struct {
	namespace, name string
	dimensions      []dimension
	stat            string
	period          int64
}

// metric is the series of a MetricStat.
func (e *metricEvaluator) metric(q *preparedQuery) *metricmath.Series {
	m := q.MetricStat
	of := &measure{*m.Metric.Namespace, *m.Metric.MetricName, sortedDimensions(m.Metric.Dimensions), *m.Stat, int64(*m.Period)}
	s := e.measured(of, q.stat, deref(m.Unit))
	s.ID = *q.ID
	return s
}

// measured reads a metric from the store.
func (e *metricEvaluator) measured(of *measure, stat metricstat.Stat, unit string) *metricmath.Series {
	s := &metricmath.Series{Label: of.name, Period: of.period, Metric: of}
	buckets := e.store.queryAny(metricQuery{
		key: metricKey(of.namespace, of.name, of.dimensions), unit: unit,
		start: e.start, end: e.end, period: of.period, now: e.now,
	})
	for i := range buckets {
		if value, ok := stat.Of(&buckets[i].dist); ok {
			s.Times = append(s.Times, buckets[i].start)
			s.Values = append(s.Values, value)
		}
	}
	return s
}
