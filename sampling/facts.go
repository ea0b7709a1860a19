package sampling

import (
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
)

// What rules ask about a new trace, besides other attributes.
const (
	factPath = iota
	factHost
	factMethod
	factSpan
	numFacts
)

// A factSet has a bit for each of them.
type factSet uint8

const allFacts factSet = 1<<numFacts - 1

// facts is what rules ask about a new trace, read once from its first span.
type facts struct {
	// text of each fact, "" where the span does not say: only a pattern that restricts nothing matches that.
	text       [numFacts]string
	attributes []attribute.KeyValue
}

// Where several attributes say the same thing, the one of the highest rank counts: the stable name over the old ones.
const (
	rankURL = iota + 1
	rankOldest
	rankOld
	rankStable
)

// factKeyLengths has a bit for each length of the keys that read looks for: most others are passed over by that alone.
const factKeyLengths uint64 = 1<<len("http.request.method") | 1<<len("http.method") | 1<<len("server.address") |
	1<<len("net.host.name") | 1<<len("http.host") | 1<<len("url.path") | 1<<len("http.target")

// read fills f, as far as asked, from a span's name and attributes, by their stable names and the ones before.
// https://opentelemetry.io/docs/specs/semconv/non-normative/http-migration/
func (f *facts) read(name string, attributes []attribute.KeyValue, asked factSet) {
	f.attributes = attributes
	f.text[factSpan], f.text[factPath] = name, "/" // a request that says no path is for the root
	if asked&^(1<<factSpan) == 0 {
		return
	}
	var ranks [numFacts]uint8
	for i := range attributes {
		kv := &attributes[i]
		if factKeyLengths>>min(len(kv.Key), 63)&1 == 0 {
			continue
		}
		switch kv.Key {
		case "http.request.method":
			f.take(&ranks, asked, factMethod, rankStable, kv)
		case "http.method":
			f.take(&ranks, asked, factMethod, rankOld, kv)
		case "server.address":
			f.take(&ranks, asked, factHost, rankStable, kv)
		case "net.host.name":
			f.take(&ranks, asked, factHost, rankOld, kv)
		case "http.host":
			f.take(&ranks, asked, factHost, rankOldest, kv)
		case "url.path":
			f.take(&ranks, asked, factPath, rankStable, kv)
		case "http.target":
			f.take(&ranks, asked, factPath, rankOld, kv)
		case "url.full", "http.url":
			f.take(&ranks, asked, factPath, rankURL, kv)
		}
	}
	switch ranks[factPath] {
	case rankOld:
		f.text[factPath], _, _ = strings.Cut(f.text[factPath], "?")
	case rankURL:
		f.text[factPath] = pathOf(f.text[factPath])
	}
	if f.text[factPath] == "" {
		f.text[factPath] = "/"
	}
}

// take sets a fact that is asked for, unless a name of a higher rank did.
func (f *facts) take(ranks *[numFacts]uint8, asked factSet, fact int, rank uint8, kv *attribute.KeyValue) {
	if asked>>fact&1 != 0 && rank > ranks[fact] && kv.Value.Type() == attribute.STRING {
		f.text[fact], ranks[fact] = kv.Value.AsString(), rank
	}
}

// pathOf returns the path of an address; what has no scheme is no address.
func pathOf(address string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	slash := strings.IndexAny(rest, "/?#")
	if slash < 0 || rest[slash] != '/' {
		return ""
	}
	path := rest[slash:]
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	return path
}

// matchAttribute tells whether an attribute is there and its value matches.
func (f *facts) matchAttribute(key attribute.Key, p *pattern) bool {
	for i := range f.attributes {
		if f.attributes[i].Key == key {
			return p.matchValue(f.attributes[i].Value)
		}
	}
	return false
}

// matchValue matches a value as it would be written; lists are no text.
func (p *pattern) matchValue(v attribute.Value) bool {
	if p.any {
		return true
	}
	var buf [32]byte
	switch v.Type() {
	case attribute.STRING:
		return p.match(v.AsString())
	case attribute.BOOL:
		return p.match(strconv.FormatBool(v.AsBool()))
	case attribute.INT64:
		return p.match(string(strconv.AppendInt(buf[:0], v.AsInt64(), 10)))
	case attribute.FLOAT64:
		return p.match(string(strconv.AppendFloat(buf[:0], v.AsFloat64(), 'g', -1, 64)))
	}
	return false
}

// service is what rules ask about the resource, the same for all traces of a process.
type service struct {
	name, kind, arn string
}

func serviceOf(r *resource.Resource) service {
	s := service{name: stringOf(r, "service.name"), arn: stringOf(r, "aws.ecs.container.arn")}
	platform := stringOf(r, "cloud.platform")
	s.kind = serviceType(platform)
	if s.arn == "" && platform == "aws_lambda" {
		if s.arn = stringOf(r, "cloud.resource_id"); s.arn == "" {
			s.arn = stringOf(r, "faas.id")
		}
	}
	return s
}

// serviceType is X-Ray's name for a platform, as its rules have it.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
func serviceType(platform string) string {
	switch platform {
	case "aws_ec2":
		return "AWS::EC2::Instance"
	case "aws_ecs":
		return "AWS::ECS::Container"
	case "aws_eks":
		return "AWS::EKS::Container"
	case "aws_elastic_beanstalk":
		return "AWS::ElasticBeanstalk::Environment"
	case "aws_lambda":
		return "AWS::Lambda::Function"
	}
	return ""
}

func stringOf(r *resource.Resource, key attribute.Key) string {
	if r == nil {
		return ""
	}
	v, ok := r.Set().Value(key)
	if !ok || v.Type() != attribute.STRING {
		return ""
	}
	return v.AsString()
}
