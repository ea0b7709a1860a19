package localaws

import (
	"fmt"
	"strings"

	"github.com/updraft-otel/updraft/localaws/internal/metricmath"
	"github.com/updraft-otel/updraft/localaws/internal/metricstat"
)

// SEARCH as AWS does it: the metrics that had data in the last two weeks, at most
// 500 time series. Their labels are what they differ in, as AWS's graphs show
// them; AWS does not say what GetMetricData makes of them. Read from
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html

// search is the series that a SEARCH finds, in the order of ListMetrics.
func (e *metricEvaluator) search(q *preparedQuery, s *metricmath.Search) ([]*metricmath.Series, error) {
	stat, err := metricstat.Parse(s.Stat)
	if err != nil {
		return nil, err
	}
	period := s.Period
	if period == 0 {
		period = e.period(q)
	}
	if period > maxPeriod || !isPeriod(int(period)) {
		return nil, &metricmath.Error{Text: fmt.Sprintf("The period of SEARCH must be 1, 5, 10, 20, 30 or a multiple of 60, not %d", period)}
	}
	since := e.now - listedSeconds
	found := e.store.list(func(m *metricSeries) bool { return m.last >= since && s.Finds(candidate(m)) })
	if len(found) > maxSearchSeries {
		found = found[:maxSearchSeries]
		e.messages = append(e.messages, messageData{
			Code: "MaxMetricsExceeded", Value: "The maximum number of allowed metrics of 500 is exceeded; some were left out.",
		})
	}
	labels := searchLabels(found)
	list := make([]*metricmath.Series, len(found))
	for i, m := range found {
		list[i] = e.measured(&measure{m.namespace, m.name, m.dimensions, s.Stat, period}, stat, "")
		list[i].Label = labels[i]
		if e.points -= len(list[i].Times); e.points < 0 {
			return nil, fmt.Errorf("%w: a search with so many data points", metricmath.ErrUnsupported)
		}
	}
	return list, nil
}

// candidate is a metric as a search looks at it.
func candidate(m *metricSeries) *metricmath.Candidate {
	c := &metricmath.Candidate{Namespace: m.namespace, Name: m.name}
	for _, d := range m.dimensions {
		c.Dimensions = append(c.Dimensions, metricmath.CandidateDimension{Name: d.name, Value: d.value})
	}
	return c
}

// searchLabels are the default labels of found metrics: of namespace, values of
// dimensions and name those in which they differ; the name where they do not.
func searchLabels(found []seriesInfo) []string {
	namespaces, names := make(map[string]bool), make(map[string]bool)
	values := make(map[string]map[string]bool) // by the name of the dimension; "" is without
	for _, m := range found {
		namespaces[m.namespace], names[m.name] = true, true
		for _, d := range m.dimensions {
			if values[d.name] == nil {
				values[d.name] = make(map[string]bool)
			}
			values[d.name][d.value] = true
		}
	}
	labels := make([]string, len(found))
	for i, m := range found {
		var parts []string
		if len(namespaces) > 1 {
			parts = append(parts, m.namespace)
		}
		for _, d := range m.dimensions {
			if len(values[d.name]) > 1 {
				parts = append(parts, d.value)
			}
		}
		if len(names) > 1 || len(parts) == 0 {
			parts = append(parts, m.name)
		}
		labels[i] = strings.Join(parts, " ")
	}
	return labels
}
