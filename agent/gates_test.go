package agent_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// gated is what an agent makes of the same telemetry with some feature gates.
type gated struct {
	dimensionSets int      // of a metric with one attribute and a scope
	segments      int      // of one span whose trace id is old, and one whose is not
	annotations   []string // of the latter
	received      string   // a segment received at port 2000, as OTLP
}

// with runs an agent with these feature gates.
func with(t *testing.T, gates string) gated {
	t.Helper()
	aws := agenttest.AWS(t, localaws.Config{})
	documents := receive(t, aws)
	listen, port, file := agenttest.FreeAddr(t), agenttest.FreeAddr(t), filepath.Join(t.TempDir(), "received.json")
	args := []string{"--config", fmt.Sprintf(`yaml:{
receivers: {otlp: {protocols: {grpc: {endpoint: %q}}}, awsxray: {endpoint: %[2]q, proxy_server: {endpoint: %[2]q}}},
exporters: {awsemf: {region: us-east-1}, awsxray: {region: us-east-1, indexed_attributes: [tenant.name]}, file: {path: %q}},
service: {
  telemetry: {metrics: {level: none}, logs: {level: error}},
  pipelines: {
    metrics: {receivers: [otlp], exporters: [awsemf]},
    traces: {receivers: [otlp], exporters: [awsxray]},
    traces/received: {receivers: [awsxray], exporters: [file]}}}}`, listen, port, file)}
	if gates != "" {
		args = append(args, "--feature-gates="+gates)
	}
	begin(t, process(t, args...))
	agenttest.Eventually(t, "the agent listens", func() bool {
		conn, err := net.Dial("tcp", listen)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	var g gated
	agenttest.SendMetrics(t, agenttest.MetricsClient(t, listen), agenttest.Metrics("requests", 1, 1))
	traces := agenttest.Traces(2)
	spans := traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	spans.At(0).SetTraceID(agenttest.TraceID(time.Now().Add(-29 * 24 * time.Hour)))
	spans.At(1).Attributes().PutStr("tenant.name", "blue")
	spans.At(1).SetSpanID(pcommon.SpanID{1, 2, 3, 4, 5, 6, 7, 8})
	agenttest.Send(t, agenttest.Client(t, listen), traces)
	agenttest.Eventually(t, "spans and metrics at AWS", func() bool {
		g.dimensionSets = len(agenttest.ListMetrics(t, aws, "orders", "requests"))
		g.segments = aws.Counts().Segments
		return g.dimensionSets > 0 && g.segments > 0
	})
	for _, document := range documents.all() {
		var d struct {
			ID          string
			Annotations map[string]any
		}
		if err := json.Unmarshal([]byte(document), &d); err != nil {
			t.Fatal(err)
		}
		for key := range d.Annotations {
			g.annotations = append(g.annotations, key)
		}
	}
	g.received = through(t, port, file)
	return g
}

// through sends a segment to port 2000 and returns what the file exporter writes.
func through(t *testing.T, port, file string) (text string) {
	t.Helper()
	conn, err := net.Dial("udp", port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const request = `{"format":"json","version":1}` + "\n" + `{"name":"shop","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979",
"start_time":1478293361.2,"end_time":1478293361.4,"http":{"request":{"method":"GET"},"response":{"status":200}}}`
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	agenttest.Eventually(t, "the segment in the file", func() bool {
		all, err := os.ReadFile(file)
		text = string(all)
		return err == nil && strings.HasSuffix(text, "\n")
	})
	return text
}

// TestGates runs an agent with the feature gates of the collector's components that are ours here.
func TestGates(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	const method, formerMethod = `"http.request.method"`, `"http.method"`
	f := func(name, gates string, want gated, says, saysNot string) {
		t.Run(name, func(t *testing.T) {
			got := with(t, gates)
			if got.dimensionSets != want.dimensionSets || got.segments != want.segments || strings.Join(got.annotations, " ") != strings.Join(want.annotations, " ") {
				t.Errorf("%+v, want %+v", got, want)
			}
			if !strings.Contains(got.received, says) || strings.Contains(got.received, saysNot) {
				t.Errorf("received %s, want %s and no %s", got.received, says, saysNot)
			}
		})
	}
	f("none", "", gated{dimensionSets: 2, segments: 2, annotations: []string{"tenant.name"}}, formerMethod, method)
	f("all", "awsemf.nodimrollupdefault,-exporter.awsxray.skiptimestampvalidation,-exporter.xray.allowDot,"+
		"receiver.awsxray.EmitV1HttpConventions,receiver.awsxray.DontEmitV0HttpConventions,"+
		"processor.resourcedetection.elasticbeanstalk.EmitV1DeploymentConventions,processor.resourcedetection.elasticbeanstalk.DontEmitV0DeploymentConventions",
		gated{dimensionSets: 1, segments: 1, annotations: []string{"tenant_name"}}, method, formerMethod)
}
