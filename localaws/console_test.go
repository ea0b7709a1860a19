package localaws

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/xray"
)

func TestConsole_traces(t *testing.T) {
	srv := startTest(t, Config{})
	ids := putShop(t, xray.NewFromConfig(sdkConfig(srv)), 8)
	api := srv.URL() + "/console/api/"
	type list struct {
		Traces []consoleTraceRow
		Next   string
	}
	f := func(query string, want ...int) list {
		t.Helper()
		var got list
		if status := getJSON(t, api+"traces?"+query, &got); status != http.StatusOK {
			t.Fatalf("%s: status %d", query, status)
		}
		var wantIDs, gotIDs []string
		for _, i := range want {
			wantIDs = append(wantIDs, ids[i])
		}
		for _, row := range got.Traces {
			gotIDs = append(gotIDs, row.ID)
		}
		if !slices.Equal(gotIDs, wantIDs) {
			t.Errorf("%s: got %v, want %v", query, gotIDs, wantIDs)
		}
		return got
	}
	all := f("", 7, 6, 5, 4, 3, 2, 1, 0)
	row := all.Traces[0]
	if row.Name != "web" || row.Method != "GET" || row.HTTPStatus != 500 || row.Status != "fault" || row.Spans != 4 ||
		!slices.Equal(row.Services, []string{"web", "orders"}) || int(row.Duration+0.5) != 120 {
		t.Errorf("row: %+v", row)
	}
	f("status=fault", 7, 3)
	f("service=orders&status=ok&limit=2", 6, 5)
	f("service=orders.db")
	f("q="+url.QueryEscape(`http.status = 500 AND duration < 1`), 7, 3)
	first := f("limit=3", 7, 6, 5)
	second := f("limit=3&before="+first.Next, 4, 3, 2)
	if third := f("limit=3&before="+second.Next, 1, 0); third.Next != "" {
		t.Errorf("next after the end: %q", third.Next)
	}
	var refused struct{ Error string }
	if status := getJSON(t, api+"traces?q=coverage%3D1", &refused); status != http.StatusBadRequest || !strings.Contains(refused.Error, "does not support") {
		t.Errorf("unsupported filter: %d %s", status, refused.Error)
	}
}

func TestConsole_trace(t *testing.T) {
	srv := startTest(t, Config{})
	id := putShop(t, xray.NewFromConfig(sdkConfig(srv)), 1)[0]
	api := srv.URL() + "/console/api/"
	var detail consoleTraceDetail
	if status := getJSON(t, api+"traces/"+id, &detail); status != http.StatusOK {
		t.Fatal(status)
	}
	c := detail.Columns
	if !slices.Equal(c.Name, []string{"web", "orders", "orders", "orders.db"}) || !slices.Equal(c.Parent, []int{-1, 0, 1, 2}) ||
		!slices.Equal(c.Kind, []string{"segment", "subsegment", "segment", "subsegment"}) || !slices.Equal(c.Service, []string{"web", "web", "orders", "orders"}) {
		t.Errorf("columns: %+v", c)
	}
	if len(detail.Documents) != 2 {
		t.Errorf("got %d documents", len(detail.Documents))
	}
	var span struct{ Document map[string]any }
	getJSON(t, api+"traces/"+id+"/spans/"+c.ID[2], &span)
	if span.Document["name"] != "orders" || span.Document["subsegments"] != nil {
		t.Errorf("span: %v", span.Document)
	}
	w3c := strings.ReplaceAll(strings.TrimPrefix(id, "1-"), "-", "")
	if status := getJSON(t, api+"traces/"+w3c, &detail); status != http.StatusOK {
		t.Errorf("by W3C id: %d", status)
	}
	var missing struct{ Error string }
	if status := getJSON(t, api+"traces/1-00000000-000000000000000000000000", &missing); status != http.StatusNotFound || missing.Error == "" {
		t.Errorf("missing trace: %d %q", status, missing.Error)
	}
}

func TestConsole_map(t *testing.T) {
	srv := startTest(t, Config{})
	putShop(t, xray.NewFromConfig(sdkConfig(srv)), 4)
	var m struct {
		Nodes []consoleNode
		Edges []consoleEdge
	}
	getJSON(t, srv.URL()+"/console/api/map", &m)
	var kinds []string
	for _, n := range m.Nodes {
		kinds = append(kinds, n.Kind+":"+n.Name)
	}
	if !slices.Equal(kinds, []string{"client:web", "service:orders", "service:web", "inferred:orders.db"}) || len(m.Edges) != 3 {
		t.Errorf("%v, %d edges", kinds, len(m.Edges))
	}
	if n := m.Nodes[2]; n.Count != 4 || n.Ok != 3 || n.Fault != 1 || int(n.AverageMs+0.5) != 120 {
		t.Errorf("web: %+v", n)
	}
}

func TestConsole_refused(t *testing.T) {
	srv := startTest(t, Config{})
	client := xray.NewFromConfig(sdkConfig(srv))
	for range 3 {
		if _, err := client.PutTraceSegments(t.Context(), &xray.PutTraceSegmentsInput{TraceSegmentDocuments: []string{`{"id":"x"}`}}); err != nil {
			t.Fatal(err)
		}
	}
	var page struct {
		Refused []consoleRefusal
		Next    string
	}
	getJSON(t, srv.URL()+"/console/api/refused?limit=2", &page)
	if len(page.Refused) != 2 || page.Next != "2" || page.Refused[0].Rule.ID != "xray.segment.trace_id" || page.Refused[0].Item != `{"id":"x"}` {
		t.Errorf("%+v", page)
	}
	getJSON(t, srv.URL()+"/console/api/refused?limit=2&before="+page.Next, &page)
	if len(page.Refused) != 1 || page.Next != "" {
		t.Errorf("%+v", page)
	}
	var rules struct{ Rules []Rule }
	getJSON(t, srv.URL()+"/console/api/rules", &rules)
	if len(rules.Rules) != len(Rules()) {
		t.Errorf("got %d rules", len(rules.Rules))
	}
}

// The stream tells at once what there is, and then what changes.
func TestConsole_events(t *testing.T) {
	srv := startTest(t, Config{})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL()+"/console/api/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	read := func() (o overview) {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := json.Unmarshal([]byte(data), &o); err != nil {
					t.Fatal(err)
				}
				return o
			}
		}
		t.Fatal("the stream has ended")
		return o
	}
	if o := read(); o.Traces != 0 || o.Region != Region || o.Services == nil {
		t.Errorf("first: %+v", o)
	}
	putShop(t, xray.NewFromConfig(sdkConfig(srv)), 2)
	for deadline := time.Now().Add(5 * time.Second); ; {
		o := read()
		if o.Traces == 2 && slices.Equal(o.Services, []string{"orders", "web"}) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("last: %+v", o)
		}
	}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	for lines.Scan() { // until the stream ends, or the test's time
	}
}

func TestConsole_guard(t *testing.T) {
	srv := startTest(t, Config{})
	f := func(method, path, host string, want int) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, srv.URL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s %s for %q: %d, want %d", method, path, host, resp.StatusCode, want)
		}
		return resp
	}
	resp := f("GET", "/console/", "localhost:4580", http.StatusOK)
	if csp := resp.Header.Get("Content-Security-Policy"); csp != consolePolicy {
		t.Errorf("policy %q", csp)
	}
	f("GET", "/console/", "127.0.0.1", http.StatusOK)
	f("GET", "/console/", "[::1]:99", http.StatusOK)
	f("GET", "/console/api/overview", "evil.example", http.StatusForbidden)
	f("GET", "/console/api/overview", "127.0.0.1.evil.example:80", http.StatusForbidden)
	f("POST", "/console/api/overview", "localhost", http.StatusMethodNotAllowed)
	f("GET", "/console/api/nothing", "localhost", http.StatusNotFound)
	f("GET", "/favicon.ico", "localhost", http.StatusNotFound)
	if n := srv.Counts().Refused; n != 0 {
		t.Errorf("%d refused: a browser is no AWS client", n)
	}
	if got := f("GET", "/", "localhost", http.StatusFound).Header.Get("Location"); got != "/console/" {
		t.Errorf("redirected to %q", got)
	}
}
