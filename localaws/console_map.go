package localaws

import (
	"net/http"
	"strconv"
)

// consoleTally are the numbers of a node or an edge of the map.
type consoleTally struct {
	Count     int     `json:"count"`
	Ok        int     `json:"ok"`
	Error     int     `json:"error"`
	Throttle  int     `json:"throttle"`
	Fault     int     `json:"fault"`
	AverageMs float64 `json:"averageMs"`
}

type consoleNode struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
	Kind string `json:"kind"` // client, service or inferred
	consoleTally
}

type consoleEdge struct {
	Source string `json:"source"`
	Target string `json:"target"`
	consoleTally
}

// consoleMap is the service graph, without the limit on its range.
func consoleMap(s *Server, r *http.Request) (any, error) {
	times, err := rangeParams(r.URL.Query())
	if err != nil {
		return nil, err
	}
	g := s.traces.graphOf(times)
	nodes, edges := make([]consoleNode, 0, len(g.nodes)), make([]consoleEdge, 0, len(g.edges))
	for _, n := range g.nodes {
		node := consoleNode{n.key(), n.id.name, n.id.typ, "service", n.stats.tally()}
		switch {
		case n.client:
			node.Kind = "client"
			for _, e := range n.outgoing {
				node.consoleTally = e.stats.tally()
			}
		case n.inferred:
			node.Kind = "inferred"
		}
		nodes = append(nodes, node)
	}
	for _, e := range g.edges {
		edges = append(edges, consoleEdge{e.from.key(), e.to.key(), e.stats.tally()})
	}
	return map[string]any{"nodes": nodes, "edges": edges}, nil
}

// key names a node for as long as there is one, whatever else comes: what the
// map is drawn by.
func (n *graphNode) key() string {
	return strconv.Quote(n.id.name) + " " + n.id.typ + " " + n.id.account
}

func (s *stats) tally() consoleTally {
	t := consoleTally{s.total(), s.ok, s.error, s.throttle, s.fault, 0}
	if t.Count > 0 {
		t.AverageMs = s.seconds * 1e3 / float64(t.Count)
	}
	return t
}
