package insights

import (
	"math"
	"slices"
)

// An aggregation is one call of an aggregation function in a query.
type aggregation struct {
	kind       *aggregationKind
	arg        expr // nil: of all rows
	percentile float64
}

// An aggregationKind is one aggregation function; see
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html.
type aggregationKind struct {
	args  int  // how many it wants
	none  bool // it may have none, or *
	start func(a *aggregation) accumulator
}

// An accumulator takes in values, of which none is missing, and the time of
// their events; add says how much memory it keeps more.
type accumulator interface {
	add(v value, at float64) int
	result() value
}

var aggregations = map[string]*aggregationKind{
	"count":          {args: 1, none: true, start: func(*aggregation) accumulator { return &counter{} }},
	"count_distinct": {args: 1, start: func(*aggregation) accumulator { return &distinct{seen: make(map[string]bool)} }},
	"sum":            {args: 1, start: func(*aggregation) accumulator { return &moments{of: sumOf} }},
	"avg":            {args: 1, start: func(*aggregation) accumulator { return &moments{of: averageOf} }},
	"stddev":         {args: 1, start: func(*aggregation) accumulator { return &moments{of: deviationOf} }},
	"min":            {args: 1, start: func(*aggregation) accumulator { return &chosen{better: smaller} }},
	"max":            {args: 1, start: func(*aggregation) accumulator { return &chosen{better: larger} }},
	"sortsfirst":     {args: 1, start: func(*aggregation) accumulator { return &chosen{better: sortsFirst} }},
	"sortslast":      {args: 1, start: func(*aggregation) accumulator { return &chosen{better: sortsLast} }},
	"earliest":       {args: 1, start: func(*aggregation) accumulator { return &chosen{better: earlier} }},
	"latest":         {args: 1, start: func(*aggregation) accumulator { return &chosen{better: later} }},
	"pct":            {args: 2, start: func(a *aggregation) accumulator { return &quantile{percentile: a.percentile} }},
}

// bind gives the function its arguments; what it returns is the complaint, if any.
func (a *aggregation) bind(args []expr, star bool) string {
	switch {
	case star || len(args) == 0:
		if !a.kind.none {
			return "wants a field"
		}
		return ""
	case len(args) != a.kind.args:
		return "has the wrong number of arguments"
	}
	a.arg = args[0]
	if len(args) == 1 {
		return ""
	}
	l, ok := args[1].(literal)
	if !ok || l.v.kind != number || l.v.n < 0 || l.v.n > 100 {
		return "wants a percentile from 0 to 100"
	}
	a.percentile = l.v.n
	return ""
}

// add takes a row in, if it has the value, and says how much memory that keeps.
func (a *aggregation) add(to accumulator, r *row) int {
	if a.arg == nil {
		return to.add(value{}, 0)
	}
	v := a.arg.eval(r).plain()
	if v.kind == null {
		return 0
	}
	at, _ := r.get("@timestamp").num()
	return to.add(v, at)
}

type counter struct{ n float64 }

func (c *counter) add(value, float64) int { c.n++; return 0 }
func (c *counter) result() value          { return numberValue(c.n) }

type distinct struct{ seen map[string]bool }

func (d *distinct) add(v value, _ float64) int {
	s := v.String()
	if d.seen[s] {
		return 0
	}
	d.seen[s] = true
	return len(s) + mapOverhead
}
func (d *distinct) result() value { return numberValue(float64(len(d.seen))) }

// moments keeps count, sum and squared deviations, by Welford's method.
type moments struct {
	n, sum, mean, m2 float64
	of               func(*moments) float64
}

func (m *moments) add(v value, _ float64) int {
	x, ok := v.num()
	if !ok {
		return 0
	}
	m.n++
	m.sum += x
	d := x - m.mean
	m.mean += d / m.n
	m.m2 += d * (x - m.mean)
	return 0
}

func (m *moments) result() value {
	if m.n == 0 {
		return value{}
	}
	return numberValue(m.of(m))
}

func sumOf(m *moments) float64       { return m.sum }
func averageOf(m *moments) float64   { return m.sum / m.n }
func deviationOf(m *moments) float64 { return math.Sqrt(m.m2 / m.n) }

// chosen keeps the one value that no other is better than; of equals the first.
type chosen struct {
	v      value
	at     float64
	better func(v, than value, at, thanAt float64) bool
}

func (c *chosen) add(v value, at float64) int {
	if c.v.kind != null && !c.better(v, c.v, at, c.at) {
		return 0
	}
	grown := len(v.s) - len(c.v.s)
	c.v, c.at = v, at
	return grown
}
func (c *chosen) result() value { return c.v }

func smaller(v, than value, _, _ float64) bool    { is, _ := less(v, than); return is }
func larger(v, than value, _, _ float64) bool     { is, _ := less(than, v); return is }
func sortsFirst(v, than value, _, _ float64) bool { return naturalOrder(v, than) < 0 }
func sortsLast(v, than value, _, _ float64) bool  { return naturalOrder(v, than) > 0 }
func earlier(_, _ value, at, than float64) bool   { return at <= than } // events come newest first
func later(_, _ value, at, than float64) bool     { return at > than }

// quantile keeps all numbers.
type quantile struct {
	percentile float64
	all        []float64
}

func (q *quantile) add(v value, _ float64) int {
	const size = 8
	n, ok := v.num()
	if !ok {
		return 0
	}
	q.all = append(q.all, n)
	return 2 * size
}

func (q *quantile) result() value {
	if len(q.all) == 0 {
		return value{}
	}
	slices.Sort(q.all)
	rank := int(math.Ceil(q.percentile / 100 * float64(len(q.all))))
	return numberValue(q.all[min(max(rank, 1), len(q.all))-1])
}
