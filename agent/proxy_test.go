package agent_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// assumed is STS's answer to AssumeRole: credentials that localaws takes.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const assumed = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>` + localaws.AccessKeyID + `</AccessKeyId><SecretAccessKey>` + localaws.SecretAccessKey + `</SecretAccessKey>
<SessionToken>token</SessionToken><Expiration>2099-11-09T13:34:41Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`

// services are the hosts that the exporters call in us-east-1, in order of the alphabet.
var services = []string{"logs.us-east-1.amazonaws.com", "monitoring.us-east-1.amazonaws.com", "sts.us-east-1.amazonaws.com", "xray.us-east-1.amazonaws.com"}

// secureAWS is a localaws behind TLS, with an STS that takes base credentials alone.
type secureAWS struct {
	*localaws.Server
	authority *agenttest.Authority
	addr      string
}

const baseKey = "AKIDBASE"

func startSecureAWS(t *testing.T) *secureAWS {
	t.Helper()
	aws, err := localaws.Start(context.WithoutCancel(t.Context()), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = aws.Close() })
	to, err := url.Parse(aws.URL())
	if err != nil {
		t.Fatal(err)
	}
	through := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // which is signed
	}}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Host, "sts.") {
			through.ServeHTTP(w, r)
			return
		}
		if a := r.Header.Get("Authorization"); !strings.Contains(a, "Credential="+baseKey+"/") {
			t.Errorf("STS is called with %s", a)
		}
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, assumed)
	}))
	authority := agenttest.NewAuthority(t)
	_, _, certificate := authority.Sign(t, services...)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return &secureAWS{aws, authority, srv.Listener.Addr().String()}
}

// process runs an agent with all exporters to AWS as these keys and this environment say, and sends one request of each kind.
func (s *secureAWS) process(t *testing.T, keys string, env ...string) {
	t.Helper()
	listen := agenttest.FreeAddr(t)
	keys = fmt.Sprintf("region: us-east-1, certificate_file_path: %q, %s", s.authority.File, keys)
	cmd := process(t, "--config", fmt.Sprintf(`yaml:{
receivers: {otlp: {protocols: {grpc: {endpoint: %q}}}},
exporters: {
  awsxray: {%[2]s},
  awsemf: {%[2]s},
  awscloudwatch: {%[2]s},
  awscloudwatchlogs: {log_group_name: g, log_stream_name: s, %[2]s}},
service: {
  telemetry: {metrics: {level: none}, logs: {level: error}},
  pipelines: {
    traces: {receivers: [otlp], exporters: [awsxray]},
    metrics: {receivers: [otlp], exporters: [awsemf, awscloudwatch]},
    logs: {receivers: [otlp], exporters: [awscloudwatchlogs]}}}}`, listen, keys))
	cmd.Env = append(cmd.Env, "AWS_ACCESS_KEY_ID="+localaws.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+localaws.SecretAccessKey, "AWS_SESSION_TOKEN=",
		"AWS_PROFILE=", "AWS_CONFIG_FILE=/nonexistent", "AWS_SHARED_CREDENTIALS_FILE=/nonexistent", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CA_BUNDLE=", "AWS_ENDPOINT_URL=", "HTTP_PROXY=", "http_proxy=", "HTTPS_PROXY=", "https_proxy=", "NO_PROXY=", "no_proxy=")
	cmd.Env = append(cmd.Env, env...)
	begin(t, cmd)
	agenttest.Eventually(t, "the agent has started", func() bool {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", listen)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	agenttest.Send(t, agenttest.Client(t, listen), agenttest.Traces(3))
	agenttest.SendLogs(t, agenttest.LogsClient(t, listen), agenttest.Logs("record ", 4))
	agenttest.SendMetrics(t, agenttest.MetricsClient(t, listen), agenttest.Metrics("requests", 5, 1))
	agenttest.Eventually(t, "everything at AWS", func() bool {
		c := s.Counts()
		return c.Segments >= 3 && len(agenttest.LogEvents(t, s.Server, "g")) >= 4 && len(agenttest.LogEvents(t, s.Server, "/metrics/orders")) >= 5 && c.MetricDatums >= 5
	})
}

// TestProxy_environment sends to AWS's own names through a proxy that joins connections, as a network without a way out has
// it, with a role to assume and a private authority. STS goes the same way.
func TestProxy_environment(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a process")
	}
	aws := startSecureAWS(t)
	proxy := agenttest.NewTunnel(t, aws.addr)
	aws.process(t, `role_arn: "arn:aws:iam::123456789012:role/send"`, "AWS_ACCESS_KEY_ID="+baseKey, "HTTPS_PROXY="+proxy.URL)
	var want []string
	for _, host := range services {
		want = append(want, "CONNECT "+host+":443")
	}
	if asked := proxy.Asked(); !slices.Equal(asked, want) {
		t.Errorf("the proxy is asked for %q, want %q", asked, want)
	}
	if refused := aws.Refused(); len(refused) > 0 {
		t.Errorf("refused: %+v", refused[0])
	}
}

// TestProxy_precedence has a key count before the environment, and NO_PROXY keep an address from the environment's proxy.
// 0.0.0.0 leads to this machine and is, unlike 127.0.0.1, an address for which a proxy is asked.
func TestProxy_precedence(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	const nowhere = "http://127.0.0.1:1"
	f := func(name string, asks bool, key func(proxy string) string, env ...string) {
		t.Run(name, func(t *testing.T) {
			aws := startSecureAWS(t)
			proxy := agenttest.NewTunnel(t, aws.addr)
			_, port, err := net.SplitHostPort(aws.addr)
			if err != nil {
				t.Fatal(err)
			}
			endpoint := "0.0.0.0:" + port
			aws.process(t, fmt.Sprintf("endpoint: %q, %s", "https://"+endpoint, key(proxy.URL)), env...)
			var want []string
			if asks {
				want = []string{"CONNECT " + endpoint}
			}
			if asked := proxy.Asked(); !slices.Equal(asked, want) {
				t.Errorf("the proxy is asked for %q, want %q", asked, want)
			}
		})
	}
	address := func(proxy string) string { return fmt.Sprintf("proxy_address: %q", proxy) }
	none := func(string) string { return "" }
	f("proxy_address", true, address)
	f("proxy_address before HTTPS_PROXY", true, address, "HTTPS_PROXY="+nowhere)
	f("proxy_address before NO_PROXY", true, address, "NO_PROXY=0.0.0.0")
	f("NO_PROXY before HTTPS_PROXY", false, none, "HTTPS_PROXY="+nowhere, "NO_PROXY=0.0.0.0")
}
