package agent_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// requests is how often each path of a service is asked for.
const requests = 20

// xraySDKs has AWS's own SDKs sample by the rules that the proxy has, send what is sampled by UDP, and report what they
// decided. That X-Ray hears of each decision once is seen when both have reported.
func (c *clients) xraySDKs(t *testing.T) {
	orders := c.xrayPython(t, "python", c.xray, "5") + c.xrayPython(t, "python-read", c.read, "2 3") + c.xrayNode(t)
	agenttest.Eventually(t, "both SDKs' reports", func() bool {
		asked, sampled := c.reported(t)
		return asked["health"] >= 3*requests && asked["orders"] >= orders && sampled["orders"] >= orders
	})
	asked, sampled := c.reported(t)
	if asked["health"] != 3*requests || sampled["health"] != 0 || asked["orders"] != orders || sampled["orders"] != orders {
		t.Errorf("X-Ray is told of %v requests, %v sampled; there were %d to health and %d to orders", asked, sampled, 3*requests, orders)
	}
}

// TestXRayDaemon has the agent take the daemon's place, with its flags and its cfg.yaml, for a program that knows the daemon.
func TestXRayDaemon(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	c := startAccount(t)
	t.Setenv("AWS_ENDPOINT_URL", "") // the file says where X-Ray is
	c.xray = agenttest.FreeAddr(t)
	file := filepath.Join(t.TempDir(), "cfg.yaml")
	text := fmt.Sprintf("Version: 2\nEndpoint: %q\nRegion: eu-south-9\nLocalMode: true\nConcurrency: 2\nLogging: {LogLevel: error}\n", c.aws.URL())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	startProcess(t, "xray-daemon", "--config", file, "-b", c.xray, "-t", c.xray, "--region", localaws.Region)
	agenttest.Eventually(t, "the daemon answers", func() bool {
		resp, err := http.Post("http://"+c.xray+"/GetSamplingRules", "application/json", strings.NewReader("{}"))
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	c.xrayPython(t, "python", c.xray, "5")
	for _, r := range c.aws.Refused() {
		t.Errorf("AWS refuses %+v", r)
	}
}

// xrayPython runs a program that sends to addr, and returns how many of its requests were decided by the rule for orders. Of
// the rule's reservoir it has one of these quotas.
func (c *clients) xrayPython(t *testing.T, name, addr, quotas string) int {
	t.Helper()
	paths := slices.Repeat([]string{"/health", "/orders/1"}, requests)
	args := append([]string{filepath.Join(clientsDir, "xray.py"), name}, paths...)
	said := lines(t, []string{"AWS_XRAY_DAEMON_ADDRESS=tcp:" + c.xray + " udp:" + addr}, python(t), args...)
	if len(said) != len(paths)+2 {
		t.Fatalf("%d lines: %v", len(said), said)
	}
	for i, path := range paths {
		if sampled := said[i][1] != "-"; said[i][0] != path || sampled != (path == "/orders/1") {
			t.Errorf("request %d to %s: %v", i, path, said[i])
		}
	}
	health, forOrders := said[len(paths)], said[len(paths)+1]
	if strings.Join(health, " ") != "target health 0 0.0" || !slices.Contains(strings.Fields(quotas), forOrders[2]) || forOrders[3] != "1.0" {
		t.Errorf("the SDK is assigned %v, %v", health, forOrders)
	}
	var got []document
	agenttest.Eventually(t, name+"'s segments", func() bool {
		got = c.documents(t, func(d *document) bool { return d.Name == name })
		return len(got) >= requests
	})
	if len(got) != requests {
		t.Errorf("%d segments", len(got))
	}
	for _, d := range got {
		known := slices.ContainsFunc(said, func(line []string) bool { return line[1] == d.TraceID && line[2] == d.ID })
		if !known || d.AWS.XRay.Rule != "orders" || d.AWS.XRay.SDK != "X-Ray for Python" || !d.Fault ||
			d.HTTP.Request.URL != "https://shop.example/orders/1" || d.HTTP.Response.Status != http.StatusBadGateway || d.Annotations["tenant"] != "blue" {
			t.Fatalf("%+v", d)
		}
		if addr == c.read { // its parts are documents of their own there
			agenttest.Eventually(t, "the subsegment", func() bool {
				d.Subsegments = c.documents(t, func(sub *document) bool { return sub.ParentID == d.ID && sub.TraceID == d.TraceID })
				return len(d.Subsegments) > 0
			})
		}
		wantCharge(t, &d)
	}
	return requests
}

// wantCharge wants the one subsegment of xray.py's.
func wantCharge(t *testing.T, d *document) {
	t.Helper()
	if len(d.Subsegments) != 1 {
		t.Fatalf("%d subsegments of %+v", len(d.Subsegments), d)
	}
	sub := d.Subsegments[0]
	if sub.Name != "charge" || sub.Namespace != "remote" || !sub.Fault || !strings.Contains(fmt.Sprint(sub.Metadata["default"]["card"]), "debit") {
		t.Fatalf("%+v", sub)
	}
	if e := sub.Cause.Exceptions; len(e) != 1 || e[0].Type != "ValueError" || e[0].Message != "card refused" || len(e[0].Stack) == 0 {
		t.Fatalf("%+v", e)
	}
}

// xrayNode asks a service of Node's, whose SDK asks for rules and reports by itself.
func (c *clients) xrayNode(t *testing.T) int {
	t.Helper()
	url := startService(t, []string{nodeEnv(t), "AWS_XRAY_DAEMON_ADDRESS=" + c.xray}, "node", "xray.cjs")
	get := func(path string) {
		t.Helper()
		resp, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	ofRule := func() []document {
		return c.documents(t, func(d *document) bool { return d.Name == "node" && d.AWS.XRay.RuleName == "orders" })
	}
	n := 0
	agenttest.Eventually(t, "Node has the rules", func() bool { get("/orders/1"); n++; return len(ofRule()) > 0 })
	for range requests {
		get("/health")
		get("/orders/2")
	}
	isOrder2 := func(d document) bool { return strings.HasSuffix(d.HTTP.Request.URL, "/orders/2") }
	count := func() (two int) {
		for _, d := range ofRule() {
			if isOrder2(d) {
				two++
			}
		}
		return two
	}
	agenttest.Eventually(t, "Node's segments", func() bool { return count() >= requests })
	for _, d := range c.documents(t, func(d *document) bool { return d.Name == "node" }) {
		if strings.HasSuffix(d.HTTP.Request.URL, "/health") || d.AWS.XRay.SDK != "X-Ray for Node.js" || d.HTTP.Response.Status != http.StatusOK || d.End == 0 {
			t.Errorf("%+v", d)
		}
	}
	return len(ofRule())
}

// reported is what X-Ray has been told, by rule.
func (c *clients) reported(t *testing.T) (asked, sampled map[string]int) {
	t.Helper()
	var out struct {
		SamplingStatisticSummaries []struct {
			RuleName                   string
			RequestCount, SampledCount int
			BorrowCount                int // apart from SampledCount in what AWS's SDKs report
		}
	}
	c.call(t, "/SamplingStatisticSummaries", "{}", &out)
	asked, sampled = map[string]int{}, map[string]int{}
	for _, s := range out.SamplingStatisticSummaries {
		asked[s.RuleName] += s.RequestCount
		sampled[s.RuleName] += s.SampledCount + s.BorrowCount
	}
	return asked, sampled
}

// awsCLI asks the proxy, and port 2000 for what it does not do.
func (c *clients) awsCLI(t *testing.T, cli string) {
	call := func(addr, operation string) (string, error) {
		return runClient(t, nil, cli, "--region", "us-east-1", "--endpoint-url", "http://"+addr, "--output", "json", "xray", operation)
	}
	var rules struct {
		SamplingRuleRecords []struct {
			SamplingRule struct{ RuleName string }
		}
	}
	out, err := call(c.proxy, "get-sampling-rules")
	if err == nil {
		err = json.Unmarshal([]byte(out), &rules)
	}
	if err != nil || len(rules.SamplingRuleRecords) != 3 || rules.SamplingRuleRecords[0].SamplingRule.RuleName != "health" {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := call(c.xray, "get-groups"); err == nil || !strings.Contains(out, "AccessDeniedException") || !strings.Contains(out, "makes only the calls") {
		t.Errorf("get-groups: %v: %s", err, out)
	}
}
