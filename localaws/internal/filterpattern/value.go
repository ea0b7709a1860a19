package filterpattern

import (
	"regexp"
	"strconv"
	"strings"
)

// An operator compares what was found with the value of the pattern.
type operator string

// operators lists the longer ones first, so that ">=" is not read as ">".
var operators = [...]operator{"!=", ">=", "<=", "=", ">", "<"}

func (s *scanner) operator() (operator, bool) {
	for _, op := range operators {
		if s.take(string(op)) {
			return op, true
		}
	}
	return "", false
}

// A comparison is an operator and the value on its right.
type comparison struct {
	op     operator
	text   string
	number float64
	isNum  bool           // text is a number that was not quoted
	re     *regexp.Regexp // the value was %…%
	glob   bool           // text has wildcards
}

// comparison reads an operator and a value.
func (s *scanner) comparison() (*comparison, error) {
	op, ok := s.operator()
	if !ok {
		return nil, syntaxf("expected an operator before '%s'", s.rest())
	}
	c := &comparison{op: op}
	s.skipSpace()
	var err error
	switch s.peek() {
	case '"':
		c.text, err = s.quoted('"')
		c.glob = strings.Contains(c.text, "*")
	case '%':
		c.re, err = s.regexp()
	default:
		c.text = s.takeWhile(isBare)
		c.glob = strings.Contains(c.text, "*")
		c.number, c.isNum = parseNumber(c.text)
		if c.text == "" {
			err = syntaxf("expected a value before '%s'", s.rest())
		}
	}
	if err == nil && !c.isNum && op != "=" && op != "!=" {
		err = syntaxf("operator '%s' needs a number", op)
	}
	return c, err
}

// matchText compares with a string.
func (c *comparison) matchText(text string) bool {
	if c.isNum {
		if n, ok := parseNumber(text); ok {
			return c.matchNumber(n)
		}
		return c.op == "!="
	}
	return c.equalText(text) == (c.op == "=")
}

func (c *comparison) equalText(text string) bool {
	switch {
	case c.re != nil:
		return c.re.MatchString(text)
	case c.glob:
		return matchGlob(c.text, text)
	}
	return c.text == text
}

func (c *comparison) matchNumber(n float64) bool {
	switch c.op {
	case "=":
		return n == c.number
	case "!=":
		return n != c.number
	case ">":
		return n > c.number
	case "<":
		return n < c.number
	case ">=":
		return n >= c.number
	}
	return n <= c.number
}

// parseNumber takes integers, decimals and scientific notation; not the
// "Inf", "NaN", hexadecimal and "_" that strconv would take as well.
func parseNumber(text string) (float64, bool) {
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && !strings.ContainsRune("+-.eE", rune(c)) {
			return 0, false
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// matchGlob reports whether text matches pattern, in which each asterisk
// stands for any text.
func matchGlob(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return true
}
