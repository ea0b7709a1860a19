package filterpattern

import (
	"regexp"
	"strings"
)

// A scanner reads a pattern from left to right.
type scanner struct {
	text      string
	at        int
	regexps   int
	wildcards int
	depth     int
}

func (s *scanner) done() bool   { return s.at >= len(s.text) }
func (s *scanner) rest() string { return s.text[s.at:] }

func (s *scanner) peek() byte {
	if s.done() {
		return 0
	}
	return s.text[s.at]
}

func (s *scanner) skipSpace() {
	for !s.done() && isSpace(s.text[s.at]) {
		s.at++
	}
}

// take skips white space and consumes token if it stands there.
func (s *scanner) take(token string) bool {
	s.skipSpace()
	if !strings.HasPrefix(s.rest(), token) {
		return false
	}
	s.at += len(token)
	return true
}

// takeWord is take for a keyword: no name character may follow.
func (s *scanner) takeWord(word string) bool {
	before := s.at
	if s.take(word) && (s.done() || !isName(s.peek())) {
		return true
	}
	s.at = before
	return false
}

// takeWhile consumes the longest run of bytes that ok accepts.
func (s *scanner) takeWhile(ok func(byte) bool) string {
	start := s.at
	for !s.done() && ok(s.text[s.at]) {
		s.at++
	}
	return s.text[start:s.at]
}

// quoted reads a string that opens and closes with quote; a backslash takes
// the meaning from a quote or a backslash after it.
func (s *scanner) quoted(quote byte) (string, error) {
	start := s.at
	s.at++ // the opening quote
	var b strings.Builder
	for !s.done() {
		ch := s.text[s.at]
		s.at++
		if ch == quote {
			return b.String(), nil
		}
		if ch == '\\' && !s.done() && (s.peek() == quote || s.peek() == '\\') {
			ch = s.text[s.at]
			s.at++
		}
		b.WriteByte(ch)
	}
	return "", syntaxf("unclosed quotation mark in term '%s'", s.text[start:])
}

// regexp reads %…%.
func (s *scanner) regexp() (*regexp.Regexp, error) {
	end := strings.IndexByte(s.text[s.at+1:], '%')
	if end < 0 {
		return nil, syntaxf("a regular expression must be surrounded by %%")
	}
	source := s.text[s.at+1 : s.at+1+end]
	s.at += end + 2
	s.regexps++
	return compileRegexp(source)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isName(c byte) bool { return isAlnum(c) || c == '_' || c == '-' }

// isBare reports whether c may stand in a value that is not quoted.
func isBare(c byte) bool { return isName(c) || c == '*' || c == '.' || c == '+' }
