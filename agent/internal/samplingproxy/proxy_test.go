package samplingproxy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/updraft-otel/updraft/awsapi"
)

// account is X-Ray with one rule, as the proxy sees it.
type account struct {
	mu    sync.Mutex
	calls []string // path and body
	down  bool
	rules string
	quota int64
	after float64 // LastRuleModification
	// A call with poison in it is refused.
	poison string
}

func (a *account) Post(_ context.Context, path string, body []byte) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, path+" "+string(body))
	switch {
	case a.down:
		return nil, errors.New("connection refused")
	case path == RulesPath:
		return []byte(a.rules), nil
	case path == TargetsPath:
		var asked report
		if err := json.Unmarshal(body, &asked); err != nil {
			return nil, &awsapi.Error{StatusCode: http.StatusBadRequest, Code: "InvalidRequestException", Message: err.Error()}
		}
		if strings.Contains(string(body), a.poison) && a.poison != "" {
			return nil, &awsapi.Error{StatusCode: http.StatusBadRequest, Code: "InvalidRequestException", Message: "what is this?"}
		}
		out := assignment{LastRuleModification: a.after}
		for _, d := range asked.SamplingStatisticsDocuments {
			if d.RuleName == "gone" {
				out.UnprocessedStatistics = append(out.UnprocessedStatistics, unprocessed{"gone", "404", "no such rule"})
				continue
			}
			quota, rate := a.quota, 0.5
			out.SamplingTargetDocuments = append(out.SamplingTargetDocuments, target{RuleName: d.RuleName, ReservoirQuota: &quota, FixedRate: &rate})
		}
		text, err := json.Marshal(out)
		return text, err
	}
	return []byte(`{"path":"` + path + `"}`), nil
}

func (a *account) count(path string) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.calls {
		if strings.HasPrefix(c, path+" ") {
			n++
		}
	}
	return n
}

// clock is moved by tests alone.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func start(t *testing.T) (*account, *clock, string) {
	t.Helper()
	a, c := &account{rules: `{"SamplingRuleRecords":[]}`, quota: 10}, &clock{time.Unix(1_700_000_000, 0)}
	server := httptest.NewServer(New(a, c.now))
	t.Cleanup(server.Close)
	return a, c, server.URL
}

func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestAllowed(t *testing.T) {
	_, _, url := start(t)
	f := func(path string, want int) {
		t.Helper()
		if got, text := post(t, url+path, "{}"); got != want {
			t.Errorf("%s: %d %s", path, got, text)
		}
	}
	f("/TraceSegments", http.StatusOK)
	f("/TelemetryRecords", http.StatusOK)
	f("/GetSamplingRules", http.StatusOK)
	f("/CreateSamplingRule", http.StatusForbidden)
	f("/TraceSummaries", http.StatusForbidden)
	f("/", http.StatusForbidden)
	f("/SamplingTargets", http.StatusOK)
	resp, err := http.Get(url + RulesPath)
	if err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %v, %v", resp, err)
	}
	_ = resp.Body.Close()
	for _, bad := range []string{"{", `[]`, `{"SamplingStatisticsDocuments":[{"RuleName":"r","RequestCount":-1}]}`,
		statisticsOf("client1", "", 1), statisticsOf("client1", strings.Repeat("r", 33), 1), statisticsOf(strings.Repeat("f", 25), "r", 1),
		`{"SamplingStatisticsDocuments":[{"RuleName":"r","RequestCount":3000000000}]}`, `{"SamplingBoostStatisticsDocuments":[{"RuleName":"r"}]}`,
		`{"SamplingBoostStatisticsDocuments":[{"RuleName":"r","ServiceName":"s","TotalCount":-1}]}`} {
		if got, text := post(t, url+TargetsPath, bad); got != http.StatusBadRequest {
			t.Errorf("%s: %d %s", bad, got, text)
		}
	}
}

func TestRules(t *testing.T) {
	a, c, url := start(t)
	f := func(want string, calls int) {
		t.Helper()
		if got, text := post(t, url+RulesPath, "{}"); got != http.StatusOK || text != want || a.count(RulesPath) != calls {
			t.Errorf("%d %s after %d calls, want %s after %d", got, text, a.count(RulesPath), want, calls)
		}
	}
	first, second := a.rules, `{"SamplingRuleRecords":[],"new":1}`
	f(first, 1)
	a.rules = second
	f(first, 1) // kept
	c.t = c.t.Add(freshFor)
	f(second, 2)
	a.down = true
	c.t = c.t.Add(freshFor)
	f(second, 3) // stale, better than none
	c.t = c.t.Add(staleFor)
	if got, text := post(t, url+RulesPath, "{}"); got != http.StatusBadGateway {
		t.Errorf("%d %s", got, text)
	}
	a.down, a.rules = false, first
	f(first, 5)
	a.rules, a.after = second, float64(c.t.Unix()) // somebody changes the rules
	c.t = c.t.Add(time.Second)
	post(t, url+TargetsPath, statisticsOf("client1", "Default", 1))
	f(second, 6)
}

func statisticsOf(client, rule string, n int) string {
	return fmt.Sprintf(`{"SamplingStatisticsDocuments":[{"RuleName":%q,"ClientID":%q,"Timestamp":1700000000,"RequestCount":%d,"SampledCount":%d,"BorrowCount":1}]}`, rule, client, n, n/2)
}

// TestTargets: what samplers report arrives once and whole; quotas add up.
func TestTargets(t *testing.T) {
	a, c, url := start(t)
	quotas := map[string]int64{}
	ask := func(client string, n int) {
		t.Helper()
		status, text := post(t, url+TargetsPath, statisticsOf(client, "Default", n))
		var got assignment
		if err := json.Unmarshal([]byte(text), &got); err != nil || status != http.StatusOK || len(got.SamplingTargetDocuments) != 1 {
			t.Fatalf("%d %s: %v", status, text, err)
		}
		quotas[client] = *got.SamplingTargetDocuments[0].ReservoirQuota
	}
	total := 0
	for round := range 5 {
		a.mu.Lock()
		a.down = round == 2 // nothing of this round is lost
		a.mu.Unlock()
		for i := range 3 {
			ask(fmt.Sprint("client", i), 100)
			total += 100
		}
		c.t = c.t.Add(reportEvery)
	}
	ask("client0", 0)
	if sum := quotas["client0"] + quotas["client1"] + quotas["client2"]; sum != a.quota {
		t.Errorf("quotas %v make %d, not %d", quotas, sum, a.quota)
	}
	if n := a.count(TargetsPath); n > 7 {
		t.Errorf("%d calls for 16 reports", n)
	}
	told := 0
	for i, call := range a.calls {
		var asked report
		if err := json.Unmarshal([]byte(strings.TrimPrefix(call, TargetsPath+" ")), &asked); err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			continue // nobody heard it
		}
		for _, d := range asked.SamplingStatisticsDocuments {
			told += int(d.RequestCount)
			if len(d.ClientID) != 24 {
				t.Errorf("client id %q", d.ClientID)
			}
		}
	}
	if told != total {
		t.Errorf("X-Ray was told of %d requests, there were %d", told, total)
	}
	c.t = c.t.Add(clientFor + time.Second)
	if ask("client1", 1); quotas["client1"] != a.quota {
		t.Errorf("the only client has %d of %d", quotas["client1"], a.quota)
	}
}

func TestTargets_unprocessed(t *testing.T) {
	a, _, url := start(t)
	if status, text := post(t, url+TargetsPath, statisticsOf("client", "gone", 1)); status != http.StatusOK || !strings.Contains(text, `"ErrorCode":"404"`) {
		t.Errorf("%d %s", status, text)
	}
	a.down = true
	if status, text := post(t, url+TargetsPath, statisticsOf("client", "new", 1)); status != http.StatusBadGateway || !strings.Contains(text, "connection refused") {
		t.Errorf("%d %s", status, text)
	}
}

// TestTargets_poison: what X-Ray refuses a whole call for costs itself alone.
func TestTargets_poison(t *testing.T) {
	a, c, url := start(t)
	a.poison = "bad"
	var documents, boosts []string
	for i, rule := range []string{"r1", "r2", "bad", "r3", "r4"} {
		documents = append(documents, fmt.Sprintf(`{"RuleName":%q,"ClientID":"c","RequestCount":%d}`, rule, i+1))
		boosts = append(boosts, fmt.Sprintf(`{"RuleName":%q,"ServiceName":"s","TotalCount":%d}`, rule, i+1))
	}
	body := `{"SamplingStatisticsDocuments":[` + strings.Join(documents, ",") + `],"SamplingBoostStatisticsDocuments":[` + strings.Join(boosts, ",") + `]}`
	var got assignment
	if status, text := post(t, url+TargetsPath, body); status != http.StatusOK || json.Unmarshal([]byte(text), &got) != nil {
		t.Fatalf("%d %s", status, text)
	}
	if len(got.SamplingTargetDocuments) != 4 || len(got.UnprocessedStatistics) != 1 || got.UnprocessedStatistics[0] != (unprocessed{"bad", "InvalidRequestException", "what is this?"}) {
		t.Errorf("%+v", got)
	}
	a.poison = ""
	calls := len(a.calls)
	c.t = c.t.Add(reportEvery)
	post(t, url+TargetsPath, statisticsOf("c", "r1", 7))
	if later := strings.Join(a.calls[calls:], ""); strings.Contains(later, "TotalCount") || strings.Contains(later, `"RequestCount":3`) || !strings.Contains(later, `"RequestCount":7`) {
		t.Errorf("later X-Ray is told %s", later)
	}
}

// FuzzProxy: whatever a client sends and X-Ray answers, X-Ray gets calls that it takes and the client an answer.
func FuzzProxy(f *testing.F) {
	f.Add(TargetsPath, []byte(statisticsOf("f0f1f2f3f4f5f6f7f8f9fafb", "Default", 10)), []byte(`{"SamplingTargetDocuments":[{"RuleName":"Default","FixedRate":0.05,"ReservoirQuota":3,"Interval":10,"SamplingBoost":{"BoostRate":1}}],"LastRuleModification":1}`), 200)
	f.Add(TargetsPath, []byte(`{"SamplingStatisticsDocuments":[{"RuleName":"r"}],"SamplingBoostStatisticsDocuments":[{"RuleName":"r","ServiceName":"s"}]}`), []byte(`{"__type":"x"}`), 400)
	f.Add(RulesPath, []byte(`{"NextToken":null}`), []byte(`{"SamplingRuleRecords":[]}`), 200)
	f.Add(SegmentsPath, []byte(`{"TraceSegmentDocuments":[]}`), []byte(`{}`), 503)
	f.Fuzz(func(t *testing.T, path string, request, answer []byte, status int) {
		c := &clock{time.Unix(1_700_000_000, 0)}
		p := New(upstreamFunc(func(path string, body []byte) ([]byte, error) {
			if path == TargetsPath {
				wantTakeable(t, body)
			}
			if status != http.StatusOK {
				return nil, &awsapi.Error{StatusCode: status, Code: "InvalidRequestException", Message: string(answer)}
			}
			return answer, nil
		}), c.now)
		for range 3 {
			r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(request))
			r.URL.Path = path
			w := httptest.NewRecorder()
			p.ServeHTTP(w, r)
			if w.Code == http.StatusOK && path == TargetsPath && !json.Valid(w.Body.Bytes()) {
				t.Errorf("answered %s", w.Body)
			}
			c.t = c.t.Add(reportEvery)
		}
	})
}

type upstreamFunc func(path string, body []byte) ([]byte, error)

func (f upstreamFunc) Post(_ context.Context, path string, body []byte) ([]byte, error) {
	return f(path, body)
}

// wantTakeable wants a report that X-Ray takes.
func wantTakeable(t *testing.T, body []byte) {
	t.Helper()
	var r report
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatal(err)
	}
	if err := r.check(); err != nil {
		t.Errorf("%v in %s", err, body)
	}
	if n, b := len(r.SamplingStatisticsDocuments), len(r.SamplingBoostStatisticsDocuments); n > maxDocuments || b > maxDocuments || n+b == 0 {
		t.Errorf("a call with %d and %d documents", n, b)
	}
}

// TestBoosts: boost statistics are added up by service, and told at once.
func TestBoosts(t *testing.T) {
	a, _, url := start(t)
	body := `{"SamplingStatisticsDocuments":[],"SamplingBoostStatisticsDocuments":[{"RuleName":"r","ServiceName":"s","AnomalyCount":1,"TotalCount":5,"SampledAnomalyCount":1,"Timestamp":1}]}`
	for range 2 {
		if status, text := post(t, url+TargetsPath, body); status != http.StatusOK {
			t.Errorf("%d %s", status, text)
		}
	}
	if n := a.count(TargetsPath); n != 2 || !strings.Contains(a.calls[0], `"TotalCount":5`) {
		t.Errorf("calls %v", a.calls)
	}
}

func TestConcurrent(t *testing.T) {
	a, _, url := start(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			post(t, url+RulesPath, "{}")
			post(t, url+TargetsPath, statisticsOf(fmt.Sprint(i), "Default", 1))
		})
	}
	all.Wait()
	if n := a.count(RulesPath); n > 5 {
		t.Errorf("%d calls for rules", n)
	}
}

// TestTooLarge refuses what no sampler asks before it is read.
func TestTooLarge(t *testing.T) {
	a, _, url := start(t)
	for _, path := range []string{RulesPath, TargetsPath} {
		body := `{"SamplingStatisticsDocuments":[` + strings.Repeat("{},", maxAsked/3) + "{}]}"
		if status, text := post(t, url+path, body); status != http.StatusRequestEntityTooLarge || !strings.Contains(text, "256 KiB") {
			t.Errorf("%s: %d %s", path, status, text)
		}
		if n := a.count(path); n != 0 {
			t.Errorf("%s: %d calls", path, n)
		}
	}
}

// silent is X-Ray that does not answer.
type silent struct{}

func (silent) Post(ctx context.Context, _ string, _ []byte) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestTargets_silentUpstream has many samplers at a time wait for one call, not for each other's.
func TestTargets_silentUpstream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		proxy, began := New(silent{}, nil), time.Now()
		var samplers sync.WaitGroup
		for i := range 50 {
			samplers.Go(func() {
				body := fmt.Sprintf(`{"SamplingStatisticsDocuments":[{"RuleName":"r%d","ClientID":"c%d"}]}`, i, i)
				w := httptest.NewRecorder()
				proxy.ServeHTTP(w, httptest.NewRequest(http.MethodPost, TargetsPath, strings.NewReader(body)))
				if w.Code != http.StatusBadGateway {
					t.Errorf("%d %s", w.Code, w.Body)
				}
			})
		}
		samplers.Wait()
		if took := time.Since(began); took > 2*callTimeout {
			t.Errorf("the last sampler waited %v, want %v at most", took, 2*callTimeout)
		}
	})
}
