package metricmath

import (
	"math"
	"slices"
)

// An evaluation is one computation of an expression.
type evaluation struct {
	env *Env
}

// Eval computes the expression. Whether it is valid, i.e. whether there is an
// error, does not depend on the data: an Env of empty series checks it. The only
// exception is the bound on points. Errors are [*Error]s or those of the Env.
func (e *Expr) Eval(env *Env) (Value, error) {
	ev := &evaluation{env}
	return ev.value(e.root)
}

// value computes a part that must be a value, not a word.
func (ev *evaluation) value(n node) (Value, error) { return n.eval(ev) }

// spend counts points that are about to be made.
func (ev *evaluation) spend(offset, points int) error {
	left := ev.env.Points
	if left == nil {
		return nil
	}
	if *left -= points; *left < 0 {
		*left = 0
		return unsupported(offset, "An expression with so many data points; ask for a shorter time range or a longer period")
	}
	return nil
}

func (n *numberNode) eval(*evaluation) (Value, error) { return Scalar(n.value), nil }

func (n *stringNode) eval(*evaluation) (Value, error) {
	return Value{}, fail(n.offset, "A string cannot stand here")
}

func (n *wordNode) eval(*evaluation) (Value, error) {
	return Value{}, fail(n.offset, "%s cannot stand here", n.word)
}

func (n *refNode) eval(ev *evaluation) (Value, error) { return ev.env.Lookup(n.id) }

// eval joins arrays within arrays: [METRICS("4xx"), METRICS("5xx")] is one.
func (n *listNode) eval(ev *evaluation) (Value, error) {
	out := Array()
	for _, item := range n.items {
		v, err := ev.value(item)
		if err != nil {
			return Value{}, err
		}
		if v.Kind == KindScalar {
			return Value{}, fail(item.position(), "An array has time series, not numbers")
		}
		if err := ev.spend(item.position(), len(v.Series)); err != nil {
			return Value{}, err
		}
		out.Series = append(out.Series, v.Series...)
	}
	return out, nil
}

func (n *negateNode) eval(ev *evaluation) (Value, error) {
	v, err := ev.value(n.of)
	if err != nil {
		return Value{}, err
	}
	if v.Kind == KindScalar {
		return Scalar(-v.Scalar), nil
	}
	return ev.each(n.offset, v, func(f float64) float64 { return -f })
}

func (n *callNode) eval(ev *evaluation) (Value, error) { return n.fn.run(ev, n) }

// each computes every point of every series anew.
func (ev *evaluation) each(offset int, v Value, f func(float64) float64) (Value, error) {
	return ev.map1(offset, v, func(s *Series) *Series {
		out := s.like(len(s.Times))
		for i, t := range s.Times {
			out.add(t, f(s.Values[i]))
		}
		return out
	})
}

// map1 computes every series anew, of which each has about as many points.
func (ev *evaluation) map1(offset int, v Value, f func(*Series) *Series) (Value, error) {
	out := Value{Kind: v.Kind, Series: make([]*Series, len(v.Series))}
	for i, s := range v.Series {
		if err := ev.spend(offset, len(s.Times)); err != nil {
			return Value{}, err
		}
		out.Series[i] = f(s)
	}
	return out, nil
}

// add adds a point, unless it is none: AWS drops the points that divide by zero,
// and here whatever else is not finite, such as the logarithm of -1.
func (s *Series) add(t int64, f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return
	}
	s.Times = append(s.Times, t)
	s.Values = append(s.Values, f)
}

// eval computes both sides always, so that errors do not depend on data.
func (n *binaryNode) eval(ev *evaluation) (Value, error) {
	left, err := ev.value(n.left)
	if err != nil {
		return Value{}, err
	}
	right, err := ev.value(n.right)
	if err != nil {
		return Value{}, err
	}
	f := operators[n.operator]
	arrays := left.Kind == KindArray || right.Kind == KindArray
	switch {
	case left.Kind == KindArray && right.Kind == KindArray:
		return Value{}, fail(n.offset, "%s does not take two arrays of time series", n.operator)
	case arrays && precedence[n.operator] < precedence["+"]:
		return Value{}, fail(n.offset, "%s takes numbers and time series, no arrays of time series", n.operator)
	case left.Kind == KindScalar && right.Kind == KindScalar:
		return Scalar(f(left.Scalar, right.Scalar)), nil
	case right.Kind == KindScalar:
		return ev.each(n.offset, left, func(x float64) float64 { return f(x, right.Scalar) })
	case left.Kind == KindScalar:
		return ev.each(n.offset, right, func(x float64) float64 { return f(left.Scalar, x) })
	case left.Kind == KindArray:
		return ev.map1(n.offset, left, func(s *Series) *Series { return join(s, right.Series[0], s, f) })
	}
	return ev.map1(n.offset, right, func(s *Series) *Series { return join(left.Series[0], s, s, f) })
}

// join computes two series point by point, at the times that either has: a value
// that is missing counts as 0. Named is the one whose label stays. Where the
// periods differ, which AWS is silent on, the shorter is the period of both.
func join(a, b, named *Series, f func(x, y float64) float64) *Series {
	out := named.like(max(len(a.Times), len(b.Times)))
	out.Period = shorter(a.Period, b.Period)
	i, j := 0, 0
	for i < len(a.Times) || j < len(b.Times) {
		var t int64
		var x, y float64
		hasA := i < len(a.Times) && (j == len(b.Times) || a.Times[i] <= b.Times[j])
		hasB := j < len(b.Times) && (i == len(a.Times) || b.Times[j] <= a.Times[i])
		if hasA {
			t, x = a.Times[i], a.Values[i]
			i++
		}
		if hasB {
			t, y = b.Times[j], b.Values[j]
			j++
		}
		out.add(t, f(x, y))
	}
	return out
}

func shorter(a, b int64) int64 {
	if a <= 0 || b > 0 && b < a {
		return b
	}
	return a
}

// operators by their sign. Comparisons and logic are 1 or 0; what is not 0 is
// true. NaN, a number that there is not, gives NaN.
var operators = map[string]func(x, y float64) float64{
	"+":  func(x, y float64) float64 { return x + y },
	"-":  func(x, y float64) float64 { return x - y },
	"*":  func(x, y float64) float64 { return x * y },
	"/":  func(x, y float64) float64 { return x / y },
	"^":  math.Pow,
	"==": truth(func(x, y float64) bool { return x == y }),
	"!=": truth(func(x, y float64) bool { return x != y }),
	"<":  truth(func(x, y float64) bool { return x < y }),
	"<=": truth(func(x, y float64) bool { return x <= y }),
	">":  truth(func(x, y float64) bool { return x > y }),
	">=": truth(func(x, y float64) bool { return x >= y }),
	"&&": truth(func(x, y float64) bool { return x != 0 && y != 0 }),
	"||": truth(func(x, y float64) bool { return x != 0 || y != 0 }),
}

func truth(f func(x, y float64) bool) func(x, y float64) float64 {
	return func(x, y float64) float64 {
		switch {
		case math.IsNaN(x) || math.IsNaN(y):
			return math.NaN()
		case f(x, y):
			return 1
		}
		return 0
	}
}

// times are all times that any of the series has, in order.
func times(list []*Series) []int64 {
	var all []int64
	for _, s := range list {
		all = append(all, s.Times...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
