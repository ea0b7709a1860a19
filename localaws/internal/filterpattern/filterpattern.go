// Package filterpattern reads the filter patterns of CloudWatch Logs and tells
// which log events they match: terms, JSON selectors, space-delimited fields
// and regular expressions.
//
//	p, err := filterpattern.Parse(`{ $.level = "ERROR" && $.latency > 100 }`)
//	p.Match(`{"level":"ERROR","latency":120}`) // true
//
// It follows
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html.
// What that page does not allow is an error, never a pattern that matches
// something else. Where the page leaves the answer open, this package says:
//
//   - a comparison with a property that is absent, an object or an array matches nothing, != included;
//   - a number and the same number as a string are equal;
//   - the last field of a space-delimited pattern takes the rest of the line;
//   - regular expressions stand alone, they do not mix with terms.
package filterpattern

import (
	"fmt"
	"strings"
)

// MaxRegexps is how many regular expressions a JSON or space-delimited pattern may hold.
const MaxRegexps = 2

// MaxWildcards is how many wildcard selectors a compound JSON pattern may hold.
const MaxWildcards = 3

// A Pattern is a filter pattern that was read. It is safe for concurrent use.
type Pattern struct {
	match func(message string) bool
}

// Match reports whether the pattern matches the message of a log event.
func (p *Pattern) Match(message string) bool {
	return p == nil || p.match == nil || p.match(message)
}

// All reports whether the pattern matches every message.
func (p *Pattern) All() bool { return p == nil || p.match == nil }

// A SyntaxError says why a pattern is refused.
type SyntaxError struct {
	Reason string
}

// Error is the reason as it is told to the caller of FilterLogEvents.
func (e *SyntaxError) Error() string { return "Invalid filter pattern: " + e.Reason }

func syntaxf(format string, args ...any) error {
	return &SyntaxError{Reason: fmt.Sprintf(format, args...)}
}

// Parse reads a filter pattern. An empty one matches everything.
func Parse(pattern string) (*Pattern, error) {
	text := strings.TrimSpace(pattern)
	switch {
	case text == "":
		return &Pattern{}, nil
	case strings.HasPrefix(text, "{"):
		return parseEnclosed(text, '}', parseJSON)
	case strings.HasPrefix(text, "["):
		return parseEnclosed(text, ']', parseFields)
	case strings.HasPrefix(text, "%"):
		return parseLoneRegexp(text)
	}
	return parseTerms(text)
}

func parseEnclosed(text string, end byte, parse func(*scanner) (*Pattern, error)) (*Pattern, error) {
	if len(text) < 2 || text[len(text)-1] != end {
		return nil, syntaxf("If a filter pattern starts with '%c' it must end with '%c'", text[0], end)
	}
	s := &scanner{text: text[1 : len(text)-1]}
	p, err := parse(s)
	if err != nil {
		return nil, err
	}
	if s.regexps > MaxRegexps {
		return nil, syntaxf("a pattern may contain at most %d regular expressions", MaxRegexps)
	}
	return p, nil
}

func parseLoneRegexp(text string) (*Pattern, error) {
	s := &scanner{text: text}
	re, err := s.regexp()
	if err != nil {
		return nil, err
	}
	if s.skipSpace(); !s.done() {
		return nil, syntaxf("a regular expression must be the whole pattern, found %q after it", s.rest())
	}
	return &Pattern{match: re.MatchString}, nil
}
