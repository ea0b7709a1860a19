package localaws

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/metricmath"
)

// Labels as AWS makes them: of a metric its name, of an expression its id, of an
// array's series that and the series' own; dynamic parts from
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html.
// AWS does not say how it writes numbers and times in them; here numbers are as
// short as they are exact, times like 2026-11-23 10:30:00. A part that is not
// known stays as it is.

// lines are a query's lines with their labels.
func (e *metricEvaluator) lines(q *preparedQuery, v metricmath.Value) []metricLine {
	returned := q.ReturnData == nil || *q.ReturnData
	lines := make([]metricLine, len(v.Series))
	for i, s := range v.Series {
		base := s.Label
		if q.expr != nil && v.Kind == metricmath.KindSeries {
			base = *q.ID
		}
		lines[i] = metricLine{*q.ID, e.label(q, v.Kind, base, s), returned, s}
	}
	return lines
}

// label is the label of a series; base is what it has without one of the query's.
func (e *metricEvaluator) label(q *preparedQuery, kind metricmath.Kind, base string, s *metricmath.Series) string {
	switch {
	case q.Label == nil:
		return base
	case strings.Contains(*q.Label, "${"):
		return e.dynamicLabel(*q.Label, base, s)
	case kind == metricmath.KindArray && *q.Label != "":
		return *q.Label + " " + base
	case kind == metricmath.KindArray:
		return base
	}
	return *q.Label
}

func (e *metricEvaluator) dynamicLabel(label, base string, s *metricmath.Series) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(label, "${")
		b.WriteString(before)
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			if found {
				b.WriteString("${" + rest)
			}
			return b.String()
		}
		if text, ok := e.labelPart(name, base, s); ok {
			b.WriteString(text)
		} else {
			b.WriteString("${" + name + "}")
		}
		label = after
	}
}

// noLabelValue stands where a part has no value since there are no points.
const noLabelValue = "--"

func (e *metricEvaluator) labelPart(name, base string, s *metricmath.Series) (string, bool) {
	switch name {
	case "LABEL":
		return base, true
	case "DATAPOINT_COUNT":
		return strconv.Itoa(len(s.Values)), true
	}
	if prop, ok := strings.CutPrefix(name, "PROP('"); ok {
		if prop, ok = strings.CutSuffix(prop, "')"); ok {
			return labelProperty(prop, s)
		}
	}
	return e.labelValue(name, s)
}

// labelProperty is a property of the metric that the series is of.
func labelProperty(name string, s *metricmath.Series) (string, bool) {
	switch name {
	case "AccountId":
		return AccountID, true
	case "Region":
		return Region, true
	}
	of, ok := s.Metric.(*measure)
	if !ok {
		return "", false
	}
	switch name {
	case "MetricName":
		return of.name, true
	case "Namespace":
		return of.namespace, true
	case "Period":
		return strconv.FormatInt(of.period, 10), true
	case "Stat":
		return of.stat, true
	}
	if wanted, ok := strings.CutPrefix(name, "Dim."); ok {
		for _, d := range of.dimensions {
			if d.name == wanted {
				return d.value, true
			}
		}
	}
	return "", false
}

// extremes are the indexes of the points that labels tell of.
type extremes struct{ first, last, least, most int }

func extremesOf(values []float64) extremes {
	x := extremes{last: len(values) - 1}
	for i, v := range values {
		if v < values[x.least] {
			x.least = i
		}
		if v > values[x.most] {
			x.most = i
		}
	}
	return x
}

// labelValue is a part that is computed from the points.
func (e *metricEvaluator) labelValue(name string, s *metricmath.Series) (string, bool) {
	total := 0.0
	for _, v := range s.Values {
		total += v
	}
	x := extremesOf(s.Values)
	number := func(f func() float64) (string, bool) {
		if len(s.Values) == 0 {
			return noLabelValue, true
		}
		return labelNumber(f()), true
	}
	between := func(a, b int) func() float64 {
		return func() float64 { return math.Abs(s.Values[b] - s.Values[a]) }
	}
	value := func(i int) func() float64 { return func() float64 { return s.Values[i] } }
	switch name {
	case "AVG":
		return number(func() float64 { return total / float64(len(s.Values)) })
	case "SUM":
		return number(func() float64 { return total })
	case "MIN":
		return number(value(x.least))
	case "MAX":
		return number(value(x.most))
	case "FIRST":
		return number(value(x.first))
	case "LAST":
		return number(value(x.last))
	case "FIRST_LAST_RANGE":
		return number(func() float64 { return s.Values[x.last] - s.Values[x.first] })
	case "MIN_MAX_RANGE":
		return number(between(x.least, x.most))
	}
	return e.labelTime(name, s, x)
}

// labelTime is a part that tells a time, or how long something is.
func (e *metricEvaluator) labelTime(name string, s *metricmath.Series, x extremes) (string, bool) {
	ends, isRange := map[string][2]int{
		"FIRST_LAST_TIME_RANGE": {x.first, x.last},
		"MIN_MAX_TIME_RANGE":    {x.least, x.most},
	}[name]
	point, isTime := map[string]int{"FIRST": x.first, "LAST": x.last, "MIN": x.least, "MAX": x.most}[strings.TrimSuffix(strings.TrimSuffix(name, "_RELATIVE"), "_TIME")]
	relative := strings.HasSuffix(name, "_TIME_RELATIVE")
	isTime = isTime && (relative || strings.HasSuffix(name, "_TIME"))
	switch {
	case !isRange && !isTime:
		return "", false
	case len(s.Times) == 0:
		return noLabelValue, true
	case isRange:
		return labelDuration(s.Times[ends[1]] - s.Times[ends[0]]), true
	case relative:
		return labelDuration(e.now - s.Times[point]), true
	}
	return time.Unix(s.Times[point], 0).In(e.zone).Format(time.DateTime), true
}

func labelNumber(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// labelDuration is a length of time without its sign, e.g. 1h5m0s.
func labelDuration(seconds int64) string {
	return (time.Duration(max(seconds, -seconds)) * time.Second).String()
}
