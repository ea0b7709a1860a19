package sampling

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPattern(t *testing.T) {
	f := func(pattern, text string, want bool) {
		t.Helper()
		p := compilePattern(pattern)
		if got := p.match(text); got != want {
			t.Errorf("%q matches %q: %v, want %v", pattern, text, got, want)
		}
	}
	// Texts, letter case, and nothing at all.
	f("", "", true)
	f("", "anything", true)
	f("*", "", true)
	f("***", "anything", true)
	f("/api", "/api", true)
	f("/api", "/API", true)
	f("/API", "/api", true)
	f("/api", "/api/", false)
	f("/api", "x/api", false)
	f("é", "É", false) // ASCII alone is folded
	f("GET", "", false)

	// ? is one character, however many bytes it has.
	f("?", "", false)
	f("?", "a", true)
	f("?", "é", true)
	f("?", "ab", false)
	f("a?c", "aéc", true)
	f("a?c", "ac", false)
	f("*?", "", false)
	f("*?", "€", true)
	f("*??", "€", false)
	f("*??*", "€", false)
	f("?*?", "€x", true)

	// * is any run.
	f("/api/*", "/api/", true)
	f("/api/*", "/api/orders/7", true)
	f("/api/*", "/api", false)
	f("*.example.com", "shop.EXAMPLE.com", true)
	f("*.example.com", ".example.com", true)
	f("*.example.com", "example.com", false)
	f("a*b*c", "a--b--b--c", true)
	f("a*b*c", "a--c--b", false)
	f("a*ab", "ab", false) // the ends do not overlap
	f("a*ab", "aab", true)
	f("*abab*", "xababab", true)
	f("*aab*", "aaab", true)
	f("*abcabd*", "abcabcabd", true)
	f("*a?c*d", "abbacc-d", true)
	f("*a?c", "abcabcaxc", true)
	f("**a**b**", "xaxbx", true)

	// What regular expressions would take for something else.
	f(".*", "anything", false)
	f("[a]+(b)", "[a]+(b)", true)
	f(`\d`, "5", false)
	f("a\nb", "a\nb", true)
}

// model matches slowly and plainly.
func model(pattern, text []rune) bool {
	row := make([]bool, len(text)+1)
	row[0] = true
	for _, c := range pattern {
		next := make([]bool, len(text)+1)
		switch c {
		case '*':
			for j := range next {
				next[j] = row[j] || j > 0 && next[j-1]
			}
		default:
			for j, d := range text {
				next[j+1] = row[j] && (c == '?' || fold(c) == fold(d))
			}
		}
		row = next
	}
	return row[len(text)]
}

func fold(r rune) rune {
	if r < utf8.RuneSelf {
		return rune(lower(byte(r)))
	}
	return r
}

func FuzzPattern(f *testing.F) {
	for _, pattern := range []string{"", "*", "a*b?c", "*a*a*a*a*b", "??*é*?", "/api/*/x", "*aba*bab*"} {
		f.Add(pattern, "aaaaaaaabéc/api/7/xababab")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		p := compilePattern(pattern)
		got := p.match(text)
		if pattern == "" || !utf8.ValidString(pattern) || !utf8.ValidString(text) || len(pattern)*len(text) > 1<<20 {
			return // it is enough that it ends
		}
		if want := model([]rune(pattern), []rune(text)); got != want {
			t.Errorf("%q matches %q: %v, want %v", pattern, text, got, want)
		}
	})
}

// Hostile patterns take time in proportion to the text. Were every place tried for every star, go test would end it.
func TestPattern_linear(t *testing.T) {
	text := strings.Repeat("a", 1<<21) + "c"
	for _, pattern := range []string{
		strings.Repeat("*a", 200) + "*b", strings.Repeat("*aa", 100) + "a*b*", "*" + strings.Repeat("a", 400) + "b*",
		"*" + strings.Repeat("a?", 60) + "b*", strings.Repeat("*?", 100) + "b",
	} {
		p := compilePattern(pattern)
		if p.match(text) {
			t.Errorf("%.20q… matches", pattern)
		}
	}
}
