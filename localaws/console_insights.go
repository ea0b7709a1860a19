package localaws

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/updraft-otel/updraft/localaws/internal/insights"
)

// What the console asks of Logs Insights. A query of the console runs while its
// request waits, and ends with it; DescribeQueries does not tell of it, and what
// is typed wrong is no refused call.

func consoleInsightsRoutes() []consoleRoute {
	return []consoleRoute{
		{"insights", consoleQuery},
		{"insights/check", consoleCheckQuery},
		{"insights/words", func(*Server, *http.Request) (any, error) { return map[string]any{"words": insights.Words()}, nil }},
		{"insights/fields", consoleFields},
		{"insights/record", consoleRecord},
	}
}

// Rows of one answer in the console.
const (
	consoleQueryRows     = 1000
	consoleQueryRowsMost = insights.DefaultLimit
)

type consoleQueryAnswer struct {
	Columns   []string         `json:"columns"`
	Rows      []consoleRow     `json:"rows"`
	Limited   bool             `json:"limited"` // there are as many rows as the console asked for
	Stats     bool             `json:"stats"`
	Time      string           `json:"time"` // the column that is a bin of time
	By        []string         `json:"by"`
	Values    []string         `json:"values"`
	Histogram consoleHistogram `json:"histogram"`
	Matched   int              `json:"matched"`
	Scanned   int              `json:"scanned"`
	Bytes     int64            `json:"bytes"`
	ElapsedMs float64          `json:"elapsedMs"`
}

// A consoleRow is a row of the answer; a cell is null where the event lacks the
// field.
type consoleRow struct {
	Cells   []*string `json:"cells"`
	Ptr     string    `json:"ptr"`     // "" for a group
	TraceID string    `json:"traceId"` // of X-Ray, where a cell names a trace
}

func consoleQuery(s *Server, r *http.Request) (any, error) {
	params := r.URL.Query()
	q, err := s.consoleLogQuery(params)
	if err != nil {
		return nil, err
	}
	limit, err := countParam(params, "limit", consoleQueryRows, consoleQueryRowsMost)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(r.Context(), queryTimeoutLength)
	defer stop()
	began := time.Now()
	run := q.query.Run(insights.Options{Now: s.cfg.Now(), Start: q.r.start.at, End: q.r.lastMillis(), Limit: limit})
	var times timeline
	err = s.queries.feed(ctx, q, run, times.add)
	var rows []insights.Row
	if err == nil {
		rows, err = run.Rows()
	}
	if errors.Is(err, insights.ErrTooLarge) {
		return nil, badRequest("%v", err)
	}
	if err != nil {
		return nil, err
	}
	out := queryAnswer(q, run, rows, limit)
	out.Histogram = times.histogram(q.r, s.cfg.Now())
	out.ElapsedMs = float64(time.Since(began).Microseconds()) / 1e3
	return out, nil
}

// consoleLogQuery is the query that the parameters ask for. It is not in the
// store of queries.
func (s *Server) consoleLogQuery(params url.Values) (*logQuery, error) {
	text := params.Get("query")
	if n := utf8.RuneCountInString(text); n > insights.MaxQuery {
		return nil, badRequest("a query has at most %d characters, this one has %d", insights.MaxQuery, n)
	}
	query, err := insights.Parse(text)
	if err != nil {
		return nil, badRequest("%v", err)
	}
	q := &logQuery{query: query, text: text}
	for _, group := range params["group"] {
		if g, _ := s.logs.lookup(group, ""); g == nil {
			return nil, notFound("log group %q does not exist", group)
		}
		if !slices.Contains(q.groups, group) {
			q.groups = append(q.groups, group)
		}
	}
	if n := len(q.groups); n == 0 || n > maxQueryGroups {
		return nil, badRequest("choose 1 to %d log groups", maxQueryGroups)
	}
	start, end, err := timeParams(params)
	if err != nil {
		return nil, err
	}
	q.r.back = true
	q.r.start, q.r.end = logTimes(start, through(end))
	return q, nil
}

func queryAnswer(q *logQuery, run *insights.Run, rows []insights.Row, limit int) *consoleQueryAnswer {
	shape := q.query.Shape()
	out := &consoleQueryAnswer{
		Columns: q.query.Columns(), Rows: make([]consoleRow, 0, len(rows)), Limited: len(rows) == limit,
		Stats: shape.Stats, Time: shape.Time, By: emptyList(shape.By), Values: emptyList(shape.Values),
		Matched: run.Matched(), Scanned: run.Scanned, Bytes: run.Bytes,
	}
	at := make(map[string]int, len(out.Columns))
	for i, name := range out.Columns {
		at[name] = i
	}
	for _, r := range rows {
		out.Rows = append(out.Rows, queryRow(r, at))
	}
	return out
}

func emptyList(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// queryRow puts the cells of a row into their columns.
func queryRow(r insights.Row, at map[string]int) consoleRow {
	row := consoleRow{Cells: make([]*string, len(at))}
	for i := range r {
		c := &r[i]
		if c.Field == "@ptr" && i == len(r)-1 {
			row.Ptr = c.Value
		}
		column, ok := at[c.Field]
		if !ok {
			continue
		}
		row.Cells[column] = &c.Value
		if row.TraceID == "" {
			row.TraceID = traceIn(c.Value)
		}
	}
	return row
}

// traceIn is the trace that a cell names, in X-Ray's form: an id itself, or a
// message with one.
func traceIn(cell string) string {
	k, ok := parseTraceKey(cell)
	if !ok {
		k, ok = findTrace(cell)
	}
	if !ok {
		return ""
	}
	return k.String()
}

type consoleCheck struct {
	Error string `json:"error"` // "" where the query is right
	queryLocation
}

// consoleCheckQuery tells what is wrong with a query, and where. An empty one is
// none yet.
func consoleCheckQuery(_ *Server, r *http.Request) (any, error) {
	text := r.URL.Query().Get("query")
	if len(text) > insights.MaxQuery*utf8.UTFMax {
		return nil, badRequest("a query has at most %d characters", insights.MaxQuery)
	}
	var syntax *insights.SyntaxError
	if _, err := insights.Parse(text); errors.As(err, &syntax) && text != "" {
		return consoleCheck{syntax.Message, locate(text, syntax)}, nil
	}
	return consoleCheck{}, nil
}

type consoleField struct {
	Name    string `json:"name"`
	Percent int    `json:"percent"` // of the events that were looked at
}

// Bounds of the search for fields: AWS looks at a sample too.
const (
	fieldSample     = 1000 // newest events, over all groups
	consoleFieldMax = 1000
)

// consoleFields are the fields that queries of some groups can use, most
// frequent first.
func consoleFields(s *Server, r *http.Request) (any, error) {
	groups := r.URL.Query()["group"]
	if len(groups) > maxQueryGroups {
		return nil, badRequest("choose 1 to %d log groups", maxQueryGroups)
	}
	counts, events := make(map[string]int), 0
	for _, group := range groups {
		for _, e := range s.logs.read(group, logRange{start: firstPos, end: lastPos, back: true}, fieldSample/len(groups)) {
			events++
			for _, f := range insights.Discovered(e.insight()) {
				counts[f.Field]++
			}
		}
	}
	fields := []consoleField{}
	for _, name := range [...]string{"@timestamp", "@message", "@logStream", "@log", "@ingestionTime", "@ptr"} {
		fields = append(fields, consoleField{name, 100})
	}
	system := len(fields)
	for name, n := range counts {
		fields = append(fields, consoleField{name, max(1, 100*n/events)})
	}
	slices.SortFunc(fields[system:], func(a, b consoleField) int {
		return cmp.Or(cmp.Compare(b.Percent, a.Percent), cmp.Compare(a.Name, b.Name))
	})
	return map[string]any{"fields": fields[:min(len(fields), consoleFieldMax)]}, nil
}

// consoleRecord is the event of a row, by its @ptr, with what was found in it.
func consoleRecord(s *Server, r *http.Request) (any, error) {
	found, ok := s.logs.pointed(r.URL.Query().Get("ptr"))
	if !ok {
		return nil, badRequest("ptr is no @ptr of a row")
	}
	if found == nil {
		return nil, notFound("the event is not here any more")
	}
	fields := []insights.Cell{}
	fields = append(fields, insights.Discovered(found.insight())...)
	return map[string]any{"event": consoleLogEvents([]foundEvent{*found})[0], "fields": fields}, nil
}
