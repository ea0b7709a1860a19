package insights

import (
	"strconv"
	"strings"
)

// Parse reads a query. Its errors are *SyntaxError.
func Parse(query string) (*Query, error) {
	p := &parser{lexer: lexer{src: query}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	q := &Query{}
	for {
		if err := p.command(q); err != nil {
			return nil, err
		}
		if p.tok.kind == endToken {
			return q, nil
		}
		if err := p.expect("|"); err != nil {
			return nil, err
		}
	}
}

// A scope is which names a command may use.
type scope struct {
	defined  map[string]bool // by as, parse and stats
	structs  map[string]bool // of those, which are maps and lists
	closed   bool            // only what is defined is known, as after stats
	stats    int             // stats commands so far
	blocked  bool            // by sort or limit: no further stats
	dedup    bool            // only limit may follow
	display  bool            // display has chosen what rows show
	unnested bool            // rows are no longer events, one each
}

// knows tells names that may be used: fields of events, and what is defined or
// lies within something that is.
func (s *scope) knows(name string) bool {
	for s.closed {
		if s.defined[name] {
			return true
		}
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 {
			return false
		}
		name = name[:dot]
	}
	return true
}

func (s *scope) define(name string) {
	if s.defined == nil {
		s.defined = make(map[string]bool)
	}
	s.defined[name] = true
}

// A column is one field that rows show.
type column struct {
	name string
	expr expr
}

// command reads one command. Those of AWS that are not here are named in the
// error; everything else is no command.
func (p *parser) command(q *Query) error {
	t := p.tok
	name := strings.ToLower(t.text)
	if t.kind != wordToken || t.quoted {
		return p.unexpected(t)
	}
	if p.names.dedup && name != "limit" {
		return p.unexpected(t) // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Dedup.html
	}
	read := map[string]func(*Query) error{
		"fields": p.fields, "display": p.display, "filter": p.filter, "parse": p.parse,
		"stats": p.stats, "sort": p.sort, "limit": p.limit, "dedup": p.dedup,
		"unnest": p.unnest,
	}[name]
	if read == nil {
		if unsupported[name] {
			return p.errorf(t.start, t.end, "localaws does not support the command %s", t.text)
		}
		return p.unexpected(t)
	}
	if err := p.advance(); err != nil {
		return err
	}
	return read(q)
}

// unsupported commands of AWS, so that the error can say that it is we who lack them.
var unsupported = map[string]bool{
	"addtotals": true, "anomaly": true, "diff": true, "expand": true, "filterindex": true, "head": true, "join": true,
	"lookup": true, "order": true, "pattern": true, "search": true, "source": true, "tail": true, "unmask": true,
	"where": true,
}

// named reads an expression and its name: what follows as, or its own text.
func (p *parser) named(read func() (expr, error)) (c column, aliased bool, err error) {
	start := p.tok
	if c.expr, err = read(); err != nil {
		return c, false, err
	}
	c.name = strings.TrimSpace(p.src[start.start:p.last])
	if f, ok := c.expr.(field); ok {
		c.name = f.name
	}
	if aliased, err = p.accept("as"); err != nil || !aliased {
		return c, aliased, err
	}
	if c.name, err = p.alias(); p.isStructure(c.expr) {
		if p.names.structs == nil {
			p.names.structs = make(map[string]bool)
		}
		p.names.structs[c.name] = true
	}
	return c, true, err
}

// isStructure tells what is surely a map or a list.
func (p *parser) isStructure(x expr) bool {
	switch x := x.(type) {
	case call:
		return x.fn == functions["jsonparse"] || x.fn == functions["split"]
	case field:
		return p.scope().structs[x.name]
	}
	return false
}

// plain reads an expression where AWS takes no map or list.
func (p *parser) plain(command string) (expr, error) {
	start := p.tok
	x, err := p.expression()
	if err == nil && p.isStructure(x) {
		err = p.errorf(start.start, p.last, "%s does not take a map or a list", command)
	}
	return x, err
}

// alias reads a new name. One name is given once, as AWS has it.
func (p *parser) alias() (string, error) {
	t := p.tok
	if t.kind != wordToken {
		return "", p.unexpected(t)
	}
	if p.names.defined[t.text] {
		return "", p.errorf(t.start, t.end, "Ephemeral field is already defined: %s", t.text)
	}
	p.names.define(t.text)
	return t.text, p.advance()
}

// columns reads expressions with their names, and commas between them.
func (p *parser) columns() (list []column, aliases []column, err error) {
	for {
		c, aliased, err := p.named(p.expression)
		if err != nil {
			return nil, nil, err
		}
		shown := c
		if aliased {
			aliases = append(aliases, c)
			shown.expr = field{c.name}
		}
		list = append(list, shown)
		if more, err := p.accept(","); err != nil || !more {
			return list, aliases, err
		}
	}
}

func (p *parser) fields(q *Query) error {
	list, aliases, err := p.columns()
	if err != nil {
		return err
	}
	if !p.names.display {
		q.show(list)
	}
	q.commands = append(q.commands, fieldsCommand{aliases})
	return nil
}

// show adds columns that are not there yet.
func (q *Query) show(list []column) {
	for _, c := range list {
		at := 0
		for at < len(q.columns) && q.columns[at].name != c.name {
			at++
		}
		if at == len(q.columns) {
			q.columns = append(q.columns, c)
		}
	}
}

func (p *parser) display(q *Query) error {
	list, aliases, err := p.columns()
	if err != nil {
		return err
	}
	q.columns = nil // the last display decides
	q.show(list)
	p.names.display = true
	q.commands = append(q.commands, fieldsCommand{aliases})
	return nil
}

func (p *parser) filter(q *Query) error {
	x, err := p.expression()
	q.commands = append(q.commands, filterCommand{x, p.names.stats == 0 && !p.names.blocked && !p.names.unnested})
	return err
}

func (p *parser) sort(q *Query) error {
	var s sortCommand
	for {
		x, err := p.plain("sort")
		if err != nil {
			return err
		}
		key := sortKey{expr: x}
		if key.desc, err = p.accept("desc"); err == nil && !key.desc {
			_, err = p.accept("asc")
		}
		if err != nil {
			return err
		}
		s.keys = append(s.keys, key)
		if more, err := p.accept(","); err != nil {
			return err
		} else if !more {
			break
		}
	}
	p.names.blocked = true
	q.commands = append(q.commands, &s)
	return nil
}

func (p *parser) limit(q *Query) error {
	t := p.tok
	n, err := strconv.Atoi(t.text)
	if t.kind != numberToken {
		return p.unexpected(t)
	}
	if err != nil || n < 1 || n > MaxLimit {
		return p.errorf(t.start, t.end, "limit must be between 1 and %d", MaxLimit)
	}
	p.names.blocked = true
	if len(q.commands) > 0 {
		if s, ok := q.commands[len(q.commands)-1].(*sortCommand); ok {
			s.most = n
		}
	}
	q.limited = true
	q.commands = append(q.commands, limitCommand{n})
	return p.advance()
}

func (p *parser) dedup(q *Query) error {
	var d dedupCommand
	for {
		x, err := p.plain("dedup")
		if err != nil {
			return err
		}
		d.keys = append(d.keys, x)
		if more, err := p.accept(","); err != nil {
			return err
		} else if !more {
			break
		}
	}
	p.names.dedup = true
	q.commands = append(q.commands, d)
	return nil
}

// stats reads aggregations and what they are grouped by. A second stats sees
// only what the first gave; sort and limit stand behind the last, see
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html.
func (p *parser) stats(q *Query) error {
	start := p.tok
	if p.names.stats++; p.names.stats > maxStats {
		return p.errorf(start.start, start.end, "a query has at most %d stats commands", maxStats)
	}
	if p.names.blocked {
		return p.errorf(start.start, start.end, "sort and limit must come after the last stats command")
	}
	s := &statsCommand{}
	if err := p.aggregatedColumns(s); err != nil {
		return err
	}
	if err := p.groups(s); err != nil {
		return err
	}
	p.names = scope{closed: true, stats: p.names.stats}
	q.columns, q.stats = nil, true
	for _, c := range append(append([]column(nil), s.by...), s.columns...) {
		p.names.define(c.name)
		q.show([]column{{c.name, field{c.name}}})
	}
	q.commands = append(q.commands, s)
	return nil
}

// aggregatedColumns reads what stats gives. Outside of aggregation functions
// only columns to the left are known.
func (p *parser) aggregatedColumns(s *statsCommand) error {
	p.outer, p.aggs = p.names, &s.aggregations
	p.names = scope{closed: true, stats: p.outer.stats}
	defer func() { p.names, p.aggs = p.outer, nil }()
	for {
		c, _, err := p.named(p.expression)
		if err != nil {
			return err
		}
		p.names.define(c.name)
		s.columns = append(s.columns, c)
		if more, err := p.accept(","); err != nil || !more {
			return err
		}
	}
}

// groups reads what follows by, if it is there.
func (p *parser) groups(s *statsCommand) error {
	by, err := p.accept("by")
	if err != nil || !by {
		return err
	}
	for {
		c, _, err := p.named(func() (expr, error) { return p.plain("stats") })
		if err != nil {
			return err
		}
		s.by = append(s.by, c)
		if more, err := p.accept(","); err != nil || !more {
			return err
		}
	}
}
