package insights

import (
	"slices"
	"strings"
)

// call reads the arguments of the function that name calls; the token is "(".
func (p *parser) call(name token) (expr, error) {
	lower := strings.ToLower(name.text)
	if agg := aggregations[lower]; agg != nil {
		return p.aggregate(name, agg)
	}
	if unit := timeFunctions[lower]; unit != nil {
		return p.timeCall(name, unit)
	}
	fn := functions[lower]
	if fn == nil {
		return nil, p.errorf(name.start, name.end, "localaws does not support the function %s", name.text)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	args, err := p.list(")")
	if err != nil {
		return nil, err
	}
	if len(args) < fn.min || fn.max >= 0 && len(args) > fn.max {
		return nil, p.errorf(name.start, p.last, "the function %s has %d arguments", name.text, len(args))
	}
	return call{fn: fn, args: args}, nil
}

// timeCall reads bin(period), datefloor(time, period) and dateceil(time, period).
func (p *parser) timeCall(name token, fn *timeFunction) (expr, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	var at expr = field{"@timestamp"}
	if fn.withTime {
		var err error
		if at, err = p.expression(); err != nil {
			return nil, err
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	} else if !p.scope().knows("@timestamp") {
		return nil, p.unknown(name, "@timestamp")
	}
	length, err := p.period()
	if err != nil {
		return nil, err
	}
	return truncation{at: at, period: length, up: fn.up}, p.expect(")")
}

// period reads 5m, or 5 m.
func (p *parser) period() (period, error) {
	t := p.tok
	if t.kind != durationToken && t.kind != numberToken {
		return period{}, p.unexpected(t)
	}
	if err := p.advance(); err != nil {
		return period{}, err
	}
	source := t.text
	if t.kind == numberToken && p.tok.kind == wordToken {
		source += p.tok.text
		if err := p.advance(); err != nil {
			return period{}, err
		}
	}
	length, ok := parsePeriod(source)
	if !ok {
		return period{}, p.errorf(t.start, p.last, "%q is no period, such as 30s, 5m or 1h", source)
	}
	return length, nil
}

// aggregate reads an aggregation function. Its place in the expression is taken
// by a reference to its result.
func (p *parser) aggregate(name token, kind *aggregationKind) (expr, error) {
	if p.aggs == nil || p.inAgg {
		return nil, p.errorf(name.start, name.end, "the aggregation function %s is only for stats, and not within another one", name.text)
	}
	p.inAgg = true
	defer func() { p.inAgg = false }()
	if err := p.advance(); err != nil {
		return nil, err
	}
	agg := &aggregation{kind: kind}
	star, err := p.accept("*")
	if err != nil {
		return nil, err
	}
	var args []expr
	if star {
		err = p.expect(")")
	} else {
		args, err = p.list(")")
	}
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(args, p.isStructure) {
		return nil, p.errorf(name.start, p.last, "stats does not take a map or a list")
	}
	if err := agg.bind(args, star); err != "" {
		return nil, p.errorf(name.start, p.last, "the function %s %s", name.text, err)
	}
	*p.aggs = append(*p.aggs, agg)
	return aggregated{len(*p.aggs) - 1}, nil
}
