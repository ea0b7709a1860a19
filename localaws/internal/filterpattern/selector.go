package filterpattern

import "strconv"

// A step goes from one JSON node to one child, or to all of them.
type step struct {
	key      string
	index    int // the element of an array; -1: not an index
	wildcard bool
}

// A path is a property selector without its dollar sign.
type path []step

// any reports whether ok accepts one of the nodes the path leads to.
func (p path) any(node any, ok func(any) bool) bool {
	if len(p) == 0 {
		return ok(node)
	}
	first, rest := p[0], p[1:]
	switch node := node.(type) {
	case map[string]any:
		if first.wildcard {
			for _, child := range node {
				if rest.any(child, ok) {
					return true
				}
			}
			return false
		}
		child, found := node[first.key]
		return found && first.index < 0 && rest.any(child, ok)
	case []any:
		if first.wildcard {
			for _, child := range node {
				if rest.any(child, ok) {
					return true
				}
			}
			return false
		}
		return first.index >= 0 && first.index < len(node) && rest.any(node[first.index], ok)
	}
	return false
}

// selector reads $ and the steps after it.
func (s *scanner) selector() (path, error) {
	if !s.take("$") {
		return nil, syntaxf("a property selector must begin with '$', found '%s'", s.rest())
	}
	var p path
	wildcards := 0
	for {
		st, more, err := s.step()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		if st.wildcard {
			wildcards++
		}
		p = append(p, st)
	}
	if len(p) == 0 {
		return nil, syntaxf("a property selector must name a property")
	}
	if wildcards > 1 {
		return nil, syntaxf("a property selector may contain only one wildcard")
	}
	s.wildcards += wildcards
	return p, nil
}

// step reads .name, .*, [3], [*], ['name'] or .['name'].
func (s *scanner) step() (st step, more bool, err error) {
	switch s.peek() {
	case '[':
		st, err = s.bracket()
		return st, true, err
	case '.':
		s.at++
	default:
		return step{}, false, nil
	}
	switch s.peek() {
	case '[':
		st, err = s.bracket()
		return st, true, err
	case '*':
		s.at++
		return step{index: -1, wildcard: true}, true, nil
	}
	name := s.takeWhile(isName)
	if name == "" {
		return step{}, false, syntaxf("invalid character in property selector at '%s', write such a name as ['name']", s.rest())
	}
	return step{key: name, index: -1}, true, nil
}

func (s *scanner) bracket() (step, error) {
	s.at++ // the bracket
	st := step{index: -1}
	switch {
	case s.take("*"):
		st.wildcard = true
	case s.peek() == '\'':
		key, err := s.quoted('\'')
		if err != nil {
			return step{}, err
		}
		st.key = key
	default:
		digits := s.takeWhile(func(c byte) bool { return c >= '0' && c <= '9' })
		n, err := strconv.Atoi(digits)
		if err != nil {
			return step{}, syntaxf("expected a number, * or 'name' in brackets, found '%s'", s.rest())
		}
		st.index = n
	}
	if !s.take("]") {
		return step{}, syntaxf("unclosed bracket in property selector")
	}
	return st, nil
}
