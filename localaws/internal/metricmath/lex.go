package metricmath

import (
	"strconv"
	"strings"
)

// A token is one piece of an expression.
type token struct {
	kind   tokenKind
	text   string // as written; of a string what stands between the quotes
	number float64
	offset int
}

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenNumber
	tokenName // an id, a function or a word such as AND
	tokenString
	tokenSymbol
)

// describe is the token as an error names it.
func (t token) describe() string {
	switch t.kind {
	case tokenEnd:
		return "the end of the expression"
	case tokenString:
		return "a string"
	}
	return strconv.Quote(t.text)
}

// symbols are the operators and the punctuation, the longer ones first.
var symbols = [...]string{"==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "^", "(", ")", "[", "]", ","}

// lex splits an expression; the last token is the end.
func lex(text string) ([]token, error) {
	var tokens []token
	for at := 0; ; {
		for at < len(text) && isSpace(text[at]) {
			at++
		}
		if at == len(text) {
			return append(tokens, token{kind: tokenEnd, offset: at}), nil
		}
		t, size, err := lexOne(text, at)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		at += size
	}
}

func lexOne(text string, at int) (token, int, error) {
	rest := text[at:]
	switch ch := rest[0]; {
	case isDigit(ch) || ch == '.':
		return lexNumber(rest, at)
	case isLetter(ch):
		n := 1
		for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n]) || rest[n] == '_') {
			n++
		}
		return token{kind: tokenName, text: rest[:n], offset: at}, n, nil
	case ch == '"' || ch == '\'':
		return lexString(rest, at)
	}
	for _, s := range symbols {
		if strings.HasPrefix(rest, s) {
			return token{kind: tokenSymbol, text: s, offset: at}, len(s), nil
		}
	}
	return token{}, 0, fail(at, "Unexpected character %q", []rune(rest)[0])
}

func lexNumber(rest string, at int) (token, int, error) {
	n := 0
	for n < len(rest) && (isDigit(rest[n]) || rest[n] == '.') {
		n++
	}
	f, err := strconv.ParseFloat(rest[:n], 64)
	if err != nil || n < len(rest) && (isLetter(rest[n]) || rest[n] == '_') {
		return token{}, 0, fail(at, "%q is no number", rest[:min(n+1, len(rest))])
	}
	return token{kind: tokenNumber, text: rest[:n], number: f, offset: at}, n, nil
}

// lexString reads up to the quote that began it. A backslash stays in the text
// with what follows it, which does not end the string: SEARCH reads it.
func lexString(rest string, at int) (token, int, error) {
	for n := 1; n < len(rest); n++ {
		switch rest[n] {
		case '\\':
			n++
		case rest[0]:
			return token{kind: tokenString, text: rest[1:n], offset: at}, n + 1, nil
		}
	}
	return token{}, 0, fail(at, "A string has no end")
}

func isSpace(ch byte) bool  { return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' }
func isDigit(ch byte) bool  { return ch >= '0' && ch <= '9' }
func isLetter(ch byte) bool { return ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' }
