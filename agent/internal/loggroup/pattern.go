package loggroup

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/updraft-otel/updraft/agent/internal/attributes"
)

// undefined stands for what no attribute says, as with the collector's exporters.
const undefined = "undefined"

// attributeOf returns the resource attribute that a placeholder stands for: those of the collector's awscloudwatchlogs
// exporter, and any attribute by its full name, which has a dot.
// https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/awscloudwatchlogsexporter
func attributeOf(placeholder string) (key string, ok bool) {
	switch placeholder {
	case "ClusterName":
		return "aws.ecs.cluster.name", true
	case "TaskId":
		return "aws.ecs.task.id", true
	case "NodeName":
		return "k8s.node.name", true
	case "PodName":
		return "pod", true
	case "ServiceName":
		return "service.name", true
	case "ContainerInstanceId":
		return "aws.ecs.container.instance.id", true
	case "TaskDefinitionFamily":
		return "aws.ecs.task.family", true
	case "InstanceId":
		return "service.instance.id", true
	case "FaasName":
		return "faas.name", true
	case "FaasVersion":
		return "faas.version", true
	}
	return placeholder, strings.Contains(placeholder, ".")
}

// A Pattern is the name of a log group or stream with placeholders in braces, as "/ecs/{ClusterName}/{host.name}", which a
// resource fills.
type Pattern struct{ parts []part }

// A part is text, or a placeholder and the attribute it stands for.
type part struct{ text, placeholder, attribute string }

// ParsePattern reads a pattern. A placeholder that is not known is an error; a brace without its other half is text.
func ParsePattern(s string) (*Pattern, error) {
	p := new(Pattern)
	for s != "" {
		before, name, rest, found := cutPlaceholder(s)
		if before != "" {
			p.parts = append(p.parts, part{text: before})
		}
		if !found {
			break
		}
		key, known := attributeOf(name)
		if !known {
			return nil, fmt.Errorf("there is no placeholder {%s}; there are ClusterName, TaskId, NodeName, PodName, ServiceName,"+
				" ContainerInstanceId, TaskDefinitionFamily, InstanceId, FaasName, FaasVersion, and any attribute with a dot", name)
		}
		p.parts = append(p.parts, part{placeholder: name, attribute: key})
		s = rest
	}
	return p, nil
}

// ParseLoosely reads a pattern in which a placeholder that is not known is text, as with the collector's awsemf exporter.
func ParseLoosely(s string) *Pattern {
	p := new(Pattern)
	for s != "" {
		before, name, rest, found := cutPlaceholder(s)
		key, known := attributeOf(name)
		switch {
		case !found:
			rest = ""
		case !known:
			before += "{" + name + "}"
		}
		if before != "" {
			p.parts = append(p.parts, part{text: before})
		}
		if known {
			p.parts = append(p.parts, part{placeholder: name, attribute: key})
		}
		s = rest
	}
	return p
}

// cutPlaceholder finds the first pair of braces with none between.
func cutPlaceholder(s string) (before, name, rest string, found bool) {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], '}')
		if i < 0 {
			return s, "", "", false
		}
		end := from + i
		if open := strings.LastIndexByte(s[from:end], '{'); open >= 0 {
			return s[:from+open], s[from+open+1 : end], s[end+1:], true
		}
		from = end + 1
	}
}

// Resolve fills the placeholders from a resource: by the attribute of the placeholder's own name, or by the one it stands
// for. What has neither, or an empty one, is "undefined".
func (p *Pattern) Resolve(resource pcommon.Map) string {
	name, _ := p.Fill(func(key string) (string, bool) {
		v, ok := resource.Get(key)
		if !ok {
			return "", false
		}
		return attributes.Text(v), true
	})
	return name
}

// Fill fills the placeholders with what get knows by their own names, or by the attributes they stand for, and says
// whether all were found. What was not, or is empty, is "undefined".
func (p *Pattern) Fill(get func(key string) (string, bool)) (name string, complete bool) {
	var b strings.Builder
	complete = true
	for _, part := range p.parts {
		if part.placeholder == "" {
			b.WriteString(part.text)
			continue
		}
		text, ok := get(part.placeholder)
		if !ok {
			text, _ = get(part.attribute)
		}
		if text == "" {
			text, complete = undefined, false
		}
		b.WriteString(text)
	}
	return b.String(), complete
}
