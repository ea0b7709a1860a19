package awscloudwatch_test

import (
	"strings"
	"testing"

	"github.com/updraft-otel/updraft/agent/exporter/awscloudwatch"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
)

// load reads keys as the collector does.
func load(t *testing.T, keys map[string]any) (*awscloudwatch.Config, error) {
	t.Helper()
	return agenttest.LoadConfig[*awscloudwatch.Config](t, awscloudwatch.NewFactory(), keys)
}

func TestConfig_allKeys(t *testing.T) {
	c, err := load(t, map[string]any{
		"namespace": "Shop", "dimensions": map[string]any{"cluster": "blue"}, "resource_dimensions": []any{"service.name"}, "scope_dimension": "OTelLib",
		"declared_only": true, "resolution": 1, "units_in_names": true, "detailed_metrics": true, "max_series": 500,
		"metric_declarations": []any{map[string]any{
			"metrics": []any{"http.*"}, "labels": []any{map[string]any{"names": []any{"a", "b"}, "separator": "|", "pattern": "x*"}},
			"deny": false, "allow_attributes": []any{"a"}, "deny_attributes": []any{"b"}, "rename": map[string]any{"a": "c"},
			"dimensions": []any{[]any{"c"}, []any{}}, "roll_up": "zero", "unit": "ms", "overwrite_unit": true, "resolution": 60,
		}},
		"num_workers": 16, "endpoint": "https://monitoring.example.com", "request_timeout_seconds": 12, "max_retries": 4, "no_verify_ssl": true,
		"proxy_address": "http://127.0.0.1:3128", "region": "eu-west-1", "local_mode": true, "resource_arn": "arn:aws:ec2:x",
		"role_arn": "arn:aws:iam::1:role/x", "external_id": "42",
		"middleware": "agenthealth/metrics", "certificate_file_path": "/ca.pem", "imds_retries": 1, "profile": "p", "shared_credentials_file": []any{"/c"},
		"sending_queue":    map[string]any{"enabled": true, "num_consumers": 4, "queue_size": 100, "storage": "file_storage"},
		"retry_on_failure": map[string]any{"enabled": true, "initial_interval": "1s", "max_interval": "2s", "max_elapsed_time": "10m"},
		"timeout":          "20s",
	})
	if err != nil {
		t.Fatal(err)
	}
	d := c.MetricDeclarations[0]
	if c.Namespace != "Shop" || c.Dimensions["cluster"] != "blue" || c.MaxSeries != 500 || d.Labels[0].Separator != "|" || len(d.Dimensions) != 2 || d.Rename["a"] != "c" || !d.OverwriteUnit {
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
	if q == nil || q.Sizer.String() != "bytes" || q.QueueSize != 64<<20 || !q.Batch.HasValue() || q.NumConsumers != 1 {
		t.Errorf("queue %+v, want one bounded by bytes, in order", q)
	}
	if !c.RetryConfig.Enabled || c.RetryConfig.MaxElapsedTime != 0 {
		t.Errorf("retry %+v, want one without an end", c.RetryConfig)
	}
}

func TestConfig_refused(t *testing.T) {
	f := func(want string, keys map[string]any) {
		t.Helper()
		if _, err := load(t, keys); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want one with %q", keys, err, want)
		}
	}
	many := map[string]any{}
	for i := range 31 {
		many["d"+strings.Repeat("x", i)] = "v"
	}
	f("no_such_key", map[string]any{"no_such_key": 1})
	f("num_workers", map[string]any{"num_workers": -1})
	f("Resolution", map[string]any{"resolution": 5})
	f("31 dimensions", map[string]any{"dimensions": many})
	f("declaration 1", map[string]any{"metric_declarations": []any{map[string]any{"roll_up": "all"}}})
	f("declaration 1", map[string]any{"metric_declarations": []any{map[string]any{"metrics": []any{"/(/"}}}})
	f("no_such_key", map[string]any{"metric_declarations": []any{map[string]any{"no_such_key": 1}}})
	f("proxy_address", map[string]any{"proxy_address": "http://[::1"})
}
