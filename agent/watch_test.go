package agent_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/updraft-otel/updraft/agent"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// watched starts an agent that has sent spans, some of which X-Ray refused, and returns the address of its metrics.
func watched(t *testing.T) string {
	t.Helper()
	aws := agenttest.AWS(t, localaws.Config{StrictTraceTime: true})
	addr, metrics := agenttest.FreeAddr(t), agenttest.FreeAddr(t)
	_, port, err := net.SplitHostPort(metrics)
	if err != nil {
		t.Fatal(err)
	}
	agenttest.StartSettings(t, agent.Settings(), fmt.Sprintf(`yaml:
receivers: {otlp: {protocols: {grpc: {endpoint: %q}}}}
exporters: {awsxray: {region: us-east-1}}
service:
  telemetry: {metrics: {address: "127.0.0.1:%s"}}
  pipelines: {traces: {receivers: [otlp], exporters: [awsxray]}}
`, addr, port))
	const sent, tooOld = 12, 2
	traces := agenttest.Traces(sent)
	for i := range tooOld {
		span := traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(i)
		id := span.TraceID()
		id[0] = 0
		span.SetTraceID(id)
	}
	agenttest.Send(t, agenttest.Client(t, addr), traces)
	agenttest.Eventually(t, "the spans arrive", func() bool { return aws.Counts().Segments == sent-tooOld })
	return metrics
}

// selfCommand is this test's own binary as the agent.
func selfCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), envRun+"=1")
	return cmd
}

// TestWatch has one process look at another: what it shows of it in a pipe is what happened.
func TestWatch(t *testing.T) {
	metrics := watched(t)
	out, err := selfCommand(t, "--watch="+metrics, "--for", "1s", "--interval", "200ms").Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		`(?m)^updraft-agent 0\.1\.0, up `,
		`(?m)^otlp grpc +spans +12 .* 0 +0$`,
		`(?m)^awsxray +documents +10 .* 0% +67\.1M +0 of \d+ +0 +\d\.\d\d s$`,
		`(?m)^exporter awsxray +2 .*spans +InvalidTraceId$`,
	} {
		if !regexp.MustCompile(want).Match(out) {
			t.Errorf("nothing like %s in\n%s", want, out)
		}
	}
}
