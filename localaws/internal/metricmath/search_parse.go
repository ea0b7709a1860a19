package metricmath

import "strings"

// A searchParser reads the text of a search.
type searchParser struct {
	text  string
	at    int
	depth int
}

func (p *searchParser) space() {
	for p.at < len(p.text) && isSpace(p.text[p.at]) {
		p.at++
	}
}

// sign takes one character, if it is next.
func (p *searchParser) sign(ch byte) bool {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == ch {
		p.at++
		return true
	}
	return false
}

// schemaInto reads {Namespace, Dimension, …}, if there is one, and the comma
// that may follow.
func (p *searchParser) schemaInto(s *Search) error {
	if !p.sign('{') {
		return nil
	}
	s.schema = true
	for first := true; ; first = false {
		name, err := p.schemaName()
		if err != nil {
			return err
		}
		if first {
			s.namespace = name
		} else {
			s.dimensions = append(s.dimensions, name)
		}
		if p.sign('}') {
			p.sign(',')
			return nil
		}
		if !p.sign(',') {
			return fail(p.at, "A metric schema ends with }")
		}
	}
}

func (p *searchParser) schemaName() (string, error) {
	if p.space(); p.at < len(p.text) && p.text[p.at] == '"' {
		return p.quoted()
	}
	from := p.at
	for p.at < len(p.text) && !strings.ContainsRune(`,{}"`, rune(p.text[p.at])) {
		p.at++
	}
	name := strings.TrimSpace(p.text[from:p.at])
	if name == "" {
		return "", fail(from, "A metric schema has a namespace, and names of dimensions")
	}
	return name, nil
}

// quoted reads "…", in which a backslash stands before some characters.
func (p *searchParser) quoted() (string, error) {
	from := p.at
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch ch := p.text[p.at]; {
		case ch == '"':
			p.at++
			return b.String(), nil
		case ch == '\\' && p.at+1 < len(p.text):
			p.at++
			b.WriteByte(p.text[p.at])
		default:
			b.WriteByte(ch)
		}
	}
	return "", fail(from, "A quoted term of a search has no end")
}

// or, and, not: the operators, from the weakest to the strongest.
func (p *searchParser) or() (term, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fail(p.at, "The search is nested too deeply")
	}
	defer func() { p.depth-- }()
	left, err := p.and()
	for err == nil && p.word("OR") {
		var right term
		if right, err = p.and(); err == nil {
			left = &orTerm{left, right}
		}
	}
	return left, err
}

// and reads terms with AND between, or nothing.
func (p *searchParser) and() (term, error) {
	left, err := p.not()
	for err == nil {
		explicit := p.word("AND")
		if !explicit && !p.more() {
			break
		}
		var right term
		if right, err = p.not(); err == nil {
			left = &andTerm{left, right}
		}
	}
	return left, err
}

// more reports whether another term follows without an operator.
func (p *searchParser) more() bool {
	p.space()
	return p.at < len(p.text) && p.text[p.at] != ')' && !p.ahead("OR")
}

func (p *searchParser) not() (term, error) {
	if !p.word("NOT") {
		return p.primary()
	}
	if p.depth++; p.depth > maxDepth {
		return nil, fail(p.at, "The search is nested too deeply")
	}
	defer func() { p.depth-- }()
	of, err := p.not()
	if err != nil {
		return nil, err
	}
	return &notTerm{of}, nil
}

// ahead reports whether a word is next, and nothing of it follows.
func (p *searchParser) ahead(word string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.text[p.at:], word)
	return ok && (rest == "" || isSpace(rest[0]) || rest[0] == '(' || rest[0] == ')' || rest[0] == '"')
}

func (p *searchParser) word(word string) bool {
	if !p.ahead(word) {
		return false
	}
	p.at += len(word)
	return true
}

func (p *searchParser) primary() (term, error) {
	if p.sign('(') {
		inner, err := p.or()
		if err != nil {
			return nil, err
		}
		if !p.sign(')') {
			return nil, fail(p.at, "A parenthesis of a search is not closed")
		}
		return inner, nil
	}
	from := p.at
	text, exact, err := p.operand()
	if err != nil {
		return nil, err
	}
	t := &wordTerm{text: text, exact: exact}
	if p.sign('=') {
		if strings.HasPrefix(text, ":aws.") {
			return nil, unsupported(from, "The property %s of a search", text)
		}
		t.property = text
		if t.text, t.exact, err = p.operand(); err != nil {
			return nil, err
		}
	}
	if t.parts = splitWords(t.text); !t.exact && len(t.parts.list) == 0 {
		return nil, fail(from, "A search term has a letter or a digit")
	}
	return t, nil
}

// operand reads a quoted term or a word.
func (p *searchParser) operand() (text string, exact bool, err error) {
	if p.space(); p.at < len(p.text) && p.text[p.at] == '"' {
		text, err = p.quoted()
		return text, true, err
	}
	from := p.at
	for p.at < len(p.text) && !isSpace(p.text[p.at]) && !strings.ContainsRune(`()="{},`, rune(p.text[p.at])) {
		p.at++
	}
	if p.at == from {
		if p.at == len(p.text) {
			return "", false, fail(p.at, "A search ends where a term is expected")
		}
		return "", false, fail(p.at, "Unexpected %q in a search", p.text[p.at:p.at+1])
	}
	return p.text[from:p.at], false, nil
}
