package agent_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// The figures of docs/scaling.md: go test -run TestLoad -load ../bin/updraft-agent -v .
var (
	loadAgent = flag.String("load", "", "measure what an item costs this agent")
	loadTime  = flag.Duration("load-time", 10*time.Second, "how long each rate is kept up")
)

// requestItems is how many spans, data points or log records a request of the load has; the SDKs' own is at most 512.
const requestItems = 100

// ticks is a second of a process' time, in /proc: USER_HZ, which is 100 on Linux.
const ticks = 100

// A cost is what a process has used.
type cost struct {
	cpu      time.Duration
	rss, top int // MiB
}

func costOf(t *testing.T, pid int) cost {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	c := cost{cpu: time.Duration(number(fields[11])+number(fields[12])) * time.Second / ticks}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		switch f := strings.Fields(line); f[0] {
		case "VmRSS:":
			c.rss = number(f[1]) >> 10
		case "VmHWM:":
			c.top = number(f[1]) >> 10
		}
	}
	return c
}

// startBinary runs the agent's own binary.
func startBinary(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(*loadAgent, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _, _ = cmd.Process.Wait() })
	return cmd
}

// A loadSender sends one request of requestItems items.
type loadSender func(context.Context, *grpc.ClientConn) error

func sendSpans(ctx context.Context, conn *grpc.ClientConn) error {
	_, err := ptraceotlp.NewGRPCClient(conn).Export(ctx, ptraceotlp.NewExportRequestFromTraces(agenttest.Traces(requestItems)))
	return err
}

// sendEvents sends records as a logger's that writes structured lines.
func sendEvents(ctx context.Context, conn *grpc.ClientConn) error {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "orders")
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	for i := range requestItems {
		r := records.AppendEmpty()
		r.SetTimestamp(pcommon.NewTimestampFromTime(time.Now()))
		r.SetSeverityNumber(plog.SeverityNumberInfo)
		r.SetSeverityText("INFO")
		r.Body().SetStr("order placed")
		r.SetTraceID(agenttest.TraceID(time.Now()))
		r.SetSpanID(agenttest.SpanID())
		a := r.Attributes()
		a.PutStr("order.id", "o-1718-"+strconv.Itoa(i))
		a.PutStr("customer.tier", "gold")
		a.PutInt("order.items", 3)
		a.PutDouble("order.total", 42.5)
	}
	_, err := plogotlp.NewGRPCClient(conn).Export(ctx, plogotlp.NewExportRequestFromLogs(logs))
	return err
}

// sendPoints sends data points of ten metrics, half of them histograms, with three dimensions.
func sendPoints(ctx context.Context, conn *grpc.ClientConn) error {
	metrics := pmetric.NewMetrics()
	rm := metrics.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "orders")
	sm := rm.ScopeMetrics().AppendEmpty()
	now := pcommon.NewTimestampFromTime(time.Now())
	start := pcommon.NewTimestampFromTime(time.Now().Add(-time.Minute))
	dimensions := func(a pcommon.Map, i int) {
		a.PutStr("http.route", "/orders/"+strconv.Itoa(i))
		a.PutStr("http.request.method", "GET")
		a.PutInt("http.response.status_code", 200)
	}
	for i := range 10 {
		m := sm.Metrics().AppendEmpty()
		m.SetName("metric." + strconv.Itoa(i))
		m.SetUnit("s")
		if i%2 == 0 {
			sum := m.SetEmptySum()
			sum.SetIsMonotonic(true)
			sum.SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
			for j := range requestItems / 10 {
				p := sum.DataPoints().AppendEmpty()
				p.SetStartTimestamp(start)
				p.SetTimestamp(now)
				p.SetIntValue(int64(j))
				dimensions(p.Attributes(), j)
			}
			continue
		}
		h := m.SetEmptyHistogram()
		h.SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
		for j := range requestItems / 10 {
			p := h.DataPoints().AppendEmpty()
			p.SetStartTimestamp(start)
			p.SetTimestamp(now)
			p.ExplicitBounds().FromRaw([]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5})
			p.BucketCounts().FromRaw([]uint64{0, 1, 5, 20, 40, 20, 5, 1, 0, 0, 0})
			p.SetCount(92)
			p.SetSum(9.2)
			dimensions(p.Attributes(), j)
		}
	}
	_, err := pmetricotlp.NewGRPCClient(conn).Export(ctx, pmetricotlp.NewExportRequestFromMetrics(metrics))
	return err
}

// senders is how many requests may be under way.
const senders = 8

// keepUp sends at a rate for a while and returns how many items were acknowledged.
func keepUp(t *testing.T, addr string, send loadSender, rate int, d time.Duration) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	due := make(chan struct{}, senders)
	var sent atomic.Int64
	var done sync.WaitGroup
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for range senders {
		done.Go(func() {
			for range due {
				if send(context.WithoutCancel(ctx), conn) == nil {
					sent.Add(requestItems)
				}
			}
		})
	}
	tick := time.NewTicker(time.Second * requestItems / time.Duration(rate))
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			select {
			case due <- struct{}{}:
			default: // behind: the rate is not reached, and the result says so
			}
		}
	}
	close(due)
	done.Wait()
	return int(sent.Load())
}

// TestLoad measures what an item costs an agent, at three rates: CPU time, and memory.
func TestLoad(t *testing.T) {
	if *loadAgent == "" {
		t.Skip("measures for minutes: -load ../bin/updraft-agent")
	}
	direct := func(receiver, exporter string) string {
		return fmt.Sprintf(`yaml:{extensions: {file_storage: {directory: "${env:STORAGE}", create_directory: true}},
receivers: {otlp: {protocols: {grpc: {endpoint: "${env:LISTEN}"}}}}, exporters: {%s},
service: {extensions: [file_storage], telemetry: {metrics: {level: none}, logs: {level: error}}, pipelines: {%s: {receivers: [otlp], exporters: [%s]}}}}`,
			exporter, receiver, strings.SplitN(exporter, ":", 2)[0])
	}
	f := func(what string, send loadSender, gateways int, config string) {
		t.Run(what, func(t *testing.T) {
			for _, rate := range []int{1000, 5000, 20000} {
				measure(t, send, rate, gateways, config)
			}
		})
	}
	f("spans, queue in memory", sendSpans, 0, direct("traces", "awsxray: {region: us-east-1}"))
	f("spans, queue on disk", sendSpans, 0, direct("traces", "awsxray: {region: us-east-1, sending_queue: {storage: file_storage}}"))
	f("spans, sidecar to two gateways", sendSpans, 2, example+"sidecar.yaml")
	f("spans, one gateway", sendSpans, 1, "")
	f("events, queue in memory", sendEvents, 0, direct("logs", `awscloudwatchlogs: {region: us-east-1, log_group_name: "/load", log_stream_name: "load"}`))
	f("points, EMF", sendPoints, 0, direct("metrics", `awsemf: {region: us-east-1, log_group_name: "/metrics", namespace: "Load"}`))
	f("points, PutMetricData", sendPoints, 0, direct("metrics", `awscloudwatch: {region: us-east-1, namespace: "Load"}`))
}

// TestLoad_queue measures the memory of a full queue, in an outage of X-Ray's.
func TestLoad_queue(t *testing.T) {
	if *loadAgent == "" {
		t.Skip("measures for minutes: -load ../bin/updraft-agent")
	}
	for _, storage := range []string{"", ", storage: file_storage"} {
		for _, size := range []int{16, 64, 256} {
			fill(t, size, storage)
		}
	}
}

// fill sends until the queue of that many MiB is full.
func fill(t *testing.T, size int, storage string) {
	t.Helper()
	aws := agenttest.AWS(t, localaws.Config{})
	aws.Control("", func(*localaws.Call) *localaws.Fault { return localaws.Unavailable() })
	listen, dir := agenttest.FreeAddr(t), t.TempDir()
	cmd := startBinary(t, nil, "--config", fmt.Sprintf(`yaml:{extensions: {file_storage: {directory: %q}}, receivers: {otlp: {protocols: {grpc: {endpoint: %q}}}},
exporters: {awsxray: {region: us-east-1, sending_queue: {queue_size: %d, sizer: bytes%s}}},
service: {extensions: [file_storage], telemetry: {metrics: {level: none}, logs: {level: fatal}}, pipelines: {traces: {receivers: [otlp], exporters: [awsxray]}}}}`, dir, listen, size<<20, storage))
	agenttest.Eventually(t, "the agent takes a request", func() bool { return keepUp(t, listen, sendSpans, 1000, 300*time.Millisecond) > 0 })
	spans := 0
	for {
		n := keepUp(t, listen, sendSpans, 100000, time.Second)
		if spans += n; n == 0 {
			break
		}
	}
	c := costOf(t, cmd.Process.Pid)
	var disk int64
	files, err := filepath.Glob(dir + "/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if info, err := os.Stat(name); err == nil {
			disk += info.Size()
		}
	}
	t.Logf("queue of %d MiB%s: %d spans, %d MiB RSS (highest %d), %d MiB on disk", size, storage, spans, c.rss, c.top, disk>>20)
	_ = cmd.Process.Kill()
}

// measure runs an agent, and gateways behind it, and prints what the items cost: the agent, or without a configuration the
// gateway behind a sidecar.
func measure(t *testing.T, send loadSender, rate, gateways int, config string) {
	t.Helper()
	agenttest.AWS(t, localaws.Config{})
	dir := t.TempDir()
	env := func(name, listen string) []string {
		return []string{"LISTEN=" + listen, "STORAGE=" + filepath.Join(dir, name), "HEALTH=" + agenttest.FreeAddr(t), "METRICS_PORT=0"}
	}
	var behind []string
	var measured *exec.Cmd
	for i := range gateways {
		listen := agenttest.FreeAddr(t)
		behind = append(behind, strconv.Quote(listen))
		measured = startBinary(t, env("gateway-"+strconv.Itoa(i), listen), "--config", example+"gateway.yaml")
	}
	listen := agenttest.FreeAddr(t)
	front := config
	if config == "" {
		front = example + "sidecar.yaml"
	}
	cmd := startBinary(t, append(env("agent", listen), "GATEWAYS=["+strings.Join(behind, ",")+"]"), "--config", front)
	if config != "" {
		measured = cmd
	}
	agenttest.Eventually(t, "the agent takes a request", func() bool { return keepUp(t, listen, send, 1000, 300*time.Millisecond) > 0 })
	before := costOf(t, measured.Process.Pid)
	began := time.Now()
	items := keepUp(t, listen, send, rate, *loadTime)
	after := costOf(t, measured.Process.Pid)
	took := time.Since(began)
	t.Logf("%6d/s asked, %6.0f/s taken: %5.1f µs CPU an item, %4.0f %% of a core, %d MiB RSS (highest %d)", rate, float64(items)/took.Seconds(),
		float64((after.cpu-before.cpu).Microseconds())/float64(max(items, 1)), 100*(after.cpu-before.cpu).Seconds()/took.Seconds(), after.rss, after.top)
	_ = cmd.Process.Kill()
	_ = measured.Process.Kill()
}
