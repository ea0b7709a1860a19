package agent

import (
	"bytes"
	"context"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component"
)

func TestWithDefaultConfig(t *testing.T) {
	ecs := func() place { return place{"an ECS task", "ecs.yaml"} }
	f := func(args string, inEnv bool, want string) {
		t.Helper()
		got, said := withDefaultConfig(strings.Fields(args), inEnv, ecs)
		if strings.Join(got, " ") != want {
			t.Errorf("%q becomes %q, want %q", args, strings.Join(got, " "), want)
		}
		if changed := want != args; changed != (said != "") {
			t.Errorf("%q: told the operator %q", args, said)
		}
	}
	f("", false, "--config=builtin:ecs.yaml")
	f("--set a.b=c", false, "--set a.b=c --config=builtin:ecs.yaml")
	f("validate", false, "validate --config=builtin:ecs.yaml")
	f("print-config --mode redacted", false, "print-config --mode redacted --config=builtin:ecs.yaml")
	f("--config a --config=b", false, "--config a --config=b")
	f("validate --config=b", false, "validate --config=b")
	f("components", false, "components")
	f("--version", false, "--version")
	f("--config a --set x=y --config=b", true, "--set x=y --config=env:AOT_CONFIG_CONTENT")
	f("featuregate", true, "featuregate")
}

// main runs the program and returns its status and what it wrote.
func main(t *testing.T, args ...string) (status int, out string) {
	t.Helper()
	var buf bytes.Buffer
	status = Main(context.WithoutCancel(t.Context()), append([]string{"updraft-agent"}, args...), &buf, &buf)
	return status, buf.String()
}

// TestBuiltins has every built-in configuration be valid.
func TestBuiltins(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-west-1")
	seen := 0
	err := fs.WalkDir(configs, "config", func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		seen++
		if status, out := main(t, "validate", "--config=builtin:"+strings.TrimPrefix(file, "config/")); status != 0 {
			t.Errorf("%s: %s", file, out)
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Error(seen, err)
	}
}

func TestValidate(t *testing.T) {
	dir := t.TempDir()
	good := `{receivers: {otlp: {protocols: {grpc: }}}, exporters: {awsxray: , debug: }, service: {pipelines: {traces: {receivers: [otlp], exporters: [awsxray, debug]}}}}`
	file := filepath.Join(dir, "good.yaml")
	if err := os.WriteFile(file, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(want int, says string, args ...string) {
		t.Helper()
		status, out := main(t, append([]string{"validate"}, args...)...)
		if status != want || !strings.Contains(out, says) {
			t.Errorf("%q: status %d, %s", args, status, out)
		}
	}
	f(0, "", "--config", file)
	f(0, "", "--config", "file:"+file, "--config", "yaml:exporters::awsxray::num_workers: 4")
	f(0, "", "--config", file, "--set", "exporters.awsxray.region=eu-west-1")
	f(1, "no_such_key", "--config", file, "--set", "exporters.awsxray.no_such_key=1")
	f(1, "no_such_exporter", "--config", file, "--set", "exporters.no_such_exporter.x=1")
	f(0, "", "--config", "/etc/ecs/ecs-xray.yaml") // as a task definition of the AWS Distro names it
	f(1, "no such file", "--config", "/etc/ecs/no-such.yaml")
	f(1, "prometheusremotewrite", "--config", "/etc/ecs/ecs-amp.yaml")
	f(1, "receiver prometheus and", "--config", "/etc/ecs/ecs-amp-xray-prometheus.yaml")
	f(0, "", "--config", "/etc/apprunner/apprunner-default-config.yaml")
	t.Setenv("AOT_CONFIG_CONTENT", good)
	f(0, "AOT_CONFIG_CONTENT", "--config", filepath.Join(dir, "absent.yaml"))
	f(1, "no_such_key", "--config", file, "--set", "exporters.awsxray.no_such_key=1") // is laid over it
	t.Setenv("AOT_CONFIG_CONTENT", "")
	f(0, "", "--config", file)
}

// TestComponents has every component that documentation and the AWS Distro's configurations name, by these names.
func TestComponents(t *testing.T) {
	if status, out := main(t, "components"); status != 0 || !strings.Contains(out, "awsxray") {
		t.Errorf("status %d, %s", status, out)
	}
	f, err := Components()
	if err != nil {
		t.Fatal(err)
	}
	has(t, f.Receivers, "otlp awsxray awsecscontainermetrics kafka statsd")
	has(t, f.Processors, "attributes batch cumulativetodelta filter groupbytrace memory_limiter metricstransform probabilistic_sampler"+
		" resource resourcedetection span tail_sampling transform")
	has(t, f.Exporters, "awsemf awsxray debug file kafka loadbalancing otlp otlp_grpc otlphttp otlp_http")
	has(t, f.Extensions, "awsproxy bearertokenauth file_storage health_check pprof sigv4auth zpages")
}

func has[F any](t *testing.T, list map[component.Type]F, names string) {
	t.Helper()
	for name := range strings.FieldsSeq(names) {
		if _, ok := list[component.MustNewType(name)]; !ok {
			t.Errorf("no component %s", name)
		}
	}
}

func TestHealthCheck(t *testing.T) {
	answer := http.StatusOK
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(answer) }))
	defer srv.Close()
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if status, out := main(t, "healthcheck", "--port", port); status != 0 {
		t.Errorf("a healthy agent: status %d, %s", status, out)
	}
	var buf bytes.Buffer
	if status := Main(t.Context(), []string{"/healthcheck", "--port=" + port}, &buf, &buf); status != 0 {
		t.Errorf("under its own name: status %d, %s", status, buf.String())
	}
	answer = http.StatusServiceUnavailable
	if status, _ := main(t, "healthcheck", "--port", port); status != 1 {
		t.Errorf("an unhealthy agent: status %d, want 1", status)
	}
	srv.Close()
	if status, out := main(t, "healthcheck", "--port", port); status != 1 || !strings.Contains(out, "health_check") {
		t.Errorf("no agent: status %d, %s", status, out)
	}
}
