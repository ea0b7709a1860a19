package metricmath

import (
	"fmt"
	"math"
	"strings"
)

// A function is one that expressions may call.
type function struct {
	least, most int // arguments
	run         func(ev *evaluation, n *callNode) (Value, error)
}

func (f *function) arity() string {
	switch {
	case f.least == f.most && f.least == 1:
		return "1 argument"
	case f.least == f.most:
		return fmt.Sprintf("%d arguments", f.least)
	}
	return fmt.Sprintf("%d to %d arguments", f.least, f.most)
}

// functionNamed finds a function; nil for none. The table is that of AWS's page,
// with the types that it gives.
func functionNamed(name string) *function {
	return map[string]*function{
		"ABS":   pointwise(math.Abs),
		"CEIL":  pointwise(math.Ceil),
		"FLOOR": pointwise(math.Floor),
		"LOG":   pointwise(math.Log),
		"LOG10": pointwise(math.Log10),

		"AVG":             aggregate(average, averageOfAll),
		"MAX":             aggregate(maximum, maximum),
		"MIN":             aggregate(minimum, minimum),
		"STDDEV":          aggregate(deviation, deviation),
		"SUM":             aggregate(sum, sum),
		"DATAPOINT_COUNT": aggregate(count, count),

		"DIFF":        seriesFunction(diff),
		"DIFF_TIME":   seriesFunction(diffTime),
		"RATE":        seriesFunction(rate),
		"RUNNING_SUM": seriesFunction(runningSum),

		"MINUTE": timeFunction(minuteOf),
		"HOUR":   timeFunction(hourOf),
		"DAY":    timeFunction(dayOf),
		"DATE":   timeFunction(dateOf),
		"MONTH":  timeFunction(monthOf),
		"YEAR":   timeFunction(yearOf),
		"EPOCH":  timeFunction(epochOf),

		"FILL":         {2, 2, fill},
		"IF":           {2, 3, conditional},
		"TIME_SERIES":  {1, 1, timeSeries},
		"PERIOD":       {1, 1, period},
		"METRICS":      {0, 1, metricsOf},
		"METRIC_COUNT": {1, 1, metricCount},
		"REMOVE_EMPTY": {1, 1, removeEmpty},
		"FIRST":        {1, 1, first},
		"LAST":         {1, 1, last},
		"SLICE":        {2, 3, slice},
		"SORT":         {3, 4, sortSeries},
		"SEARCH":       {2, 3, search},
	}[name]
}

// argument computes an argument and checks its type.
func (ev *evaluation) argument(n *callNode, i int, kinds ...Kind) (Value, error) {
	v, err := ev.value(n.args[i])
	if err != nil {
		return Value{}, err
	}
	var names []string
	for _, k := range kinds {
		if v.Kind == k {
			return v, nil
		}
		names = append(names, k.String())
	}
	return Value{}, fail(n.args[i].position(), "Argument %d of %s is of type %s, expected %s", i+1, n.name, v.Kind, strings.Join(names, " or "))
}

// word is an argument that must be one of some words.
func (n *callNode) word(i int, of ...string) (string, error) {
	w, ok := n.args[i].(*wordNode)
	if ok {
		for _, known := range of {
			if w.word == known {
				return w.word, nil
			}
		}
	}
	return "", fail(n.args[i].position(), "Argument %d of %s must be %s", i+1, n.name, strings.Join(of, ", "))
}

// text is an argument that must be a string.
func (n *callNode) text(i int) (string, error) {
	if s, ok := n.args[i].(*stringNode); ok {
		return s.text, nil
	}
	return "", fail(n.args[i].position(), "Argument %d of %s must be a string", i+1, n.name)
}

// pointwise is a function of each point: TS to TS, TS[] to TS[].
func pointwise(f func(float64) float64) *function {
	return &function{1, 1, func(ev *evaluation, n *callNode) (Value, error) {
		v, err := ev.argument(n, 0, KindSeries, KindArray)
		if err != nil {
			return Value{}, err
		}
		return ev.each(n.offset, v, f)
	}}
}

// seriesFunction is a function of each series: TS to TS, TS[] to TS[].
func seriesFunction(f func(*Series) *Series) *function {
	return &function{1, 1, func(ev *evaluation, n *callNode) (Value, error) {
		v, err := ev.argument(n, 0, KindSeries, KindArray)
		if err != nil {
			return Value{}, err
		}
		return ev.map1(n.offset, v, f)
	}}
}

// aggregate is a function of many values: all of a series, TS to S, or those that
// the series of an array have at one time, TS[] to TS. Of the latter, n is how
// many series there are.
func aggregate(one func(values []float64, n int) float64, many func(values []float64, n int) float64) *function {
	return &function{1, 1, func(ev *evaluation, n *callNode) (Value, error) {
		v, err := ev.argument(n, 0, KindSeries, KindArray)
		if err != nil {
			return Value{}, err
		}
		if v.Kind == KindSeries {
			values := v.Series[0].Values
			return Scalar(one(values, len(values))), nil
		}
		return ev.across(n, v.Series, many)
	}}
}

// across walks all series of an array at once.
func (ev *evaluation) across(n *callNode, list []*Series, f func([]float64, int) float64) (Value, error) {
	out := &Series{Label: n.name, Computed: true}
	total := 0
	for _, s := range list {
		out.Period = shorter(out.Period, s.Period)
		total += len(s.Times)
	}
	if err := ev.spend(n.offset, total); err != nil {
		return Value{}, err
	}
	at := make([]int, len(list))
	values := make([]float64, 0, len(list))
	for _, t := range times(list) {
		values = values[:0]
		for i, s := range list {
			if at[i] < len(s.Times) && s.Times[at[i]] == t {
				values = append(values, s.Values[at[i]])
				at[i]++
			}
		}
		out.add(t, f(values, len(list)))
	}
	return One(out), nil
}

func sum(values []float64, _ int) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

func count(values []float64, _ int) float64 { return float64(len(values)) }

// average is of the points that there are; AWS's page can be read so, and says
// that of an array those that are missing count as 0.
func average(values []float64, _ int) float64 {
	return sum(values, 0) / float64(len(values)) // NaN of none
}

func averageOfAll(values []float64, n int) float64 { return sum(values, 0) / float64(n) }

// maximum and minimum look at the points that there are.
func maximum(values []float64, _ int) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	most := values[0]
	for _, v := range values[1:] {
		most = max(most, v)
	}
	return most
}

func minimum(values []float64, _ int) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	least := values[0]
	for _, v := range values[1:] {
		least = min(least, v)
	}
	return least
}

// deviation is the standard deviation of a population: AWS does not say which.
func deviation(values []float64, _ int) float64 {
	mean := average(values, 0)
	total := 0.0
	for _, v := range values {
		total += (v - mean) * (v - mean)
	}
	return math.Sqrt(total / float64(len(values)))
}

// diff and the next three have no point where there is none before.
func diff(s *Series) *Series {
	return pairs(s, func(dv, _ float64) float64 { return dv })
}

func diffTime(s *Series) *Series {
	return pairs(s, func(_, dt float64) float64 { return dt })
}

func rate(s *Series) *Series {
	return pairs(s, func(dv, dt float64) float64 { return dv / dt })
}

func pairs(s *Series, f func(dv, dt float64) float64) *Series {
	out := s.like(len(s.Times))
	for i := 1; i < len(s.Times); i++ {
		out.add(s.Times[i], f(s.Values[i]-s.Values[i-1], float64(s.Times[i]-s.Times[i-1])))
	}
	return out
}

func runningSum(s *Series) *Series {
	out, total := s.like(len(s.Times)), 0.0
	for i, t := range s.Times {
		total += s.Values[i]
		out.add(t, total)
	}
	return out
}
