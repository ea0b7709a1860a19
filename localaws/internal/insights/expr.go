package insights

import (
	"math"
	"regexp"
	"slices"
	"strings"
)

// An expr is a compiled expression. Its eval cannot fail: what has no value
// gives the null value, as in AWS.
type expr interface {
	eval(r *row) value
}

type literal struct{ v value }

func (e literal) eval(*row) value { return e.v }

type field struct{ name string }

func (e field) eval(r *row) value { return r.get(e.name) }

// aggregated is the result of an aggregation function within stats.
type aggregated struct{ index int }

func (e aggregated) eval(r *row) value { return r.aggregates[e.index] }

type not struct{ x expr }

func (e not) eval(r *row) value { return boolValue(!e.x.eval(r).truth()) }

type negative struct{ x expr }

func (e negative) eval(r *row) value {
	n, ok := e.x.eval(r).num()
	if !ok {
		return value{}
	}
	return numberValue(-n)
}

// logical is and, or.
type logical struct {
	or   bool
	x, y expr
}

func (e logical) eval(r *row) value {
	if e.x.eval(r).truth() == e.or {
		return boolValue(e.or)
	}
	return boolValue(e.y.eval(r).truth())
}

type comparison struct {
	op   string
	x, y expr
}

func (e comparison) eval(r *row) value {
	x, y := e.x.eval(r), e.y.eval(r)
	if x.kind == structure || y.kind == structure {
		return boolValue(false) // as AWS has it for every comparison
	}
	switch e.op {
	case "=":
		return boolValue(equal(x, y))
	case "!=":
		return boolValue(!equal(x, y))
	}
	if e.op == ">" || e.op == "<=" {
		x, y = y, x
	}
	is, ordered := less(x, y)
	if e.op == "<=" || e.op == ">=" {
		is = !is
	}
	return boolValue(ordered && is)
}

type arithmetic struct {
	op   byte
	x, y expr
}

func (e arithmetic) eval(r *row) value {
	x, ok := e.x.eval(r).num()
	y, ok2 := e.y.eval(r).num()
	if !ok || !ok2 {
		return value{}
	}
	switch e.op {
	case '+':
		return numberValue(x + y)
	case '-':
		return numberValue(x - y)
	case '*':
		return numberValue(x * y)
	case '/':
		return numberValue(x / y)
	case '%':
		return numberValue(math.Mod(x, y))
	}
	return numberValue(math.Pow(x, y))
}

// match is like and =~, with a text that is part of the value or with a regular
// expression. A field that is missing matches nothing.
type match struct {
	x    expr
	part string
	re   *regexp.Regexp // nil: part
}

func (e match) eval(r *row) value {
	v := e.x.eval(r).plain()
	if v.kind == null {
		return boolValue(false)
	}
	s := v.String()
	if e.re != nil {
		return boolValue(e.re.MatchString(s))
	}
	return boolValue(strings.Contains(s, e.part))
}

type in struct {
	x    expr
	list []expr
}

func (e in) eval(r *row) value {
	v := e.x.eval(r).plain()
	return boolValue(slices.ContainsFunc(e.list, func(x expr) bool { return equal(v, x.eval(r).plain()) }))
}

type call struct {
	fn   *function
	args []expr
}

func (e call) eval(r *row) value {
	args := make([]value, len(e.args))
	for i, a := range e.args {
		if args[i] = a.eval(r); !e.fn.structures {
			args[i] = args[i].plain()
		}
	}
	return e.fn.eval(r, args)
}
