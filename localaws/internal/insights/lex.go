package insights

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind is the kind of a token.
type tokenKind uint8

const (
	endToken tokenKind = iota
	wordToken
	numberToken
	durationToken
	stringToken
	symbolToken
)

// A token is one piece of a query. Text is what it says: of a word without its
// backticks, of a string without its quotes.
type token struct {
	kind       tokenKind
	text       string
	quoted     bool // a word with backticks is no keyword
	start, end int
}

// is tells keywords, in any case, and symbols.
func (t token) is(text string) bool {
	switch t.kind {
	case symbolToken:
		return t.text == text
	case wordToken:
		return !t.quoted && strings.EqualFold(t.text, text)
	}
	return false
}

// A lexer cuts a query into tokens, one at a time: only the parser knows whether
// a slash divides or begins a regular expression.
type lexer struct {
	src string
	pos int
}

// errorf is an error about src[start:end].
func (l *lexer) errorf(start, end int, format string, args ...any) error {
	return &SyntaxError{Message: fmt.Sprintf(format, args...), Start: start, End: end}
}

// unexpected is AWS's text for a symbol that does not belong there.
func (l *lexer) unexpected(t token) error {
	if t.kind == endToken {
		return l.errorf(t.start, t.end, "unexpected end of query")
	}
	before := l.src[:t.start]
	line := strings.Count(before, "\n") + 1
	position := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return l.errorf(t.start, t.end, "unexpected symbol found %s at line %d and position %d", l.src[t.start:t.end], line, position)
}

// skip passes white space and comments, which run from # to the end of the line.
func (l *lexer) skip() {
	for l.pos < len(l.src) {
		r, n := utf8.DecodeRuneInString(l.src[l.pos:])
		switch {
		case unicode.IsSpace(r):
			l.pos += n
		case r == '#':
			end := strings.IndexByte(l.src[l.pos:], '\n')
			if end < 0 {
				end = len(l.src) - l.pos
			}
			l.pos += end
		default:
			return
		}
	}
}

// next is the next token.
func (l *lexer) next() (token, error) {
	l.skip()
	t := token{start: l.pos, end: l.pos}
	if l.pos == len(l.src) {
		return t, nil
	}
	c := l.src[l.pos]
	switch {
	case c == '"' || c == '\'':
		return l.quotedText(c)
	case isDigit(c) || c == '.' && l.pos+1 < len(l.src) && isDigit(l.src[l.pos+1]):
		return l.number()
	case isWordStart(c):
		return l.word()
	}
	return l.symbol()
}

func (l *lexer) symbol() (token, error) {
	rest := l.src[l.pos:]
	for _, s := range [...]string{"!=", "<=", ">=", "=~", "|", "(", ")", "[", "]", ",", "=", "<", ">", "+", "-", "*", "/", "%", "^"} {
		if strings.HasPrefix(rest, s) {
			l.pos += len(s)
			return token{kind: symbolToken, text: s, start: l.pos - len(s), end: l.pos}, nil
		}
	}
	_, n := utf8.DecodeRuneInString(rest)
	return token{}, l.unexpected(token{kind: symbolToken, start: l.pos, end: l.pos + n})
}

// quotedText reads a string. A backslash takes the quote or a backslash as they
// are; before anything else it stands for itself, as in patterns of parse.
func (l *lexer) quotedText(quote byte) (token, error) {
	var b strings.Builder
	start := l.pos
	for i := start + 1; i < len(l.src); i++ {
		switch c := l.src[i]; {
		case c == quote:
			l.pos = i + 1
			return token{kind: stringToken, text: b.String(), start: start, end: l.pos}, nil
		case c == '\\' && i+1 < len(l.src) && (l.src[i+1] == quote || l.src[i+1] == '\\'):
			i++
			b.WriteByte(l.src[i])
		default:
			b.WriteByte(c)
		}
	}
	return token{}, l.errorf(start, len(l.src), "the string that begins with %s is not closed", excerpt(l.src[start:]))
}

// number reads a number, or a duration such as 5m.
func (l *lexer) number() (token, error) {
	start := l.pos
	i := start
	for i < len(l.src) && (isDigit(l.src[i]) || l.src[i] == '.') {
		i++
	}
	if rest := l.src[i:]; len(rest) > 1 && (rest[0] == 'e' || rest[0] == 'E') {
		j := i + 1
		if l.src[j] == '-' || l.src[j] == '+' {
			j++
		}
		for k := j; k < len(l.src) && isDigit(l.src[k]); k++ {
			i = k + 1
		}
	}
	digits := i
	for i < len(l.src) && isLetter(l.src[i]) {
		i++
	}
	l.pos = i
	kind := numberToken
	if i > digits {
		kind = durationToken
	}
	return token{kind: kind, text: l.src[start:i], start: start, end: i}, nil
}

// word reads a name: letters, digits, @ _ and dots; other characters stand in
// backticks, for the whole name or for a part of it; [n] is the same as .n.
func (l *lexer) word() (token, error) {
	t := token{kind: wordToken, start: l.pos}
	var b strings.Builder
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == '`':
			end := strings.IndexByte(l.src[l.pos+1:], '`')
			if end < 0 {
				return t, l.errorf(l.pos, len(l.src), "the name that begins with %s is not closed", excerpt(l.src[l.pos:]))
			}
			b.WriteString(l.src[l.pos+1 : l.pos+1+end])
			l.pos += end + 2
			t.quoted = true
		case c == '[' && b.Len() > 0:
			n := index(l.src[l.pos:])
			if n == 0 {
				return l.endWord(t, b.String())
			}
			b.WriteString("." + l.src[l.pos+1:l.pos+n-1])
			l.pos += n
		case isWordStart(c) || isDigit(c) || c == '.':
			b.WriteByte(c)
			l.pos++
		default:
			return l.endWord(t, b.String())
		}
	}
	return l.endWord(t, b.String())
}

func (l *lexer) endWord(t token, name string) (token, error) {
	t.text, t.end = name, l.pos
	if name == "" {
		return t, l.unexpected(t)
	}
	return t, nil
}

// index is the length of [123] at the beginning of s, 0 if it is something else.
func index(s string) int {
	i := 1
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	if i == 1 || i == len(s) || s[i] != ']' {
		return 0
	}
	return i + 1
}

// regexp reads the regular expression that begins with the slash at start.
func (l *lexer) regexp(start int) (source string, err error) {
	var b strings.Builder
	for i := start + 1; i < len(l.src); i++ {
		switch c := l.src[i]; {
		case c == '/':
			l.pos = i + 1
			return b.String(), nil
		case c == '\\' && i+1 < len(l.src):
			if l.src[i+1] != '/' {
				b.WriteByte(c)
			}
			i++
			b.WriteByte(l.src[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", l.errorf(start, len(l.src), "the regular expression that begins with %s is not closed", excerpt(l.src[start:]))
}

// excerpt is the beginning of a text, for an error.
func excerpt(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isWordStart(c byte) bool {
	return isLetter(c) || c == '@' || c == '_' || c == '`' || c == '$' || c >= utf8.RuneSelf
}
