package insights

// statsCommand is stats. Columns see the aggregations by their index and the
// columns to their left by name.
type statsCommand struct {
	aggregations []*aggregation
	columns, by  []column
}

func (c *statsCommand) stage(e *env, next stage) stage {
	return &statsStage{statsCommand: c, env: e, groups: make(map[string]*group), next: next}
}

// A group is the state of one group.
type group struct {
	keys   []value
	states []accumulator
}

type statsStage struct {
	*statsCommand
	env    *env
	groups map[string]*group
	order  []*group
	next   stage
}

func (s *statsStage) push(r *row) error {
	by := make([]expr, len(s.by))
	for i := range s.by {
		by[i] = s.by[i].expr
	}
	key, _ := groupKey(by, r)
	g := s.groups[key]
	if g == nil {
		g = s.newGroup()
		for i := range s.by {
			g.keys = append(g.keys, s.by[i].expr.eval(r).plain())
		}
		s.groups[key] = g
		s.order = append(s.order, g)
		if err := s.env.hold(2*len(key) + mapOverhead*(2+len(s.aggregations))); err != nil {
			return err
		}
	}
	for i, a := range s.aggregations {
		if err := s.env.hold(a.add(g.states[i], r)); err != nil {
			return err
		}
	}
	return nil
}

func (s *statsStage) newGroup() *group {
	g := &group{states: make([]accumulator, len(s.aggregations))}
	for i, a := range s.aggregations {
		g.states[i] = a.kind.start(a)
	}
	return g
}

// flush gives the groups on. Without by there is one, even if no event came.
func (s *statsStage) flush() error {
	if len(s.order) == 0 && len(s.by) == 0 {
		s.order = append(s.order, s.newGroup())
	}
	for _, g := range s.order {
		r := &row{env: s.env, aggregates: make([]value, len(g.states))}
		for i, st := range g.states {
			r.aggregates[i] = st.result()
		}
		for i, c := range s.by {
			r.set(c.name, g.keys[i])
		}
		for _, c := range s.columns {
			r.set(c.name, c.expr.eval(r))
		}
		if err := s.next.push(r); err != nil {
			return err
		}
	}
	return s.next.flush()
}
