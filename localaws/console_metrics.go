package localaws

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/metricstat"
)

// What the console reads of metrics: their list, and the data of one. Graphs are
// in console_graph.go, numbers and costs in console_cardinality.go.

func consoleMetricsRoutes() []consoleRoute {
	return []consoleRoute{
		{"metrics", consoleMetrics},
		{"metrics/data", consoleMetricData},
		{"metrics/graph", consoleGraph},
		{"metrics/documents", consoleDocuments},
		{"metrics/cardinality", consoleCardinality},
		{"metrics/otlp", consoleOTLPMetrics},
		{"alarms", consoleAlarms},
		{"promql", consolePromQL},
	}
}

type consoleMetric struct {
	Namespace  string             `json:"namespace"`
	Name       string             `json:"name"`
	Unit       string             `json:"unit"`
	Dimensions []consoleDimension `json:"dimensions"`
}

type consoleDimension struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func consoleMetrics(s *Server, _ *http.Request) (any, error) {
	metrics := []consoleMetric{}
	for _, m := range s.metrics.list(func(*metricSeries) bool { return true }) {
		row := consoleMetric{Namespace: m.namespace, Name: m.name, Unit: m.unit, Dimensions: []consoleDimension{}}
		for _, d := range m.dimensions {
			row.Dimensions = append(row.Dimensions, consoleDimension{d.name, d.value})
		}
		metrics = append(metrics, row)
	}
	return map[string]any{"metrics": metrics}, nil
}

type consolePoints struct {
	Timestamps []int64   `json:"timestamps"` // milliseconds
	Values     []float64 `json:"values"`
	Unit       string    `json:"unit"`
}

// Defaults of a graph, and how many points one may have.
const (
	consoleRange     = 3 * time.Hour
	consolePeriod    = minuteResolution
	consoleMaxPoints = 20_000
)

func consoleMetricData(s *Server, r *http.Request) (any, error) {
	q := r.URL.Query()
	key, err := metricParam(q)
	if err != nil {
		return nil, err
	}
	name := q.Get("stat")
	if name == "" {
		name = "Average"
	}
	stat, err := metricstat.Parse(name)
	if err != nil {
		return nil, badRequest("%v; use Average, Sum, p99 and the like", err)
	}
	period, err := countParam(q, "period", consolePeriod, math.MaxInt32)
	if err != nil || !isPeriod(period) {
		return nil, badRequest("period must be 1, 5, 10, 20, 30 or a multiple of 60 seconds")
	}
	from, to, err := timeParams(q)
	if err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	end, start := now.Unix()+1, now.Add(-consoleRange).Unix()
	if to != nil {
		end = (*to + 999) / 1000
	}
	if from != nil {
		start = *from / 1000
	}
	if (end-start)/int64(period) > consoleMaxPoints {
		return nil, badRequest("more than %d points; use a longer period or a shorter range", consoleMaxPoints)
	}
	buckets := s.metrics.queryAny(metricQuery{key: key, start: start, end: end, period: int64(period), now: now.Unix()})
	out := consolePoints{Timestamps: []int64{}, Values: []float64{}, Unit: noUnit}
	for _, m := range s.metrics.list(func(m *metricSeries) bool { return m.key == key }) {
		out.Unit = m.unit
	}
	for i := range buckets {
		if value, ok := stat.Of(&buckets[i].dist); ok {
			out.Timestamps = append(out.Timestamps, buckets[i].start*1000)
			out.Values = append(out.Values, value)
		}
	}
	return out, nil
}

// metricParam is the key of the metric that namespace, name and dimensions name.
func metricParam(q url.Values) (string, error) {
	if q.Get("namespace") == "" || q.Get("name") == "" {
		return "", badRequest("namespace and name must be given")
	}
	var list []metricDimension
	for _, text := range q["dimension"] {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return "", badRequest("dimension %q must be Name=Value", text)
		}
		list = append(list, metricDimension{&name, &value})
	}
	return metricKey(q.Get("namespace"), q.Get("name"), sortedDimensions(list)), nil
}

// countParam is a positive number of the query, up to most.
func countParam(q url.Values, name string, fallback, most int) (int, error) {
	text := q.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, badRequest("%s must be a positive number", name)
	}
	return min(n, most), nil
}

// timeParams are start and end of the query, in milliseconds; nil if absent.
func timeParams(q url.Values) (start, end *int64, err error) {
	if start, err = millisParam(q, "start"); err != nil {
		return nil, nil, err
	}
	end, err = millisParam(q, "end")
	return start, end, err
}

func millisParam(q url.Values, name string) (*int64, error) {
	text := q.Get(name)
	if text == "" {
		return nil, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(math.Abs(f) < 1e15) {
		return nil, badRequest("%s must be milliseconds since 1970", name)
	}
	ms := int64(f)
	return &ms, nil
}
