package loadbalancing

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/otlpexporter"

	"github.com/updraft-otel/updraft/agent/internal/delivery"
)

// Config are the keys of the exporter.
type Config struct {
	// Config are the queue in front of all collectors, the retries and the timeout. A queue or retries written under
	// protocol::otlp are taken for these where there are none here. The timeout bounds one push to all collectors; 0, the
	// default, leaves it to protocol::otlp::timeout, which bounds each call.
	delivery.Config `mapstructure:",squash"`

	// Protocol says how to speak to each collector.
	Protocol Protocol `mapstructure:"protocol"`
	// Resolver says where they are.
	Resolver Resolver `mapstructure:"resolver"`
	// RoutingKey is what decides to which collector an item goes: traceID, service, resource, attributes, and for metrics
	// metric and streamID. The default is traceID for traces and service for metrics and logs.
	RoutingKey string `mapstructure:"routing_key"`
	// RoutingAttributes are the attributes that make up the key attributes: of the resource, the scope, or the span, record
	// or data point, and span.kind, span.name, log.severity and log.body.
	RoutingAttributes []string `mapstructure:"routing_attributes"`
}

// Protocol is how to speak to a collector.
type Protocol struct {
	// OTLP are the keys of the otlp exporter; the endpoint is each collector's own.
	OTLP otlpexporter.Config `mapstructure:"otlp"`
}

// Resolver is one of the ways to find collectors.
type Resolver struct {
	Static configoptional.Optional[Static] `mapstructure:"static"`
	DNS    configoptional.Optional[DNS]    `mapstructure:"dns"`
	// K8s and CloudMap are known in order to say what to do instead.
	K8s      map[string]any `mapstructure:"k8s"`
	CloudMap map[string]any `mapstructure:"aws_cloud_map"`
}

// Static is a list of collectors.
type Static struct {
	// Hostnames are host or host:port; the port is 4317 where none is given.
	Hostnames []string `mapstructure:"hostnames"`
}

// DNS is a name whose addresses are collectors.
type DNS struct {
	// Hostname is the name to ask for.
	Hostname string `mapstructure:"hostname"`
	// Port is the collectors' port; 4317 where none is given.
	Port string `mapstructure:"port"`
	// Interval is how often to ask, and Timeout how long to wait for an answer; 5 s and 1 s where none is given.
	Interval time.Duration `mapstructure:"interval"`
	Timeout  time.Duration `mapstructure:"timeout"`
}

// The routing keys.
const (
	byTrace      = "traceID"
	byService    = "service"
	byResource   = "resource"
	byAttributes = "attributes"
	byMetric     = "metric"
	byStream     = "streamID"
)

const (
	defaultPort     = "4317"
	defaultInterval = 5 * time.Second
	defaultTimeout  = time.Second

	// What the queue gathers for one push. The most is under what a collector's gRPC receiver takes in one message unless
	// told otherwise, 4 MiB, since a message too long is refused for good.
	defaultBatchBytes    = 512 << 10
	defaultMaxBatchBytes = 3 << 20
)

func defaultConfig() component.Config {
	d := delivery.Default(exporterhelper.BatchConfig{
		Sizer: exporterhelper.RequestSizerTypeBytes, MinSize: defaultBatchBytes, MaxSize: defaultMaxBatchBytes,
	})
	d.TimeoutConfig = exporterhelper.TimeoutConfig{}
	otlp := otlpexporter.NewFactory().CreateDefaultConfig().(*otlpexporter.Config)
	otlp.ClientConfig.Endpoint = "each:" + defaultPort // the otlp exporter's own check wants one
	otlp.QueueConfig = configoptional.None[exporterhelper.QueueBatchConfig]()
	otlp.RetryConfig.Enabled = false
	return &Config{Config: d, Protocol: Protocol{OTLP: *otlp}}
}

// queueKeys are the keys that stand for the one queue wherever they are written.
var queueKeys = [...]string{"sending_queue", "retry_on_failure"}

// Unmarshal reads the keys. Those of a queue under protocol::otlp become the exporter's own, or give way to them.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	for _, name := range queueKeys {
		below := "protocol::otlp::" + name
		if !conf.IsSet(below) {
			continue
		}
		if !conf.IsSet(name) {
			if err := conf.Merge(confmap.NewFromStringMap(map[string]any{name: conf.Get(below)})); err != nil {
				return err
			}
		}
		conf.Delete(below)
	}
	c.CountAsWritten(conf)
	return conf.Unmarshal(c)
}

// Validate refuses what can never work.
func (c *Config) Validate() error {
	if (c.RoutingKey == byAttributes) != (len(c.RoutingAttributes) > 0) {
		return fmt.Errorf("routing_attributes and routing_key %q belong together: give both or neither", byAttributes)
	}
	return c.Resolver.validate()
}

func (r *Resolver) validate() error {
	for name, keys := range map[string]map[string]any{"k8s": r.K8s, "aws_cloud_map": r.CloudMap} {
		if keys != nil {
			return fmt.Errorf("resolver %s is not in this agent: use dns with the name of the headless Service, or of the Cloud Map service, "+
				"or build an agent with the collector's own exporter, as docs/scaling.md says", name)
		}
	}
	static, dns := r.Static.Get(), r.DNS.Get()
	switch {
	case static == nil && dns == nil:
		return errors.New("resolver is missing: give static, with hostnames, or dns, with a hostname")
	case static != nil && dns != nil:
		return errors.New("static and dns are two resolvers: give one")
	case static != nil && len(static.Hostnames) == 0:
		return errors.New("static needs hostnames, one at least")
	case static != nil && slices.Contains(static.Hostnames, ""):
		return errors.New("static has an empty hostname")
	case dns != nil && dns.Hostname == "":
		return errors.New("dns needs a hostname")
	case dns != nil && (dns.Interval < 0 || dns.Timeout < 0):
		return errors.New("dns has a negative interval or timeout")
	}
	return nil
}
