package xray

import (
	"strconv"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// A Resource is what all spans of one OpenTelemetry resource share, encoded
// once. It is immutable and safe for concurrent use.
type Resource struct {
	// ServiceName is the resource's service.name: the name of its segments.
	ServiceName string

	segment    []byte // members of every segment: origin, service
	aws        []byte // members of the aws block, each with a comma before it
	metadata   []byte // members of metadata.default, each with a comma before it
	attributes []attribute.KeyValue
}

// NewResource encodes a resource's attributes.
func NewResource(attributes []attribute.KeyValue) *Resource {
	r := &Resource{attributes: attributes}
	get := func(keys ...string) string {
		for _, key := range keys {
			for _, kv := range attributes {
				if string(kv.Key) == key {
					return kv.Value.String()
				}
			}
		}
		return ""
	}
	r.ServiceName = get("service.name")
	r.segment = appendOrigin(r.segment, get)
	if version := get("service.version", "container.image.tag"); version != "" {
		r.segment = append(r.segment, `,"service":{"version":`...)
		r.segment = appendCut(r.segment, version, MaxStringLength)
		r.segment = append(r.segment, '}')
	}
	if provider := get("cloud.provider"); provider == "" || provider == "aws" {
		r.aws = appendResourceAWS(r.aws, get)
	}
	for _, kv := range attributes {
		r.metadata = append(r.metadata, ',')
		r.metadata = appendjson.String(r.metadata, "otel.resource."+string(kv.Key))
		r.metadata = append(r.metadata, ':')
		r.metadata = appendjson.Value(r.metadata, kv.Value)
	}
	return r
}

// appendOrigin writes the kind of AWS resource that runs the service, which
// the X-Ray console draws as the node's icon and type.
func appendOrigin(dst []byte, get func(...string) string) []byte {
	if provider := get("cloud.provider"); provider != "" && provider != "aws" {
		return dst
	}
	var origin string
	switch get("cloud.platform") {
	case "aws_app_runner":
		origin = "AWS::AppRunner::Service"
	case "aws_eks":
		origin = "AWS::EKS::Container"
	case "aws_elastic_beanstalk":
		origin = "AWS::ElasticBeanstalk::Environment"
	case "aws_ecs":
		switch get("aws.ecs.launchtype") {
		case "ec2":
			origin = "AWS::ECS::EC2"
		case "fargate":
			origin = "AWS::ECS::Fargate"
		default:
			origin = "AWS::ECS::Container"
		}
	case "aws_ec2":
		origin = "AWS::EC2::Instance"
	case "aws_lambda":
		origin = "AWS::Lambda::Function"
	default:
		return dst
	}
	dst = append(dst, `,"origin":"`...)
	dst = append(dst, origin...)
	return append(dst, '"')
}

func appendResourceAWS(dst []byte, get func(...string) string) []byte {
	block := func(name string, members ...string) {
		start := len(dst)
		dst = append(dst, `,"`...)
		dst = append(dst, name...)
		dst = append(dst, `":{`...)
		first := len(dst)
		for i := 0; i < len(members); i += 2 {
			dst = appendLong(dst, first, members[i], members[i+1])
		}
		if len(dst) == first {
			dst = dst[:start]
			return
		}
		dst = append(dst, '}')
	}
	platform := get("cloud.platform")
	if platform == "aws_ec2" || get("host.id") != "" {
		block("ec2", "instance_id", get("host.id"), "availability_zone", get("cloud.availability_zone"),
			"instance_size", get("host.type"), "ami_id", get("host.image.id"))
	}
	if platform == "aws_ecs" {
		block("ecs", "container", get("container.name"), "container_id", get("container.id"),
			"task_arn", get("aws.ecs.task.arn"), "task_family", get("aws.ecs.task.family"),
			"cluster_arn", get("aws.ecs.cluster.arn"), "container_arn", get("aws.ecs.container.arn"),
			"availability_zone", get("cloud.availability_zone"), "launch_type", get("aws.ecs.launchtype"))
	}
	if platform == "aws_eks" || get("k8s.cluster.name") != "" {
		block("eks", "cluster_name", get("k8s.cluster.name"), "pod", get("k8s.pod.name"), "container_id", get("container.id"))
	}
	if platform == "aws_elastic_beanstalk" {
		dst = append(dst, `,"elastic_beanstalk":{"deployment_id":`...)
		id, _ := strconv.ParseInt(get("service.instance.id"), 10, 64) // X-Ray wants a number; 0 where it is none
		dst = strconv.AppendInt(dst, id, 10)
		dst = appendLong(dst, 0, "environment_name", get("service.namespace"))
		dst = appendLong(dst, 0, "version_label", get("service.version"))
		dst = append(dst, '}')
	}
	sdk := get("telemetry.sdk.name")
	if language := get("telemetry.sdk.language"); sdk != "" && language != "" {
		sdk += " for " + language
	}
	block("xray", "sdk", sdk, "sdk_version", get("telemetry.sdk.version"))
	return dst
}

// appendLong appends a string member of any length, unless it is empty. first
// is where the object's first member would stand.
func appendLong(dst []byte, first int, key, value string) []byte {
	if value == "" {
		return dst
	}
	if len(dst) != first {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, key...)
	dst = append(dst, `":`...)
	return appendjson.String(dst, value)
}
