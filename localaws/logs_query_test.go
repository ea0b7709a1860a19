package localaws

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/insights"
)

// A query that is stopped while it runs is Cancelled, and can't be stopped twice.
func TestStopQuery(t *testing.T) {
	srv := newServer(Config{}.withDefaults())
	t.Cleanup(srv.cancel)
	q, err := insights.Parse("fields @message")
	if err != nil {
		t.Fatal(err)
	}
	srv.logs.mu.Lock() // the query waits for it
	if !srv.queries.start(t.Context(), &logQuery{id: "q", groups: []string{"g"}, query: q, created: time.Now()}) {
		t.Fatal("not started")
	}
	if !srv.queries.stop("q") || srv.queries.stop("q") {
		t.Error("a query can be stopped once")
	}
	srv.logs.mu.Unlock()
	srv.queries.close()
	if got, _ := srv.queries.find("q"); got.status != queryCancelled || srv.queries.active != 0 {
		t.Errorf("%s, %d active", got.status, srv.queries.active)
	}
	if srv.queries.start(t.Context(), &logQuery{id: "late", query: q}) {
		t.Error("a closed store starts queries")
	}
}

func TestQueryStore_bounded(t *testing.T) {
	srv := newServer(Config{}.withDefaults())
	t.Cleanup(srv.cancel)
	q, err := insights.Parse("fields @message")
	if err != nil {
		t.Fatal(err)
	}
	srv.logs.mu.Lock()
	for i := range maxConcurrentQueries {
		if !srv.queries.start(t.Context(), &logQuery{id: strconv.Itoa(i), groups: []string{"g"}, query: q}) {
			t.Fatalf("query %d not started", i)
		}
	}
	if srv.queries.start(t.Context(), &logQuery{id: "more", groups: []string{"g"}, query: q}) {
		t.Error("more than AWS runs")
	}
	srv.logs.mu.Unlock()
	srv.queries.running.Wait()
	for i := range maxKeptQueries {
		if !srv.queries.start(t.Context(), &logQuery{id: fmt.Sprint("k", i), groups: []string{"g"}, query: q}) {
			t.Fatalf("query k%d not started", i)
		}
		srv.queries.running.Wait()
	}
	if _, ok := srv.queries.find("0"); ok || len(srv.queries.list) != maxKeptQueries || len(srv.queries.byID) != maxKeptQueries {
		t.Errorf("%d queries are kept", len(srv.queries.list))
	}
	if len(srv.queries.list) > 0 && srv.queries.list[0].status != queryComplete {
		t.Errorf("status %s", srv.queries.list[0].status)
	}
}

func TestQueries_cli(t *testing.T) {
	for _, cli := range awsCLIs(t) {
		t.Run(filepath.Dir(cli), func(t *testing.T) {
			t.Parallel()
			testQueriesCLI(t, cli)
		})
	}
}

func testQueriesCLI(t *testing.T, cli string) {
	srv := startTest(t, Config{})
	now := time.Now().Truncate(time.Second)
	events, err := json.Marshal([]map[string]any{
		{"timestamp": now.UnixMilli() - 2000, "message": `{"level":"ERROR","ms":30}`},
		{"timestamp": now.UnixMilli() - 1000, "message": `{"level":"INFO","ms":10}`},
		{"timestamp": now.UnixMilli(), "message": `{"level":"INFO","ms":11}`},
	})
	if err != nil {
		t.Fatal(err)
	}
	runCLI(t, cli, srv, nil, "logs", "create-log-group", "--log-group-name", "/shop/web")
	runCLI(t, cli, srv, nil, "logs", "create-log-stream", "--log-group-name", "/shop/web", "--log-stream-name", "s")
	runCLI(t, cli, srv, nil, "logs", "put-log-events", "--log-group-name", "/shop/web", "--log-stream-name", "s", "--log-events", string(events))

	start := func(query string) (id string) {
		t.Helper()
		var out struct{ QueryID string }
		runCLI(t, cli, srv, &out, "logs", "start-query", "--log-group-name", "/shop/web", "--query-string", query,
			"--start-time", fmt.Sprint(now.Unix()-60), "--end-time", fmt.Sprint(now.Unix()))
		return out.QueryID
	}
	type results struct {
		Status     string
		Results    [][]struct{ Field, Value string }
		Statistics struct{ RecordsMatched, RecordsScanned, BytesScanned float64 }
	}
	wait := func(id string) (r results) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
			if runCLI(t, cli, srv, &r, "logs", "get-query-results", "--query-id", id); r.Status == queryComplete {
				return r
			}
		}
		t.Fatalf("query is %s", r.Status)
		return r
	}
	id := start("stats count(*) as n, avg(ms) as ms by level | sort n desc")
	r := wait(id)
	if got := fmt.Sprint(r.Results); got != "[[{level INFO} {n 2} {ms 10.5}] [{level ERROR} {n 1} {ms 30}]]" {
		t.Errorf("results: %s", got)
	}
	if s := r.Statistics; s.RecordsMatched != 3 || s.RecordsScanned != 3 || s.BytesScanned != 73 {
		t.Errorf("statistics: %+v", s)
	}
	r = wait(start(`filter level = "ERROR" | fields ms`))
	if len(r.Results) != 1 || len(r.Results[0]) != 2 || r.Results[0][1].Field != "@ptr" {
		t.Fatalf("results: %+v", r.Results)
	}
	var record struct{ LogRecord map[string]string }
	runCLI(t, cli, srv, &record, "logs", "get-log-record", "--log-record-pointer", r.Results[0][1].Value)
	if l := record.LogRecord; l["level"] != "ERROR" || l["@logStream"] != "s" || l["@log"] != AccountID+":/shop/web" || l["@timestamp"] != fmt.Sprint(now.UnixMilli()-2000) {
		t.Errorf("record: %v", l)
	}
	var list struct {
		Queries []struct{ QueryID, Status, LogGroupName string }
	}
	runCLI(t, cli, srv, &list, "logs", "describe-queries", "--log-group-name", "/shop/web", "--status", queryComplete)
	if len(list.Queries) != 2 || list.Queries[1].QueryID != id {
		t.Errorf("queries: %+v", list)
	}
	failCLI(t, cli, srv, "An error occurred (InvalidParameterException) when calling the StopQuery operation", "logs", "stop-query", "--query-id", id)
	failCLI(t, cli, srv, "An error occurred (MalformedQueryException) when calling the StartQuery operation: localaws does not support the command pattern",
		"logs", "start-query", "--log-group-name", "/shop/web", "--query-string", "pattern @message", "--start-time", "0", "--end-time", "1")
}
