package xray

import (
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// A Resource is what all spans of one OpenTelemetry resource share, encoded
// once. It is immutable and safe for concurrent use.
type Resource struct {
	// ServiceName is the resource's service.name: the name of its segments.
	ServiceName string

	segment  encoded // members of every segment: origin, service
	aws      encoded // members of the aws block, each with a comma before it
	metadata encoded // members of metadata.default, each with a comma before it

	// The first two, as the collector's exporter writes them.
	segmentCompat, awsCompat encoded

	attributes []attribute.KeyValue
	account    string
	language   string // of the SDK
	foreign    bool   // runs at another cloud provider
}

// encoded is what was encoded once, in each form.
type encoded [forms][]byte

func encode(members []byte) encoded {
	return encoded{plain: members, escaped: escaped.within(slices.Clone(members), 0)}
}

// getter reads attributes that are strings.
type getter []attribute.KeyValue

func (g getter) value(key string) attribute.Value {
	for _, kv := range g {
		if string(kv.Key) == key {
			return kv.Value
		}
	}
	return attribute.Value{}
}

func (g getter) get(key string) string { return str(g.value(key)) }

func (g getter) has(key string) bool {
	return slices.ContainsFunc(g, func(kv attribute.KeyValue) bool { return string(kv.Key) == key })
}

// NewResource encodes a resource's attributes. logGroups are the log groups of
// the service, where the resource names none by aws.log.group.arns or
// aws.log.group.names.
func NewResource(attributes []attribute.KeyValue, logGroups ...string) *Resource {
	attributes = once(attributes)
	g := getter(attributes)
	provider := g.get("cloud.provider")
	r := &Resource{
		ServiceName: g.get("service.name"), attributes: attributes, account: g.get("cloud.account.id"),
		language: g.get("telemetry.sdk.language"), foreign: provider != "" && provider != "aws",
	}
	var segment, metadata []byte
	if !r.foreign {
		segment = appendOrigin(nil, g.get)
		r.aws = encode(appendResourceAWS(nil, g, logGroups, false))
		r.awsCompat = encode(appendResourceAWS(nil, g, logGroups, true))
	}
	r.segment = encode(appendVersion(segment, g))
	r.segmentCompat = encode(appendSegmentCompat(nil, g))
	for _, kv := range attributes {
		if kv.Value.Type() == attribute.EMPTY {
			continue
		}
		metadata = append(metadata, ',')
		metadata = appendjson.String(metadata, "otel.resource."+string(kv.Key))
		metadata = append(metadata, ':')
		metadata = appendjson.Value(metadata, kv.Value)
	}
	r.metadata = encode(metadata)
	return r
}

// appendSegmentCompat writes origin and version as the collector's exporter
// does: no origin for Lambda, an empty version as an empty block.
func appendSegmentCompat(dst []byte, g getter) []byte {
	if !g.has("cloud.provider") || g.get("cloud.provider") == "aws" {
		if g.get("cloud.platform") != "aws_lambda" {
			dst = appendOrigin(dst, g.get)
		}
	}
	tags := g.value("container.image.tags")
	var version string
	switch {
	case g.has("service.version"):
		version = g.get("service.version")
	case isList(&tags) && len(textsOf(tags)) > 0:
		version = textsOf(tags)[0]
	case g.has("container.image.tag"):
		version = g.get("container.image.tag")
	default:
		return dst
	}
	dst = append(dst, `,"service":{`...)
	dst = plain.text(dst, len(dst), "version", version)
	return append(dst, '}')
}

// appendVersion writes the service's version, or its container image's tag.
func appendVersion(dst []byte, g getter) []byte {
	version := g.get("service.version")
	if tags := stringsOf(g.value("container.image.tags")); version == "" && len(tags) > 0 {
		version = tags[0]
	}
	if version = firstOf(version, g.get("container.image.tag")); version == "" {
		return dst
	}
	dst = append(dst, `,"service":{"version":`...)
	dst = appendCut(dst, version, MaxStringLength)
	return append(dst, '}')
}

// appendOrigin writes the kind of AWS resource that runs the service, which
// the X-Ray console draws as the node's icon and type.
func appendOrigin(dst []byte, get func(string) string) []byte {
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

// instancePrefix begins the ids of EC2 instances; a host.id may be a machine's.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
const instancePrefix = "i-"

// appendResourceAWS writes where the service runs, and by which SDK it speaks.
func appendResourceAWS(dst []byte, g getter, logGroups []string, compat bool) []byte {
	get := g.get
	block := func(name string, nulls bool, members ...string) {
		start := len(dst)
		dst = append(dst, `,"`...)
		dst = append(dst, name...)
		dst = append(dst, `":{`...)
		first := len(dst)
		for i := 0; i < len(members); i += 2 {
			if members[i+1] == "" && nulls && compat {
				dst = appendSeparator(dst, first)
				dst = append(append(append(dst, '"'), members[i]...), `":null`...)
				continue
			}
			dst = plain.text(dst, first, members[i], members[i+1])
		}
		if len(dst) == first && !compat {
			dst = dst[:start]
			return
		}
		dst = append(dst, '}')
	}
	platform := get("cloud.platform")
	if platform == "aws_ec2" || strings.HasPrefix(get("host.id"), instancePrefix) || compat && get("host.id") != "" {
		block("ec2", true, "instance_id", get("host.id"), "availability_zone", get("cloud.availability_zone"),
			"instance_size", get("host.type"), "ami_id", get("host.image.id"))
	}
	if platform == "aws_ecs" {
		block("ecs", false, "container", get("container.name"), "container_id", get("container.id"),
			"task_arn", get("aws.ecs.task.arn"), "task_family", get("aws.ecs.task.family"),
			"cluster_arn", get("aws.ecs.cluster.arn"), "container_arn", get("aws.ecs.container.arn"),
			"availability_zone", get("cloud.availability_zone"), "launch_type", get("aws.ecs.launchtype"))
	}
	if platform == "aws_eks" || get("k8s.cluster.name") != "" {
		block("eks", true, "cluster_name", get("k8s.cluster.name"), "pod", get("k8s.pod.name"), "container_id", get("container.id"))
	}
	if id := get("service.instance.id"); platform == "aws_elastic_beanstalk" && id != "" {
		block("elastic_beanstalk", true, "environment_name", get("service.namespace"), "version_label", get("service.version"))
		if get("service.namespace") != "" || get("service.version") != "" || compat {
			dst = append(dst[:len(dst)-1], ',')
		} else {
			dst = append(dst, `,"elastic_beanstalk":{`...)
		}
		dst = append(dst, `"deployment_id":`...)
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil { // X-Ray wants a number
			n = 0
		}
		dst = append(strconv.AppendInt(dst, n, 10), '}')
	}
	dst = appendLogGroups(dst, g, logGroups, compat)
	sdk := get("telemetry.sdk.name")
	if language := get("telemetry.sdk.language"); sdk != "" && language != "" {
		sdk += " for " + language
	}
	dst = append(dst, `,"xray":{`...)
	first := len(dst)
	dst = plain.text(dst, first, "sdk", sdk)
	dst = plain.text(dst, first, "sdk_version", get("telemetry.sdk.version"))
	dst = appendSeparator(dst, first)
	dst = append(dst, `"auto_instrumentation":`...)
	dst = strconv.AppendBool(dst, autoInstrumented(g, compat))
	return append(dst, '}')
}

// autoInstrumented tells whether an agent or distribution instruments the
// service; to the collector's exporter the last of its attributes counts.
func autoInstrumented(g getter, compat bool) (is bool) {
	for _, kv := range g {
		if kv.Key == "telemetry.auto.version" || kv.Key == "telemetry.distro.version" {
			is = str(kv.Value) != "" || is && !compat
		}
	}
	return is
}

// appendLogGroups writes the log groups of the service, by which X-Ray shows a
// trace's logs: of aws.log.group.arns, else aws.log.group.names, else given.
func appendLogGroups(dst []byte, g getter, given []string, compat bool) []byte {
	names, arns := given, groupList(g.value("aws.log.group.arns"), compat)
	if listed := groupList(g.value("aws.log.group.names"), compat); len(listed) > 0 {
		names = listed
	}
	if len(arns) > 0 {
		names = arns
	}
	if len(names) == 0 {
		return dst
	}
	dst = append(dst, `,"cloudwatch_logs":[`...)
	first := len(dst)
	for _, name := range names {
		if name != "" || compat {
			dst = appendSeparator(dst, first)
			dst = appendLogGroup(dst, name, len(arns) > 0)
		}
	}
	return append(dst, ']')
}

// logGroupPart is the place of a log group's name in its ARN.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html#CWL_ARN_Format
const logGroupPart = 6

func appendLogGroup(dst []byte, name string, arn bool) []byte {
	if name == "" { // of a list with something else than strings, as the collector's exporter writes it
		return append(dst, `{"log_group":null}`...)
	}
	group := name
	if parts := strings.Split(name, ":"); arn && len(parts) > logGroupPart {
		group = parts[logGroupPart]
	}
	dst = append(dst, `{"log_group":`...)
	dst = appendjson.String(dst, group)
	if arn {
		dst = append(dst, `,"arn":`...)
		dst = appendjson.String(dst, name)
	}
	return append(dst, '}')
}

// groupList reads a list, or a string with & between, as environments have it.
func groupList(v attribute.Value, compat bool) []string {
	list := textsOf(v)
	if v.Type() == attribute.STRING {
		list = strings.Split(v.AsString(), "&")
		compat = false
	}
	if compat {
		return list
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

func appendSeparator(dst []byte, first int) []byte {
	if len(dst) != first {
		return append(dst, ',')
	}
	return dst
}

// appendLong appends a string member, unless it is empty, shortened where the
// document is trimmed. first is where the object's first member would stand.
func (f *facts) appendLong(dst []byte, first int, key, value string) []byte {
	return f.form.text(dst, first, key, f.short(value))
}

// appendField appends a string member of at most MaxStringLength characters,
// unless it is empty; the collector's exporter knows no such limit.
func (f *facts) appendField(dst []byte, first int, key, value string) []byte {
	if !f.compat {
		value = cut(value, MaxStringLength)
	}
	return f.appendLong(dst, first, key, value)
}
