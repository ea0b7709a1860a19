package localaws

import (
	"slices"
	"strings"
)

// A span is a segment or a subsegment at its place in the trace.
type span struct {
	seg      *segment
	raw      []byte // the document, where the span is the top of one
	parent   *span
	children []*span // by start time
	sub      bool    // a subsegment
	owner    *span   // the segment that the subsegment is in; a segment's own
	call     *span   // the nearest remote subsegment of its owner, from itself up
	depth    int

	above *span // while the tree grows: the parent or one further up
}

// A tree is a trace put together: a segment hangs under the subsegment (or the
// segment) that its parent_id names, a subsegment sent alone likewise.
type tree struct {
	roots []*span // without a parent, or with one that is not there; by start time
	all   []*span // depth first
	byID  map[string]*span
}

// newTree parses the documents of a trace, which were checked when they came.
func newTree(docs []document) *tree {
	t := &tree{byID: make(map[string]*span)}
	var tops []*span
	for i := range docs {
		seg, err := parseSegment(docs[i].raw)
		if err != nil {
			continue
		}
		top := &span{seg: seg, raw: docs[i].raw, sub: seg.alone()}
		t.add(top)
		tops = append(tops, top)
	}
	for _, top := range tops {
		t.hang(top)
	}
	sortSpans(t.roots)
	for _, root := range t.roots {
		t.walk(root, root, 0)
	}
	return t
}

// add makes spans of the nested subsegments.
func (t *tree) add(sp *span) {
	id := strings.ToLower(sp.seg.ID)
	if _, taken := t.byID[id]; !taken {
		t.byID[id] = sp
	}
	for _, sub := range sp.seg.Subsegments {
		if sub == nil {
			continue
		}
		child := &span{seg: sub, parent: sp, above: sp, sub: true}
		sp.children = append(sp.children, child)
		t.add(child)
	}
}

// hang puts the top of a document under its parent, unless that is below itself.
func (t *tree) hang(top *span) {
	parent := t.byID[strings.ToLower(top.seg.ParentID)]
	if top.seg.ParentID == "" {
		parent = nil
	}
	if parent == nil || parent.highest() == top {
		t.roots = append(t.roots, top)
		return
	}
	top.parent, top.above = parent, parent
	parent.children = append(parent.children, top)
}

// highest is the span without a parent that sp is below. Each step halves the way
// of the next question: a trace may be one chain of many thousand documents.
func (sp *span) highest() *span {
	for sp.above != nil {
		if further := sp.above.above; further != nil {
			sp.above = further
		}
		sp = sp.above
	}
	return sp
}

// walk orders the spans depth first, and finds the owners of subsegments.
func (t *tree) walk(sp, owner *span, depth int) {
	if !sp.sub {
		owner = sp
	}
	sp.owner, sp.depth = owner, depth
	switch {
	case sp.remote():
		sp.call = sp
	case sp.sub && sp.parent != nil:
		sp.call = sp.parent.call
	}
	t.all = append(t.all, sp)
	sortSpans(sp.children)
	for _, child := range sp.children {
		t.walk(child, owner, depth+1)
	}
}

func sortSpans(spans []*span) {
	slices.SortStableFunc(spans, func(a, b *span) int {
		switch {
		case a.seg.start() < b.seg.start():
			return -1
		case a.seg.start() > b.seg.start():
			return 1
		}
		return 0
	})
}

// remote tells a subsegment that calls something else.
func (sp *span) remote() bool {
	return sp.sub && (sp.seg.Namespace == "aws" || sp.seg.Namespace == "remote")
}

// caller is the subsegment that made the call which a segment is the answer to:
// the nearest remote one above it in the caller's segment, else the parent.
func (sp *span) caller() *span {
	if sp.parent != nil && sp.parent.call != nil {
		return sp.parent.call
	}
	return sp.parent
}
