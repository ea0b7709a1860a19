package metricmath

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// metricsOf is METRICS: all metrics of the request, or those whose id has a text
// in it.
func metricsOf(ev *evaluation, n *callNode) (Value, error) {
	part := ""
	if len(n.args) == 1 {
		var err error
		if part, err = n.text(0); err != nil {
			return Value{}, err
		}
	}
	out := Array()
	for _, s := range ev.env.Metrics {
		if strings.Contains(s.ID, part) {
			out.Series = append(out.Series, s)
		}
	}
	return out, ev.spend(n.offset, len(out.Series))
}

// metricCount is METRIC_COUNT: TS[] to S.
func metricCount(ev *evaluation, n *callNode) (Value, error) {
	v, err := ev.argument(n, 0, KindArray)
	return Scalar(float64(len(v.Series))), err
}

// period is PERIOD: of a metric, not of what was computed.
func period(ev *evaluation, n *callNode) (Value, error) {
	v, err := ev.argument(n, 0, KindSeries)
	if err != nil {
		return Value{}, err
	}
	if v.Series[0].Computed {
		return Value{}, fail(n.args[0].position(), "The argument of PERIOD must be a metric, not the result of an expression")
	}
	return Scalar(float64(v.Series[0].Period)), nil
}

// removeEmpty is REMOVE_EMPTY: TS[] to TS[].
func removeEmpty(ev *evaluation, n *callNode) (Value, error) {
	v, err := ev.argument(n, 0, KindArray)
	if err != nil {
		return Value{}, err
	}
	out := Array()
	for _, s := range v.Series {
		if len(s.Times) > 0 {
			out.Series = append(out.Series, s)
		}
	}
	return out, nil
}

// first and last are FIRST and LAST: TS[] to TS. Of nothing they are an empty
// series, since an error must not depend on data.
func first(ev *evaluation, n *callNode) (Value, error) {
	v, err := ev.argument(n, 0, KindArray)
	if err != nil || len(v.Series) == 0 {
		return One(&Series{Label: n.name, Computed: true}), err
	}
	return One(v.Series[0]), nil
}

func last(ev *evaluation, n *callNode) (Value, error) {
	v, err := ev.argument(n, 0, KindArray)
	if err != nil || len(v.Series) == 0 {
		return One(&Series{Label: n.name, Computed: true}), err
	}
	return One(v.Series[len(v.Series)-1]), nil
}

// slice is SLICE: from the start, inclusive, to the end, exclusive, counted from
// 0. Beyond the array there is nothing.
func slice(ev *evaluation, n *callNode) (Value, error) {
	v, err := ev.argument(n, 0, KindArray)
	if err != nil {
		return Value{}, err
	}
	from, err := ev.index(n, 1, len(v.Series))
	if err != nil {
		return Value{}, err
	}
	to := len(v.Series)
	if len(n.args) == 3 {
		if to, err = ev.index(n, 2, to); err != nil {
			return Value{}, err
		}
	}
	return Array(v.Series[min(from, to):to]...), nil
}

// index is an argument as an index of an array.
func (ev *evaluation) index(n *callNode, i, size int) (int, error) {
	v, err := ev.argument(n, i, KindScalar)
	switch {
	case err != nil || !(v.Scalar > 0): // NaN is none
		return 0, err
	case v.Scalar >= float64(size):
		return size, nil
	}
	return int(v.Scalar), nil
}

// sortSeries is SORT: by a statistic over all points of each series, ascending or
// descending, and of that the first so many. Series without points come last.
func sortSeries(ev *evaluation, n *callNode) (Value, error) {
	v, err := ev.argument(n, 0, KindArray)
	if err != nil {
		return Value{}, err
	}
	by, err := n.word(1, "AVG", "MIN", "MAX", "SUM")
	if err != nil {
		return Value{}, err
	}
	order, err := n.word(2, "ASC", "DESC")
	if err != nil {
		return Value{}, err
	}
	limit := len(v.Series)
	if len(n.args) == 4 {
		if limit, err = ev.index(n, 3, limit); err != nil {
			return Value{}, err
		}
	}
	f := map[string]func([]float64, int) float64{"AVG": average, "MIN": minimum, "MAX": maximum, "SUM": sum}[by]
	total := 0
	keys := make(map[*Series]float64, len(v.Series))
	for _, s := range v.Series {
		total += len(s.Times)
		keys[s] = math.NaN()
		if len(s.Values) > 0 {
			keys[s] = f(s.Values, len(s.Values))
		}
	}
	sorted := slices.Clone(v.Series)
	slices.SortStableFunc(sorted, func(a, b *Series) int { return compareKeys(keys[a], keys[b], order == "DESC") })
	return Array(sorted[:limit]...), ev.spend(n.offset, total)
}

func compareKeys(a, b float64, descending bool) int {
	switch {
	case math.IsNaN(a) && math.IsNaN(b):
		return 0
	case math.IsNaN(a):
		return 1
	case math.IsNaN(b):
		return -1
	case descending:
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}

// search is SEARCH, which the Env answers.
func search(ev *evaluation, n *callNode) (Value, error) {
	if ev.env.Search == nil {
		return Value{}, fail(n.offset, "SEARCH is not supported here")
	}
	text, err := n.text(0)
	if err != nil {
		return Value{}, err
	}
	stat, err := n.text(1)
	if err != nil {
		return Value{}, err
	}
	s, err := ParseSearch(text)
	if err != nil {
		return Value{}, at(n.args[0].position(), err)
	}
	s.Stat = stat
	if len(n.args) == 3 {
		v, err := ev.argument(n, 2, KindScalar)
		if err != nil {
			return Value{}, err
		}
		if s.Period = int64(v.Scalar); float64(s.Period) != v.Scalar {
			return Value{}, fail(n.args[2].position(), "The period of SEARCH must be a whole number of seconds")
		}
	}
	list, err := ev.env.Search(s)
	return Array(list...), err
}
