package agent_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// pointName is a point's attribute within the body of PutLogEvents.
var pointName = regexp.MustCompile(`point-[0-9]+-[0-9]+`)

// A meter sends points and takes note of those that were acknowledged.
type meter struct {
	client       pmetricotlp.GRPCClient
	requests     int
	acknowledged map[string]bool
}

// export sends one request, and returns whether it was acknowledged.
func (m *meter) export(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	m.requests++
	md := agenttest.Metrics("requests", requestSpans, 1)
	var names []string
	for i, dp := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().All() {
		names = append(names, fmt.Sprintf("point-%d-%d", m.requests, i))
		dp.Attributes().PutStr("series", names[i])
	}
	if _, err := m.client.Export(ctx, pmetricotlp.NewExportRequestFromMetrics(md)); err != nil {
		return false
	}
	for _, name := range names {
		m.acknowledged[name] = true
	}
	return true
}

// TestKill_metrics is TestKill for metrics on their way to CloudWatch.
func TestKill_metrics(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	aws := agenttest.AWS(t, localaws.Config{})
	var mu sync.Mutex
	arrived := map[string]bool{}
	aws.Control("PutLogEvents", func(c *localaws.Call) *localaws.Fault {
		mu.Lock()
		defer mu.Unlock()
		for _, name := range pointName.FindAllString(string(c.Body), -1) {
			arrived[name] = true
		}
		return &localaws.Fault{Delay: 100 * time.Millisecond}
	})
	addr := agenttest.FreeAddr(t)
	config := fmt.Sprintf(`yaml:{
extensions: {file_storage: {directory: %q}},
receivers: {otlp: {protocols: {grpc: {endpoint: %q}}}},
exporters: {awsemf: {region: us-east-1, dimension_rollup_option: NoDimensionRollup, sending_queue: {storage: file_storage}}},
service: {
  extensions: [file_storage],
  telemetry: {metrics: {level: none}, logs: {level: error}},
  pipelines: {metrics: {receivers: [otlp], exporters: [awsemf]}}}}`, t.TempDir(), addr)
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	m := meter{client: pmetricotlp.NewGRPCClient(conn), acknowledged: map[string]bool{}}
	for range kills {
		process := startProcess(t, "--config", config)
		agenttest.Eventually(t, "the agent has started", func() bool { return m.export(t.Context()) })
		for end := time.Now().Add(rand.N(late)); time.Now().Before(end); {
			m.export(t.Context())
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
		for name := range m.acknowledged {
			if !arrived[name] {
				return false
			}
		}
		return true
	})
	t.Logf("%d points acknowledged", len(m.acknowledged))
}
