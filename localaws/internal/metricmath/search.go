package metricmath

import (
	"errors"
	"strings"
)

// A Search is what the first argument of SEARCH asks for, with the others beside
// it. It follows
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html.
type Search struct {
	Stat   string
	Period int64 // seconds; 0: that of the query

	namespace  string
	dimensions []string // names, in any order
	schema     bool
	term       term // nil: all
}

// A Candidate is a metric that a search may find.
type Candidate struct {
	Namespace, Name string
	Dimensions      []CandidateDimension
}

// A CandidateDimension is one of its dimensions.
type CandidateDimension struct{ Name, Value string }

// maxSearch is AWS's limit of a search, in characters.
const maxSearch = 1024

// Finds reports whether the search finds a metric. A schema of a namespace alone
// finds its metrics with any dimensions; one with dimensions those that have
// just these.
func (s *Search) Finds(c *Candidate) bool {
	if s.schema {
		if c.Namespace != s.namespace {
			return false
		}
		if len(s.dimensions) > 0 && !s.hasDimensions(c) {
			return false
		}
	}
	return s.term == nil || s.term.finds(c)
}

func (s *Search) hasDimensions(c *Candidate) bool {
	if len(c.Dimensions) != len(s.dimensions) {
		return false
	}
	for _, name := range s.dimensions {
		if _, ok := c.value(name); !ok {
			return false
		}
	}
	return true
}

func (c *Candidate) value(dimension string) (string, bool) {
	for _, d := range c.Dimensions {
		if d.Name == dimension {
			return d.Value, true
		}
	}
	return "", false
}

// A term is a part of a search: a word, or words joined by AND, OR and NOT.
type term interface {
	finds(c *Candidate) bool
}

type (
	andTerm struct{ left, right term }
	orTerm  struct{ left, right term }
	notTerm struct{ of term }

	// wordTerm is a word, of a property or of any text of the metric.
	wordTerm struct {
		property string // MetricName, Namespace or a dimension; "" for any
		text     string
		exact    bool
		parts    tokens
	}
)

func (t *andTerm) finds(c *Candidate) bool { return t.left.finds(c) && t.right.finds(c) }
func (t *orTerm) finds(c *Candidate) bool  { return t.left.finds(c) || t.right.finds(c) }
func (t *notTerm) finds(c *Candidate) bool { return !t.of.finds(c) }

func (t *wordTerm) finds(c *Candidate) bool {
	switch t.property {
	case "":
		return t.findsAny(c)
	case "MetricName":
		return t.matches(c.Name)
	case "Namespace":
		return t.matches(c.Namespace)
	}
	value, ok := c.value(t.property)
	return ok && t.matches(value)
}

func (t *wordTerm) findsAny(c *Candidate) bool {
	if t.matches(c.Name) || t.matches(c.Namespace) {
		return true
	}
	for _, d := range c.Dimensions {
		if t.matches(d.Name) || t.matches(d.Value) {
			return true
		}
	}
	return false
}

func (t *wordTerm) matches(text string) bool {
	if t.exact {
		return text == t.text
	}
	return t.parts.within(splitWords(text))
}

// at moves an error of a search to where its text stands in the expression.
func at(offset int, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.Offset += offset + 1 // the quote
	return &moved
}

// ParseSearch reads the first argument of SEARCH. Its errors are [*Error]s.
func ParseSearch(text string) (*Search, error) {
	if len(text) > maxSearch {
		return nil, fail(0, "A search has at most %d characters", maxSearch)
	}
	p := &searchParser{text: text}
	s := new(Search)
	if err := p.schemaInto(s); err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.text) {
		var err error
		if s.term, err = p.or(); err != nil {
			return nil, err
		}
		if p.space(); p.at < len(p.text) {
			return nil, fail(p.at, "Unexpected %q in a search", p.text[p.at:p.at+1])
		}
	}
	if !s.schema && s.term == nil {
		return nil, fail(0, "A search has a metric schema, a search term, or both")
	}
	return s, nil
}

// tokens is a text split into words as AWS's page tells of tokens.
type tokens struct {
	list      []string // as written
	delimited bool     // a character between that is no letter and no digit
}

// splitWords splits where a capital letter begins a word, where digits begin and
// end, and at everything else, which is left out.
func splitWords(text string) tokens {
	var w tokens
	runes := []rune(text)
	start := -1
	flush := func(end int) {
		if start >= 0 && end > start {
			w.list = append(w.list, string(runes[start:end]))
		}
		start = -1
	}
	for i, r := range runes {
		kind := kindOf(r)
		if kind == other {
			flush(i)
			w.delimited = w.delimited || len(w.list) > 0 && i < len(runes)-1
			continue
		}
		if start >= 0 && beginsWord(runes, i) {
			flush(i)
		}
		if start < 0 {
			start = i
		}
	}
	flush(len(runes))
	return w
}

type runeKind int

const (
	other runeKind = iota
	lower
	upper
	digit
)

func kindOf(r rune) runeKind {
	switch {
	case r >= '0' && r <= '9':
		return digit
	case r >= 'A' && r <= 'Z':
		return upper
	case r >= 'a' && r <= 'z':
		return lower
	}
	return other
}

// beginsWord reports whether a word begins at i, in a run of letters and digits:
// CustomCount1 is Custom, Count, 1; SDBFailure is SDB, Failure.
func beginsWord(runes []rune, i int) bool {
	before, here := kindOf(runes[i-1]), kindOf(runes[i])
	switch {
	case before == digit || here == digit:
		return before != here
	case before == lower && here == upper:
		return true
	case before == upper && here == upper:
		return i+1 < len(runes) && kindOf(runes[i+1]) == lower
	}
	return false
}

// within reports whether a search finds these words in those of a name: one word
// in any case of letters; several that follow one another in the case that they
// have, or, with other characters between them, in any; and all of it in any.
func (w tokens) within(name tokens) bool {
	if len(w.list) == 0 {
		return false
	}
	if strings.EqualFold(strings.Join(w.list, ""), strings.Join(name.list, "")) {
		return true
	}
	anyCase := w.delimited || len(w.list) == 1
	for from := 0; from+len(w.list) <= len(name.list); from++ {
		if w.follows(name.list[from:], anyCase) {
			return true
		}
	}
	return false
}

func (w tokens) follows(name []string, anyCase bool) bool {
	for i, word := range w.list {
		if word != name[i] && !(anyCase && strings.EqualFold(word, name[i])) {
			return false
		}
	}
	return true
}
