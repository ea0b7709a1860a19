package metricmath

import "strings"

// An Expr is an expression that was read. It never changes, and may be computed
// by many goroutines, each with an Env of its own.
type Expr struct {
	root node
	refs []string
}

// Refs are the ids of other queries that the expression names, in the order of
// their first use. METRICS() names none.
func (e *Expr) Refs() []string { return e.refs }

// Uses reports whether the expression calls a function, e.g. "SEARCH".
func (e *Expr) Uses(function string) bool { return uses(e.root, function) }

// A node is a part of an expression.
type node interface {
	eval(ev *evaluation) (Value, error)
	position() int
}

type (
	numberNode struct {
		offset int
		value  float64
	}
	stringNode struct {
		offset int
		text   string
	}
	refNode struct {
		offset int
		id     string
	}
	wordNode struct { // REPEAT, ASC and the like; only functions take them
		offset int
		word   string
	}
	listNode struct {
		offset int
		items  []node
	}
	negateNode struct {
		offset int
		of     node
	}
	binaryNode struct {
		offset      int
		operator    string
		left, right node
	}
	callNode struct {
		offset int
		name   string
		fn     *function
		args   []node
	}
)

func (n *numberNode) position() int { return n.offset }
func (n *stringNode) position() int { return n.offset }
func (n *refNode) position() int    { return n.offset }
func (n *wordNode) position() int   { return n.offset }
func (n *listNode) position() int   { return n.offset }
func (n *negateNode) position() int { return n.offset }
func (n *binaryNode) position() int { return n.offset }
func (n *callNode) position() int   { return n.offset }

func uses(n node, function string) bool {
	switch n := n.(type) {
	case *listNode:
		return anyUses(n.items, function)
	case *negateNode:
		return uses(n.of, function)
	case *binaryNode:
		return uses(n.left, function) || uses(n.right, function)
	case *callNode:
		return n.name == function || anyUses(n.args, function)
	}
	return false
}

func anyUses(list []node, function string) bool {
	for _, n := range list {
		if uses(n, function) {
			return true
		}
	}
	return false
}

// maxDepth is how deep an expression may be nested: 2,048 characters, which is
// what AWS takes, could nest deeper than anyone means.
const maxDepth = 200

// Parse reads an expression. Its errors are [*Error]s.
func Parse(text string) (*Expr, error) {
	if word, _, _ := strings.Cut(strings.TrimSpace(text)+" ", " "); strings.EqualFold(word, "SELECT") {
		return nil, unsupported(0, "A Metrics Insights query")
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, seen: make(map[string]bool)}
	root, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokenEnd {
		return nil, fail(t.offset, "Unexpected %s", t.describe())
	}
	return &Expr{root, p.refs}, nil
}

type parser struct {
	tokens []token
	next   int
	depth  int
	refs   []string
	seen   map[string]bool
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != tokenEnd {
		p.next++
	}
	return t
}

func (p *parser) symbol(s string) bool {
	if t := p.peek(); t.kind == tokenSymbol && t.text == s {
		p.next++
		return true
	}
	return false
}

func (p *parser) expect(s string) error {
	if p.symbol(s) {
		return nil
	}
	t := p.peek()
	return fail(t.offset, "Expected %q, found %s", s, t.describe())
}

// precedence of the operators that have two sides: OR binds least, ^ most. AWS
// names none; this is what mathematics and most languages have.
var precedence = map[string]int{
	"||": 1, "&&": 2,
	"==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4,
	"+": 5, "-": 5, "*": 6, "/": 6, "^": 8,
}

// unaryPrecedence is that of the minus sign: -m1^2 is -(m1^2).
const unaryPrecedence = 7

// operator is the operator that comes next, by its sign; "" for none.
func (p *parser) operator() string {
	t := p.peek()
	switch {
	case t.kind == tokenName && t.text == "AND":
		return "&&"
	case t.kind == tokenName && t.text == "OR":
		return "||"
	case t.kind == tokenSymbol:
		return t.text
	}
	return ""
}

// binary reads operators that bind at least as strongly as least.
func (p *parser) binary(least int) (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fail(p.peek().offset, "The expression is nested too deeply")
	}
	defer func() { p.depth-- }()
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	for {
		op := p.operator()
		strength := precedence[op]
		if strength == 0 || strength < least {
			return left, nil
		}
		offset := p.take().offset
		next := strength + 1
		if op == "^" {
			next = strength // 2^3^2 is 2^(3^2)
		}
		right, err := p.binary(next)
		if err != nil {
			return nil, err
		}
		left = &binaryNode{offset, op, left, right}
	}
}

func (p *parser) unary() (node, error) {
	offset := p.peek().offset
	if !p.symbol("-") {
		return p.primary()
	}
	of, err := p.binary(unaryPrecedence)
	if err != nil {
		return nil, err
	}
	return &negateNode{offset, of}, nil
}

func (p *parser) primary() (node, error) {
	t := p.take()
	switch {
	case t.kind == tokenNumber:
		return &numberNode{t.offset, t.number}, nil
	case t.kind == tokenString:
		return &stringNode{t.offset, t.text}, nil
	case t.kind == tokenName:
		return p.name(t)
	case t.kind == tokenSymbol && t.text == "(":
		inner, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	case t.kind == tokenSymbol && t.text == "[":
		items, err := p.items("]")
		if err != nil {
			return nil, err
		}
		if len(items) == 0 {
			return nil, fail(t.offset, "An array is empty")
		}
		return &listNode{t.offset, items}, nil
	}
	return nil, fail(t.offset, "Unexpected %s", t.describe())
}

// name reads what begins with a name: a call, an id, or a word.
func (p *parser) name(t token) (node, error) {
	switch {
	case p.symbol("("):
		args, err := p.items(")")
		if err != nil {
			return nil, err
		}
		return newCall(t, args)
	case t.text[0] >= 'a' && t.text[0] <= 'z':
		if !p.seen[t.text] {
			p.seen[t.text] = true
			p.refs = append(p.refs, t.text)
		}
		return &refNode{t.offset, t.text}, nil
	case words[t.text]:
		return &wordNode{t.offset, t.text}, nil
	}
	return nil, fail(t.offset, "Unknown identifier %q; ids begin with a small letter", t.text)
}

// items reads expressions with commas between, up to the closing sign.
func (p *parser) items(closing string) ([]node, error) {
	if p.symbol(closing) {
		return nil, nil
	}
	var list []node
	for {
		item, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
		if !p.symbol(",") {
			return list, p.expect(closing)
		}
	}
}

// words may stand as an argument where a function takes them.
var words = map[string]bool{
	"REPEAT": true, "LINEAR": true, "ASC": true, "DESC": true,
	"AVG": true, "MIN": true, "MAX": true, "SUM": true,
}

// newCall checks the function's name and how many arguments it has.
func newCall(t token, args []node) (node, error) {
	if unsupportedFunctions[t.text] {
		return nil, unsupported(t.offset, "The function %s", t.text)
	}
	fn := functionNamed(t.text)
	if fn == nil {
		return nil, fail(t.offset, "Unknown function %q", t.text)
	}
	if len(args) < fn.least || len(args) > fn.most {
		return nil, fail(t.offset, "The function %s takes %s", t.text, fn.arity())
	}
	return &callNode{t.offset, t.text, fn, args}, nil
}

// unsupportedFunctions are AWS's functions that need what localaws has not.
var unsupportedFunctions = map[string]bool{
	"ANOMALY_DETECTION_BAND": true, "INSIGHT_RULE_METRIC": true, "SERVICE_QUOTA": true,
	"DB_PERF_INSIGHTS": true, "LAMBDA": true,
}
