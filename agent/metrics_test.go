package agent_test

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/agent"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestMetrics_builtin has everything that documentation says of the agent's own metrics at their endpoint, in a built-in
// configuration of which only the ports are moved.
func TestMetrics_builtin(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{StrictTraceTime: true})
	var calls atomic.Int64
	aws.Control("PutTraceSegments", func(*localaws.Call) *localaws.Fault {
		if calls.Add(1) == 1 {
			return localaws.Throttle()
		}
		return nil
	})
	t.Setenv("AWS_REGION", "us-east-1")
	at, uris := elsewhere(t, "config/ecs.yaml")
	metrics := agenttest.FreeAddr(t)
	_, port, err := net.SplitHostPort(metrics)
	if err != nil {
		t.Fatal(err)
	}
	agenttest.StartSettings(t, agent.Settings(), append(uris, "yaml:service::telemetry::metrics: {level: normal, address: 127.0.0.1:"+port+"}")...)

	const sent = 20
	traces := agenttest.Traces(sent)
	old := traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
	id := old.TraceID()
	id[0] = 0
	old.SetTraceID(id)
	agenttest.Send(t, agenttest.Client(t, at["receivers::otlp::protocols::grpc::endpoint"]), traces)
	conn, err := net.Dial("udp", at["receivers::awsxray::endpoint"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	now := time.Now().Unix()
	document := fmt.Sprintf(`{"name":"shop","id":"70de5b6f19ff9a0a","trace_id":"1-%08x-a006649127e371903a2de979","start_time":%d,"end_time":%d}`, now, now-1, now)
	for _, datagram := range []string{"no header", "{\"format\":\"json\",\"version\":1}\n" + document} {
		if _, err := conn.Write([]byte(datagram)); err != nil {
			t.Fatal(err)
		}
	}
	agenttest.Eventually(t, "what is good arrives", func() bool { return aws.Counts().Segments == sent })

	agenttest.SendMetrics(t, agenttest.MetricsClient(t, at["receivers::otlp::protocols::grpc::endpoint"]), agenttest.Metrics("requests", 5, 3))
	agenttest.Eventually(t, "metrics arrive", func() bool { return aws.Counts().Metrics > 0 })
	want := []string{
		`otelcol_receiver_accepted_spans{receiver="otlp",transport="grpc"} 20`,
		`otelcol_receiver_accepted_spans{receiver="awsxray",transport="udp"} 1`,
		`otelcol_receiver_refused_spans{receiver="otlp",transport="grpc"} 0`,
		`otelcol_receiver_awsxray_dropped_documents{reason="malformed",receiver="awsxray"} 1`,
		`otelcol_receiver_accepted_metric_points{receiver="otlp",transport="grpc"} 5`,
		`otelcol_exporter_queue_size{data_type="traces",exporter="awsxray"} 0`,
		`otelcol_exporter_queue_capacity{data_type="traces",exporter="awsxray"} \S+`,
		`otelcol_exporter_queue_capacity{data_type="metrics",exporter="awsemf.*"} \S+`,
		`otelcol_exporter_sent_spans{exporter="awsxray"} 21`,
		`otelcol_exporter_awsxray_sent_documents{exporter="awsxray"} 20`,
		`otelcol_exporter_awsxray_refused_spans{exporter="awsxray",reason="InvalidTraceId"} 1`,
		`otelcol_exporter_awsxray_calls{exporter="awsxray",outcome="ok"} \d+`,
		`otelcol_exporter_awsxray_throttled_calls{exporter="awsxray"} 1`,
		`otelcol_exporter_awsxray_parallel_calls{exporter="awsxray"} \d+`,
		`otelcol_exporter_awsxray_running_calls{exporter="awsxray"} 0`,
		`otelcol_exporter_awsxray_lag_count{exporter="awsxray"} \d+`,
		`otelcol_exporter_awsemf_sent_\w+{exporter="awsemf.*"} \d+`,
		`otelcol_exporter_awsemf_lag_count{exporter="awsemf.*"} \d+`,
	}
	var missing []string
	defer func() {
		if t.Failed() {
			t.Logf("missing:\n%s", strings.Join(missing, "\n"))
		}
	}()
	agenttest.Eventually(t, "all metrics are there", func() bool {
		text := get(t, "http://"+metrics+"/metrics")
		missing = nil
		for _, line := range want {
			if !regexp.MustCompile(`(?m)^` + line + `$`).MatchString(text) {
				missing = append(missing, line)
			}
		}
		return len(missing) == 0
	})
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestMetrics_endpoint has all built-in configurations leave the agent's metrics at the collector's standard endpoint, but
// in Lambda, where nobody can ask.
func TestMetrics_endpoint(t *testing.T) {
	err := filepath.WalkDir("config", func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		if said := strings.Contains(string(text), "\n  telemetry:"); said != (filepath.Base(file) == "lambda.yaml") {
			t.Errorf("%s says something of the agent's own telemetry: %v", file, said)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
