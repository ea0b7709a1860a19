package awscloudwatchlogs_test

import (
	"strings"
	"testing"

	"github.com/updraft-otel/updraft/agent/exporter/awscloudwatchlogs"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
)

// load reads keys as the collector does.
func load(t *testing.T, keys map[string]any) (*awscloudwatchlogs.Config, error) {
	t.Helper()
	return agenttest.LoadConfig[*awscloudwatchlogs.Config](t, awscloudwatchlogs.NewFactory(), keys)
}

// TestConfig_allKeys takes every key of the collector's exporter, of the CloudWatch agent's and of our own.
func TestConfig_allKeys(t *testing.T) {
	c, err := load(t, map[string]any{
		"log_group_name": "/ecs/{ClusterName}", "log_stream_name": "{TaskId}", "log_retention": 365, "tags": map[string]any{"team": "shop"},
		"log_group_class": "INFREQUENT_ACCESS", "kms_key_id": "arn:aws:kms:x", "raw_log": true, "emf_only": true, "compat": true,
		"num_workers": 16, "endpoint": "logs.us-east-1.amazonaws.com", "request_timeout_seconds": 12, "max_retries": 4, "no_verify_ssl": true,
		"proxy_address": "http://127.0.0.1:3128", "region": "eu-west-1", "local_mode": true, "resource_arn": "arn:aws:ec2:x",
		"role_arn": "arn:aws:iam::1:role/x", "external_id": "42",
		"middleware": "agenthealth/logs", "certificate_file_path": "/ca.pem", "imds_retries": 1, "profile": "p", "shared_credentials_file": []any{"/c"},
		"sending_queue":    map[string]any{"enabled": true, "num_consumers": 4, "queue_size": 100, "storage": "file_storage"},
		"retry_on_failure": map[string]any{"enabled": true, "initial_interval": "1s", "max_interval": "2s", "max_elapsed_time": "10m"},
		"timeout":          "20s",
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.NumWorkers != 16 || c.Attempts() != 4 || c.LogRetention != 365 || c.Tags["team"] != "shop" || !c.RawLog || !c.EMFOnly || !c.Compat || c.TimeoutConfig.Timeout.Seconds() != 20 {
		t.Errorf("%+v", c)
	}
	if s := c.Keys.Settings(); s.Class != "INFREQUENT_ACCESS" || s.KMSKeyID != "arn:aws:kms:x" || s.RetentionDays != 365 {
		t.Errorf("%+v", s)
	}
	if q := c.QueueConfig.Get(); q == nil || q.QueueSize != 100 || q.NumConsumers != 4 || q.Sizer.String() != "requests" {
		t.Errorf("queue_size alone counts %v, want requests as everywhere", q)
	}
}

func TestConfig_defaults(t *testing.T) {
	c, err := load(t, map[string]any{"log_group_name": "g", "log_stream_name": "s"})
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
	f := func(want string, change map[string]any) {
		t.Helper()
		keys := map[string]any{"log_group_name": "g", "log_stream_name": "s"}
		for key, value := range change {
			keys[key] = value
		}
		if _, err := load(t, keys); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want one with %q", keys, err, want)
		}
	}
	f("no_such_key", map[string]any{"no_such_key": 1})
	f("num_workers", map[string]any{"num_workers": -1})
	f("log_group_name must be set", map[string]any{"log_group_name": ""})
	f("log_stream_name must be set", map[string]any{"log_stream_name": ""})
	f("{Nobody}", map[string]any{"log_group_name": "x{Nobody}"})
	f("{nobody}", map[string]any{"log_stream_name": "x{nobody}"})
	f("log_retention", map[string]any{"log_retention": 2})
	f("tag", map[string]any{"tags": map[string]any{"*": "x"}})
	f("raw_log", map[string]any{"emf_only": true})
	f("proxy_address", map[string]any{"proxy_address": "http://[::1"})
}
