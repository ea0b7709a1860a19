package awsxray_test

import (
	"strings"
	"testing"

	"github.com/updraft-otel/updraft/agent/exporter/awsxray"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
)

// load reads keys as the collector does.
func load(t *testing.T, keys map[string]any) (*awsxray.Config, error) {
	t.Helper()
	return agenttest.LoadConfig[*awsxray.Config](t, awsxray.NewFactory(), keys)
}

// TestConfig_allKeys takes every key of the collector's exporter and of the CloudWatch agent's.
func TestConfig_allKeys(t *testing.T) {
	c, err := load(t, map[string]any{
		"num_workers": 16, "endpoint": "https://xray.example.com", "request_timeout_seconds": 12, "max_retries": 4, "no_verify_ssl": true,
		"proxy_address": "http://127.0.0.1:3128", "region": "eu-west-1", "local_mode": true, "resource_arn": "arn:aws:ec2:x",
		"role_arn": "arn:aws:iam::1:role/x", "external_id": "42", "index_all_attributes": true, "indexed_attributes": []any{"a", "otel.resource.b"},
		"aws_log_groups": []any{"/g"}, "telemetry": map[string]any{"enabled": true, "include_metadata": true, "contributors": []any{"awsxray/1"},
			"hostname": "h", "instance_id": "i-1", "resource_arn": "arn"},
		"transit_spans_in_otlp_format": true, "middleware": "agenthealth/traces", "certificate_file_path": "/ca.pem", "imds_retries": 1,
		"profile": "p", "shared_credentials_file": []any{"/c"},
		"sending_queue":    map[string]any{"num_consumers": 4, "queue_size": 100, "storage": "file_storage"},
		"retry_on_failure": map[string]any{"enabled": true, "initial_interval": "1s", "max_elapsed_time": "10m"},
		"timeout":          "20s",
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.NumWorkers != 16 || c.Attempts() != 4 || c.RequestTimeout().Seconds() != 12 || len(c.IndexedAttributes) != 2 || c.TimeoutConfig.Timeout.Seconds() != 20 {
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
	if q == nil || q.Sizer.String() != "bytes" || q.QueueSize != 64<<20 || !q.Batch.HasValue() {
		t.Errorf("queue %+v, want one bounded by bytes", q)
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
	f("no_such_key", map[string]any{"no_such_key": 1})
	f("num_workers", map[string]any{"num_workers": -1})
	f("exclude each other", map[string]any{"compat": true, "transit_spans_in_otlp_format": true})
	f("proxy_address", map[string]any{"proxy_address": "http://[::1"})
}
