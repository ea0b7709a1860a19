package sampling

import (
	"strings"
	"unicode/utf8"
)

// A pattern is X-Ray's: * stands for any run of characters, none included, ? for exactly one, and all of the text must
// match. The case of ASCII letters does not count.
//
// Matching takes time in proportion to the text, whatever the pattern: parts between stars are found from left to right,
// each where it first stands, and never looked for again. A part of letters alone is found by Knuth, Morris and Pratt's
// method; one with ? costs at most its length, which X-Ray limits, for each character of the text.
type pattern struct {
	any   bool   // matches all texts, also one that is not there
	exact bool   // has no star
	parts []part // between the stars, the first and the last at the ends of the text
}

// A part is a piece of a pattern without stars.
type part struct {
	text  string // in lower case
	wild  bool   // has a ?
	chars int
	fail  []int32 // how much of text still matches after a mismatch; nil where not needed
}

// compilePattern compiles a pattern; an empty one restricts nothing.
func compilePattern(text string) pattern {
	if strings.Trim(text, "*") == "" {
		return pattern{any: true}
	}
	var p pattern
	pieces := strings.Split(text, "*")
	p.exact = len(pieces) == 1
	for i, piece := range pieces {
		ends := i == 0 || i == len(pieces)-1
		if piece == "" && !ends {
			continue // between two stars
		}
		p.parts = append(p.parts, compilePart(piece, ends))
	}
	return p
}

func compilePart(text string, ends bool) part {
	lowered := []byte(text)
	for i, c := range lowered {
		lowered[i] = lower(c)
	}
	p := part{text: string(lowered), wild: strings.Contains(text, "?"), chars: utf8.RuneCountInString(text)}
	if ends || p.wild {
		return p
	}
	p.fail = make([]int32, len(lowered))
	for i, k := 1, int32(0); i < len(lowered); i++ {
		for k > 0 && lowered[i] != lowered[k] {
			k = p.fail[k-1]
		}
		if lowered[i] == lowered[k] {
			k++
		}
		p.fail[i] = k
	}
	return p
}

// match reports whether all of text matches.
func (p *pattern) match(text string) bool {
	if p.any {
		return true
	}
	first, last := &p.parts[0], &p.parts[len(p.parts)-1]
	n, ok := first.at(text)
	if !ok || p.exact {
		return ok && n == len(text)
	}
	text = text[n:]
	for i := 1; i < len(p.parts)-1; i++ {
		end := p.parts[i].find(text)
		if end < 0 {
			return false
		}
		text = text[end:]
	}
	return last.ends(text)
}

// at matches the part with the beginning of text and returns how many bytes of it that is.
func (p *part) at(text string) (n int, ok bool) {
	if !p.wild {
		return len(p.text), len(text) >= len(p.text) && equalFold(text[:len(p.text)], p.text)
	}
	for i := 0; i < len(p.text); i++ {
		if n == len(text) {
			return n, false
		}
		if p.text[i] == '?' {
			_, size := utf8.DecodeRuneInString(text[n:])
			n += size
			continue
		}
		if lower(text[n]) != p.text[i] {
			return n, false
		}
		n++
	}
	return n, true
}

// ends matches the part with the end of text.
func (p *part) ends(text string) bool {
	if !p.wild {
		return len(text) >= len(p.text) && equalFold(text[len(text)-len(p.text):], p.text)
	}
	start := len(text)
	for range p.chars {
		if start == 0 {
			return false
		}
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	n, ok := p.at(text[start:])
	return ok && start+n == len(text)
}

// find returns where the part's first place in text ends, -1 if it has none.
func (p *part) find(text string) int {
	if p.wild {
		return p.findWild(text)
	}
	for i, k := 0, int32(0); i < len(text); i++ {
		c := lower(text[i])
		for k > 0 && c != p.text[k] {
			k = p.fail[k-1]
		}
		if c == p.text[k] {
			k++
		}
		if int(k) == len(p.text) {
			return i + 1
		}
	}
	return -1
}

func (p *part) findWild(text string) int {
	for i := 0; i < len(text); {
		if n, ok := p.at(text[i:]); ok {
			return i + n
		}
		_, size := utf8.DecodeRuneInString(text[i:]) // a ? is a whole character
		i += size
	}
	return -1
}

// equalFold compares texts of the same length, the second in lower case.
func equalFold(text, lowered string) bool {
	if text == lowered {
		return true
	}
	for i := range len(lowered) {
		if lower(text[i]) != lowered[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
