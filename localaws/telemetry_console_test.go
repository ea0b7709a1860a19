package localaws

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestConsole_logs(t *testing.T) {
	srv := startTest(t, Config{})
	for i := range 10 {
		srv.logs.add(&logBatch{group: "g", stream: fmt.Sprint("s", i%2), ingested: 99, at: []int64{int64(i + 1)}, messages: []string{fmt.Sprintf(`{"n":%d}`, i)}})
	}
	srv.logs.add(&logBatch{group: "other", stream: "x", ingested: 99, at: []int64{5}, messages: []string{`{"trace_id":"` + w3cTrace + `","span_id":"53995c3f42cd8ad8"}`}})

	var groups struct{ Groups []consoleLogGroup }
	if getJSON(t, srv.URL()+"/console/api/log-groups", &groups); fmt.Sprint(groups.Groups) != "[{g 2 10 330 10} {other 1 1 102 5}]" {
		t.Errorf("groups: %v", groups.Groups)
	}
	var page struct {
		Events []consoleLogEvent
		Next   string
		Error  string
	}
	f := func(query string, status int, want string) {
		t.Helper()
		page.Events, page.Next, page.Error = nil, "", ""
		if got := getJSON(t, srv.URL()+"/console/api/logs?"+query, &page); got != status {
			t.Errorf("%s: status %d, %s", query, got, page.Error)
		}
		var got []string
		for _, e := range page.Events {
			got = append(got, e.Message)
		}
		if text := strings.Join(got, ""); text != want || status != http.StatusOK && page.Error == "" {
			t.Errorf("%s: got %s, want %s", query, text, want)
		}
	}
	f("group=g&limit=3", 200, `{"n":7}{"n":8}{"n":9}`)
	f("group=g&limit=3&before="+page.Next, 200, `{"n":4}{"n":5}{"n":6}`)
	f("group=g&limit=3&stream=s1", 200, `{"n":5}{"n":7}{"n":9}`)
	f("group=g&limit=2&pattern="+url.QueryEscape("{ $.n < 4 }"), 200, `{"n":2}{"n":3}`)
	f("group=g&limit=2&pattern="+url.QueryEscape("{ $.n < 4 }")+"&before="+page.Next, 200, `{"n":0}{"n":1}`)
	if page.Next != "" {
		t.Errorf("there is nothing more, but a cursor: %s", page.Next)
	}
	f("group=g&start=2&end=4", 200, `{"n":1}{"n":2}`)
	f("group=g&pattern=a-b", 400, "")
	f("group=nope", 404, "")
	f("", 400, "")
	f("group=g&before=x", 400, "")
	f("group=g&limit=-1", 400, "")
	f("group=g&start=x", 400, "")

	for _, id := range []string{xrayTrace, w3cTrace} {
		getJSON(t, srv.URL()+"/console/api/traces/"+id+"/logs", &page)
		if e := page.Events; len(e) != 1 || e[0].Group != "other" || e[0].Stream != "x" || e[0].TraceID != xrayTrace || e[0].SpanID != "53995c3f42cd8ad8" || e[0].Ingestion != 99 {
			t.Errorf("events of the trace: %+v", e)
		}
	}
	if status := getJSON(t, srv.URL()+"/console/api/traces/x/logs", &page); status != http.StatusBadRequest {
		t.Errorf("status %d for a bad trace id", status)
	}
}

func TestConsole_metrics(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 30, 0, time.UTC)
	srv := startTest(t, Config{Now: func() time.Time { return now }})
	d := testDatum("Latency", now.Add(-time.Minute), 4, 60)
	service, web, unit := "Service", "web=1", "Milliseconds"
	d.Dimensions, d.Unit = []metricDimension{{&service, &web}}, &unit
	addMetrics(srv.metrics, now, d, d, testDatum("Errors", now, 1, 60))

	var list struct{ Metrics []consoleMetric }
	if getJSON(t, srv.URL()+"/console/api/metrics", &list); fmt.Sprint(list.Metrics) != "[{N Errors None []} {N Latency Milliseconds [{Service web=1}]}]" {
		t.Errorf("metrics: %v", list.Metrics)
	}
	f := func(query string, status int, want string) {
		t.Helper()
		var got struct {
			consolePoints
			Error string
		}
		if s := getJSON(t, srv.URL()+"/console/api/metrics/data?"+query, &got); s != status || status != http.StatusOK && got.Error == "" {
			t.Errorf("%s: status %d, %s", query, s, got.Error)
		}
		if text := fmt.Sprint(got.Timestamps, got.Values, got.Unit); text != want {
			t.Errorf("%s: got %s, want %s", query, text, want)
		}
	}
	at := now.Add(-time.Minute).Truncate(time.Minute).UnixMilli()
	const latency = "namespace=N&name=Latency&dimension=Service%3Dweb%3D1"
	f(latency, 200, fmt.Sprintf("[%d] [4]Milliseconds", at))
	f(latency+"&stat=Sum&period=300", 200, fmt.Sprintf("[%d] [8]Milliseconds", time.Date(2026, 11, 23, 11, 55, 0, 0, time.UTC).UnixMilli()))
	f(latency+"&stat=p99", 200, fmt.Sprintf("[%d] [4]Milliseconds", at))
	f(latency+fmt.Sprintf("&start=%d&end=%d", at-120_000, at), 200, "[] []Milliseconds")
	f("namespace=N&name=Latency", 200, "[] []None")
	f(latency+"&stat=p101", 400, "[] []")
	f(latency+"&period=7", 400, "[] []")
	f(latency+"&period=1&start=0", 400, "[] []")
	f("name=Latency", 400, "[] []")
	f(latency+"&dimension=x", 400, "[] []")
}
