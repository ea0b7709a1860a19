package filterpattern

import "strings"

// A field is one column of a space-delimited pattern.
type field struct {
	name  string
	match func(text string) bool // nil: anything
}

// fields is a space-delimited pattern. Without an ellipsis the last field
// takes the rest of the line, so that [w1=ERROR, w2] finds lines that begin
// with ERROR.
type fields struct {
	head, tail []field
	ellipsis   bool
}

// parseFields reads what stands between the brackets.
func parseFields(s *scanner) (*Pattern, error) {
	p := new(fields)
	for {
		if s.take("...") {
			if p.ellipsis {
				return nil, syntaxf("only one ellipsis is supported")
			}
			p.ellipsis = true
		} else {
			f, err := s.field()
			if err != nil {
				return nil, err
			}
			if p.ellipsis {
				p.tail = append(p.tail, f)
			} else {
				p.head = append(p.head, f)
			}
		}
		if s.skipSpace(); s.done() {
			return &Pattern{match: p.match}, nil
		}
		if !s.take(",") {
			return nil, syntaxf("expected a comma before '%s'", s.rest())
		}
	}
}

// field reads name, name=value or conditions on one name joined by && and ||.
func (s *scanner) field() (field, error) {
	name, c, err := s.fieldCondition()
	if err != nil {
		return field{}, err
	}
	f := field{name: name}
	if c == nil {
		return f, nil
	}
	// && binds tighter than ||: a list of alternatives, each a list of conditions.
	alternatives := [][]*comparison{{c}}
	for {
		var and bool
		switch {
		case s.take("&&"):
			and = true
		case s.take("||"):
		default:
			f.match = func(text string) bool { return matchAlternatives(alternatives, text) }
			return f, nil
		}
		other, c, err := s.fieldCondition()
		if err != nil {
			return field{}, err
		}
		if other != name || c == nil {
			return field{}, syntaxf("conditions joined by && or || must be on one field, found '%s' and '%s'", name, other)
		}
		if and {
			last := len(alternatives) - 1
			alternatives[last] = append(alternatives[last], c)
		} else {
			alternatives = append(alternatives, []*comparison{c})
		}
	}
}

func matchAlternatives(alternatives [][]*comparison, text string) bool {
	for _, all := range alternatives {
		matched := true
		for _, c := range all {
			matched = matched && c.matchText(text)
		}
		if matched {
			return true
		}
	}
	return false
}

func (s *scanner) fieldCondition() (string, *comparison, error) {
	s.skipSpace()
	name := s.takeWhile(isName)
	if name == "" {
		return "", nil, syntaxf("expected a field name before '%s'", s.rest())
	}
	s.skipSpace()
	if s.done() || s.peek() == ',' {
		return name, nil, nil
	}
	c, err := s.comparison()
	return name, c, err
}

func (p *fields) match(message string) bool {
	words := splitFields(message)
	need := len(p.head) + len(p.tail)
	if len(words) < need {
		return false
	}
	if !p.ellipsis && len(words) > need {
		words[need-1] = word{text: message[words[need-1].start:], start: words[need-1].start}
		words = words[:need]
	}
	return matchFields(p.head, words[:len(p.head)]) && matchFields(p.tail, words[len(words)-len(p.tail):])
}

func matchFields(fields []field, words []word) bool {
	for i, f := range fields {
		if f.match != nil && !f.match(words[i].text) {
			return false
		}
	}
	return true
}

// A word is one field of an event, without the brackets or quotation marks
// around it, and where it began.
type word struct {
	text  string
	start int
}

// splitFields cuts a message at white space; what stands in [] or "" is one field.
func splitFields(message string) []word {
	var words []word
	for at := 0; at < len(message); {
		if isSpace(message[at]) {
			at++
			continue
		}
		start := at
		if closing := closingOf(message[at]); closing != 0 {
			if end := strings.IndexByte(message[at+1:], closing); end >= 0 {
				words = append(words, word{message[at+1 : at+1+end], start})
				at += end + 2
				continue
			}
		}
		for at < len(message) && !isSpace(message[at]) {
			at++
		}
		words = append(words, word{message[start:at], start})
	}
	return words
}

func closingOf(c byte) byte {
	switch c {
	case '[':
		return ']'
	case '"':
		return '"'
	}
	return 0
}
