package metricmath

import "math"

// conditional is IF(condition, then[, otherwise]) in the six forms of AWS's page:
// the condition a series, the others series or numbers; or the condition a
// number and the others series.
func conditional(ev *evaluation, n *callNode) (Value, error) {
	condition, err := ev.argument(n, 0, KindScalar, KindSeries)
	if err != nil {
		return Value{}, err
	}
	kinds := []Kind{KindScalar, KindSeries}
	if condition.Kind == KindScalar {
		kinds = kinds[1:]
	}
	then, err := ev.argument(n, 1, kinds...)
	if err != nil {
		return Value{}, err
	}
	var otherwise *Value
	if len(n.args) == 3 {
		v, err := ev.argument(n, 2, kinds...)
		if err != nil {
			return Value{}, err
		}
		otherwise = &v
	}
	if condition.Kind == KindScalar {
		return chosen(n, condition.Scalar, then, otherwise), nil
	}
	s := condition.Series[0]
	if err := ev.spend(n.offset, len(s.Times)); err != nil {
		return Value{}, err
	}
	return One(choose(s, then, otherwise)), nil
}

// chosen is one of two series as a whole; it is no metric any more.
func chosen(n *callNode, condition float64, then Value, otherwise *Value) Value {
	pick := &then
	if condition == 0 || math.IsNaN(condition) {
		pick = otherwise
	}
	if pick == nil {
		return One(&Series{Label: n.name, Period: then.Series[0].Period, Computed: true})
	}
	copied := *pick.Series[0]
	copied.Computed = true
	return One(&copied)
}

// choose decides at every point of the condition: true and without a value is 0,
// false and without a value is no point.
func choose(condition *Series, then Value, otherwise *Value) *Series {
	out := condition.like(len(condition.Times))
	if then.Kind == KindSeries {
		out.Label, out.Metric = then.Series[0].Label, then.Series[0].Metric
	}
	for i, t := range condition.Times {
		if condition.Values[i] != 0 {
			value, _ := then.pointAt(t)
			out.add(t, value)
			continue
		}
		if otherwise == nil {
			continue
		}
		if value, ok := otherwise.pointAt(t); ok {
			out.add(t, value)
		}
	}
	return out
}

// pointAt is the value of a number or of a series at a time.
func (v *Value) pointAt(t int64) (float64, bool) {
	if v.Kind == KindScalar {
		return v.Scalar, true
	}
	return v.Series[0].at(t)
}
