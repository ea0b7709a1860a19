package localaws

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
)

// postProxy is one unsigned call as the SDKs make it.
func postProxy(t *testing.T, srv *Server, method, path, body string, header ...string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+srv.UDPAddr()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
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
	return resp.StatusCode, string(text)
}

// The bodies that ADOT's samplers send, and the answers they get: Java sends a
// null token, Python no body at all and a count by another name than the API's.
func TestProxy_adot(t *testing.T) {
	clock := &testClock{now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
	srv := startTest(t, Config{ListenUDP: "127.0.0.1:0", Now: clock.Now})
	direct := sdkConfig(srv)
	direct.Credentials = aws.AnonymousCredentials{}
	direct.BaseEndpoint = aws.String("http://" + srv.UDPAddr())
	rule := testRule("api", 100)
	rule.URLPath, rule.ReservoirSize = aws.String("/api/*"), 50
	rule.SamplingRateBoost = &types.SamplingRateBoost{MaxRate: 0.5, CooldownWindowMinutes: 1}
	c := &call{srv: srv, now: clock.Now(), op: &operation{service: serviceXRay, name: "CreateSamplingRule"}}
	if _, err := createSamplingRule(c, &createSamplingRuleInput{SamplingRule: inputOf(rule)}); err != nil {
		t.Fatal(err)
	}
	if names, _ := ruleNames(t, xray.NewFromConfig(direct)); names != "api Default" { // the SDK for Go, unsigned
		t.Errorf("rules for the Go SDK: %q", names)
	}

	var log bytes.Buffer
	f := func(name, path, body string) {
		t.Helper()
		status, answer := postProxy(t, srv, http.MethodPost, path, body)
		fmt.Fprintf(&log, "# %s\nPOST %s %s\n%d %s\n\n", name, path, body, status, answer)
	}
	f("Python: no body", "/GetSamplingRules", "")
	f("Java", "/GetSamplingRules", `{"NextToken":null}`)
	clock.move(10 * time.Second)
	f("Java, Go", "/SamplingTargets", `{"SamplingStatisticsDocuments":[`+
		`{"ClientID":"f0f1f2f3f4f5f6f7f8f9fafb","RuleName":"api","Timestamp":1795608010,"RequestCount":50,"SampledCount":12,"BorrowCount":10},`+
		`{"ClientID":"f0f1f2f3f4f5f6f7f8f9fafb","RuleName":"Default","Timestamp":1795608010.0,"RequestCount":3,"SampledCount":1,"BorrowCount":1}]}`)
	clock.move(10 * time.Second)
	f("Python: SampleCount for SampledCount, and boost statistics", "/SamplingTargets", `{"SamplingStatisticsDocuments": [`+
		`{"ClientID": "0011223344556677889900aa", "RuleName": "api", "Timestamp": 1795608020, "RequestCount": 40, "BorrowCount": 10, "SampleCount": 12}], `+
		`"SamplingBoostStatisticsDocuments": [{"RuleName": "api", "ServiceName": "web", "Timestamp": 1795608020, "AnomalyCount": 30, "TotalCount": 40, "SampledAnomalyCount": 0, "ClientID": "0011223344556677889900aa"}]}`)
	clock.move(10 * time.Second)
	f("Python, boosted", "/SamplingTargets", `{"SamplingStatisticsDocuments": [`+
		`{"ClientID": "0011223344556677889900aa", "RuleName": "api", "Timestamp": 1795608030, "RequestCount": 400, "BorrowCount": 0, "SampleCount": 12}], "SamplingBoostStatisticsDocuments": []}`)
	golden(t, "sampling_adot.golden.txt", log.Bytes())
}

// inputOf is a rule of the SDK's as a call has it.
func inputOf(r *types.SamplingRule) *samplingRuleInput {
	in := &samplingRuleInput{RuleName: r.RuleName, ResourceARN: r.ResourceARN, Priority: r.Priority, FixedRate: &r.FixedRate,
		ReservoirSize: &r.ReservoirSize, ServiceName: r.ServiceName, ServiceType: r.ServiceType, Host: r.Host,
		HTTPMethod: r.HTTPMethod, URLPath: r.URLPath, Version: r.Version}
	if b := r.SamplingRateBoost; b != nil {
		in.SamplingRateBoost = &samplingRateBoost{MaxRate: &b.MaxRate, CooldownWindowMinutes: &b.CooldownWindowMinutes}
	}
	return in
}

// What the port does not serve is refused, and said.
func TestProxy_refusals(t *testing.T) {
	srv := startTest(t, Config{ListenUDP: "127.0.0.1:0"})
	f := func(method, path string, header ...string) {
		t.Helper()
		status, answer := postProxy(t, srv, method, path, "{}", header...)
		if status != http.StatusNotFound || !strings.Contains(answer, "GetSamplingRules") {
			t.Errorf("%s %s: %d %s", method, path, status, answer)
		}
	}
	f(http.MethodPost, "/TraceSegments")
	f(http.MethodPost, "/v1/traces")
	f(http.MethodPost, "/CreateSamplingRule")
	f(http.MethodGet, "/GetSamplingRules")
	f(http.MethodPost, "/SamplingTargets", "Origin", "http://evil.example")
	if n := len(srv.Refused()); n != 5 {
		t.Errorf("%d refusals are shown", n)
	}
	if status, answer := postProxy(t, srv, http.MethodPost, "/SamplingTargets", "{"); status != http.StatusBadRequest {
		t.Errorf("half a body: %d %s", status, answer)
	}
	stop := srv.Control("GetSamplingRules", func(*Call) *Fault { return Unavailable() })
	defer stop()
	if status, _ := postProxy(t, srv, http.MethodPost, "/GetSamplingRules", ""); status != http.StatusServiceUnavailable {
		t.Errorf("a fault: %d", status)
	}
}

// Both sides of an address are wanted, or none.
func TestProxy_addressInUse(t *testing.T) {
	lc := net.ListenConfig{}
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	srv, err := Start(t.Context(), Config{ListenUDP: taken.Addr().String()})
	if err == nil {
		_ = srv.Close()
		t.Fatal("started")
	}
	if !strings.Contains(err.Error(), "TCP") {
		t.Errorf("got %v", err)
	}
}

// pythonSampler samples with AWS's own Python SDK: its rules, a second's worth
// of decisions by a rule of reservoir 5 and rate 0, its report, and its quota.
const pythonSampler = `
import logging, sys, time
from aws_xray_sdk.core import xray_recorder
logging.basicConfig(level=logging.WARNING)
xray_recorder.configure(service="shop", sampling=True, context_missing="LOG_ERROR")
s = xray_recorder.sampler
s._cache.rules = s._connector.fetch_sampling_rules()
s._cache.last_updated = int(time.time())
print("rules", *[r.name for r in s._cache.rules])
s._started = True # no threads of its own: this script decides when
req = lambda path: {"host": "shop.local", "method": "GET", "path": path, "service": "shop"}
print("health", sum(bool(s.should_trace(req("/health"))) for _ in range(50)))
n = sum(bool(s.should_trace(req("/api/orders"))) for _ in range(50))
print("borrowed", "some" if 1 <= n <= 2 else n) # one a second
targets, modified = s._connector.fetch_sampling_target([r for r in s._cache.rules if r.ever_matched()])
print("quota", targets["api"]["quota"], "rate", targets["api"]["rate"], "interval", targets["api"]["interval"])
print("lives", round(targets["api"]["TTL"] - time.time(), -2))
s._cache.load_targets(targets)
time.sleep(1.1 - time.time() % 1)
n = sum(bool(s.should_trace(req("/api/orders"))) for _ in range(50))
print("taken", "some" if 5 <= n <= 10 else n) # five a second
`

func TestProxy_pythonSDK(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || exec.CommandContext(t.Context(), python, "-c", "import aws_xray_sdk").Run() != nil {
		t.Skip("no python3 with aws_xray_sdk on this machine")
	}
	srv := startTest(t, Config{ListenUDP: "127.0.0.1:0"})
	client := xray.NewFromConfig(sdkConfig(srv))
	health, api := testRule("health", 1), testRule("api", 2)
	health.URLPath, health.FixedRate, health.ReservoirSize = aws.String("/health"), 0, 0
	api.URLPath, api.FixedRate, api.ReservoirSize = aws.String("/api/*"), 0, 5
	createRule(t, client, health)
	createRule(t, client, api)

	cmd := exec.CommandContext(t.Context(), python, "-c", pythonSampler)
	cmd.Env = append(os.Environ(), "AWS_XRAY_DAEMON_ADDRESS="+srv.UDPAddr())
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		t.Fatalf("%v\n%s", err, exit.Stderr)
	}
	const want = "rules health api Default\nhealth 0\nborrowed some\nquota 5 rate 0.0 interval 10\nlives 300.0\ntaken some\n"
	if got := string(out); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	var sums string
	got, err := client.GetSamplingStatisticSummaries(t.Context(), &xray.GetSamplingStatisticSummariesInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range got.SamplingStatisticSummaries {
		sums += fmt.Sprint(*s.RuleName, s.RequestCount, s.SampledCount, " ")
	}
	if !strings.Contains(sums, "health50 0") || !strings.Contains(sums, "api50") {
		t.Errorf("reported: %s", sums)
	}
}
