package localaws

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/updraft-otel/updraft/localaws/internal/filterpattern"
)

// What the console reads of logs: groups, events, and the events of a trace.

func consoleLogsRoutes() []consoleRoute {
	return []consoleRoute{
		{"log-groups", consoleLogGroups},
		{"log-streams", consoleLogStreams},
		{"logs", consoleLogs},
		{"traces/{id}/logs", consoleTraceLogs},
	}
}

type consoleLogGroup struct {
	Name        string `json:"name"`
	Streams     int    `json:"streams"`
	Events      int    `json:"events"`
	StoredBytes int64  `json:"storedBytes"`
	LastEvent   int64  `json:"lastEvent"` // milliseconds; 0 without an event
}

type consoleLogEvent struct {
	Group     string `json:"group"`
	Stream    string `json:"stream"`
	Timestamp int64  `json:"timestamp"`
	Ingestion int64  `json:"ingestion"`
	Message   string `json:"message"`
	TraceID   string `json:"traceId"` // X-Ray form, or ""
	SpanID    string `json:"spanId"`
}

// Pages of events in the console.
const (
	consoleLogPage      = 200
	consoleLogPageMost  = 2000
	consoleTraceLogPage = 500
)

func consoleLogGroups(s *Server, _ *http.Request) (any, error) {
	groups := []consoleLogGroup{}
	for _, g := range s.logs.groupList(func(*logGroup) bool { return true }) {
		groups = append(groups, consoleLogGroup{g.name, g.count, g.events, g.bytes, g.last})
	}
	return map[string]any{"groups": groups}, nil
}

type consoleLogStream struct {
	Name      string `json:"name"`
	Events    int    `json:"events"`
	LastEvent int64  `json:"lastEvent"` // milliseconds; 0 without an event
}

// consoleStreamsMost bounds the list of a group's streams; those that were
// written to last are in it.
const consoleStreamsMost = 500

func consoleLogStreams(s *Server, r *http.Request) (any, error) {
	list := s.logs.streams(r.URL.Query().Get("group"), "")
	slices.SortStableFunc(list, func(a, b streamInfo) int { return cmp.Compare(b.last, a.last) })
	streams := []consoleLogStream{}
	for _, info := range list[:min(len(list), consoleStreamsMost)] {
		streams = append(streams, consoleLogStream{info.name, info.events, info.last})
	}
	return map[string]any{"streams": streams}, nil
}

// consoleLogs is the newest page of events, oldest first inside it.
func consoleLogs(s *Server, r *http.Request) (any, error) {
	q := r.URL.Query()
	group := q.Get("group")
	if group == "" {
		return nil, badRequest("group is missing; choose a log group")
	}
	if g, _ := s.logs.lookup(group, ""); g == nil {
		return nil, notFound("log group %q does not exist", group)
	}
	pattern, err := filterpattern.Parse(q.Get("pattern"))
	if err != nil {
		return nil, badRequest("%v", err)
	}
	limit, err := countParam(q, "limit", consoleLogPage, consoleLogPageMost)
	if err != nil {
		return nil, err
	}
	within := logRange{start: firstPos, end: lastPos, back: true}
	if stream := q.Get("stream"); stream != "" {
		within.want = func(name string) bool { return name == stream }
	}
	start, end, err := timeParams(q)
	if err != nil {
		return nil, err
	}
	within.start, within.end = logTimes(start, end)
	if before := q.Get("before"); before != "" {
		at, ok := parseLogPos(before)
		if !ok {
			return nil, badRequest("before is no cursor of this server")
		}
		if at.compare(within.end) < 0 {
			within.end = at
		}
	}
	found, next := s.logs.search(group, within, pattern, limit, consoleLogBytes)
	slices.Reverse(found)
	cursor := ""
	if next != nil {
		cursor = next.String()
	}
	return map[string]any{"events": consoleLogEvents(found), "next": cursor}, nil
}

// consoleLogBytes bounds a page of events by their messages.
const consoleLogBytes = 4 << 20

// consoleTraceLogs are the events that name a trace, oldest first.
func consoleTraceLogs(s *Server, r *http.Request) (any, error) {
	k, ok := parseTraceKey(r.PathValue("id"))
	if !ok {
		return nil, badRequest("%q is no trace id", r.PathValue("id"))
	}
	limit, err := countParam(r.URL.Query(), "limit", consoleTraceLogPage, consoleLogPageMost)
	if err != nil {
		return nil, err
	}
	found := s.logs.ofTrace(k)
	slices.SortFunc(found, func(a, b foundEvent) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq))
	})
	return map[string]any{"events": consoleLogEvents(found[:min(limit, len(found))])}, nil
}

func consoleLogEvents(found []foundEvent) []consoleLogEvent {
	events := make([]consoleLogEvent, 0, len(found))
	for i := range found {
		e := &found[i]
		row := consoleLogEvent{
			Group: e.group, Stream: e.stream, Timestamp: e.at, Ingestion: e.ingested, Message: e.message, SpanID: findSpan(e.message),
		}
		if k, ok := findTrace(e.message); ok {
			row.TraceID = k.String()
		}
		events = append(events, row)
	}
	return events
}
