package localaws

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// postJSON sends the console one change, and decodes what it answers.
func postJSON(t *testing.T, srv *Server, path, body string, out any, header ...string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL()+"/console/api/sampling/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	return resp.StatusCode
}

const consoleRuleJSON = `{"RuleName":%q,"Priority":%d,"FixedRate":%g,"ReservoirSize":%d,"ServiceName":"*","ServiceType":"*","Host":"*","HTTPMethod":"*","URLPath":%q,"ResourceARN":"*","Version":1}`

// The console's changes are the AWS calls, with their checks.
func TestConsoleSampling_changes(t *testing.T) {
	srv := startTest(t, Config{})
	client := xray.NewFromConfig(sdkConfig(srv))
	if status := postJSON(t, srv, "CreateSamplingRule", `{"SamplingRule":`+fmt.Sprintf(consoleRuleJSON, "api", 5, 0.5, 2, "/api/*")+`}`, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	if status := postJSON(t, srv, "UpdateSamplingRule", `{"SamplingRuleUpdate":{"RuleName":"api","FixedRate":0.25}}`, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	var refused struct{ Error string }
	if status := postJSON(t, srv, "UpdateSamplingRule", `{"SamplingRuleUpdate":{"RuleName":"api","FixedRate":2}}`, &refused); status != http.StatusBadRequest ||
		!strings.HasPrefix(refused.Error, "InvalidRequestException: 1 validation error") || len(srv.Refused()) != 1 {
		t.Errorf("%d %q, %d refusals", status, refused.Error, len(srv.Refused()))
	}
	targets(t, client, statistics("api", 1, time.Now(), 100, 30, 10))
	targets(t, client, statistics("api", 2, time.Now(), 100, 30, 10))
	var view consoleSampling
	getJSON(t, srv.URL()+"/console/api/sampling", &view)
	if len(view.Rules) != 2 || view.Rules[1].Rule.RuleName != "Default" || view.Rules[1].LastSeen != 0 || view.Limit != 25 || view.Price.PerMillion != 5 {
		t.Fatalf("%+v", view)
	}
	if r := view.Rules[0]; r.Rule.FixedRate != 0.25 || r.Matched != 200 || r.Sampled != 60 || r.Borrowed != 20 || r.Quota != 2 || len(r.Clients) != 2 ||
		r.Clients[0].Rate != 10 || len(r.Windows) == 0 || r.LastSeen == 0 || r.Boost != nil {
		t.Errorf("%+v", r)
	}
	if status := postJSON(t, srv, "DeleteSamplingRule", `{"RuleName":"api"}`, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	if names, _ := ruleNames(t, client); names != "Default" {
		t.Errorf("rules: %s", names)
	}
}

// Only the console's own page may change anything.
func TestConsoleSampling_guard(t *testing.T) {
	srv := startTest(t, Config{})
	f := func(want int, path string, header ...string) {
		t.Helper()
		if got := postJSON(t, srv, path, `{"RuleName":"Default"}`, nil, header...); got != want {
			t.Errorf("%s %v: got %d, want %d", path, header, got, want)
		}
	}
	f(http.StatusBadRequest, "DeleteSamplingRule", "Origin", srv.URL(), "Sec-Fetch-Site", "same-origin") // refused by X-Ray's rules
	f(http.StatusBadRequest, "DeleteSamplingRule")                                                       // no browser
	f(http.StatusForbidden, "DeleteSamplingRule", "Sec-Fetch-Site", "cross-site")
	f(http.StatusForbidden, "DeleteSamplingRule", "Origin", "http://evil.example")
	f(http.StatusForbidden, "DeleteSamplingRule", "Host", "evil.example")
	f(http.StatusForbidden, "simulate", "Sec-Fetch-Site", "same-site")
	f(http.StatusUnsupportedMediaType, "DeleteSamplingRule", "Content-Type", "text/plain")
	f(http.StatusMethodNotAllowed, "PutTraceSegments")
	var refused struct{ Error string }
	if status := postJSON(t, srv, "CreateSamplingRule", `{`, &refused); status != http.StatusBadRequest || refused.Error == "" {
		t.Errorf("half a body: %d %+v", status, refused)
	}
	if status := postJSON(t, srv, "CreateSamplingRule", strings.Repeat(" ", maxConsoleBody+1)+"{}", &refused); status != http.StatusBadRequest {
		t.Errorf("a large body: %d %+v", status, refused)
	}
}

// Traffic is replayed through rules that are and rules that might be; nothing of
// it is changed, and nothing is refused but to the one who asks.
func TestConsoleSampling_simulate(t *testing.T) {
	srv := startTest(t, Config{})
	client := xray.NewFromConfig(sdkConfig(srv))
	putShop(t, client, 8)
	api := fmt.Sprintf(consoleRuleJSON, "api", 5, 0.0, 0, "/API/*")
	var got simulateOutput
	if status := postJSON(t, srv, "simulate", `{"rules":[`+api+`,{"RuleName":"Default","Priority":10000,"FixedRate":1,"ReservoirSize":0,"RuleARN":"x"}]}`, &got); status != http.StatusOK {
		t.Fatal(status)
	}
	if got.Requests != 8 || got.StandFor != 8 || got.Seconds != 7 || len(got.Present.Rules) != 1 || len(got.Edited.Rules) != 2 {
		t.Fatalf("%+v", got)
	}
	if r := got.Present.Rules[0]; r.Matched != 8 || r.Borrowed != 8 || r.Sampled != 8 || r.Failed != 2 || r.FailedKept != 2 {
		t.Errorf("present: %+v", r)
	}
	if r := got.Edited.Rules[0]; r.Name != "api" || r.Matched != 8 || r.Sampled != 0 || r.Dropped != 8 || got.Edited.Total.Matched != 8 {
		t.Errorf("edited: %+v", r)
	}

	// What clients report says how many each recorded request stands for.
	createRule(t, client, testRule("all", 1))
	rule := testRule("none", 2)
	createRule(t, client, rule)
	targets(t, client, statistics("all", 1, time.Now(), 1000, 10, 0), statistics("none", 1, time.Now(), 55, 0, 0))
	got = simulateOutput{}
	postJSON(t, srv, "simulate", `{"scale":10}`, &got)
	if got.StandFor != 800 || got.Edited != nil || got.Present.Rules[0].Matched != 8000 || len(got.Unseen) != 1 || got.Unseen[0] != (unseenRule{"none", 55}) {
		t.Errorf("%+v", got)
	}
	start := aws.Int64(shopTime.Add(6 * time.Second).UnixMilli())
	postJSON(t, srv, "simulate", fmt.Sprintf(`{"start":%d}`, *start), &got)
	if got.Requests != 2 {
		t.Errorf("of the last two seconds: %+v", got)
	}

	f := func(body, want string) {
		t.Helper()
		var refused struct{ Error string }
		if status := postJSON(t, srv, "simulate", body, &refused); status != http.StatusBadRequest || !strings.Contains(refused.Error, want) {
			t.Errorf("%s: %d %q", body, status, refused.Error)
		}
	}
	f(`{"rules":[`+api+`,`+api+`]}`, "already exists")
	f(`{"rules":[`+fmt.Sprintf(consoleRuleJSON, "x", 0, 0.0, 0, "/")+`]}`, "priority")
	f(`{"rules":[{}]}`, "RuleName")
	f(`{"scale":-1}`, "scale")
	f(`{`, "EOF")
	if len(srv.Refused()) != 0 {
		t.Errorf("drafts are among what was refused: %+v", srv.Refused())
	}
	if names, _ := ruleNames(t, client); names != "all none Default" {
		t.Errorf("rules: %s", names)
	}
}
