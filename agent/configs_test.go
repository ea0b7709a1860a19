package agent_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.yaml.in/yaml/v3"

	"github.com/updraft-otel/updraft/agent"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// A sample is a configuration that somebody runs today.
type sample struct {
	file string
	// send sends what the configuration is for to the addresses of its listeners.
	send func(t *testing.T, at map[string]string)
	// arrives is what must be at AWS afterwards.
	arrives func(localaws.Counts) bool
}

// samples are the configurations of docs/configs.md that run unchanged.
var samples = []sample{
	{file: "config/adot/ecs/ecs-xray.yaml", send: spans, arrives: segments(20)},
	{file: "config/adot/otel-config.yaml", send: spansAndMetrics, arrives: metricsBeside(20)},
	{file: "config/adot/ecs/ecs-default-config.yaml", send: spansAndMetrics, arrives: metricsBeside(20)},
	{file: "config/adot/ecs/ecs-cloudwatch.yaml", send: counter, arrives: metricsBeside(0)},
	{file: "config/adot/ecs/ecs-cloudwatch-xray.yaml", send: spansAndMetrics, arrives: metricsBeside(20)},
	{file: taskMetrics, send: spansAndMetrics, arrives: metricsBeside(20)},
	{file: "config/adot/apprunner/apprunner-default-config.yaml", send: spans, arrives: segments(20)},
	{file: "testdata/configs/eks-sidecar.yaml", send: spansAndMetrics, arrives: metricsBeside(20)},
	{file: "testdata/configs/docker.yaml", send: spansAndMetrics, arrives: metricsBeside(20)},
	{file: "testdata/configs/lambda-layer.yaml", send: spans, arrives: segments(20)},
	{file: "testdata/configs/former.yaml", send: spans, arrives: segments(20)},
}

// TestSamples runs each configuration as it is. Where it listens is all that the test moves, as other agents run beside it.
// What is sent to it is at AWS once it has ended.
func TestSamples(t *testing.T) {
	for _, s := range samples {
		t.Run(s.file, func(t *testing.T) {
			aws := agenttest.AWS(t, localaws.Config{})
			t.Setenv("AWS_REGION", "us-west-2")
			at, uris := elsewhere(t, s.file)
			a := agenttest.StartSettings(t, agent.Settings(), uris...)
			s.send(t, at)
			if err := a.Stop(); err != nil {
				t.Fatal(err)
			}
			if c := aws.Counts(); !s.arrives(c) {
				t.Errorf("AWS has %+v", c)
			}
			if refused := aws.Refused(); len(refused) > 0 {
				t.Errorf("AWS refuses %v", refused)
			}
		})
	}
}

// taskMetrics is the configuration of Container Insights in a task.
const taskMetrics = "config/adot/ecs/container-insights/otel-task-metrics-config.yaml"

// TestSamples_taskMetrics runs it in what looks like a task: what ECS tells of the task is in Container Insights. It asks
// sooner than after the 20 seconds of the default.
func TestSamples_taskMetrics(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	t.Setenv("AWS_REGION", "us-west-2")
	agenttest.ECSTask(t)
	_, uris := elsewhere(t, taskMetrics)
	agenttest.StartSettings(t, agent.Settings(), append(uris, "yaml:receivers::awsecscontainermetrics::collection_interval: 50ms")...)
	agenttest.Eventually(t, "the task's memory by cluster", func() bool {
		for _, m := range agenttest.ListMetrics(t, aws, "ECS/ContainerInsights", "MemoryUtilized") {
			if slices.Equal(m.Names(), []string{"ClusterName"}) {
				return true
			}
		}
		return false
	})
	if events := agenttest.LogEvents(t, aws, "/aws/ecs/containerinsights/blue/performance"); len(events) == 0 {
		t.Error("no events in the task's log group")
	}
}

// TestConfigs_several merges configurations, the later one over the earlier, and --set over both.
func TestConfigs_several(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	addr := agenttest.FreeAddr(t)
	write := func(name, text string) string {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	cmd := selfCommand(t,
		"--config", write("base.yaml", `
receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:1"}}}}
exporters: {awsxray: {region: us-east-1, indexed_attributes: [a]}}
service: {telemetry: {metrics: {level: none}}, pipelines: {traces: {receivers: [otlp], exporters: [awsxray]}}}`),
		"--config="+write("own.yaml", `{exporters: {awsxray: {index_all_attributes: false, indexed_attributes: [tenant]}}}`),
		"--set", "receivers.otlp.protocols.grpc.endpoint="+addr)
	cmd.Stderr = os.Stderr
	got := receive(t, aws)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	client := agenttest.Client(t, addr)
	agenttest.Eventually(t, "the agent takes spans", func() bool {
		_, err := client.Export(t.Context(), ptraceotlp.NewExportRequestFromTraces(agenttest.Traces(1)))
		return err == nil
	})
	agenttest.Eventually(t, "they arrive", func() bool { return len(got.all()) > 0 })
	if !strings.Contains(got.all()[0], `"annotations":{"tenant":"blue"}`) {
		t.Errorf("the second configuration does not count: %s", got.all()[0])
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// listeners are the keys of the addresses at which components listen.
var listeners = []string{
	"receivers::otlp::protocols::grpc::endpoint",
	"receivers::otlp::protocols::http::endpoint",
	"receivers::awsxray::endpoint",
	"receivers::awsxray::proxy_server::endpoint",
	"receivers::statsd::endpoint",
	"extensions::awsproxy::endpoint",
	"extensions::health_check::endpoint",
	"extensions::pprof::endpoint",
}

// elsewhere is the configuration in a file with its listeners at free ports, and these by key.
func elsewhere(t *testing.T, file string) (at map[string]string, uris []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := yaml.Unmarshal(text, &keys); err != nil {
		t.Fatal(err)
	}
	conf := confmap.NewFromStringMap(keys)
	at, uris = map[string]string{}, []string{"file:" + file, "yaml:service::telemetry::metrics::level: none"}
	for _, key := range listeners {
		parent := strings.TrimSuffix(strings.TrimSuffix(key, "::endpoint"), "::proxy_server")
		if conf.IsSet(parent) {
			at[key] = agenttest.FreeAddr(t)
			uris = append(uris, "yaml:"+key+": "+at[key])
		}
	}
	return at, uris
}

func segments(n int) func(localaws.Counts) bool {
	return func(c localaws.Counts) bool { return c.Segments == n }
}

// metricsBeside is so many segments, and the metrics of one request.
func metricsBeside(segments int) func(localaws.Counts) bool {
	return func(c localaws.Counts) bool { return c.Segments == segments && c.Metrics > 0 && c.LogEvents == 5 }
}

// counter sends one of five series.
func counter(t *testing.T, at map[string]string) {
	t.Helper()
	agenttest.SendMetrics(t, agenttest.MetricsClient(t, at["receivers::otlp::protocols::grpc::endpoint"]), agenttest.Metrics("requests", 5, 1))
}

func spansAndMetrics(t *testing.T, at map[string]string) {
	t.Helper()
	spans(t, at)
	counter(t, at)
}

// spans sends twenty, half of them over HTTP where that is on.
func spans(t *testing.T, at map[string]string) {
	t.Helper()
	const each = 10
	agenttest.Send(t, agenttest.Client(t, at["receivers::otlp::protocols::grpc::endpoint"]), agenttest.Traces(each))
	addr, on := at["receivers::otlp::protocols::http::endpoint"]
	if !on {
		agenttest.Send(t, agenttest.Client(t, at["receivers::otlp::protocols::grpc::endpoint"]), agenttest.Traces(each))
		return
	}
	body, err := ptraceotlp.NewExportRequestFromTraces(agenttest.Traces(each)).MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	post(t, "http://"+addr+"/v1/traces", body)
}

func post(t *testing.T, url string, body []byte) {
	t.Helper()
	resp, err := http.Post(url, "application/x-protobuf", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", url, resp.Status)
	}
}
