package metricmath

import "time"

// grid is the times at which a series of a period has points if none is missing.
// They are those of the env, shifted so that the series' own points are on it.
func (ev *evaluation) grid(offset int, s *Series) ([]int64, error) {
	step := s.Period
	if step <= 0 {
		step = ev.env.Period
	}
	if step <= 0 || ev.env.End <= ev.env.Start {
		return nil, nil
	}
	from := ev.env.Start
	if len(s.Times) > 0 {
		from += (s.Times[0] - from) % step
		if from < ev.env.Start {
			from += step
		}
	}
	n := (ev.env.End - from + step - 1) / step
	if n <= 0 {
		return nil, nil
	}
	if n > maxGrid {
		return nil, unsupported(offset, "A time series of %d points; ask for a shorter time range or a longer period", n)
	}
	if err := ev.spend(offset, int(n)); err != nil {
		return nil, err
	}
	list := make([]int64, 0, n)
	for t := from; t < ev.env.End; t += step {
		list = append(list, t)
	}
	return list, nil
}

// maxGrid bounds one series that an expression makes: more than 455 days of
// five minutes each, which is the finest that there is of them.
const maxGrid = 200_000

// timeSeries is TIME_SERIES: S to TS.
func timeSeries(ev *evaluation, n *callNode) (Value, error) {
	v, err := ev.argument(n, 0, KindScalar)
	if err != nil {
		return Value{}, err
	}
	out := &Series{Label: n.name, Period: ev.env.Period, Computed: true}
	list, err := ev.grid(n.offset, out)
	if err != nil {
		return Value{}, err
	}
	for _, t := range list {
		out.add(t, v.Scalar)
	}
	return One(out), nil
}

// timeFunction makes a series without gaps of the times themselves: TS to TS.
func timeFunction(f func(time.Time) float64) *function {
	return &function{1, 1, func(ev *evaluation, n *callNode) (Value, error) {
		v, err := ev.argument(n, 0, KindSeries)
		if err != nil {
			return Value{}, err
		}
		list, err := ev.grid(n.offset, v.Series[0])
		if err != nil {
			return Value{}, err
		}
		out := v.Series[0].like(len(list))
		for _, t := range list {
			out.add(t, f(time.Unix(t, 0).UTC()))
		}
		return One(out), nil
	}}
}

func minuteOf(t time.Time) float64 { return float64(t.Minute()) }
func hourOf(t time.Time) float64   { return float64(t.Hour()) }
func dateOf(t time.Time) float64   { return float64(t.Day()) }
func monthOf(t time.Time) float64  { return float64(t.Month()) }
func yearOf(t time.Time) float64   { return float64(t.Year()) }
func epochOf(t time.Time) float64  { return float64(t.Unix()) }

// dayOf is 1 for Monday to 7 for Sunday.
func dayOf(t time.Time) float64 { return float64((int(t.Weekday())+6)%7 + 1) }

// fill is FILL: a number, another series, REPEAT or LINEAR where points are
// missing. Before the first point REPEAT has nothing to repeat, and LINEAR has a
// line only between two points.
func fill(ev *evaluation, n *callNode) (Value, error) {
	v, err := ev.argument(n, 0, KindSeries, KindArray)
	if err != nil {
		return Value{}, err
	}
	gap, err := ev.filler(n)
	if err != nil {
		return Value{}, err
	}
	out := Value{Kind: v.Kind, Series: make([]*Series, len(v.Series))}
	for i, s := range v.Series {
		list, err := ev.grid(n.offset, s)
		if err != nil {
			return Value{}, err
		}
		out.Series[i] = fillOne(s, list, gap)
	}
	return out, nil
}

// A gapFiller gives the value at a time at which the series has none; next is
// the index of the first point after it.
type gapFiller func(s *Series, t int64, next int) (float64, bool)

func (ev *evaluation) filler(n *callNode) (gapFiller, error) {
	if _, isWord := n.args[1].(*wordNode); isWord {
		word, err := n.word(1, "REPEAT", "LINEAR")
		if err != nil {
			return nil, err
		}
		if word == "REPEAT" {
			return repeat, nil
		}
		return linear, nil
	}
	v, err := ev.argument(n, 1, KindScalar, KindSeries)
	if err != nil {
		return nil, err
	}
	if v.Kind == KindSeries {
		return func(_ *Series, t int64, _ int) (float64, bool) { return v.Series[0].at(t) }, nil
	}
	return func(*Series, int64, int) (float64, bool) { return v.Scalar, true }, nil
}

func repeat(s *Series, _ int64, next int) (float64, bool) {
	if next == 0 {
		return 0, false
	}
	return s.Values[next-1], true
}

func linear(s *Series, t int64, next int) (float64, bool) {
	if next == 0 || next == len(s.Times) {
		return 0, false
	}
	from, to := s.Times[next-1], s.Times[next]
	part := float64(t-from) / float64(to-from)
	return s.Values[next-1] + part*(s.Values[next]-s.Values[next-1]), true
}

func fillOne(s *Series, grid []int64, gap gapFiller) *Series {
	out := s.like(max(len(grid), len(s.Times)))
	next := 0
	take := func(until int64) {
		for next < len(s.Times) && s.Times[next] < until {
			out.add(s.Times[next], s.Values[next])
			next++
		}
	}
	for _, t := range grid {
		take(t)
		if next < len(s.Times) && s.Times[next] == t {
			continue // the next take has it
		}
		if value, ok := gap(s, t, next); ok {
			out.add(t, value)
		}
	}
	take(1<<63 - 1)
	return out
}
