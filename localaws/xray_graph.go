package localaws

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"unique"
)

// A graph is the service graph of a range of time: the sum over the facts of its
// traces, which are worked out once a trace.
type graph struct {
	nodes []*graphNode // clients first, then by name and type
	edges []*graphEdge // by source and target
}

type graphNode struct {
	id       serviceID
	ref      int
	client   bool
	inferred bool // no segment of its own
	root     bool
	stats    stats
	outgoing []*graphEdge
}

type graphEdge struct {
	from, to *graphNode
	stats    stats
}

// stats sums up answers that are complete.
type stats struct {
	ok, error, throttle, fault int
	seconds                    float64
	start, end                 float64
	histogram                  map[float64]int // by response time
}

func (s *stats) total() int { return s.ok + s.error + s.throttle + s.fault }

func (s *stats) add(e *entity) {
	if s.start == 0 || e.start < s.start {
		s.start = e.start
	}
	s.end = max(s.end, e.end)
	if e.inProgress {
		return
	}
	switch e.errors.status() {
	case "fault":
		s.fault++
	case "throttle":
		s.throttle++
	case "error":
		s.error++
	default:
		s.ok++
	}
	took := max(e.end-e.start, 0)
	s.seconds += took
	if s.histogram == nil {
		s.histogram = make(map[float64]int)
	}
	s.histogram[histogramValue(took)]++
}

// histogramValue rounds to milliseconds and to two digits, so that a histogram
// has tens of entries for millions of answers.
func histogramValue(seconds float64) float64 {
	if seconds < 0.1 {
		return millis(seconds)
	}
	unit := math.Pow(10, math.Floor(math.Log10(seconds))-1)
	return millis(math.Round(seconds/unit) * unit)
}

// nodeKey: the clients of a service are a node beside it, of the same name.
type nodeKey struct {
	id     unique.Handle[serviceID]
	client bool
}

// A graphSum is a graph while it is summed up.
type graphSum struct {
	nodes map[nodeKey]*graphNode
	edges map[[2]*graphNode]*graphEdge
}

// graphOf sums up the traces that started in the range.
func (s *traceStore) graphOf(times timeRange) *graph {
	sum := graphSum{make(map[nodeKey]*graphNode), make(map[[2]*graphNode]*graphEdge)}
	var known []*traceFacts
	changed := s.find(func(t *trace) bool {
		if !times.has(t.start) {
			return false
		}
		if t.facts != nil {
			known = append(known, t.facts)
		}
		return t.facts == nil
	})
	for _, facts := range known {
		sum.add(facts)
	}
	for _, v := range changed {
		sum.add(s.factsOf(v))
	}
	g := &graph{nodes: slices.Collect(maps.Values(sum.nodes)), edges: slices.Collect(maps.Values(sum.edges))}
	g.number()
	return g
}

// add adds what one trace has to say.
func (g *graphSum) add(f *traceFacts) {
	for i := range f.entities {
		e := &f.entities[i]
		n := g.node(f, i, false)
		n.inferred = n.inferred && e.inferred
		n.root = n.root || e.root
		n.stats.add(e)
	}
	for i := range f.edges {
		e := &f.edges[i]
		from, to := e.from, g.node(f, e.to, false)
		if from == client {
			from = e.to
		}
		key := [2]*graphNode{g.node(f, from, e.from == client), to}
		sum := g.edges[key]
		if sum == nil {
			sum = &graphEdge{from: key[0], to: key[1]}
			g.edges[key] = sum
		}
		sum.stats.add(&e.caller)
	}
}

// node is that of an entity, or of its clients.
func (g *graphSum) node(f *traceFacts, entity int, client bool) *graphNode {
	key := nodeKey{f.entities[entity].key, client}
	n := g.nodes[key]
	if n == nil {
		id := f.entities[entity].service
		if client {
			id.typ = "client"
		}
		n = &graphNode{id: id, client: client, inferred: true}
		g.nodes[key] = n
	}
	return n
}

// number orders the nodes and edges, and gives the nodes their ReferenceIds.
func (g *graph) number() {
	slices.SortFunc(g.nodes, func(a, b *graphNode) int {
		return cmp.Or(boolOrder(a.client, b.client), boolOrder(!a.inferred, !b.inferred),
			cmp.Compare(a.id.name, b.id.name), cmp.Compare(a.id.typ, b.id.typ), cmp.Compare(a.id.account, b.id.account))
	})
	for i, n := range g.nodes {
		n.ref = i
	}
	slices.SortFunc(g.edges, func(a, b *graphEdge) int {
		return cmp.Or(cmp.Compare(a.from.ref, b.from.ref), cmp.Compare(a.to.ref, b.to.ref))
	})
	for _, e := range g.edges {
		e.from.outgoing = append(e.from.outgoing, e)
		if e.from.client { // a client has the times of its calls, no answers of its own
			if n := e.from; n.stats.start == 0 || e.stats.start < n.stats.start {
				n.stats.start = e.stats.start
			}
			e.from.stats.end = max(e.from.stats.end, e.stats.end)
		}
	}
}

// boolOrder puts true first.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
