package resourcedetection

import (
	"context"
	"errors"
	"net/url"
	"os"
	"runtime"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// The names of the detectors.
const (
	detectEnv              = "env"
	detectSystem           = "system"
	detectEC2              = "ec2"
	detectECS              = "ecs"
	detectEKS              = "eks"
	detectLambda           = "lambda"
	detectElasticBeanstalk = "elastic_beanstalk"
)

// errElsewhere is what a detector returns that is not where it belongs.
var errElsewhere = errors.New("not on this platform")

// A known attribute is one that a detector sets.
type known struct {
	name string
	off  bool // unless it is asked for
}

// A detector finds attributes of one platform.
type detector struct {
	attributes []known
	config     func(*Config) *DetectorConfig
	detect     func(context.Context, *Config, pcommon.Map) error
}

var detectors = map[string]*detector{
	detectEnv:              {nil, func(*Config) *DetectorConfig { return &DetectorConfig{} }, fromEnv},
	detectSystem:           {systemAttributes, func(c *Config) *DetectorConfig { return &c.System.DetectorConfig }, fromSystem},
	detectEC2:              {ec2Attributes, func(c *Config) *DetectorConfig { return &c.EC2.DetectorConfig }, fromLibrary(ec2)},
	detectECS:              {ecsAttributes, func(c *Config) *DetectorConfig { return &c.ECS }, fromLibrary(ecs)},
	detectEKS:              {eksAttributes, func(c *Config) *DetectorConfig { return &c.EKS.DetectorConfig }, fromLibrary(eks)},
	detectLambda:           {lambdaAttributes, func(c *Config) *DetectorConfig { return &c.Lambda }, fromLibrary(lambda)},
	detectElasticBeanstalk: {beanstalkAttributes, func(c *Config) *DetectorConfig { return &c.ElasticBeanstalk }, fromLibrary(elasticBeanstalk)},
}

func names() []string {
	return []string{detectEnv, detectSystem, detectEC2, detectECS, detectEKS, detectLambda, detectElasticBeanstalk}
}

// on makes the list of attributes that are set unless they are turned off.
func on(names ...string) []known {
	var list []known
	for _, name := range names {
		list = append(list, known{name: name})
	}
	return list
}

// off adds attributes that are set only where they are turned on.
func off(list []known, names ...string) []known {
	for _, name := range names {
		list = append(list, known{name: name, off: true})
	}
	return list
}

// put sets an attribute that is known.
func put(m pcommon.Map, name, value string) {
	if value != "" {
		m.PutStr(name, value)
	}
}

// fromEnv reads OTEL_RESOURCE_ATTRIBUTES, and OTEL_RESOURCE, its former name.
// https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable
func fromEnv(_ context.Context, _ *Config, m pcommon.Map) error {
	text := strings.TrimSpace(os.Getenv("OTEL_RESOURCE_ATTRIBUTES"))
	if text == "" {
		text = strings.TrimSpace(os.Getenv("OTEL_RESOURCE"))
	}
	for pair := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(pair, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok || key == "" {
			continue // an empty part, or none of our business
		}
		if decoded, err := url.PathUnescape(value); err == nil {
			value = decoded
		}
		m.PutStr(key, value)
	}
	return nil
}

var systemAttributes = off(on("host.name", "os.type"), "host.arch", "host.id", "os.name", "os.version")

// fromSystem says what the machine is.
func fromSystem(ctx context.Context, c *Config, m pcommon.Map) error {
	name, err := hostname(ctx, c.System.HostnameSources)
	put(m, "host.name", name)
	put(m, "os.type", runtime.GOOS)
	put(m, "host.arch", runtime.GOARCH)
	if id, err := os.ReadFile("/etc/machine-id"); err == nil {
		put(m, "host.id", strings.TrimSpace(string(id)))
	}
	release := osRelease()
	put(m, "os.name", release["NAME"])
	put(m, "os.version", release["VERSION_ID"])
	return err
}

// osRelease reads the system's name. https://www.freedesktop.org/software/systemd/man/latest/os-release.html
func osRelease() map[string]string {
	release := map[string]string{}
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return release
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			release[key] = strings.Trim(value, `"'`)
		}
	}
	return release
}
