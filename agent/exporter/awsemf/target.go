package awsemf

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/updraft-otel/updraft/agent/internal/attributes"
	"github.com/updraft-otel/updraft/agent/internal/loggroup"
	"github.com/updraft-otel/updraft/agent/internal/pmetrics"
	"github.com/updraft-otel/updraft/logs"
	"github.com/updraft-otel/updraft/metrics"
)

// Resource attributes that have a meaning of their own.
// https://opentelemetry.io/docs/specs/semconv/resource/service/
const (
	serviceName       = "service.name"
	serviceNamespace  = "service.namespace"
	serviceInstanceID = "service.instance.id"

	// receiverAttribute says who made the metrics, as the collector's awsemf exporter looks for it.
	receiverAttribute  = "receiver"
	prometheusReceiver = "prometheus"
)

const (
	// defaultNamespace is that of metrics whose resource names no service.
	defaultNamespace = "default"
	// defaultGroupPrefix stands before the namespace in the name of the log group where none is said.
	defaultGroupPrefix = "/metrics/"
)

// targets say where the metrics of a resource go.
type targets struct {
	namespace     string
	group, stream *loggroup.Pattern
	resources     ResourceToTelemetry
	before        bool // for documents of version 0
}

func newTargets(c *Config, ownStream string) *targets {
	t := &targets{namespace: c.Namespace, resources: c.ResourceToTelemetrySettings, before: c.Version == versionBefore, stream: loggroup.ParseLoosely(c.LogStreamName)}
	if c.LogStreamName == "" {
		t.stream = loggroup.ParseLoosely(ownStream)
	}
	if c.LogGroupName != "" {
		t.group = loggroup.ParseLoosely(c.LogGroupName)
	}
	return t
}

// A target is where the metrics of one resource go.
type target struct {
	of       *targets
	resource *metrics.Resource
	// open says that the names have placeholders which the resource does not fill, so that they are the points' to fill.
	open bool
	// found are the texts that the resource has for the others.
	found map[string]string
	// others are resource with other names of group and stream, by these.
	others map[string]*metrics.Resource
}

// maxOthers bounds what is remembered for attributes that name a stream each.
const maxOthers = 1024

// new makes the target of a resource.
func (t *targets) new(m pcommon.Map) *target {
	one := &target{of: t, resource: &metrics.Resource{Namespace: t.namespaceOf(m)}, found: map[string]string{}}
	receiver, ok := m.Get(receiverAttribute)
	one.resource.Prometheus = ok && receiver.Str() == prometheusReceiver
	if t.resources.Enabled {
		one.resource.Labels = t.labels(m)
	}
	one.resource.Key, one.open = one.key(func(key string) (string, bool) {
		v, ok := m.Get(key)
		if !ok {
			return "", false
		}
		text := attributes.Text(v)
		if text != "" {
			one.found[key] = text
		}
		return text, true
	})
	return one
}

func (t *targets) namespaceOf(m pcommon.Map) string {
	if t.namespace != "" {
		return metrics.CleanNamespace(t.namespace)
	}
	var parts []string
	for _, key := range [...]string{serviceNamespace, serviceName} {
		if v, ok := m.Get(key); ok && v.Type() == pcommon.ValueTypeStr {
			parts = append(parts, v.Str())
		}
	}
	if namespace := metrics.CleanNamespace(strings.Join(parts, "/")); namespace != "" {
		return namespace
	}
	return defaultNamespace
}

// labels are the resource's attributes that become dimensions.
func (t *targets) labels(m pcommon.Map) []metrics.Label {
	labels := pmetrics.Labels(m)
	if t.before {
		rename(labels)
	}
	if !t.resources.ExcludeServiceAttributes {
		return labels
	}
	kept := labels[:0]
	for _, l := range labels {
		if l.Name != serviceName && l.Name != serviceNamespace && l.Name != serviceInstanceID {
			kept = append(kept, l)
		}
	}
	return kept
}

// keySeparator stands between group and stream in a resource's key. Neither holds it, once clean; nor is it longer than
// CloudWatch Logs takes, so that attributes of any length may be remembered by it.
const keySeparator = "\x00"

// key is the names of group and stream, and whether some placeholder in them was not found.
func (t *target) key(get func(string) (string, bool)) (key string, open bool) {
	group, whole := defaultGroupPrefix+t.resource.Namespace, true
	if t.of.group != nil {
		group, whole = t.of.group.Fill(get)
	}
	stream, wholeStream := t.of.stream.Fill(get)
	return logs.CleanGroup(group) + keySeparator + logs.CleanStream(stream), !whole || !wholeStream
}

// names are the group and the stream in a key.
func names(key string) (group, stream string) {
	group, stream, _ = strings.Cut(key, keySeparator)
	return group, stream
}

// with is the resource for a point with these labels.
func (t *target) with(labels []metrics.Label) *metrics.Resource {
	if !t.open {
		return t.resource
	}
	key, _ := t.key(func(name string) (string, bool) {
		if text, ok := t.found[name]; ok {
			return text, true
		}
		for i := range labels {
			if labels[i].Name == name {
				return labels[i].Value, true
			}
		}
		return "", false
	})
	if key == t.resource.Key {
		return t.resource
	}
	if other, ok := t.others[key]; ok {
		return other
	}
	if t.others == nil || len(t.others) >= maxOthers {
		t.others = map[string]*metrics.Resource{}
	}
	other := *t.resource
	other.Key = key
	t.others[key] = &other
	return &other
}
