package filterpattern

import (
	"encoding/json"
	"strings"
)

// maxDepth bounds the parentheses of a pattern; 1,024 characters hold more.
const maxDepth = 64

// parseJSON reads what stands between the braces of a JSON pattern.
func parseJSON(s *scanner) (*Pattern, error) {
	match, err := s.or()
	if err != nil {
		return nil, err
	}
	if s.skipSpace(); !s.done() {
		return nil, syntaxf("unexpected '%s'", s.rest())
	}
	if s.wildcards > MaxWildcards {
		return nil, syntaxf("a pattern may contain at most %d wildcard selectors", MaxWildcards)
	}
	return &Pattern{match: func(message string) bool {
		root, ok := decodeJSON(message)
		return ok && match(root)
	}}, nil
}

// decodeJSON decodes a message that is one JSON object or array.
func decodeJSON(message string) (any, bool) {
	message = strings.TrimSpace(message)
	if message == "" || message[0] != '{' && message[0] != '[' {
		return nil, false
	}
	d := json.NewDecoder(strings.NewReader(message))
	d.UseNumber()
	var root any
	if d.Decode(&root) != nil || d.More() {
		return nil, false
	}
	return root, true
}

type jsonMatch func(root any) bool

func (s *scanner) or() (jsonMatch, error) {
	left, err := s.and()
	for err == nil && s.take("||") {
		var right jsonMatch
		if right, err = s.and(); err == nil {
			l := left
			left = func(root any) bool { return l(root) || right(root) }
		}
	}
	return left, err
}

func (s *scanner) and() (jsonMatch, error) {
	left, err := s.primary()
	for err == nil && s.take("&&") {
		var right jsonMatch
		if right, err = s.primary(); err == nil {
			l := left
			left = func(root any) bool { return l(root) && right(root) }
		}
	}
	return left, err
}

func (s *scanner) primary() (jsonMatch, error) {
	if !s.take("(") {
		return s.condition()
	}
	if s.depth++; s.depth > maxDepth {
		return nil, syntaxf("more than %d nested parentheses", maxDepth)
	}
	match, err := s.or()
	s.depth--
	if err == nil && !s.take(")") {
		err = syntaxf("unclosed parenthesis")
	}
	return match, err
}

// condition reads a selector and what is asked of it.
func (s *scanner) condition() (jsonMatch, error) {
	path, err := s.selector()
	if err != nil {
		return nil, err
	}
	switch {
	case s.takeWord("IS"):
		return s.is(path)
	case s.takeWord("NOT"):
		if !s.takeWord("EXISTS") {
			return nil, syntaxf("NOT must be followed by EXISTS")
		}
		return func(root any) bool { return !path.any(root, func(any) bool { return true }) }, nil
	case s.takeWord("EXISTS"):
		return nil, syntaxf("EXISTS is not supported, only NOT EXISTS")
	}
	c, err := s.comparison()
	if err != nil {
		return nil, err
	}
	return func(root any) bool { return path.any(root, c.matchJSON) }, nil
}

func (s *scanner) is(path path) (jsonMatch, error) {
	var want any
	switch {
	case s.takeWord("NULL"):
	case s.takeWord("TRUE"):
		want = true
	case s.takeWord("FALSE"):
		want = false
	case s.takeWord("NOT"):
		return nil, syntaxf("IS NOT is not supported")
	default:
		return nil, syntaxf("IS must be followed by NULL, TRUE or FALSE")
	}
	return func(root any) bool {
		return path.any(root, func(v any) bool {
			switch v.(type) {
			case nil, bool:
				return v == want
			}
			return false
		})
	}, nil
}

// matchJSON compares with a value of the event; objects, arrays, booleans and
// null match no comparison.
func (c *comparison) matchJSON(v any) bool {
	switch v := v.(type) {
	case string:
		return c.matchText(v)
	case json.Number:
		return c.matchText(v.String())
	}
	return false
}
