package resourcedetection

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// nowhere leaves no sign of a platform in the environment.
func nowhere(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"ECS_CONTAINER_METADATA_URI", "ECS_CONTAINER_METADATA_URI_V4", "KUBERNETES_SERVICE_HOST", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_LAMBDA_FUNCTION_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_RESOURCE",
		"AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_PROFILE", "AWS_CA_BUNDLE",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// configured reads a configuration as the collector does.
func configured(t *testing.T, keys map[string]any) *Config {
	t.Helper()
	cfg := defaultConfig().(*Config)
	if err := confmap.NewFromStringMap(keys).Unmarshal(cfg); err != nil {
		t.Fatal(err)
	}
	if err := confmap.Validate(cfg); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// A running processor, what comes out of it, and what it logs.
type running struct {
	process func(map[string]any)
	sink    *consumertest.TracesSink
	logs    *observer.ObservedLogs
}

func run(t *testing.T, keys map[string]any) *running {
	t.Helper()
	core, logs := observer.New(zap.InfoLevel)
	set := processortest.NewNopSettings(component.MustNewType("resourcedetection"))
	set.Logger = zap.New(core)
	r := &running{sink: &consumertest.TracesSink{}, logs: logs}
	p, err := NewFactory().CreateTraces(t.Context(), set, configured(t, keys), r.sink)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	r.process = func(has map[string]any) {
		t.Helper()
		td := ptrace.NewTraces()
		if err := td.ResourceSpans().AppendEmpty().Resource().Attributes().FromRaw(has); err != nil {
			t.Fatal(err)
		}
		if err := p.ConsumeTraces(t.Context(), td); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// resource is what telemetry that says has is told to come from.
func (r *running) resource(has map[string]any) map[string]any {
	r.sink.Reset()
	r.process(has)
	return r.sink.AllTraces()[0].ResourceSpans().At(0).Resource().Attributes().AsRaw()
}

func wantResource(t *testing.T, what string, got, want map[string]any) {
	t.Helper()
	for name, v := range want {
		if !reflect.DeepEqual(got[name], v) {
			t.Errorf("%s: %s is %v, want %v", what, name, got[name], v)
		}
	}
	for name, v := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s is %v, want none", what, name, v)
		}
	}
}

// TestOverride: of two detectors the first counts; over what telemetry says of itself the processor does, unless override
// is off.
func TestOverride(t *testing.T) {
	nowhere(t)
	onEC2(t)
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "cloud.region=by-env,host.name=by-env")
	own := map[string]any{"cloud.region": "own", "host.id": "own", "service.name": "shop"}
	f := func(what string, override bool, detectors []any, want map[string]any) {
		t.Helper()
		wantResource(t, what, run(t, map[string]any{"detectors": detectors, "override": override}).resource(own), want)
	}
	f("env first", true, []any{"env", "ec2"}, with(ofInstance, map[string]any{"cloud.region": "by-env", "host.name": "by-env", "service.name": "shop"}))
	f("ec2 first", true, []any{"ec2", "env"}, with(ofInstance, map[string]any{"service.name": "shop"}))
	f("no override", false, []any{"env", "ec2"}, with(ofInstance, map[string]any{"host.name": "by-env", "cloud.region": "own", "host.id": "own", "service.name": "shop"}))
}

// TestRetry: what can't be detected does not hold telemetry up, and is detected later.
func TestRetry(t *testing.T) {
	nowhere(t)
	srv, down := texts(t, task("default", "FARGATE"))
	down.Store(true)
	t.Setenv("ECS_CONTAINER_METADATA_URI_V4", srv.URL+"/v4/me")
	r := run(t, map[string]any{"detectors": []any{"env", "ecs"}, "retry": map[string]any{"initial_interval": "5ms"}})
	wantResource(t, "down", r.resource(map[string]any{"a": "b"}), map[string]any{"a": "b", "cloud.provider": "aws", "cloud.platform": "aws_ecs"})
	if n := r.logs.FilterMessage("Resource detector failed").Len(); n == 0 {
		t.Error("nothing is said")
	}
	down.Store(false)
	eventually(t, "the task is detected", func() bool { return r.resource(nil)["aws.ecs.task.id"] != nil })
	wantResource(t, "up", r.resource(nil), ofTask)
}

// TestRefresh: what fails later leaves what was known.
func TestRefresh(t *testing.T) {
	nowhere(t)
	srv, down := texts(t, task("default", "FARGATE"))
	t.Setenv("ECS_CONTAINER_METADATA_URI_V4", srv.URL+"/v4/me")
	r := run(t, map[string]any{"detectors": []any{"ecs"}, "refresh_interval": "5ms", "retry": map[string]any{"enabled": false}})
	wantResource(t, "up", r.resource(nil), ofTask)
	down.Store(true)
	eventually(t, "detection fails", func() bool { return r.logs.FilterMessage("Resource detector failed").Len() > 0 })
	wantResource(t, "down", r.resource(nil), ofTask)
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: never", what)
		}
	}
}

// TestSignals: metrics and logs are told as spans are.
func TestSignals(t *testing.T) {
	nowhere(t)
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "a=b")
	set := processortest.NewNopSettings(component.MustNewType("resourcedetection"))
	metrics, logs := &consumertest.MetricsSink{}, &consumertest.LogsSink{}
	m, err := NewFactory().CreateMetrics(t.Context(), set, configured(t, nil), metrics)
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewFactory().CreateLogs(t.Context(), set, configured(t, nil), logs)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []component.Component{m, l} {
		if err := c.Start(t.Context(), componenttest.NewNopHost()); err != nil {
			t.Fatal(err)
		}
	}
	md, ld := pmetric.NewMetrics(), plog.NewLogs()
	md.ResourceMetrics().AppendEmpty()
	ld.ResourceLogs().AppendEmpty()
	if err := m.ConsumeMetrics(t.Context(), md); err != nil {
		t.Fatal(err)
	}
	if err := l.ConsumeLogs(t.Context(), ld); err != nil {
		t.Fatal(err)
	}
	for _, r := range []pcommon.Resource{metrics.AllMetrics()[0].ResourceMetrics().At(0).Resource(), logs.AllLogs()[0].ResourceLogs().At(0).Resource()} {
		wantResource(t, "signal", r.Attributes().AsRaw(), map[string]any{"a": "b"})
	}
	for _, c := range []component.Component{m, l} {
		if err := c.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestMissing: a platform that must be there and is not is a failure.
func TestMissing(t *testing.T) {
	nowhere(t)
	f := func(want int, keys map[string]any) {
		t.Helper()
		r := run(t, with(keys, map[string]any{"retry": map[string]any{"enabled": false}}))
		if n := r.logs.FilterMessage("Resource detector failed").Len(); n != want {
			t.Errorf("%v: %d failures, want %d", keys, n, want)
		}
	}
	all := []any{"ec2", "ecs", "eks", "lambda"}
	f(0, map[string]any{"detectors": all})
	f(4, map[string]any{"detectors": all, "fail_on_missing_metadata": true})
	f(1, map[string]any{"detectors": all, "ec2": map[string]any{"fail_on_missing_metadata": true}})
}

func TestConfig(t *testing.T) {
	f := func(want string, keys map[string]any) {
		t.Helper()
		cfg := defaultConfig().(*Config)
		err := confmap.NewFromStringMap(keys).Unmarshal(cfg)
		if err == nil {
			err = confmap.Validate(cfg)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %s", keys, err, want)
		}
	}
	f(`no detector "gcp"`, map[string]any{"detectors": []any{"gcp"}})
	f("timeout", map[string]any{"timeout": "0s"})
	f("hostname_sources", map[string]any{"system": map[string]any{"hostname_sources": []any{"guess"}}})
	f("no.such", map[string]any{"ec2": map[string]any{"resource_attributes": map[string]any{"no.such": map[string]any{"enabled": true}}}})
	f("no_such_key", map[string]any{"no_such_key": 1})
	f("tags", map[string]any{"ec2": map[string]any{"tags": []any{"("}}})
}
