package loadbalancing_test

import (
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/exporter/exportertest"

	"github.com/updraft-otel/updraft/agent/exporter/loadbalancing"
)

// load reads keys as the collector does.
func load(t *testing.T, text string) (*loadbalancing.Config, error) {
	t.Helper()
	retrieved, err := yamlprovider.NewFactory().Create(confmap.ProviderSettings{}).Retrieve(t.Context(), "yaml:"+text, nil)
	if err != nil {
		t.Fatal(err)
	}
	conf, err := retrieved.AsConf()
	if err != nil {
		t.Fatal(err)
	}
	cfg := loadbalancing.NewFactory().CreateDefaultConfig().(*loadbalancing.Config)
	if err := conf.Unmarshal(cfg); err != nil {
		return cfg, err
	}
	return cfg, confmap.Validate(cfg)
}

// TestConfig_collectors takes the configuration that the collector's documentation recommends for a queue on disk.
func TestConfig_collectors(t *testing.T) {
	c, err := load(t, `
timeout: 10s
retry_on_failure: {enabled: true, initial_interval: 5s, max_interval: 30s, max_elapsed_time: 300s}
sending_queue: {enabled: true, num_consumers: 2, queue_size: 1000, storage: file_storage/otc}
routing_key: service
protocol: {otlp: {timeout: 1s, compression: zstd, tls: {insecure: true}, sending_queue: {enabled: true, queue_size: 7}}}
resolver: {static: {hostnames: ["backend-1:4317", backend-2]}}`)
	if err != nil {
		t.Fatal(err)
	}
	q := c.QueueConfig.Get()
	if q == nil || q.QueueSize != 1000 || q.Sizer.String() != "requests" || q.StorageID.String() != "file_storage/otc" {
		t.Errorf("queue %+v", q)
	}
	otlp := c.Protocol.OTLP
	if otlp.QueueConfig.HasValue() || otlp.RetryConfig.Enabled || otlp.TimeoutConfig.Timeout != time.Second || otlp.ClientConfig.Compression != "zstd" {
		t.Errorf("a collector's own exporter has %+v", otlp)
	}
}

// TestConfig_queueBelow takes a queue written where the collector's exporter has one for each collector.
func TestConfig_queueBelow(t *testing.T) {
	c, err := load(t, `
protocol: {otlp: {sending_queue: {queue_size: 5, sizer: items, storage: file_storage}, retry_on_failure: {max_elapsed_time: 1h}}}
resolver: {dns: {hostname: gateways, port: "55690", interval: 3s, timeout: 500ms}}`)
	if err != nil {
		t.Fatal(err)
	}
	if q := c.QueueConfig.Get(); q.QueueSize != 5 || q.StorageID == nil || c.RetryConfig.MaxElapsedTime != time.Hour {
		t.Errorf("queue %+v, retry %+v", q, c.RetryConfig)
	}
}

func TestConfig_defaults(t *testing.T) {
	c, err := load(t, `resolver: {static: {hostnames: [a]}}`)
	if err != nil {
		t.Fatal(err)
	}
	q := c.QueueConfig.Get()
	if q == nil || q.Sizer.String() != "bytes" || q.QueueSize != 64<<20 || q.Batch.Get().MaxSize > 4<<20 {
		t.Errorf("queue %+v, want one bounded by bytes, with batches that a receiver takes", q)
	}
	if !c.RetryConfig.Enabled || c.RetryConfig.MaxElapsedTime != 0 {
		t.Errorf("retry %+v, want one without an end", c.RetryConfig)
	}
	off, err := load(t, "sending_queue: {enabled: false}\nresolver: {static: {hostnames: [a]}}")
	if err != nil || off.QueueConfig.HasValue() {
		t.Errorf("a queue although it is disabled: %v, %+v", err, off.QueueConfig)
	}
}

func TestConfig_refused(t *testing.T) {
	f := func(keys, want string) {
		t.Helper()
		if _, err := load(t, keys); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", keys, err, want)
		}
	}
	f(`{}`, "resolver is missing")
	f(`resolver: {static: {hostnames: []}}`, "static needs hostnames")
	f(`resolver: {static: {hostnames: [""]}}`, "empty hostname")
	f(`resolver: {dns: {port: "1"}}`, "dns needs a hostname")
	f(`resolver: {dns: {hostname: a, interval: -1s}}`, "negative")
	f(`resolver: {static: {hostnames: [a]}, dns: {hostname: a}}`, "two resolvers")
	f(`resolver: {k8s: {service: lb-svc.ns, ports: [4317]}}`, "use dns with the name of the headless Service")
	f(`resolver: {aws_cloud_map: {namespace: n, service_name: s}}`, "docs/scaling.md")
	f("routing_key: attributes\nresolver: {static: {hostnames: [a]}}", "routing_attributes")
	f("routing_attributes: [a]\nresolver: {static: {hostnames: [a]}}", "routing_attributes")
	f("hostnames: [a]\nresolver: {static: {hostnames: [a]}}", "hostnames")
}

// TestFactory_keys takes each signal's routing keys and refuses others'.
func TestFactory_keys(t *testing.T) {
	factory := loadbalancing.NewFactory()
	f := func(key, allowed string) {
		t.Helper()
		c, err := load(t, `resolver: {static: {hostnames: [a]}}`)
		if err != nil {
			t.Fatal(err)
		}
		if c.RoutingKey = key; key == "attributes" {
			c.RoutingAttributes = []string{"a"}
		}
		set := exportertest.NewNopSettings(factory.Type())
		_, traces := factory.CreateTraces(t.Context(), set, c)
		_, metrics := factory.CreateMetrics(t.Context(), set, c)
		_, logs := factory.CreateLogs(t.Context(), set, c)
		got := ""
		for i, err := range []error{traces, metrics, logs} {
			if err == nil {
				got += string("tml"[i])
			}
		}
		if got != allowed {
			t.Errorf("routing_key %q: for %q, want %q (%v, %v, %v)", key, got, allowed, traces, metrics, logs)
		}
	}
	f("", "tml")
	f("traceID", "tl")
	f("service", "tml")
	f("resource", "tml")
	f("attributes", "tml")
	f("metric", "m")
	f("streamID", "m")
	f("traceid", "")
}
