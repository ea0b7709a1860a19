package agent_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"

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
	cmd := process(t, args...)
	begin(t, cmd)
	return cmd
}

// process is the agent as a process of its own, to be begun.
func process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), envRun+"=1")
	cmd.Stderr = os.Stderr
	return cmd
}

// begin starts a process, which lives as long as the test at most.
func begin(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _, _ = cmd.Process.Wait() })
}

// requestSpans is what one request holds.
const requestSpans = 20

// export sends one request, takes note of its spans if it was acknowledged, and returns whether it was.
func export(t *testing.T, client ptraceotlp.GRPCClient, acknowledged map[string]bool) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	names, err := exportSpans(ctx, client)
	if err != nil {
		return false
	}
	for _, name := range names {
		acknowledged[name] = true
	}
	return true
}

// exportSpans sends one request and returns its spans' ids.
func exportSpans(ctx context.Context, client ptraceotlp.GRPCClient) (names []string, err error) {
	traces := agenttest.Traces(requestSpans)
	for _, span := range traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		names = append(names, span.SpanID().String())
	}
	_, err = client.Export(ctx, ptraceotlp.NewExportRequestFromTraces(traces))
	return names, err
}

// How often an agent is killed, here and at full length.
const (
	kills     = 3
	soakKills = 10
)

// roomForAll is more than the items take at AWS, of which none may be evicted: a point that is a series takes some kilobytes.
const roomForAll = 4 << 30

// soak is set for the trials at full length; see make soak.
var soak = flag.Bool("soak", false, "run the trials at full length")

// When a process dies: within late of its first acknowledgement; every third within early of its start, while it may still
// be reading what the one before it left.
const (
	late  = 1500 * time.Millisecond
	early = 500 * time.Millisecond
)

// A killing kills agents with SIGKILL at random moments while they are under load and AWS is slow: with a queue on disk every
// item that was acknowledged arrives, by the next process at the latest. One that was sent may arrive again.
type killing struct {
	signal, exporter, keys string
	// operation is the call by which items arrive, and name what they are called in it.
	operation string
	name      *regexp.Regexp
	// export sends request n, and returns the names of what it holds.
	export func(ctx context.Context, conn *grpc.ClientConn, n int) ([]string, error)
	// stored is how many items AWS has taken.
	stored func(localaws.Counts) int
}

func (k killing) run(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	aws := agenttest.AWS(t, localaws.Config{MaxBytes: roomForAll})
	arrived := watch(aws, k.operation, k.name, 100*time.Millisecond)
	addr := agenttest.FreeAddr(t)
	config := k.config(t.TempDir(), addr)
	conn := agenttest.Dial(t, addr, grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	acknowledged := map[string]bool{}
	requests := 0
	export := func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		requests++
		names, err := k.export(ctx, conn, requests)
		if err != nil {
			return false
		}
		for _, name := range names {
			acknowledged[name] = true
		}
		return true
	}
	times := kills
	if *soak {
		times = soakKills
	}
	for i := range times {
		process := startProcess(t, "--config", config)
		after := rand.N(early)
		if i%3 != 2 {
			after = rand.N(late)
			agenttest.Eventually(t, "the agent has started", export)
		}
		var killed atomic.Bool
		time.AfterFunc(after, func() { // in the middle of a request, too
			_ = process.Process.Kill()
			killed.Store(true)
		})
		for !killed.Load() {
			export()
		}
		_, _ = process.Process.Wait()
		t.Logf("killed after %v; %d items acknowledged so far, %d at AWS", after, len(acknowledged), k.stored(aws.Counts()))
	}
	startProcess(t, "--config", config)
	agenttest.Eventually(t, "every acknowledged item at AWS", func() bool {
		return arrived.missing(acknowledged) == 0 && k.stored(aws.Counts()) >= len(acknowledged)
	})
	t.Logf("%d acknowledged, %d at AWS", len(acknowledged), k.stored(aws.Counts()))
}

func (k killing) config(dir, addr string) string {
	return fmt.Sprintf(`yaml:{
extensions: {file_storage: {directory: %q}},
receivers: {otlp: {protocols: {grpc: {endpoint: %q}}}},
exporters: {%[3]s: {region: us-east-1, %s sending_queue: {storage: file_storage}}},
service: {
  extensions: [file_storage],
  telemetry: {metrics: {level: none}, logs: {level: error}},
  pipelines: {%s: {receivers: [otlp], exporters: [%[3]s]}}}}`, dir, addr, k.exporter, k.keys, k.signal)
}

func TestKill(t *testing.T) {
	killing{
		signal: "traces", exporter: "awsxray",
		operation: "PutTraceSegments", name: segmentID,
		export: func(ctx context.Context, conn *grpc.ClientConn, _ int) ([]string, error) {
			return exportSpans(ctx, ptraceotlp.NewGRPCClient(conn))
		},
		stored: func(c localaws.Counts) int { return c.Segments },
	}.run(t)
}

func TestKill_logs(t *testing.T) {
	killing{
		signal: "logs", exporter: "awscloudwatchlogs", keys: "log_group_name: g, log_stream_name: s,",
		operation: "PutLogEvents", name: regexp.MustCompile(`(record-[0-9]+-[0-9]+)`),
		export: func(ctx context.Context, conn *grpc.ClientConn, n int) (names []string, err error) {
			all := agenttest.Logs(fmt.Sprintf("record-%d-", n), requestSpans)
			for _, record := range all.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
				names = append(names, record.Body().Str())
			}
			_, err = plogotlp.NewGRPCClient(conn).Export(ctx, plogotlp.NewExportRequestFromLogs(all))
			return names, err
		},
		stored: func(c localaws.Counts) int { return c.LogEvents },
	}.run(t)
}

func TestKill_metrics(t *testing.T) {
	f := func(exporter, keys, operation string, stored func(localaws.Counts) int) {
		t.Run(exporter, killing{
			signal: "metrics", exporter: exporter, keys: keys,
			operation: operation, name: regexp.MustCompile(`(point-[0-9]+-[0-9]+)`), export: exportPoints, stored: stored,
		}.run)
	}
	f("awsemf", "dimension_rollup_option: NoDimensionRollup,", "PutLogEvents", func(c localaws.Counts) int { return c.LogEvents })
	f("awscloudwatch", "", "PutMetricData", func(c localaws.Counts) int { return c.MetricDatums })
}

// exportPoints sends request n, of points that each are a series of its own, and returns the series' names.
func exportPoints(ctx context.Context, conn *grpc.ClientConn, n int) (names []string, err error) {
	md := agenttest.Metrics("requests", requestSpans, 1)
	for i, dp := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().All() {
		names = append(names, fmt.Sprintf("point-%d-%d", n, i))
		dp.Attributes().PutStr("series", names[i])
	}
	_, err = pmetricotlp.NewGRPCClient(conn).Export(ctx, pmetricotlp.NewExportRequestFromMetrics(md))
	return names, err
}
