package resourcedetection

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
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
	detectEC2:              {ec2Attributes, func(c *Config) *DetectorConfig { return &c.EC2.DetectorConfig }, fromEC2},
	detectECS:              {ecsAttributes, func(c *Config) *DetectorConfig { return &c.ECS }, fromECS},
	detectEKS:              {eksAttributes, func(c *Config) *DetectorConfig { return &c.EKS.DetectorConfig }, fromEKS},
	detectLambda:           {lambdaAttributes, func(c *Config) *DetectorConfig { return &c.Lambda }, fromLambda},
	detectElasticBeanstalk: {beanstalkAttributes, func(c *Config) *DetectorConfig { return &c.ElasticBeanstalk }, fromElasticBeanstalk},
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

var lambdaAttributes = on("aws.log.group.names", "aws.log.stream.names", "cloud.platform", "cloud.provider", "cloud.region",
	"faas.instance", "faas.max_memory", "faas.name", "faas.version")

// fromLambda reads what Lambda says in the environment.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func fromLambda(_ context.Context, _ *Config, m pcommon.Map) error {
	function := os.Getenv("AWS_LAMBDA_FUNCTION_NAME")
	if function == "" {
		return errElsewhere
	}
	put(m, "cloud.provider", "aws")
	put(m, "cloud.platform", "aws_lambda")
	put(m, "cloud.region", os.Getenv("AWS_REGION"))
	put(m, "faas.name", function)
	put(m, "faas.version", os.Getenv("AWS_LAMBDA_FUNCTION_VERSION"))
	put(m, "faas.max_memory", os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
	stream := os.Getenv("AWS_LAMBDA_LOG_STREAM_NAME")
	put(m, "faas.instance", stream)
	putList(m, "aws.log.group.names", os.Getenv("AWS_LAMBDA_LOG_GROUP_NAME"))
	putList(m, "aws.log.stream.names", stream)
	return nil
}

func putList(m pcommon.Map, name string, values ...string) {
	values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
	if len(values) == 0 {
		return
	}
	list := m.PutEmptySlice(name)
	for _, v := range values {
		list.AppendEmpty().SetStr(v)
	}
}

var eksAttributes = off(on("cloud.platform", "cloud.provider"), "cloud.account.id", "cloud.availability_zone", "cloud.region",
	"host.id", "host.image.id", "host.name", "host.type", "k8s.cluster.name")

// fromEKS tells EKS from other Kubernetes by what EKS gives its pods for credentials, or else by its nodes, which are EC2
// instances.
// https://docs.aws.amazon.com/eks/latest/userguide/pod-configuration.html
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
func fromEKS(ctx context.Context, c *Config, m pcommon.Map) error {
	if os.Getenv("KUBERNETES_SERVICE_HOST") == "" {
		return errElsewhere
	}
	err := fromEC2(ctx, c, m)
	credentials := strings.Contains(os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"), "eks.amazonaws.com") ||
		strings.Contains(os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"), "eks-pod-identity")
	if !credentials && err != nil {
		return err
	}
	put(m, "cloud.provider", "aws")
	put(m, "cloud.platform", "aws_eks")
	return nil
}

var beanstalkAttributes = on("cloud.platform", "cloud.provider", "deployment.environment", "service.instance.id", "service.version")

// beanstalkFile is what Elastic Beanstalk writes where X-Ray is enabled.
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/environment-configuration-debugging.html
var beanstalkFile = "/var/elasticbeanstalk/xray/environment.conf"

func fromElasticBeanstalk(_ context.Context, _ *Config, m pcommon.Map) error {
	path := beanstalkFile
	if runtime.GOOS == "windows" {
		path = `C:\Program Files\Amazon\XRay\environment.conf`
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return errElsewhere
	}
	var said struct {
		Deployment  int64  `json:"deployment_id"`
		Version     string `json:"version_label"`
		Environment string `json:"environment_name"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return err
	}
	put(m, "cloud.provider", "aws")
	put(m, "cloud.platform", "aws_elastic_beanstalk")
	put(m, "service.instance.id", strconv.FormatInt(said.Deployment, 10))
	put(m, "deployment.environment", said.Environment)
	put(m, "service.version", said.Version)
	return nil
}
