package filterpattern

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// What a regular expression may consist of, besides letters and digits; see
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html.
// White space is not in that list, but in its examples.
const (
	regexpSymbols   = ":_#=@/;,- "
	regexpOperators = `^$?[]{}|\*+.`
	regexpClasses   = "dDsSwW"
)

// compileRegexp compiles what stood between two percent signs.
func compileRegexp(source string) (*regexp.Regexp, error) {
	if source == "" {
		return nil, syntaxf("empty regular expression")
	}
	var b strings.Builder
	inClass := false
	for i := 0; i < len(source); {
		n, err := appendRegexpToken(&b, source[i:], inClass)
		if err != nil {
			return nil, err
		}
		if source[i] == '[' || source[i] == ']' {
			inClass = source[i] == '['
		}
		i += n
	}
	re, err := regexp.Compile(b.String())
	if err != nil {
		return nil, syntaxf("regular expression '%s' is not supported", source)
	}
	if regexpSize(b.String()) > maxRegexpSize {
		return nil, syntaxf("regular expression '%s' repeats too much", source)
	}
	return re, nil
}

// maxRegexpSize bounds the instructions of a regular expression, each of which
// may be tried at each byte of an event of 1 MB. It is a bound of our own, which
// only repetitions such as .{1000} get over: 1,024 characters are fewer.
const maxRegexpSize = 2048

// regexpSize is how many instructions an expression that compiles has.
func regexpSize(expr string) int {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return 0
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return 0
	}
	return len(program.Inst)
}

// appendRegexpToken checks the token that rest begins with, writes it as Go's
// syntax has it and returns its length.
func appendRegexpToken(b *strings.Builder, rest string, inClass bool) (int, error) {
	c := rest[0]
	switch {
	case c == '\\':
		return appendRegexpEscape(b, rest)
	case !inClass && strings.HasPrefix(rest, "{,"): // Go wants the lower bound written out
		b.WriteString("{0,")
		return 2, nil
	case isAlnum(c), strings.IndexByte(regexpSymbols, c) >= 0, strings.IndexByte(regexpOperators, c) >= 0:
		b.WriteByte(c)
		return 1, nil
	case c == '(' || c == ')':
		return 0, syntaxf("parentheses are not supported in regular expressions, use \\x28 and \\x29 to match them")
	case c >= 0x80:
		return 0, syntaxf("multi-byte characters are not supported in regular expressions")
	}
	return 0, syntaxf("character '%c' is not supported in regular expressions", c)
}

func appendRegexpEscape(b *strings.Builder, rest string) (int, error) {
	if len(rest) < 2 {
		return 0, syntaxf("regular expression ends with a backslash")
	}
	c := rest[1]
	switch {
	case c == 'x':
		if len(rest) < 4 || !isHex(rest[2]) || !isHex(rest[3]) {
			return 0, syntaxf("\\x must be followed by two hexadecimal digits")
		}
		b.WriteString(rest[:4])
		return 4, nil
	case strings.IndexByte(regexpOperators, c) >= 0, strings.IndexByte(regexpClasses, c) >= 0:
		b.WriteString(rest[:2])
		return 2, nil
	case strings.IndexByte(regexpSymbols, c) >= 0:
		b.WriteString(regexp.QuoteMeta(string(c)))
		return 2, nil
	case c == 't' || c == 'n' || c == 'r':
		b.WriteString(rest[:2])
		return 2, nil
	}
	return 0, syntaxf("escape sequence '\\%c' is not supported in regular expressions", c)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
