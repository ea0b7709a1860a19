package filterpattern

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// terms is a pattern for unstructured events.
type terms struct {
	all, any, none []string
}

// match: every term of all, none of none; any counts only when it stands alone,
// because AWS ignores terms with a question mark beside others.
func (t *terms) match(message string) bool {
	for _, term := range t.none {
		if strings.Contains(message, term) {
			return false
		}
	}
	for _, term := range t.all {
		if !strings.Contains(message, term) {
			return false
		}
	}
	if len(t.any) == 0 || len(t.all)+len(t.none) > 0 {
		return true
	}
	for _, term := range t.any {
		if strings.Contains(message, term) {
			return true
		}
	}
	return false
}

func parseTerms(text string) (*Pattern, error) {
	s := &scanner{text: text}
	t := new(terms)
	for s.skipSpace(); !s.done(); s.skipSpace() {
		list := &t.all
		switch s.peek() {
		case '?':
			list = &t.any
			s.at++
		case '-':
			list = &t.none
			s.at++
		}
		term, everything, err := s.term()
		if err != nil {
			return nil, err
		}
		if !everything {
			*list = append(*list, term)
		}
	}
	if len(t.all)+len(t.any)+len(t.none) == 0 {
		return &Pattern{}, nil
	}
	return &Pattern{match: t.match}, nil
}

// term reads one word or quoted phrase. A phrase of nothing but white space
// matches everything, as the page's last example of unstructured events says.
func (s *scanner) term() (term string, everything bool, err error) {
	if s.peek() == '"' {
		start := s.at
		term, err = s.quoted('"')
		if err == nil && term == "" {
			err = syntaxf("Invalid character(s) in term '%s'", s.text[start:s.at])
		}
		return term, strings.TrimSpace(term) == "", err
	}
	if s.peek() == '%' {
		return "", false, syntaxf("a regular expression must be the whole pattern, it does not mix with terms")
	}
	word := s.takeWhile(func(c byte) bool { return !isSpace(c) })
	if !isPlainWord(word) {
		return "", false, syntaxf("Invalid character(s) in term '%s'", word)
	}
	return word, false, nil
}

// isPlainWord reports whether word may stand without quotation marks.
func isPlainWord(word string) bool {
	for _, r := range word {
		if r == utf8.RuneError || r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return word != ""
}
