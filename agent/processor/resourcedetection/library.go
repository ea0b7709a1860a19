package resourcedetection

import (
	"context"
	"errors"
	"os"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/updraft-otel/updraft/detect"
)

// fromLibrary has a detector of package detect asked.
func fromLibrary(by func(*Config) resource.Detector) func(context.Context, *Config, pcommon.Map) error {
	return func(ctx context.Context, c *Config, m pcommon.Map) error {
		res, err := by(c).Detect(ctx)
		for _, kv := range res.Attributes() {
			putAttribute(m, kv)
		}
		if res.Len() == 0 {
			return errors.Join(errElsewhere, err)
		}
		return err
	}
}

// putAttribute sets an attribute by the collector's name and in the collector's form, where these differ.
func putAttribute(m pcommon.Map, kv attribute.KeyValue) {
	switch name := string(kv.Key); {
	case name == "faas.max_memory": // in megabytes, as a text
		put(m, name, os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
	case name == "deployment.environment.name":
		putDeployment(m, "deployment.environment", name, kv.Value.AsString())
	case name == "service.instance.id": // Elastic Beanstalk's alone
		putDeployment(m, name, "deployment.id", kv.Value.AsString())
	case kv.Value.Type() == attribute.STRINGSLICE:
		list := m.PutEmptySlice(name)
		for _, text := range kv.Value.AsStringSlice() {
			list.AppendEmpty().SetStr(text)
		}
	default:
		put(m, name, kv.Value.AsString())
	}
}

var (
	lambdaAttributes = on("aws.log.group.names", "aws.log.stream.names", "cloud.platform", "cloud.provider", "cloud.region",
		"faas.instance", "faas.max_memory", "faas.name", "faas.version")
	ecsAttributes = on("aws.ecs.cluster.arn", "aws.ecs.launchtype", "aws.ecs.task.arn", "aws.ecs.task.family", "aws.ecs.task.id",
		"aws.ecs.task.revision", "aws.log.group.arns", "aws.log.group.names", "aws.log.stream.arns", "aws.log.stream.names",
		"cloud.account.id", "cloud.availability_zone", "cloud.platform", "cloud.provider", "cloud.region")
	eksAttributes = off(on("cloud.platform", "cloud.provider"), "cloud.account.id", "cloud.availability_zone", "cloud.region",
		"host.id", "host.image.id", "host.name", "host.type", "k8s.cluster.name")
	ec2Attributes = on("cloud.account.id", "cloud.availability_zone", "cloud.platform", "cloud.provider", "cloud.region",
		"host.id", "host.image.id", "host.name", "host.type")
	beanstalkAttributes = on("cloud.platform", "cloud.provider", "deployment.environment", "deployment.environment.name",
		"deployment.id", "service.instance.id", "service.version")
)

func lambda(*Config) resource.Detector { return detect.Lambda{} }

// ecs is the application's: not the agent's own container.
func ecs(*Config) resource.Detector { return detect.ECS{Others: true} }

func eks(*Config) resource.Detector { return detect.EKS{} }

func elasticBeanstalk(*Config) resource.Detector { return detect.ElasticBeanstalk{} }

// tagPrefix begins the names of the attributes that tags become.
const tagPrefix = "ec2.tag."

func ec2(c *Config) resource.Detector {
	d := detect.EC2{Options: []func(*imds.Options){func(o *imds.Options) {
		o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) { r.MaxAttempts, r.MaxBackoff = c.EC2.MaxAttempts, c.EC2.MaxBackoff })
	}}}
	for _, pattern := range c.EC2.Tags {
		d.Tags = append(d.Tags, regexp.MustCompile(pattern)) // validated
	}
	return d
}
