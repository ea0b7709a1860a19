package localaws

import (
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// What the console reads of traces: the list, one trace, one span, and the map.

func consoleXRayRoutes() []consoleRoute {
	return []consoleRoute{
		{"traces", consoleTraces},
		{"traces/{id}", consoleTrace},
		{"traces/{id}/spans/{span}", consoleSpan},
		{"map", consoleMap},
	}
}

// Pages of traces in the console.
const (
	consoleTracePage     = 100
	consoleTracePageMost = 1000
)

type consoleTraceRow struct {
	ID         string   `json:"id"`
	Start      float64  `json:"start"`
	Duration   float64  `json:"duration"`
	Name       string   `json:"name"`
	Method     string   `json:"method"`
	URL        string   `json:"url"`
	HTTPStatus int      `json:"httpStatus"`
	Services   []string `json:"services"`
	Spans      int      `json:"spans"`
	Status     string   `json:"status"`
	Partial    bool     `json:"partial"`
}

func consoleTraces(s *Server, r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := countParam(q, "limit", consoleTracePage, consoleTracePageMost)
	if err != nil {
		return nil, err
	}
	times, err := rangeParams(q)
	if err != nil {
		return nil, err
	}
	where, err := parseFilter(q.Get("q"))
	if err != nil {
		return nil, badRequest("filter expression: %v", err)
	}
	also, err := traceParams(q)
	if err != nil {
		return nil, err
	}
	from, ok := parseCursor(q.Get("before"))
	if !ok {
		return nil, badRequest("before is no cursor of this server")
	}
	page := s.traces.page(pageQuery{
		times: times, key: func(t *trace) float64 { return t.start },
		where: where, also: also, from: from, limit: limit,
	})
	rows := make([]consoleTraceRow, 0, len(page.hits))
	for _, hit := range page.hits {
		rows = append(rows, newTraceRow(hit.view, hit.facts))
	}
	return map[string]any{"traces": rows, "next": page.next}, nil
}

// rangeParams are start and end in milliseconds; all of time where they are absent.
func rangeParams(q url.Values) (timeRange, error) {
	times := timeRange{math.Inf(-1), math.Inf(1)}
	start, end, err := timeParams(q)
	if err != nil {
		return times, err
	}
	if start != nil {
		times.from = float64(*start) / 1e3
	}
	if end != nil {
		times.to = float64(*end) / 1e3
	}
	return times, nil
}

// traceParams are the conditions on service and status; nil for none.
func traceParams(q url.Values) (func(f *traceFacts) bool, error) {
	service, status := q.Get("service"), q.Get("status")
	if status != "" && !slices.Contains([]string{"ok", "error", "throttle", "fault"}, status) {
		return nil, badRequest("status must be ok, error, throttle or fault")
	}
	if service == "" && status == "" {
		return nil, nil
	}
	return func(f *traceFacts) bool {
		if status != "" && f.flags.status() != status {
			return false
		}
		return service == "" || slices.ContainsFunc(f.entities, func(e entity) bool {
			return !e.inferred && e.service.name == service
		})
	}, nil
}

func newTraceRow(v traceView, f *traceFacts) consoleTraceRow {
	row := consoleTraceRow{
		ID: v.id, Start: f.start * 1e3, Duration: (f.end - f.start) * 1e3,
		Services: []string{}, Spans: v.spans, Status: f.flags.status(), Partial: f.partial,
	}
	for i := range f.entities {
		if e := &f.entities[i]; !e.inferred && !slices.Contains(row.Services, e.service.name) {
			row.Services = append(row.Services, e.service.name)
		}
	}
	if f.root >= 0 {
		root := &f.entities[f.root]
		row.Name, row.Method, row.URL, row.HTTPStatus = root.service.name, root.http.method, root.http.url, root.http.status
	}
	return row
}

// consoleColumns are the spans of a trace, depth first, a column each.
type consoleColumns struct {
	ID         []string  `json:"id"`
	Parent     []int     `json:"parent"` // an index, or -1
	Depth      []int     `json:"depth"`
	Name       []string  `json:"name"`
	Service    []string  `json:"service"`
	Kind       []string  `json:"kind"` // segment or subsegment
	Namespace  []string  `json:"namespace"`
	Start      []float64 `json:"start"` // from the start of the trace
	Duration   []float64 `json:"duration"`
	Status     []string  `json:"status"`
	InProgress []bool    `json:"inProgress"`
}

type consoleDocument struct {
	ID       string          `json:"id"`
	Document json.RawMessage `json:"document"`
}

type consoleTraceDetail struct {
	ID        string            `json:"id"`
	Start     float64           `json:"start"`
	Duration  float64           `json:"duration"`
	Status    string            `json:"status"`
	Partial   bool              `json:"partial"`
	Columns   consoleColumns    `json:"columns"`
	Documents []consoleDocument `json:"documents"`
}

func consoleTrace(s *Server, r *http.Request) (any, error) {
	v, err := s.findTrace(r)
	if err != nil {
		return nil, err
	}
	f := s.traces.factsOf(v)
	out := consoleTraceDetail{
		ID: v.id, Start: f.start * 1e3, Duration: (f.end - f.start) * 1e3,
		Status: f.flags.status(), Partial: f.partial,
		Columns: newColumns(newTree(v.docs), f.start), Documents: []consoleDocument{},
	}
	for _, doc := range v.docs {
		out.Documents = append(out.Documents, consoleDocument{doc.id, json.RawMessage(doc.raw)})
	}
	return out, nil
}

// findTrace is the trace of the path, by an id of either form.
func (s *Server) findTrace(r *http.Request) (traceView, error) {
	id := r.PathValue("id")
	if k, ok := parseTraceKey(id); ok {
		id = k.String()
	}
	v, ok := s.traces.get(id)
	if !ok {
		return v, notFound("trace %q is not here; it may have been evicted, or its segments are still to come", r.PathValue("id"))
	}
	return v, nil
}

func newColumns(t *tree, start float64) consoleColumns {
	n := len(t.all)
	c := consoleColumns{
		ID: make([]string, n), Parent: make([]int, n), Depth: make([]int, n), Name: make([]string, n),
		Service: make([]string, n), Kind: make([]string, n), Namespace: make([]string, n),
		Start: make([]float64, n), Duration: make([]float64, n), Status: make([]string, n), InProgress: make([]bool, n),
	}
	index := make(map[*span]int, n)
	for i, sp := range t.all {
		index[sp] = i
		c.ID[i], c.Depth[i], c.Name[i] = strings.ToLower(sp.seg.ID), sp.depth, sp.seg.Name
		c.Parent[i] = -1
		if sp.parent != nil {
			c.Parent[i] = index[sp.parent] // it comes first
		}
		c.Service[i], c.Kind[i], c.Namespace[i] = sp.owner.seg.Name, "segment", string(sp.seg.Namespace)
		if sp.sub {
			c.Kind[i] = "subsegment"
		}
		c.Start[i], c.Duration[i] = (sp.seg.start()-start)*1e3, (sp.seg.end()-sp.seg.start())*1e3
		c.Status[i] = errorFlags{sp.seg.Error, sp.seg.Throttle, sp.seg.Fault}.status()
		c.InProgress[i] = sp.seg.InProgress
	}
	return c
}

func consoleSpan(s *Server, r *http.Request) (any, error) {
	v, err := s.findTrace(r)
	if err != nil {
		return nil, err
	}
	id := strings.ToLower(r.PathValue("span"))
	for _, doc := range v.docs {
		m, err := readObject(doc.raw)
		if err != nil {
			continue
		}
		if found := findSpanObject(m, id); found != nil {
			delete(found, "subsegments")
			return map[string]any{"document": found}, nil
		}
	}
	return nil, notFound("span %q is not in trace %q", id, v.id)
}

// findSpanObject finds a segment or subsegment by its id.
func findSpanObject(m map[string]any, id string) map[string]any {
	if have, _ := m["id"].(string); strings.EqualFold(have, id) {
		return m
	}
	nested, _ := m["subsegments"].([]any)
	for _, v := range nested {
		sub, _ := v.(map[string]any)
		if found := findSpanObject(sub, id); found != nil {
			return found
		}
	}
	return nil
}
