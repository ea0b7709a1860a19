package agent_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/updraft-otel/updraft/agent"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// envRun has this test's own binary be the agent: a process to kill.
const envRun = "UPDRAFT_AGENT_TEST_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(envRun) != "" {
		os.Exit(agent.Main(context.Background(), os.Args, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// startProcess runs the agent as a process of its own.
func startProcess(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), envRun+"=1")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _, _ = cmd.Process.Wait() })
	return cmd
}

// requestSpans is what one request holds.
const requestSpans = 20

// export sends one request, takes note of its spans if it was acknowledged, and returns whether it was.
func export(t *testing.T, client ptraceotlp.GRPCClient, acknowledged map[string]bool) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	traces := agenttest.Traces(requestSpans)
	if _, err := client.Export(ctx, ptraceotlp.NewExportRequestFromTraces(traces)); err != nil {
		return false
	}
	for _, span := range traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		acknowledged[span.SpanID().String()] = true
	}
	return true
}

// segmentID is a segment's id in the body of PutTraceSegments.
var segmentID = regexp.MustCompile(`\\"id\\":\\"([0-9a-f]{16})\\"`)

// How often TestKill kills the agent, here and at full length.
const (
	kills     = 3
	soakKills = 10
)

// soak is set for the trials at full length; see make soak.
var soak = flag.Bool("soak", false, "run the trials at full length")

// When a process dies: within late of its first acknowledgement; every third within early of its start, while it may still
// be reading what the one before it left.
const (
	late  = 1500 * time.Millisecond
	early = 500 * time.Millisecond
)

// TestKill kills the agent with SIGKILL at random moments while it is under load and X-Ray slow: with a queue on disk every span that was
// acknowledged arrives, by the next process at the latest. One that was sent may arrive again, as the same document.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	aws := agenttest.AWS(t, localaws.Config{})
	var mu sync.Mutex
	arrived := map[string]bool{}
	aws.Control("PutTraceSegments", func(c *localaws.Call) *localaws.Fault {
		mu.Lock()
		defer mu.Unlock()
		for _, m := range segmentID.FindAllSubmatch(c.Body, -1) {
			arrived[string(m[1])] = true
		}
		return &localaws.Fault{Delay: 100 * time.Millisecond}
	})
	addr, dir := agenttest.FreeAddr(t), t.TempDir()
	config := fmt.Sprintf(`yaml:{
extensions: {file_storage: {directory: %q}},
receivers: {otlp: {protocols: {grpc: {endpoint: %q}}}},
exporters: {awsxray: {region: us-east-1, sending_queue: {storage: file_storage}}},
service: {
  extensions: [file_storage],
  telemetry: {metrics: {level: none}, logs: {level: error}},
  pipelines: {traces: {receivers: [otlp], exporters: [awsxray]}}}}`, dir, addr)

	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	client := ptraceotlp.NewGRPCClient(conn)
	acknowledged := map[string]bool{}
	times := kills
	if *soak {
		times = soakKills
	}
	for i := range times {
		process := startProcess(t, "--config", config)
		after := rand.N(early)
		if i%3 != 2 {
			after = rand.N(late)
			agenttest.Eventually(t, "the agent has started", func() bool { return export(t, client, acknowledged) })
		}
		var killed atomic.Bool
		time.AfterFunc(after, func() { // in the middle of a request, too
			_ = process.Process.Kill()
			killed.Store(true)
		})
		for !killed.Load() {
			export(t, client, acknowledged)
		}
		_, _ = process.Process.Wait()
		t.Logf("killed after %v; %d spans acknowledged so far, %d at AWS", after, len(acknowledged), aws.Counts().Segments)
	}
	startProcess(t, "--config", config)
	missing := func() (n int) {
		mu.Lock()
		defer mu.Unlock()
		for id := range acknowledged {
			if !arrived[id] {
				n++
			}
		}
		return n
	}
	agenttest.Eventually(t, "every acknowledged span at AWS", func() bool { return missing() == 0 && aws.Counts().Segments >= len(acknowledged) })
	t.Logf("%d acknowledged, %d at AWS", len(acknowledged), aws.Counts().Segments)
}
