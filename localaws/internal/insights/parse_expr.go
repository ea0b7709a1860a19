package insights

import (
	"regexp"
	"strings"
)

// A parser reads a query by recursive descent, one token ahead.
type parser struct {
	lexer
	tok   token
	last  int // where the token before tok ends
	depth int
	aggs  *[]*aggregation // where aggregation functions go; nil outside stats
	inAgg bool            // within the arguments of one
	names scope
	outer scope // of the arguments of aggregation functions
}

// advance takes the next token.
func (p *parser) advance() error {
	p.last = p.tok.end
	t, err := p.next()
	p.tok = t
	return err
}

// accept passes a token if it is the one.
func (p *parser) accept(text string) (bool, error) {
	if !p.tok.is(text) {
		return false, nil
	}
	return true, p.advance()
}

// expect passes a token that must be there.
func (p *parser) expect(text string) error {
	ok, err := p.accept(text)
	if err == nil && !ok {
		err = p.unexpected(p.tok)
	}
	return err
}

// expression reads one whole expression: or binds least.
func (p *parser) expression() (expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorf(p.tok.start, p.tok.end, "the query is nested deeper than %d levels", maxDepth)
	}
	defer func() { p.depth-- }()
	x, err := p.conjunction()
	for err == nil && p.tok.is("or") {
		if err = p.advance(); err != nil {
			break
		}
		var y expr
		y, err = p.conjunction()
		x = logical{or: true, x: x, y: y}
	}
	return x, err
}

func (p *parser) conjunction() (expr, error) {
	x, err := p.negation()
	for err == nil && p.tok.is("and") {
		if err = p.advance(); err != nil {
			break
		}
		var y expr
		y, err = p.negation()
		x = logical{x: x, y: y}
	}
	return x, err
}

func (p *parser) negation() (expr, error) {
	negated := false
	for p.tok.is("not") {
		negated = !negated
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	x, err := p.relation()
	if negated && err == nil {
		x = not{x}
	}
	return x, err
}

// relation reads a comparison, like, =~ or in, each with or without not.
func (p *parser) relation() (expr, error) {
	x, err := p.sum()
	for err == nil {
		op := strings.ToLower(p.tok.text)
		switch {
		case p.tok.kind == symbolToken && isComparison(op):
			if err = p.advance(); err != nil {
				return nil, err
			}
			var y expr
			y, err = p.sum()
			x = comparison{op, x, y}
		case p.tok.is("like"), p.tok.is("=~"), p.tok.is("in"):
			x, err = p.matching(x)
		case p.tok.is("not"):
			if err = p.advance(); err != nil {
				return nil, err
			}
			if !p.tok.is("like") && !p.tok.is("in") && !p.tok.is("=~") {
				return nil, p.unexpected(p.tok)
			}
			x, err = p.matching(x)
			x = not{x}
		default:
			return x, nil
		}
	}
	return x, err
}

func isComparison(op string) bool {
	switch op {
	case "=", "!=", "<", "<=", ">", ">=":
		return true
	}
	return false
}

func (p *parser) matching(x expr) (expr, error) {
	if isIn, err := p.accept("in"); isIn || err != nil {
		if err != nil {
			return nil, err
		}
		return p.membership(x)
	}
	if err := p.advance(); err != nil { // like, =~
		return nil, err
	}
	if p.tok.is("/") {
		re, err := p.regularExpression()
		return match{x: x, re: re}, err
	}
	if p.tok.kind != stringToken {
		return nil, p.unexpected(p.tok)
	}
	part := p.tok.text
	return match{x: x, part: part}, p.advance()
}

// regularExpression reads from the slash that is the token.
func (p *parser) regularExpression() (*regexp.Regexp, error) {
	start := p.tok.start
	source, err := p.regexp(start)
	if err != nil {
		return nil, err
	}
	end := p.pos
	re, err := regexp.Compile(source)
	if err != nil {
		return nil, p.errorf(start, end, "the regular expression /%s/ is not valid, or not supported by localaws: %v", excerpt(source), err)
	}
	return re, p.advance()
}

func (p *parser) membership(x expr) (expr, error) {
	if err := p.expect("["); err != nil {
		return nil, err
	}
	list, err := p.list("]")
	return in{x: x, list: list}, err
}

// list reads expressions with commas between them, to the bracket that ends it.
func (p *parser) list(end string) (list []expr, err error) {
	if done, err := p.accept(end); done || err != nil {
		return nil, err
	}
	for {
		x, err := p.expression()
		if err != nil {
			return nil, err
		}
		list = append(list, x)
		if more, err := p.accept(","); err != nil {
			return nil, err
		} else if !more {
			return list, p.expect(end)
		}
	}
}

func (p *parser) sum() (expr, error) { return p.binary("+-", p.product) }

func (p *parser) product() (expr, error) { return p.binary("*/%", p.power) }

// binary reads operands with operators of one rank between them.
func (p *parser) binary(operators string, operand func() (expr, error)) (expr, error) {
	x, err := operand()
	for err == nil && p.tok.kind == symbolToken && len(p.tok.text) == 1 && strings.Contains(operators, p.tok.text) {
		op := p.tok.text[0]
		if err = p.advance(); err != nil {
			break
		}
		var y expr
		y, err = operand()
		x = arithmetic{op, x, y}
	}
	return x, err
}

// power binds to the right: 2^3^2 is 2^9.
func (p *parser) power() (expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorf(p.tok.start, p.tok.end, "the query is nested deeper than %d levels", maxDepth)
	}
	defer func() { p.depth-- }()
	if minus, err := p.accept("-"); minus || err != nil {
		if err != nil {
			return nil, err
		}
		x, err := p.power()
		return negative{x}, err
	}
	x, err := p.primary()
	if err != nil || !p.tok.is("^") {
		return x, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	y, err := p.power()
	return arithmetic{'^', x, y}, err
}

func (p *parser) primary() (expr, error) {
	t := p.tok
	switch {
	case t.is("("):
		if err := p.advance(); err != nil {
			return nil, err
		}
		x, err := p.expression()
		if err != nil {
			return nil, err
		}
		return x, p.expect(")")
	case t.kind == stringToken:
		return literal{textValue(t.text)}, p.advance()
	case t.kind == numberToken:
		n, ok := parseNumber(t.text)
		if !ok {
			return nil, p.unexpected(t)
		}
		return literal{number1(n, t.text)}, p.advance()
	case t.is("true"), t.is("false"):
		return literal{boolValue(t.is("true"))}, p.advance()
	case t.kind == wordToken && !reserved(t):
		if name, end := p.column(t); name != "" {
			p.pos, p.tok.end = end, end
			return field{name}, p.advance()
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.tok.is("(") && !t.quoted {
			return p.call(t)
		}
		return p.reference(t)
	}
	return nil, p.unexpected(t)
}

// column is the column of stats whose text stands here, and where it ends: what
// was not named by as is named by its text, so that stats count(*) by bin(1h) can
// be followed by sort bin(1h). White space does not matter. It is "" without one.
func (p *parser) column(t token) (name string, end int) {
	s := p.scope()
	if !s.closed || t.quoted {
		return "", 0
	}
	for defined := range s.defined {
		at := sameText(p.src[t.start:], defined)
		if len(defined) > len(name) && at > 0 && strings.Contains(defined, "(") {
			name, end = defined, t.start+at
		}
	}
	return name, end
}

// sameText is how much of a text another one is, but for white space; 0 if the
// text begins with something else.
func sameText(text, other string) int {
	at := 0
	for _, c := range []byte(other) {
		if isSpace(c) {
			continue
		}
		for at < len(text) && isSpace(text[at]) {
			at++
		}
		if at == len(text) || text[at] != c {
			return 0
		}
		at++
	}
	if at > 0 && at < len(text) && isWordStart(text[at]) && isWordStart(text[at-1]) {
		return 0 // the text goes on
	}
	return at
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// reserved words are no fields unless they stand in backticks.
func reserved(t token) bool {
	for _, word := range [...]string{"and", "or", "not", "like", "in", "by", "as", "asc", "desc"} {
		if t.is(word) {
			return true
		}
	}
	return false
}

// reference is a field; after stats only what stats gave is one.
func (p *parser) reference(t token) (expr, error) {
	if !p.scope().knows(t.text) {
		return nil, p.unknown(t, t.text)
	}
	return field{t.text}, nil
}

// scope is that of the names at hand: the arguments of an aggregation see what
// was there before the stats command.
func (p *parser) scope() *scope {
	if p.inAgg {
		return &p.outer
	}
	return &p.names
}

// unknown is AWS's text for a name that stats has left behind.
func (p *parser) unknown(t token, name string) error {
	return p.errorf(t.start, t.end, "Unknown symbols found in or after stats: %s", name)
}
