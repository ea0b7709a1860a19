package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/localaws"
)

// patience is how long a test waits for telemetry of the running demo: metrics
// leave the services every five seconds, and the machine may be busy.
const patience = time.Minute

// A service is a node of the service graph, with what it calls.
type service struct {
	Name, Type string
	Calls      []string
}

// A witness asks the local AWS with a real client.
type witness interface {
	traces(t *testing.T, from, to time.Time) []string
	segments(t *testing.T, traceID string) []string
	graph(t *testing.T, from, to time.Time) []service
	logs(t *testing.T, group, pattern string) []string
	metrics(t *testing.T, namespace string) []string
	sum(t *testing.T, namespace, metric string, from, to time.Time) float64
}

// TestDemo runs the demo and asks its AWS with the real clients.
func TestDemo(t *testing.T) {
	began := time.Now()
	out, errs, stop := background(t, "demo", "--listen", "127.0.0.1:0", "--listen-udp", "127.0.0.1:0", "--no-browser", "--rate", "20")
	out.find(t, `daemon   AWS_XRAY_DAEMON_ADDRESS=127\.0\.0\.1:\d+ `)
	endpoint := strings.TrimSuffix(out.find(t, `console  (http://\S+)/console/\n`), "/")
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the console's address came after %s", took)
	}
	res, err := http.Get(endpoint + "/console/")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("the console answers %s", res.Status)
	}
	credentials := regexp.MustCompile(`AWS_\w+=\S+`).FindAllString(out.String(), -1)

	t.Run("clients", func(t *testing.T) {
		for name, w := range awsCLIs(t, endpoint, credentials) {
			t.Run(name, func(t *testing.T) { t.Parallel(); checkAnswers(t, w, began) })
		}
		t.Run("Go SDK", func(t *testing.T) { t.Parallel(); checkAnswers(t, newSDK(endpoint), began) })
	})

	if status := stop(); status != 0 {
		t.Errorf("status %d, want 0; stdout:\n%s", status, out)
	}
	if errs.String() != "" {
		t.Errorf("stderr: %s", errs)
	}
	if !strings.Contains(out.String(), "\nsummary\n") {
		t.Errorf("no summary:\n%s", out)
	}
}

// checkAnswers asks w for all that the demo should show.
func checkAnswers(t *testing.T, w witness, began time.Time) {
	from := began.Add(-time.Minute)
	to := func() time.Time { return time.Now().Add(time.Minute) }

	var traces []string
	within(t, patience, func() bool { traces = w.traces(t, from, to()); return len(traces) > 0 }, "a trace of both services")
	var names []string
	within(t, patience, func() bool {
		names = names[:0]
		for _, document := range w.segments(t, traces[0]) {
			names = append(names, segmentNames(t, document)...)
		}
		return len(names) >= 3 && slices.Contains(names, "shop-web") && slices.Contains(names, "shop-inventory")
	}, "the documents of trace %s", traces[0])

	within(t, patience, func() bool { return wholeGraph(w.graph(t, from, to())) },
		"the service graph with shop-web, shop-inventory, the database and the edges between them")

	var lines []string
	within(t, patience, func() bool { lines = w.logs(t, "/updraft/shop-web", `"order placed"`); return len(lines) > 0 }, "a log event")
	checkLogLines(t, w, lines)

	within(t, patience, func() bool { return slices.Contains(w.metrics(t, "shop-web"), "shop.orders") }, "the metric shop.orders")
	within(t, patience, func() bool { return w.sum(t, "shop-web", "shop.orders", from.Truncate(time.Minute), to()) >= 1 }, "the sum of shop.orders")
}

// segmentNames are the names of a document's segment and its subsegments.
func segmentNames(t *testing.T, document string) []string {
	t.Helper()
	type segment struct {
		Name        string
		Subsegments []segment
	}
	var root segment
	if err := json.Unmarshal([]byte(document), &root); err != nil {
		t.Fatalf("%v in document %s", err, document)
	}
	var walk func(s segment) []string
	walk = func(s segment) []string {
		names := []string{s.Name}
		for _, sub := range s.Subsegments {
			names = append(names, walk(sub)...)
		}
		return names
	}
	return walk(root)
}

// wholeGraph tells whether the graph is web → inventory → a database.
func wholeGraph(graph []service) bool {
	node := func(name string) service {
		i := slices.IndexFunc(graph, func(s service) bool { return s.Name == name && s.Type != "client" })
		if i < 0 {
			return service{}
		}
		return graph[i]
	}
	if !slices.Contains(node("shop-web").Calls, "shop-inventory") {
		return false
	}
	return slices.ContainsFunc(node("shop-inventory").Calls, func(name string) bool {
		return strings.HasPrefix(node(name).Type, "Database::")
	})
}

// checkLogLines follows log events to the traces they belong to, until one of
// them was sampled: the first of a second always are.
func checkLogLines(t *testing.T, w witness, lines []string) {
	t.Helper()
	type logEvent struct {
		Body    string `json:"body"`
		TraceID string `json:"xray_trace_id"`
		SpanID  string `json:"span_id"`
	}
	var events []logEvent
	for _, line := range lines[:min(len(lines), 10)] {
		var event logEvent
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%v in log event %s", err, line)
		}
		if event.Body != "order placed" {
			t.Errorf("the pattern found %s", line)
		}
		events = append(events, event)
	}
	within(t, patience, func() bool {
		return slices.ContainsFunc(events, func(event logEvent) bool {
			return slices.ContainsFunc(w.segments(t, event.TraceID), func(doc string) bool { return strings.Contains(doc, `"`+event.SpanID+`"`) })
		})
	}, "the span of one of the log events %v", events)
}

// TestDemo_kept stops a demo, opens its data directory again, and holds the
// three signals against one another: they tell of the same orders.
func TestDemo_kept(t *testing.T) {
	dir := t.TempDir()
	out, errs, stop := background(t, "demo", "--listen", "127.0.0.1:0", "--no-browser", "--rate", "20", "--for", "6s", "--data", dir)
	summary := func(label string) string { return out.find(t, `\nsummary\n(?s:.*)\n  `+label+` +(\d+)`) }
	traces, events := summary("traces"), summary("log events")
	out.find(t, `dropped +0\n`)
	if status := stop(); status != 0 || errs.String() != "" {
		t.Errorf("status %d, stderr: %s", status, errs)
	}
	srv, err := localaws.Start(t.Context(), localaws.Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	w := newSDK(srv.URL())
	if got := srv.Counts(); traces != decimalInt(got.Traces) || events != decimalInt(got.LogEvents) {
		t.Errorf("kept: %d traces, %d log events; the summary said %s and %s", got.Traces, got.LogEvents, traces, events)
	}
	now := time.Now()
	placed := len(w.logs(t, "/updraft/shop-web", `"order placed"`))
	outOfStock := len(w.logs(t, "/updraft/shop-inventory", `"reservation refused"`))
	paid := len(w.logs(t, "/updraft/shop-web", `"order paid"`))
	unpaid := len(w.logs(t, "/updraft/shop-web", `"payment failed"`))
	sum := w.sum(t, "shop-web", "shop.orders", now.Add(-time.Hour).Truncate(time.Minute), now.Add(time.Minute))
	if placed == 0 || float64(placed+outOfStock+paid+unpaid) != sum {
		t.Errorf("the logs tell of %d orders placed, %d out of stock, %d paid, %d not paid; the metric counts %v",
			placed, outOfStock, paid, unpaid, sum)
	}
}
