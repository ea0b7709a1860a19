package agent_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/updraft-otel/updraft/agent"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/localaws"
)

// TestClients has programs that others wrote, traced or signing in their own way, talk to the agent on each of its ports: the
// traces arrive whole, sampling is that of the account's rules, and what the proxy does not do is refused.
func TestClients(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	c := startClients(t)
	t.Run("all", func(t *testing.T) { // ends when those beside one another do
		t.Run("X-Ray SDKs", c.parallel(c.xraySDKs)) // the first: it waits for ten seconds
		t.Run("OpenTelemetry JS by gRPC", c.parallel(func(t *testing.T) { c.otelJS(t, c.grpc, "grpc") }))
		t.Run("OpenTelemetry JS by HTTP", c.parallel(func(t *testing.T) { c.otelJS(t, c.http, "http/protobuf") }))
		t.Run("OpenTelemetry JS by gRPC to port 2000", c.parallel(func(t *testing.T) { c.otelJS(t, c.xray, "grpc") }))
		t.Run("OpenTelemetry JS by HTTP to port 2000", c.parallel(func(t *testing.T) { c.otelJS(t, c.xray, "http/protobuf") }))
		t.Run("telemetrygen", c.parallel(c.telemetrygen))
		for _, cli := range awsCLIs(t) {
			t.Run("AWS CLI of "+filepath.Dir(cli), c.parallel(func(t *testing.T) { c.awsCLI(t, cli) }))
		}
	})
	for _, r := range c.aws.Refused() {
		t.Errorf("AWS refuses %+v", r)
	}
}

// clients is a running agent, by its addresses, and the AWS behind it.
type clients struct {
	aws                     *localaws.Server
	api                     *awsapi.Client
	got                     *received
	grpc, http, xray, proxy string
	read                    string // a port 2000 in a pipeline that looks into spans
}

func (c *clients) parallel(f func(*testing.T)) func(*testing.T) {
	return func(t *testing.T) { t.Parallel(); f(t) }
}

// The rules of the account, by the path they are for.
const (
	healthRule = `{"RuleName":"health","Priority":1,"FixedRate":0,"ReservoirSize":0,"URLPath":"/health*"`
	ordersRule = `{"RuleName":"orders","Priority":2,"FixedRate":1,"ReservoirSize":5,"URLPath":"/orders*"`
	ruleEnd    = `,"ResourceARN":"*","ServiceName":"*","ServiceType":"*","Host":"*","HTTPMethod":"*","Version":1}`
)

// startAccount starts an AWS with these rules, and no agent yet.
func startAccount(t *testing.T) *clients {
	t.Helper()
	c := &clients{aws: agenttest.AWS(t, localaws.Config{})}
	c.got = receive(t, c.aws)
	settings := awsclient.Default()
	settings.Region = localaws.Region
	var err error
	if c.api, err = settings.Client(t.Context(), awsapi.XRay, "test"); err != nil {
		t.Fatal(err)
	}
	for _, rule := range []string{healthRule, ordersRule} {
		c.call(t, "/CreateSamplingRule", `{"SamplingRule":`+rule+ruleEnd+`}`, nil)
	}
	return c
}

func startClients(t *testing.T) *clients {
	t.Helper()
	c := startAccount(t)
	for _, addr := range []*string{&c.grpc, &c.http, &c.xray, &c.proxy, &c.read} {
		*addr = agenttest.FreeAddr(t)
	}
	proxied := func(addr string) string {
		return fmt.Sprintf("{endpoint: %q, region: us-east-1, aws_endpoint: %q}", addr, c.aws.URL())
	}
	agenttest.Start(t, agent.Components, fmt.Sprintf(`
extensions: {awsproxy: %s}
receivers:
  otlp: {protocols: {grpc: {endpoint: %q}, http: {endpoint: %q}}}
  awsxray: {endpoint: %q, verbatim: true, proxy_server: %s}
  awsxray/read: {endpoint: %q, proxy_server: %s}
processors:
  batch: {timeout: 50ms}
  attributes: {actions: [{key: team, value: blue, action: insert}]}
exporters: {awsxray: {region: us-east-1, endpoint: %q}}
service:
  extensions: [awsproxy]
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp, awsxray], processors: [batch], exporters: [awsxray]}
    traces/read: {receivers: [awsxray/read], processors: [attributes, batch], exporters: [awsxray]}`,
		proxied(c.proxy), c.grpc, c.http, c.xray, proxied(c.xray), c.read, proxied(c.read), c.aws.URL()))
	return c
}

// call makes a call of X-Ray's API, past the agent.
func (c *clients) call(t *testing.T, path, body string, into any) {
	t.Helper()
	text, err := c.api.Post(t.Context(), path, []byte(body))
	if err == nil && into != nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A document is what these tests read of a segment.
type document struct {
	Name, Namespace, Type, ID string
	ParentID                  string  `json:"parent_id"`
	TraceID                   string  `json:"trace_id"`
	End                       float64 `json:"end_time"`
	Error, Fault, Throttle    bool
	HTTP                      struct {
		Request  struct{ Method, URL string }
		Response struct{ Status int }
	}
	Cause       struct{ Exceptions []exception }
	Annotations map[string]any
	Metadata    map[string]map[string]any
	AWS         struct {
		XRay struct {
			SDK  string
			Rule string `json:"sampling_rule_name"`
			// RuleName is what the SDK for Node calls it.
			RuleName string `json:"rule_name"`
		}
	}
	Subsegments []document
}

type exception struct {
	Type, Message string
	Stack         []struct{ Label, Path string }
}

// documents are those that have come to AWS and that is true of.
func (c *clients) documents(t *testing.T, is func(*document) bool) (some []document) {
	t.Helper()
	for _, text := range c.got.all() {
		var d document
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if is(&d) {
			some = append(some, d)
		}
	}
	return some
}

// otelJS has the OpenTelemetry SDK for Node send traces, two spans each, over several requests.
func (c *clients) otelJS(t *testing.T, addr, protocol string) {
	const traces, batch = 50, 16
	said := lines(t, []string{nodeEnv(t), "OTEL_EXPORTER_OTLP_ENDPOINT=http://" + addr, "OTEL_EXPORTER_OTLP_PROTOCOL=" + protocol},
		"node", filepath.Join(clientsDir, "otel.cjs"), fmt.Sprint(traces), fmt.Sprint(batch))
	if len(said) != traces {
		t.Fatalf("%d lines", len(said))
	}
	for _, ids := range said {
		id := "1-" + ids[0][:8] + "-" + ids[0][8:]
		var got []document
		agenttest.Eventually(t, "trace "+id, func() bool {
			got = c.documents(t, func(d *document) bool { return d.TraceID == id })
			return len(got) == 2
		})
		slices.SortFunc(got, func(a, b document) int { return strings.Compare(a.Type, b.Type) })
		server, client := got[0], got[1]
		if server.Type != "" || server.ID != ids[1] || server.ParentID != "" || server.Name != "otel-js" || !server.Fault ||
			server.HTTP.Request.Method != "GET" || server.HTTP.Response.Status != http.StatusBadGateway ||
			server.HTTP.Request.URL != "https://shop.example/orders/"+fmt.Sprint(slices.IndexFunc(said, func(s []string) bool { return s[0] == ids[0] })) ||
			server.Metadata["default"]["tenant"] != "blue" || server.AWS.XRay.SDK != "opentelemetry for nodejs" {
			t.Fatalf("the server's segment is %+v", server)
		}
		if client.Type != "subsegment" || client.ID != ids[2] || client.ParentID != server.ID || client.Name != "payments.example" ||
			client.Namespace != "remote" || !client.Error || !client.Throttle || client.HTTP.Request.URL != "https://payments.example/charge" {
			t.Fatalf("the client's subsegment is %+v", client)
		}
		if e := client.Cause.Exceptions; len(e) != 1 || e[0].Type != "TypeError" || e[0].Message != "card refused" {
			t.Fatalf("the client's exceptions are %+v", e)
		}
	}
}

// telemetrygen has the collector's load generator send traces, three spans each.
func (c *clients) telemetrygen(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "telemetrygen")
	if out, err := runClient(t, nil, "go", "build", "-C", telemetrygen, "-o", tool, telemetryTool); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const traces, children = 100, 2
	f := func(service, addr string, flags ...string) {
		t.Helper()
		args := append([]string{"traces", "--otlp-insecure", "--otlp-endpoint", addr, "--service", service, "--rate", "0", "--status-code", "Error",
			"--traces", fmt.Sprint(traces), "--child-spans", fmt.Sprint(children)}, flags...)
		if out, err := runClient(t, nil, tool, args...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		var got []document
		agenttest.Eventually(t, "the spans of "+service, func() bool {
			got = c.documents(t, func(d *document) bool { return d.Name == service })
			return len(got) >= traces*(1+children)
		})
		roots := map[string]string{} // their ids by trace
		for _, d := range got {
			if d.ParentID == "" {
				roots[d.TraceID] = d.ID
			}
		}
		for _, d := range got {
			if d.ParentID != "" && d.ParentID != roots[d.TraceID] || !d.Fault || d.Metadata["default"]["network.peer.address"] != "1.2.3.4" {
				t.Errorf("%s: %+v", service, d)
			}
		}
		if len(roots) != traces || len(got) != traces*(1+children) {
			t.Errorf("%s: %d documents of %d traces", service, len(got), len(roots))
		}
	}
	f("gen-grpc", c.grpc)
	f("gen-http", c.http, "--otlp-http")
	f("gen-2000", c.xray)
}
