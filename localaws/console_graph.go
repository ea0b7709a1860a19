package localaws

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// What the console draws of metrics: queries as of GetMetricData, and the log
// events behind a point.

// A graphLine is one line of a graph.
type graphLine struct {
	ID         string    `json:"id"`
	Label      string    `json:"label"`
	Timestamps []int64   `json:"timestamps"` // milliseconds, oldest first
	Values     []float64 `json:"values"`
}

type graphAnswer struct {
	Lines    []graphLine   `json:"lines"`
	Messages []messageData `json:"messages"`
}

// consoleGraph evaluates queries, a list of MetricDataQuery in JSON. They are no
// call of a client, so what is wrong with them is told and not kept.
func consoleGraph(s *Server, r *http.Request) (any, error) {
	q := r.URL.Query()
	var list []metricDataQuery
	if err := json.Unmarshal([]byte(q.Get("queries")), &list); err != nil {
		return nil, badRequest("queries must be a list of MetricDataQuery: %v", err)
	}
	if len(list) == 0 || len(list) > maxMetricQueries {
		return nil, badRequest("a graph has from 1 to %d queries, not %d", maxMetricQueries, len(list))
	}
	from, to, err := graphRange(s, q)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if p := graphPeriod(&list[i]); p > 0 && (to-from)/int64(p) > consoleMaxPoints {
			return nil, badRequest("more than %d points; use a longer period or a shorter range", consoleMaxPoints)
		}
	}
	scratch := &Server{cfg: s.cfg, refused: &refusedRing{}}
	c := &call{srv: scratch, now: s.cfg.Now(), op: &operation{service: serviceCloudWatch, name: "GetMetricData"}}
	v := &violations{c: c, in: list}
	request := &metricRequest{now: c.now.Unix(), start: from, end: to, zone: time.UTC, queries: v.whole().queries("MetricDataQueries", list)}
	if err := v.err(); err != nil {
		return nil, consoleAnswer(err)
	}
	answer, err := s.metrics.evaluate(request)
	if err != nil {
		return nil, badRequest("%v", err)
	}
	return graphOf(answer), nil
}

func graphPeriod(q *metricDataQuery) int {
	if q.MetricStat != nil {
		return deref(q.MetricStat.Period)
	}
	return deref(q.Period)
}

func graphOf(answer *metricAnswer) *graphAnswer {
	out := &graphAnswer{Lines: []graphLine{}, Messages: append([]messageData{}, answer.messages...)}
	for i := range answer.lines {
		l := &answer.lines[i]
		if !l.returned {
			continue
		}
		line := graphLine{ID: l.id, Label: l.label, Timestamps: make([]int64, len(l.series.Times)), Values: append([]float64{}, l.series.Values...)}
		for k, t := range l.series.Times {
			line.Timestamps[k] = t * 1000
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

// graphRange is start and end of the query in seconds; by default the last hours.
func graphRange(s *Server, q url.Values) (from, to int64, err error) {
	start, end, err := timeParams(q)
	if err != nil {
		return 0, 0, err
	}
	now := s.cfg.Now()
	from, to = now.Add(-consoleRange).Unix(), now.Unix()+1
	if start != nil {
		from = *start / 1000
	}
	if end != nil {
		to = (*end + 999) / 1000
	}
	if from >= to {
		return 0, 0, badRequest("start must be before end")
	}
	return from, to, nil
}

// An event in the embedded metric format carries its own time. The log event's
// may differ, by as much as the console looks for it.
const (
	documentSlack   = time.Hour
	maxDocuments    = 20
	maxDocumentScan = 200_000 // events of a group
)

// consoleDocuments are the log events in the embedded metric format that made
// data points of a metric from start on and before end, oldest first.
func consoleDocuments(s *Server, r *http.Request) (any, error) {
	q := r.URL.Query()
	key, err := metricParam(q)
	if err != nil {
		return nil, err
	}
	start, end, err := timeParams(q)
	if err != nil {
		return nil, err
	}
	if start == nil || end == nil {
		return nil, badRequest("start and end must be given")
	}
	var found []foundEvent
	slack := documentSlack.Milliseconds()
	for _, g := range s.logs.groupList(func(g *logGroup) bool { return g.class == classStandard }) {
		events := s.logs.read(g.name, logRange{start: logPos{at: *start - slack}, end: logPos{at: *end + slack}}, maxDocumentScan)
		for i := range events {
			if madePoint(events[i].message, key, *start, *end) {
				found = append(found, events[i])
			}
		}
	}
	slices.SortStableFunc(found, func(a, b foundEvent) int { return a.pos().compare(b.pos()) })
	total := len(found)
	return map[string]any{"events": consoleLogEvents(found[:min(total, maxDocuments)]), "total": total}, nil
}

// madePoint tells whether an event made a data point of a metric in a range of
// milliseconds.
func madePoint(message, key string, start, end int64) bool {
	if !looksLikeEMF(message) {
		return false
	}
	e, err := parseEMF(message, time.UnixMilli(start)) // whether it is too old now does not matter
	if err != nil || e == nil || e.at.UnixMilli() < start || e.at.UnixMilli() >= end {
		return false
	}
	for i := range e.list {
		b, err := e.directive(i)
		if err != nil {
			continue
		}
		for k := range b.Data {
			if metricKey(b.Namespace, deref(b.Data[k].MetricName), sortedDimensions(b.Data[k].Dimensions)) == key {
				return true
			}
		}
	}
	return false
}

// consoleAlarm is an alarm, and the queries that it is evaluated by.
type consoleAlarm struct {
	Name        string            `json:"name"`
	Description string            `json:"description"`
	State       string            `json:"state"`
	Reason      string            `json:"reason"`
	Changed     int64             `json:"changed"` // milliseconds
	Operator    string            `json:"operator"`
	Threshold   float64           `json:"threshold"`
	Missing     string            `json:"missing"` // how missing data is treated
	Periods     int               `json:"periods"`
	ToAlarm     int               `json:"toAlarm"`
	Actions     bool              `json:"actions"`
	Queries     []metricDataQuery `json:"queries"`
	History     []consoleChange   `json:"history"` // newest first
}

type consoleChange struct {
	At      int64  `json:"at"`
	Summary string `json:"summary"`
}

// maxAlarmHistory is how many changes of one alarm the console shows.
const maxAlarmHistory = 10

func consoleAlarms(s *Server, _ *http.Request) (any, error) {
	now := s.cfg.Now()
	s.alarms.catchUp(now)
	alarms := []consoleAlarm{}
	for _, a := range s.alarms.list(func(*metricAlarm) bool { return true }) {
		alarms = append(alarms, s.consoleAlarm(a, now))
	}
	return map[string]any{"alarms": alarms}, nil
}

func (s *Server) consoleAlarm(a *metricAlarm, now time.Time) consoleAlarm {
	row := consoleAlarm{
		Name: a.AlarmName, Description: deref(a.AlarmDescription), State: a.StateValue, Reason: a.StateReason,
		Changed: a.StateTransitionedTimestamp.UnixMilli(), Operator: a.ComparisonOperator, Threshold: a.Threshold,
		Missing: a.treatMissing(), Periods: a.EvaluationPeriods, ToAlarm: a.toAlarm(), Actions: a.ActionsEnabled,
		Queries: a.Metrics, History: []consoleChange{},
	}
	if len(row.Queries) == 0 {
		row.Queries = []metricDataQuery{*a.query(alarmValueID, a.statistic())}
	}
	for _, item := range s.alarms.items(func(i *alarmHistoryItem) bool { return i.AlarmName == a.AlarmName }, now) {
		row.History = append(row.History, consoleChange{item.Timestamp.UnixMilli(), item.HistorySummary})
	}
	slices.SortStableFunc(row.History, func(a, b consoleChange) int { return int(max(-1, min(1, b.At-a.At))) })
	row.History = row.History[:min(len(row.History), maxAlarmHistory)]
	return row
}

// consolePromQL evaluates PromQL over what the OTLP endpoint took.
func consolePromQL(s *Server, r *http.Request) (any, error) {
	params := r.URL.Query()
	from, to, err := graphRange(s, params)
	if err != nil {
		return nil, err
	}
	q := promQuery{Expr: params.Get("query"), Start: time.Unix(to, 0), Limit: maxPromQLSeries}
	if params.Get("step") != "" {
		step, err := countParam(params, "step", consolePeriod, int(maxPromQLRange/time.Second))
		if err != nil {
			return nil, err
		}
		if (to-from)/int64(step) > consoleMaxPoints {
			return nil, badRequest("more than %d points; use a longer step or a shorter range", consoleMaxPoints)
		}
		q.Start, q.End, q.Step = time.Unix(from, 0), time.Unix(to, 0), time.Duration(step)*time.Second
	}
	answer, err := s.otlp.query(r.Context(), q)
	var refusal *promRefusal
	if errors.As(err, &refusal) {
		return nil, badRequest("%v", refusal)
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"data": answer.Data, "warnings": append([]string{}, answer.Warnings...), "infos": append([]string{}, answer.Infos...),
		"series": answer.scanned, "samples": answer.samples,
	}, nil
}
