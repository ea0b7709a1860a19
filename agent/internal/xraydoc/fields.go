package xraydoc

import (
	"encoding/json"
	"slices"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// A field is a member of a document that is an attribute of the span or of its
// resource. Where several members are one attribute, the first there is counts.
type field struct {
	attribute string
	path      []string
	form      form
}

// A form is what a member and its attribute are.
type form uint8

const (
	asText   form = iota
	asNumber      // an integer; a text stays one
	asTruth
	asDigits // a number in the document, a text as an attribute
)

// formerHTTP and stableHTTP are members that two conventions name differently: gates.go says which are read.
var (
	formerHTTP = []field{
		{"http.method", []string{"http", "request", "method"}, asText},
		{"http.url", []string{"http", "request", "url"}, asText},
		{"http.client_ip", []string{"http", "request", "client_ip"}, asText},
		{"http.status_code", []string{"http", "response", "status"}, asNumber},
	}
	stableHTTP = []field{
		{"http.request.method", []string{"http", "request", "method"}, asText},
		{"url.full", []string{"http", "request", "url"}, asText},
		{"client.address", []string{"http", "request", "client_ip"}, asText},
		{"http.response.status_code", []string{"http", "response", "status"}, asNumber},
	}
)

// spanFields are all of the span.
var spanFields = slices.Concat(formerHTTP, stableHTTP, otherFields)

// otherFields are the span's others, by the names of the collector's awsxray
// receiver.
var otherFields = []field{
	{"http.user_agent", []string{"http", "request", "user_agent"}, asText},
	{"aws.xray.x_forwarded_for", []string{"http", "request", "x_forwarded_for"}, asTruth},
	{"http.response_content_length", []string{"http", "response", "content_length"}, asNumber},
	{"aws.account_id", []string{"aws", "account_id"}, asText},
	{"aws.operation", []string{"aws", "operation"}, asText},
	{"aws.region", []string{"aws", "region"}, asText},
	{"aws.request_id", []string{"aws", "request_id"}, asText},
	{"aws.queue_url", []string{"aws", "queue_url"}, asText},
	{"aws.table_name", []string{"aws", "table_name"}, asText},
	{"aws.xray.retries", []string{"aws", "retries"}, asNumber},
	{"db.system", []string{"sql", "database_type"}, asText},
	{"db.statement", []string{"sql", "sanitized_query"}, asText},
	{"db.user", []string{"sql", "user"}, asText},
	{"enduser.id", []string{"user"}, asText},
	{"aws.xray.inprogress", []string{"in_progress"}, asTruth},
	{"aws.xray.traced", []string{"traced"}, asTruth},
}

// resourceFields are those of the resource.
var resourceFields = []field{
	{"service.name", []string{"name"}, asText},
	{"service.version", []string{"service", "version"}, asText},
	{"aws.xray.resource_arn", []string{"resource_arn"}, asText},
	{"cloud.account.id", []string{"aws", "account_id"}, asText},
	{"cloud.availability_zone", []string{"aws", "ec2", "availability_zone"}, asText},
	{"cloud.availability_zone", []string{"aws", "ecs", "availability_zone"}, asText},
	{"host.id", []string{"aws", "ec2", "instance_id"}, asText},
	{"host.type", []string{"aws", "ec2", "instance_size"}, asText},
	{"host.image.id", []string{"aws", "ec2", "ami_id"}, asText},
	{"container.name", []string{"aws", "ecs", "container"}, asText},
	{"container.id", []string{"aws", "ecs", "container_id"}, asText},
	{"container.id", []string{"aws", "eks", "container_id"}, asText},
	{"aws.ecs.container.arn", []string{"aws", "ecs", "container_arn"}, asText},
	{"aws.ecs.task.arn", []string{"aws", "ecs", "task_arn"}, asText},
	{"aws.ecs.task.family", []string{"aws", "ecs", "task_family"}, asText},
	{"aws.ecs.cluster.arn", []string{"aws", "ecs", "cluster_arn"}, asText},
	{"aws.ecs.launchtype", []string{"aws", "ecs", "launch_type"}, asText},
	{"k8s.cluster.name", []string{"aws", "eks", "cluster_name"}, asText},
	{"k8s.pod.name", []string{"aws", "eks", "pod"}, asText},
	{"service.namespace", []string{"aws", "elastic_beanstalk", "environment_name"}, asText},
	{"service.instance.id", []string{"aws", "elastic_beanstalk", "deployment_id"}, asDigits},
	{"service.version", []string{"aws", "elastic_beanstalk", "version_label"}, asText},
	{"telemetry.sdk.name", []string{"aws", "xray", "sdk"}, asText},
	{"telemetry.sdk.version", []string{"aws", "xray", "sdk_version"}, asText},
}

// read sets the attribute if the member is there and of its form.
func (f *field) read(o object, attributes pcommon.Map) {
	v := at(o, f.path...)
	if v == nil {
		return
	}
	if _, there := attributes.Get(f.attribute); there {
		return
	}
	switch v := v.(type) {
	case string:
		if f.form == asText || f.form == asNumber {
			attributes.PutStr(f.attribute, v)
		}
	case bool:
		if f.form == asTruth {
			attributes.PutBool(f.attribute, v)
		}
	case json.Number:
		n, err := v.Int64()
		switch {
		case f.form == asDigits:
			attributes.PutStr(f.attribute, v.String())
		case f.form == asNumber && err == nil:
			attributes.PutInt(f.attribute, n)
		}
	}
}

// write sets the member to a value of the attribute.
func (f *field) write(o object, v pcommon.Value) {
	switch {
	case f.form == asTruth && v.Type() == pcommon.ValueTypeBool:
		put(o, v.Bool(), f.path...)
	case f.form == asNumber && v.Type() == pcommon.ValueTypeInt:
		put(o, v.Int(), f.path...)
	case f.form == asText && v.Type() == pcommon.ValueTypeStr, f.form == asNumber && v.Type() == pcommon.ValueTypeStr:
		put(o, v.Str(), f.path...)
	case f.form == asDigits:
		if n, err := strconv.ParseInt(v.AsString(), 10, 64); err == nil {
			put(o, n, f.path...)
		}
	default: // nothing X-Ray would take there
		remove(o, f.path...)
	}
}

// find is the field of an attribute that the document has, else the first one.
func find(fields []field, o object, attribute string) *field {
	var first *field
	for i := range fields {
		f := &fields[i]
		if f.attribute != attribute {
			continue
		}
		if at(o, f.path...) != nil {
			return f
		}
		if first == nil {
			first = f
		}
	}
	return first
}
