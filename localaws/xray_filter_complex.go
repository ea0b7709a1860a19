package localaws

import (
	"fmt"
	"strings"
)

// annotation reads what follows the keyword: [key] unless it came with a dot, an
// operator, and a text, a number or a boolean.
func (p *filterParser) annotation(key string) (filter, error) {
	if p.inside != "" {
		return nil, fmt.Errorf("localaws does not support annotations inside %s", p.inside)
	}
	if key == "" {
		var err error
		if key, err = p.annotationKey(); err != nil {
			return nil, err
		}
	}
	operator, value := p.next(), p.next()
	holds, err := annotationOperator(operator, value)
	if err != nil {
		return nil, err
	}
	return func(s *subject) bool {
		return s.any(func(e *entity) bool {
			for _, n := range e.notes {
				if n.key == key && holds(n.value) {
					return true
				}
			}
			return false
		})
	}, nil
}

// annotationKey reads [key] or ["key"]; a key may hold words, dots and numbers.
func (p *filterParser) annotationKey() (string, error) {
	if err := p.want("["); err != nil {
		return "", err
	}
	var key strings.Builder
	for {
		t := p.next()
		switch {
		case t.kind == tokenSymbol && t.text == "]" && key.Len() > 0:
			return key.String(), nil
		case t.kind == tokenWord || t.kind == tokenNumber || t.kind == tokenText:
			key.WriteString(t.text)
		default:
			return "", p.unexpected(t)
		}
	}
}

// annotationOperator compares with values of the literal's type only.
func annotationOperator(operator, value token) (func(any) bool, error) {
	switch {
	case value.kind == tokenText:
		holds := textOperator(operator)
		if holds == nil {
			return nil, fmt.Errorf("%q does not compare texts (character %d)", operator.text, operator.at+1)
		}
		return func(v any) bool { s, ok := v.(string); return ok && holds(s, value.text) }, nil
	case value.kind == tokenNumber:
		p := filterParser{tokens: []token{value}}
		want, err := p.number()
		if err != nil {
			return nil, err
		}
		holds := numberOperator(operator)
		if holds == nil {
			return nil, fmt.Errorf("%q does not compare numbers (character %d)", operator.text, operator.at+1)
		}
		return func(v any) bool { f, ok := v.(float64); return ok && holds(f, want) }, nil
	case value.kind == tokenWord && (strings.EqualFold(value.text, "true") || strings.EqualFold(value.text, "false")):
		want := strings.EqualFold(value.text, "true")
		if operator.text != "=" && operator.text != "!=" {
			return nil, fmt.Errorf("%q does not compare booleans (character %d)", operator.text, operator.at+1)
		}
		return func(v any) bool { b, ok := v.(bool); return ok && (b == want) == (operator.text == "=") }, nil
	}
	return nil, fmt.Errorf("expected a text, a number, true or false at character %d", value.at+1)
}

// A serviceMatch is what stands in the brackets of service and edge; empty
// members match everything.
type serviceMatch struct{ name, typ, account string }

func (m serviceMatch) matches(id serviceID) bool {
	return (m.name == "" || m.name == id.name) && (m.typ == "" || m.typ == id.typ) && (m.account == "" || m.account == id.account)
}

// service reads service, service(), service("name"), service(id(…)), each with
// or without { filter }.
func (p *filterParser) service() (filter, error) {
	matches, err := p.arguments(1)
	if err != nil {
		return nil, err
	}
	block, err := p.block("service")
	if err != nil {
		return nil, err
	}
	want := serviceMatch{}
	if len(matches) > 0 {
		want = matches[0]
	}
	return func(s *subject) bool {
		for i := range s.trace.entities {
			e := &s.trace.entities[i]
			if want.matches(e.service) && (block == nil || block(&subject{s.trace, e})) {
				return true
			}
		}
		return false
	}, nil
}

// edge reads edge("from", "to"), with or without { filter }.
func (p *filterParser) edge() (filter, error) {
	matches, err := p.arguments(2)
	if err != nil {
		return nil, err
	}
	if len(matches) == 1 {
		return nil, fmt.Errorf("edge needs two services, or none")
	}
	block, err := p.block("edge")
	if err != nil {
		return nil, err
	}
	var from, to serviceMatch
	if len(matches) == 2 {
		from, to = matches[0], matches[1]
	}
	return func(s *subject) bool {
		for i := range s.trace.edges {
			e := &s.trace.edges[i]
			if e.from == client || !from.matches(s.trace.entities[e.from].service) || !to.matches(s.trace.entities[e.to].service) {
				continue
			}
			if block == nil || block(&subject{s.trace, &e.caller}) {
				return true
			}
		}
		return false
	}, nil
}

// arguments reads up to limit services in brackets, which may be missing.
func (p *filterParser) arguments(limit int) ([]serviceMatch, error) {
	if !p.take("(") || p.take(")") {
		return nil, nil
	}
	var list []serviceMatch
	for {
		m, err := p.argument()
		if err != nil {
			return nil, err
		}
		if list = append(list, m); len(list) > limit {
			return nil, fmt.Errorf("more than %d services at character %d", limit, p.peek().at+1)
		}
		if p.take(")") {
			return list, nil
		}
		if err := p.want(","); err != nil {
			return nil, err
		}
	}
}

func (p *filterParser) argument() (serviceMatch, error) {
	if !p.word("id") {
		name, err := p.text()
		return serviceMatch{name: name}, err
	}
	p.at++
	var m serviceMatch
	if err := p.want("("); err != nil {
		return m, err
	}
	for {
		if err := p.idMember(&m); err != nil {
			return m, err
		}
		if p.take(")") {
			return m, nil
		}
		if err := p.want(","); err != nil {
			return m, err
		}
	}
}

func (p *filterParser) idMember(m *serviceMatch) error {
	t := p.next()
	if err := p.want(":"); err != nil {
		return err
	}
	value, err := p.text()
	if err != nil {
		return err
	}
	switch strings.ToLower(t.text) {
	case "name":
		m.name = value
	case "type":
		m.typ = value
	case "account.id":
		m.account = value
	default:
		return fmt.Errorf("id knows name, type and account.id, not %q (character %d)", t.text, t.at+1)
	}
	return nil
}

// block reads { filter }; nil where there is none, or nothing in it.
func (p *filterParser) block(inside string) (filter, error) {
	if !p.take("{") || p.take("}") {
		return nil, nil
	}
	if p.inside != "" {
		return nil, fmt.Errorf("%s inside %s is not supported", inside, p.inside)
	}
	p.inside = inside
	defer func() { p.inside = "" }()
	f, err := p.or()
	if err != nil {
		return nil, err
	}
	return f, p.want("}")
}
