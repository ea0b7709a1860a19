package localaws

import (
	"fmt"
	"strconv"
	"strings"
)

// Filter expressions, as AWS describes them in prose: keywords with operators,
// AND, OR, ! and brackets, where conditions side by side mean AND. AND binds
// tighter than OR.
//
// Supported: ok error throttle fault partial inferred root; responsetime
// duration http.status; http.url http.method http.useragent http.clientip user
// name type message availabilityzone instance.id resource.arn; annotation[key]
// and annotation.key; service(…) {…}, edge(…) {…} and id(name:, type:,
// account.id:) in them. Anything else is an error, never another answer: index,
// coverage, first, last, remote, group.*, rootcause.*, json, and annotations
// inside service and edge.
//
// Read from https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html

// A filter decides about one subject.
type filter func(s *subject) bool

// A subject is a whole trace, or one service or edge of it.
type subject struct {
	trace  *traceFacts
	entity *entity // nil at the level of the trace
}

// matches tells whether a trace fits; a nil filter takes all.
func (f filter) matches(facts *traceFacts) bool {
	return f == nil || f(&subject{trace: facts})
}

// Bounds of an expression, so that reading one costs little.
const (
	maxFilterLength = 8 << 10
	maxFilterDepth  = 64
)

// parseFilter reads an expression; an empty one is a nil filter.
func parseFilter(text string) (filter, error) {
	if len(text) > maxFilterLength {
		return nil, fmt.Errorf("longer than %d characters", maxFilterLength)
	}
	p := &filterParser{}
	if err := p.scan(text); err != nil {
		return nil, err
	}
	if len(p.tokens) == 1 { // only the end
		return nil, nil
	}
	f, err := p.or()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokenEnd {
		return nil, p.unexpected(t)
	}
	return f, nil
}

// filterParser reads by recursive descent.
type filterParser struct {
	tokens []token
	at     int
	depth  int
	inside string // "service" or "edge" while reading a block
}

func (p *filterParser) peek() token { return p.tokens[p.at] }

func (p *filterParser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

// take consumes a symbol if it comes next.
func (p *filterParser) take(symbol string) bool {
	if t := p.peek(); t.kind == tokenSymbol && t.text == symbol {
		p.at++
		return true
	}
	return false
}

func (p *filterParser) want(symbol string) error {
	if !p.take(symbol) {
		return fmt.Errorf("expected %q at character %d", symbol, p.peek().at+1)
	}
	return nil
}

func (p *filterParser) unexpected(t token) error {
	if t.kind == tokenEnd {
		return fmt.Errorf("unexpected end")
	}
	return fmt.Errorf("unexpected %q at character %d", t.text, t.at+1)
}

func (p *filterParser) word(word string) bool {
	t := p.peek()
	return t.kind == tokenWord && strings.EqualFold(t.text, word)
}

func (p *filterParser) or() (filter, error) {
	left, err := p.and()
	if err != nil {
		return nil, err
	}
	for p.word("OR") {
		p.at++
		a := left
		b, err := p.and()
		if err != nil {
			return nil, err
		}
		left = func(s *subject) bool { return a(s) || b(s) }
	}
	return left, nil
}

func (p *filterParser) and() (filter, error) {
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	for p.continues() {
		if p.word("AND") {
			p.at++
		}
		a := left
		b, err := p.unary()
		if err != nil {
			return nil, err
		}
		left = func(s *subject) bool { return a(s) && b(s) }
	}
	return left, nil
}

// continues tells whether another condition stands beside the last.
func (p *filterParser) continues() bool {
	t := p.peek()
	switch t.kind {
	case tokenWord:
		return !strings.EqualFold(t.text, "OR")
	case tokenSymbol:
		return t.text == "!" || t.text == "("
	}
	return false
}

func (p *filterParser) unary() (filter, error) {
	if p.depth++; p.depth > maxFilterDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxFilterDepth)
	}
	defer func() { p.depth-- }()
	if p.take("!") {
		f, err := p.unary()
		if err != nil {
			return nil, err
		}
		return func(s *subject) bool { return !f(s) }, nil
	}
	if p.take("(") {
		f, err := p.or()
		if err != nil {
			return nil, err
		}
		return f, p.want(")")
	}
	return p.condition()
}

// condition reads one keyword with what belongs to it.
func (p *filterParser) condition() (filter, error) {
	t := p.next()
	if t.kind != tokenWord {
		return nil, p.unexpected(t)
	}
	keyword := strings.ToLower(t.text)
	switch {
	case keyword == "service":
		return p.service()
	case keyword == "edge":
		return p.edge()
	case keyword == "annotation":
		return p.annotation("")
	case strings.HasPrefix(keyword, "annotation."):
		return p.annotation(t.text[len("annotation."):])
	}
	if f := boolKeyword(keyword); f != nil {
		return f, nil
	}
	if get := numberKeyword(keyword); get != nil {
		return p.compareNumber(keyword, get)
	}
	if get := textKeyword(keyword); get != nil {
		return p.compareText(keyword, get)
	}
	return nil, fmt.Errorf("localaws does not support %q (character %d)", t.text, t.at+1)
}

// A token is a piece of an expression; at is where it begins.
type token struct {
	kind tokenKind
	text string
	at   int
}

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenNumber
	tokenText
	tokenSymbol
)

// scan cuts the text into tokens.
func (p *filterParser) scan(text string) error {
	for i := 0; i < len(text); {
		c := text[i]
		start := i
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case isWordStart(c):
			for i < len(text) && (isWordStart(text[i]) || isDigit(text[i]) || text[i] == '.' || text[i] == '-') {
				i++
			}
			p.tokens = append(p.tokens, token{tokenWord, text[start:i], start})
		case isDigit(c) || (c == '-' || c == '.') && i+1 < len(text) && (isDigit(text[i+1]) || text[i+1] == '.'):
			for i++; i < len(text) && (isDigit(text[i]) || strings.IndexByte(".eE+-", text[i]) >= 0); {
				i++
			}
			p.tokens = append(p.tokens, token{tokenNumber, text[start:i], start})
		case c == '"':
			s, n, err := scanText(text[i:])
			if err != nil {
				return fmt.Errorf("%w at character %d", err, start+1)
			}
			i += n
			p.tokens = append(p.tokens, token{tokenText, s, start})
		case strings.IndexByte("!<>", c) >= 0 && i+1 < len(text) && text[i+1] == '=':
			i += 2
			p.tokens = append(p.tokens, token{tokenSymbol, text[start:i], start})
		case strings.IndexByte("!<>=(){}[],:", c) >= 0:
			i++
			p.tokens = append(p.tokens, token{tokenSymbol, text[start:i], start})
		default:
			return fmt.Errorf("unexpected character %q at %d", c, start+1)
		}
	}
	p.tokens = append(p.tokens, token{tokenEnd, "", len(text)})
	return nil
}

// scanText reads a quoted text, in which \ keeps the next character's meaning off.
func scanText(text string) (s string, n int, err error) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return b.String(), i + 1, nil
		case '\\':
			if i++; i < len(text) {
				b.WriteByte(text[i])
			}
		default:
			b.WriteByte(text[i])
		}
	}
	return "", 0, fmt.Errorf("text without an end")
}

func isWordStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// number reads a number token.
func (p *filterParser) number() (float64, error) {
	t := p.next()
	if t.kind != tokenNumber {
		return 0, fmt.Errorf("expected a number at character %d", t.at+1)
	}
	f, err := strconv.ParseFloat(t.text, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number (character %d)", t.text, t.at+1)
	}
	return f, nil
}

// text reads a quoted text.
func (p *filterParser) text() (string, error) {
	t := p.next()
	if t.kind != tokenText {
		return "", fmt.Errorf("expected a text in quotes at character %d", t.at+1)
	}
	return t.text, nil
}
