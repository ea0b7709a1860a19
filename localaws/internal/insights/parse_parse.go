package insights

import (
	"regexp"
	"strings"
)

// parse reads parse [field] "glob" as a, b or parse [field] /regexp/; see
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Parse.html.
func (p *parser) parse(q *Query) error {
	var from expr = field{"@message"}
	if p.tok.kind == wordToken {
		var err error
		if from, err = p.primary(); err != nil {
			return err
		}
	}
	start := p.tok
	c := extractCommand{from: from}
	var err error
	switch {
	case p.tok.is("/"):
		c.re, err = p.regularExpression()
	case p.tok.kind == stringToken:
		c.re, err = p.glob()
	default:
		err = p.unexpected(p.tok)
	}
	if err != nil {
		return err
	}
	if err := p.extracted(&c, start); err != nil {
		return err
	}
	if !p.names.display {
		list := make([]column, 0, len(c.names))
		for _, n := range c.names {
			list = append(list, column{n, field{n}})
		}
		q.showBesides(list)
	}
	q.commands = append(q.commands, c)
	return nil
}

// showBesides adds columns to those that rows show already.
func (q *Query) showBesides(list []column) {
	if q.columns == nil && !q.stats {
		q.show(defaultColumns())
	}
	q.show(list)
}

// defaultColumns are what rows show when nothing else is asked for.
func defaultColumns() []column {
	return []column{{"@timestamp", field{"@timestamp"}}, {"@message", field{"@message"}}}
}

// glob turns a pattern into a regular expression: each * takes as little as it
// can, the last one of a pattern that ends with it the rest.
func (p *parser) glob() (*regexp.Regexp, error) {
	t := p.tok
	parts := strings.Split(t.text, "*")
	if len(parts) == 1 {
		return nil, p.errorf(t.start, t.end, "the pattern of parse has no *")
	}
	var b strings.Builder
	b.WriteString("(?s)")
	for i, part := range parts {
		b.WriteString(regexp.QuoteMeta(part))
		switch {
		case i == len(parts)-1:
		case i == len(parts)-2 && parts[i+1] == "":
			b.WriteString("(.*)")
		default:
			b.WriteString("(.*?)")
		}
	}
	re, err := regexp.Compile(b.String())
	if err != nil {
		return nil, p.errorf(t.start, t.end, "the pattern of parse is too long: %v", err)
	}
	return re, p.advance()
}

// extracted reads the names of what a pattern captures: those after as, or
// those in the regular expression.
func (p *parser) extracted(c *extractCommand, start token) error {
	as, err := p.accept("as")
	if err != nil {
		return err
	}
	for i, name := range c.re.SubexpNames() {
		if i == 0 || name == "" {
			continue
		}
		if p.names.defined[name] {
			return p.errorf(start.start, start.end, "Ephemeral field is already defined: %s", name)
		}
		p.names.define(name)
		c.names, c.groups = append(c.names, name), append(c.groups, i)
	}
	if !as {
		if len(c.names) == 0 {
			return p.errorf(start.start, p.last, "parse captures nothing: name what it finds with as, or in the regular expression with (?<name>…)")
		}
		return nil
	}
	if len(c.names) > 0 {
		return p.errorf(start.start, p.last, "parse has names both in the regular expression and after as")
	}
	return p.aliases(c, start)
}

func (p *parser) aliases(c *extractCommand, start token) error {
	for more := true; more; {
		name, err := p.alias()
		if err != nil {
			return err
		}
		c.names, c.groups = append(c.names, name), append(c.groups, len(c.names)+1)
		if more, err = p.accept(","); err != nil {
			return err
		}
	}
	if n := c.re.NumSubexp(); n != len(c.names) {
		return p.errorf(start.start, p.last, "the pattern of parse captures %d values and %d names are given", n, len(c.names))
	}
	return nil
}
