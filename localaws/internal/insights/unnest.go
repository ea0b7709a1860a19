package insights

import (
	"fmt"
	"maps"
)

// unnestCommand makes a row of each item of a list, with the item as a field and
// all others as they were. What is no list counts as a list of one item; a list
// without items gives no row.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Unnest.html
//
// That page does not say what becomes of a row that lacks the field: here it
// stays, without the item.
type unnestCommand struct {
	list field
	item string
}

// maxUnnested bounds the rows that the unnest commands of a run make: each can
// multiply what the one before made.
const maxUnnested = 10_000_000

// unnest reads unnest field into name.
func (p *parser) unnest(q *Query) error {
	start := p.tok
	x, err := p.primary()
	if err != nil {
		return err
	}
	list, ok := x.(field)
	if !ok {
		return p.errorf(start.start, p.last, "unnest takes a field")
	}
	if err := p.expect("into"); err != nil {
		return err
	}
	item, err := p.alias()
	if err != nil {
		return err
	}
	if !p.names.display {
		q.showBesides([]column{{item, field{item}}})
	}
	p.names.unnested = true
	q.commands = append(q.commands, unnestCommand{list, item})
	return nil
}

func (c unnestCommand) stage(e *env, next stage) stage { return unnestStage{c, e, next} }

type unnestStage struct {
	unnestCommand
	env  *env
	next stage
}

func (s unnestStage) push(r *row) error {
	v := s.list.eval(r)
	items, ok := v.any.([]any)
	if !ok {
		return s.give(r, v)
	}
	for _, item := range items {
		one := *r
		one.vars = maps.Clone(r.vars)
		if err := s.give(&one, jsonValue(item)); err != nil {
			return err
		}
	}
	return nil
}

func (s unnestStage) give(r *row, item value) error {
	if s.env.unnested++; s.env.unnested > maxUnnested {
		return fmt.Errorf("unnest: %w", ErrTooLarge)
	}
	r.set(s.item, item)
	return s.next.push(r)
}

func (s unnestStage) flush() error { return s.next.flush() }
