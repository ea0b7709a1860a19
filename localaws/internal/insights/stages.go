package insights

import (
	"regexp"
	"slices"
)

// A command is one command of a query; stage makes its part of a run, which
// gives rows on to next.
type command interface {
	stage(e *env, next stage) stage
}

// A stage takes rows one at a time. After flush no row comes.
type stage interface {
	push(r *row) error
	flush() error
}

// fieldsCommand is fields and display, as far as they define fields.
type fieldsCommand struct{ aliases []column }

func (c fieldsCommand) stage(_ *env, next stage) stage { return fieldsStage{c, next} }

type fieldsStage struct {
	fieldsCommand
	next stage
}

func (s fieldsStage) push(r *row) error {
	for _, a := range s.aliases {
		r.set(a.name, a.expr.eval(r))
	}
	return s.next.push(r)
}

func (s fieldsStage) flush() error { return s.next.flush() }

type filterCommand struct {
	x      expr
	counts bool // what it drops is not matched
}

func (c filterCommand) stage(e *env, next stage) stage { return filterStage{c, e, next} }

type filterStage struct {
	filterCommand
	env  *env
	next stage
}

func (s filterStage) push(r *row) error {
	if s.x.eval(r).truth() {
		return s.next.push(r)
	}
	if s.counts {
		s.env.dropped++
	}
	return nil
}

func (s filterStage) flush() error { return s.next.flush() }

// extractCommand is parse. Where the pattern does not match, its fields are missing.
type extractCommand struct {
	from   expr
	re     *regexp.Regexp
	names  []string
	groups []int // of re, one a name
}

func (c extractCommand) stage(_ *env, next stage) stage { return extractStage{c, next} }

type extractStage struct {
	extractCommand
	next stage
}

func (s extractStage) push(r *row) error {
	text := s.from.eval(r).String()
	at := s.re.FindStringSubmatchIndex(text)
	for i, name := range s.names {
		v := value{}
		if g := 2 * s.groups[i]; at != nil && at[g] >= 0 {
			v = textValue(text[at[g]:at[g+1]])
		}
		r.set(name, v)
	}
	return s.next.push(r)
}

func (s extractStage) flush() error { return s.next.flush() }

type limitCommand struct{ n int }

func (c limitCommand) stage(_ *env, next stage) stage { return &limitStage{c.n, next} }

type limitStage struct {
	left int
	next stage
}

func (s *limitStage) push(r *row) error {
	if s.left == 0 {
		return nil
	}
	s.left--
	return s.next.push(r)
}

func (s *limitStage) flush() error { return s.next.flush() }

// dedupCommand keeps the first row of each combination of values. A row that
// lacks one of them is no duplicate.
type dedupCommand struct{ keys []expr }

func (c dedupCommand) stage(e *env, next stage) stage {
	return &dedupStage{c, e, make(map[string]bool), next}
}

type dedupStage struct {
	dedupCommand
	env  *env
	seen map[string]bool
	next stage
}

func (s *dedupStage) push(r *row) error {
	key, whole := groupKey(s.keys, r)
	if !whole {
		return s.next.push(r)
	}
	if s.seen[key] {
		return nil
	}
	s.seen[key] = true
	if err := s.env.hold(len(key) + mapOverhead); err != nil {
		return err
	}
	return s.next.push(r)
}

func (s *dedupStage) flush() error { return s.next.flush() }

// mapOverhead is what an entry of a map costs, about.
const mapOverhead = 64

// groupKey joins values so that different ones stay different; whole says that
// none is missing.
func groupKey(keys []expr, r *row) (key string, whole bool) {
	var b []byte
	whole = true
	for _, k := range keys {
		v := k.eval(r).plain()
		if v.kind == null {
			whole = false
			b = append(b, 0xFF)
			continue
		}
		for _, c := range []byte(v.String()) {
			if c == 0xFE || c == 0xFF { // in no valid UTF-8, but messages are not ours
				b = append(b, 0xFE)
			}
			b = append(b, c)
		}
		b = append(b, 0xFF, 0)
	}
	return string(b), whole
}

type sortKey struct {
	expr expr
	desc bool
}

// sortCommand is sort; most is the limit that follows, 0 if none does.
type sortCommand struct {
	keys []sortKey
	most int
}

func (c *sortCommand) stage(e *env, next stage) stage {
	return &sortStage{sortCommand: c, env: e, next: next}
}

// A sortStage holds all rows, or, if a limit follows, at most twice that many.
type sortStage struct {
	*sortCommand
	env  *env
	rows []sortedRow
	next stage
}

type sortedRow struct {
	row  *row
	keys []value
	size int
}

func (s *sortStage) push(r *row) error {
	sr := sortedRow{row: r, keys: make([]value, len(s.keys)), size: r.size()}
	for i, k := range s.keys {
		sr.keys[i] = k.expr.eval(r).plain()
		sr.size += sr.keys[i].size()
	}
	r.forget()
	s.rows = append(s.rows, sr)
	if s.most > 0 && len(s.rows) >= 2*s.most {
		s.sort()
		for _, out := range s.rows[s.most:] {
			s.env.held -= int64(out.size)
		}
		clear(s.rows[s.most:])
		s.rows = s.rows[:s.most]
	}
	return s.env.hold(sr.size)
}

func (s *sortStage) sort() {
	slices.SortStableFunc(s.rows, func(a, b sortedRow) int {
		for i, k := range s.keys {
			if c := naturalOrder(a.keys[i], b.keys[i]); c != 0 {
				if k.desc {
					return -c
				}
				return c
			}
		}
		return 0
	})
}

func (s *sortStage) flush() error {
	s.sort()
	for _, r := range s.rows {
		if err := s.next.push(r.row); err != nil {
			return err
		}
	}
	s.rows = nil
	return s.next.flush()
}

// size is what holding the row costs, about.
func (r *row) size() int {
	const overhead = 256
	n := overhead
	if r.event != nil {
		n += len(r.event.Message)
	}
	for name, v := range r.vars {
		n += len(name) + v.size()
	}
	return n
}

// forget drops what can be found again.
func (r *row) forget() { r.looked, r.discovered = false, nil }

// sink makes the rows of the result.
type sink struct {
	query *Query
	env   *env
	rows  []Row
}

func (s *sink) push(r *row) error {
	columns := s.query.columns
	if columns == nil {
		columns = defaultColumns()
	}
	out := make(Row, 0, len(columns)+1)
	size := 0
	for _, c := range columns {
		v := c.expr.eval(r)
		if v.kind == null {
			continue
		}
		cell := Cell{c.name, v.String()}
		size += len(cell.Value) + mapOverhead
		out = append(out, cell)
	}
	if r.event != nil {
		out = append(out, Cell{"@ptr", r.event.Ptr})
	}
	s.rows = append(s.rows, out)
	return s.env.hold(size + mapOverhead)
}

func (s *sink) flush() error { return nil }
