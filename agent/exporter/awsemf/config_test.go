package awsemf_test

import (
	"strings"
	"testing"

	"go.uber.org/zap/zapcore"

	"github.com/updraft-otel/updraft/agent/exporter/awsemf"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// load reads keys as the collector does.
func load(t *testing.T, keys map[string]any) (*awsemf.Config, error) {
	t.Helper()
	return agenttest.LoadConfig[*awsemf.Config](t, awsemf.NewFactory(), keys)
}

// TestConfig_allKeys takes every key of the collector's exporter, and our own.
func TestConfig_allKeys(t *testing.T) {
	c, err := load(t, map[string]any{
		"num_workers": 16, "endpoint": "https://logs.example.com", "request_timeout_seconds": 12, "max_retries": 4, "no_verify_ssl": true,
		"proxy_address": "http://127.0.0.1:3128", "region": "eu-west-1", "local_mode": true, "resource_arn": "arn:aws:ec2:x",
		"role_arn": "arn:aws:iam::1:role/x", "external_id": "42", "middleware": "agenthealth/metrics", "certificate_file_path": "/ca.pem",
		"imds_retries": 1, "profile": "p", "shared_credentials_file": []any{"/c"},
		"log_group_name": "/g/{ClusterName}", "log_stream_name": "{TaskId}", "namespace": "N", "log_retention": 30, "tags": map[string]any{"k": "v"},
		"log_group_class": "STANDARD", "kms_key_id": "arn",
		"retain_initial_value_of_delta_metric": true, "dimension_rollup_option": "SingleDimensionRollupOnly",
		"parse_json_encoded_attr_values": []any{"Sources", "kubernetes"},
		"metric_declarations": []any{map[string]any{
			"dimensions": []any{[]any{"a", "b"}, []any{}}, "metric_name_selectors": []any{"^x", "y$"},
			"label_matchers": []any{map[string]any{"label_names": []any{"a"}, "separator": ":", "regex": "^b$"}},
		}},
		"metric_descriptors": []any{map[string]any{"metric_name": "m", "unit": "Count", "overwrite": true}},
		"output_destination": "STDOUT", "eks_fargate_container_insights_enabled": true,
		"resource_to_telemetry_conversion": map[string]any{"enabled": true, "exclude_service_attributes": true},
		"detailed_metrics":                 true, "version": "0", "compat": true,
		"sending_queue":    map[string]any{"num_consumers": 4, "queue_size": 100, "storage": "file_storage"},
		"retry_on_failure": map[string]any{"enabled": true, "initial_interval": "1s", "max_elapsed_time": "10m"},
		"timeout":          "20s",
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.NumWorkers != 16 || c.LogRetention != 30 || c.Tags["k"] != "v" || len(c.MetricDeclarations[0].LabelMatchers) != 1 ||
		!c.ResourceToTelemetrySettings.ExcludeServiceAttributes || !c.Compat || c.TimeoutConfig.Timeout.Seconds() != 20 {
		t.Errorf("%+v", c)
	}
	if q := c.QueueConfig.Get(); q == nil || q.QueueSize != 100 || q.Sizer.String() != "requests" {
		t.Errorf("queue_size alone counts %v, want requests as everywhere", q)
	}
}

func TestConfig_defaults(t *testing.T) {
	c, err := load(t, map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	q := c.QueueConfig.Get()
	if q == nil || q.Sizer.String() != "bytes" || q.QueueSize != 64<<20 || q.NumConsumers != 1 || !q.Batch.HasValue() {
		t.Errorf("queue %+v, want one bounded by bytes that keeps the order", q)
	}
	if !c.RetryConfig.Enabled || c.RetryConfig.MaxElapsedTime != 0 {
		t.Errorf("retry %+v, want one without an end", c.RetryConfig)
	}
	if c.DimensionRollupOption != "ZeroAndSingleDimensionRollup" || c.Version != "1" || c.OutputDestination != "cloudwatch" {
		t.Errorf("%+v, want the collector's defaults", c)
	}
}

func TestConfig_refused(t *testing.T) {
	f := func(want string, keys map[string]any) {
		t.Helper()
		if _, err := load(t, keys); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want one with %q", keys, err, want)
		}
	}
	f("no_such_key", map[string]any{"no_such_key": 1})
	f("no_such_key", map[string]any{"metric_declarations": []any{map[string]any{"no_such_key": 1}}})
	f("num_workers", map[string]any{"num_workers": -1})
	f("log_retention", map[string]any{"log_retention": 2})
	f("tag", map[string]any{"tags": map[string]any{"": "x"}})
	f("output_destination", map[string]any{"output_destination": "file"})
	f("version", map[string]any{"version": "2"})
	f("error parsing regexp", map[string]any{"metric_declarations": []any{map[string]any{"metric_name_selectors": []any{"("}}}})
}

// TestConfig_leftOut does without what says nothing, as the collector's exporter does, and warns of it.
func TestConfig_leftOut(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	agent := run(t, `
dimension_rollup_option: None
metric_descriptors:
  - {metric_name: m, unit: Furlongs}
metric_declarations:
  - {dimensions: [[a]]}
  - {metric_name_selectors: [m], label_matchers: [{label_names: [a]}]}
  - {metric_name_selectors: [m], label_matchers: [{label_names: [a], regex: "("}]}`,
		metric(t, "m", nil, gauge(1, map[string]any{"a": "b"})))
	nothingRefused(t, aws)
	if n := agent.Logs.FilterLevelExact(zapcore.WarnLevel).Len(); n != 5 {
		t.Errorf("%d warnings, want 5: %v", n, agent.Logs.All())
	}
	if got := stat(t, aws, "default", "m", "Sum", "a"); got != 1 {
		t.Errorf("%v, want what is made without declarations", got)
	}
}
