package resourcedetection

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configretry"
)

// Config are the keys of the processor.
type Config struct {
	// Detectors are asked at the same time; of two that know an attribute the first counts.
	Detectors []string `mapstructure:"detectors"`
	// Override has what was detected replace what telemetry says of itself.
	Override bool `mapstructure:"override"`
	// Timeout bounds one detection, and what it adds to the agent's start.
	Timeout time.Duration `mapstructure:"timeout"`
	// RefreshInterval has everything detected anew that often; 0 means once.
	RefreshInterval time.Duration `mapstructure:"refresh_interval"`
	// FailOnMissingMetadata takes a detector that is not where it belongs for one that failed, which is tried again.
	FailOnMissingMetadata bool `mapstructure:"fail_on_missing_metadata"`
	// Retry says when what failed is tried again.
	Retry configretry.BackOffConfig `mapstructure:"retry"`

	System           SystemConfig   `mapstructure:"system"`
	EC2              EC2Config      `mapstructure:"ec2"`
	ECS              DetectorConfig `mapstructure:"ecs"`
	EKS              EKSConfig      `mapstructure:"eks"`
	ElasticBeanstalk DetectorConfig `mapstructure:"elasticbeanstalk"`
	Lambda           DetectorConfig `mapstructure:"lambda"`
}

// An AttributeConfig turns one attribute on or off.
type AttributeConfig struct {
	Enabled bool `mapstructure:"enabled"`
}

// DetectorConfig are the keys that every detector has.
type DetectorConfig struct {
	// ResourceAttributes turn attributes on or off, by name.
	ResourceAttributes map[string]AttributeConfig `mapstructure:"resource_attributes"`
}

// SystemConfig are the keys of the detector system.
type SystemConfig struct {
	DetectorConfig `mapstructure:",squash"`
	// HostnameSources are where the host's name is looked for: dns, os, cname or lookup. All but os ask the resolver
	// for the full name.
	HostnameSources []string `mapstructure:"hostname_sources"`
}

// EC2Config are the keys of the detector ec2.
type EC2Config struct {
	DetectorConfig `mapstructure:",squash"`
	// Tags are regular expressions of the instance's tags that become ec2.tag.<name>. They are read from the metadata
	// service, where the instance's InstanceMetadataTags has to be enabled.
	Tags []string `mapstructure:"tags"`
	// TagsFromIMDS is how the agent reads tags in any case.
	TagsFromIMDS bool `mapstructure:"tags_from_imds"`
	// MaxAttempts and MaxBackoff are how often and how long apart the metadata service is asked again.
	MaxAttempts int           `mapstructure:"max_attempts"`
	MaxBackoff  time.Duration `mapstructure:"max_backoff"`
	// FailOnMissingMetadata is the processor's key of that name, for this detector alone.
	FailOnMissingMetadata bool `mapstructure:"fail_on_missing_metadata"`
}

// EKSConfig are the keys of the detector eks.
type EKSConfig struct {
	DetectorConfig `mapstructure:",squash"`
	// NodeFromEnvVar names the variable with the node's name, by which the collector's processor asks for the instance.
	// The agent asks the instance itself.
	NodeFromEnvVar string `mapstructure:"node_from_env_var"`
}

func defaultConfig() component.Config {
	return &Config{
		Detectors: []string{detectEnv},
		Override:  true,
		Timeout:   5 * time.Second,
		Retry: configretry.BackOffConfig{
			Enabled: true, InitialInterval: time.Second, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 30 * time.Second,
		},
		EC2: EC2Config{MaxAttempts: 3, MaxBackoff: 20 * time.Second},
	}
}

// Validate names what this processor does not have.
func (c *Config) Validate() error {
	if err := checkGates(); err != nil && slices.Contains(c.Detectors, detectElasticBeanstalk) {
		return err
	}
	for _, name := range c.Detectors {
		if _, ok := detectors[name]; !ok {
			return fmt.Errorf("no detector %q; there are %s", name, strings.Join(names(), ", "))
		}
	}
	if c.Timeout <= 0 {
		return fmt.Errorf("timeout is %v; it must be positive", c.Timeout)
	}
	for _, source := range c.System.HostnameSources {
		if !slices.Contains(hostnameSources, source) {
			return fmt.Errorf("system: hostname_sources contains %q; there are %s", source, strings.Join(hostnameSources, ", "))
		}
	}
	for _, pattern := range c.EC2.Tags {
		if _, err := regexp.Compile(pattern); err != nil {
			return fmt.Errorf("ec2: tags: %w", err)
		}
	}
	for name, d := range detectors {
		for attribute := range d.config(c).ResourceAttributes {
			if !slices.ContainsFunc(d.attributes, func(a known) bool { return a.name == attribute }) {
				return fmt.Errorf("%s: resource_attributes has %q, which the detector does not know", name, attribute)
			}
		}
	}
	return nil
}

// wanted tells whether an attribute of a detector's is asked for. A detector that names none may set any.
func (d *detector) wanted(c *Config, name string) bool {
	if said, ok := d.config(c).ResourceAttributes[name]; ok {
		return said.Enabled
	}
	i := slices.IndexFunc(d.attributes, func(a known) bool { return a.name == name })
	if i < 0 {
		return d.attributes == nil || strings.HasPrefix(name, tagPrefix)
	}
	return !d.attributes[i].off
}
