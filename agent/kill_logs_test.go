package agent_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// recordName is a record's body within that of PutLogEvents.
var recordName = regexp.MustCompile(`record-[0-9]+-[0-9]+`)

// A recorder sends log records and takes note of those that were acknowledged.
type recorder struct {
	client       plogotlp.GRPCClient
	requests     int
	acknowledged map[string]bool
}

// export sends one request, and returns whether it was acknowledged.
func (r *recorder) export(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	r.requests++
	all := agenttest.Logs(fmt.Sprintf("record-%d-", r.requests), requestSpans)
	if _, err := r.client.Export(ctx, plogotlp.NewExportRequestFromLogs(all)); err != nil {
		return false
	}
	for _, record := range all.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
		r.acknowledged[record.Body().Str()] = true
	}
	return true
}

// TestKill_logs is TestKill for records on their way to CloudWatch Logs.
func TestKill_logs(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	aws := agenttest.AWS(t, localaws.Config{})
	var mu sync.Mutex
	arrived := map[string]bool{}
	aws.Control("PutLogEvents", func(c *localaws.Call) *localaws.Fault {
		mu.Lock()
		defer mu.Unlock()
		for _, name := range recordName.FindAllString(string(c.Body), -1) {
			arrived[name] = true
		}
		return &localaws.Fault{Delay: 100 * time.Millisecond}
	})
	addr := agenttest.FreeAddr(t)
	config := fmt.Sprintf(`yaml:{
extensions: {file_storage: {directory: %q}},
receivers: {otlp: {protocols: {grpc: {endpoint: %q}}}},
exporters: {awscloudwatchlogs: {region: us-east-1, log_group_name: g, log_stream_name: s, sending_queue: {storage: file_storage}}},
service: {
  extensions: [file_storage],
  telemetry: {metrics: {level: none}, logs: {level: error}},
  pipelines: {logs: {receivers: [otlp], exporters: [awscloudwatchlogs]}}}}`, t.TempDir(), addr)
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	r := recorder{client: plogotlp.NewGRPCClient(conn), acknowledged: map[string]bool{}}
	for range kills {
		process := startProcess(t, "--config", config)
		agenttest.Eventually(t, "the agent has started", func() bool { return r.export(t.Context()) })
		for end := time.Now().Add(rand.N(late)); time.Now().Before(end); {
			r.export(t.Context())
		}
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_, _ = process.Process.Wait()
	}
	startProcess(t, "--config", config)
	agenttest.Eventually(t, "all that was acknowledged has arrived", func() bool {
		mu.Lock()
		defer mu.Unlock()
		for name := range r.acknowledged {
			if !arrived[name] {
				return false
			}
		}
		return true
	})
	t.Logf("%d records acknowledged", len(r.acknowledged))
}
