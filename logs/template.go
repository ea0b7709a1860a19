package logs

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// The names of group and stream are templates: text with placeholders in
// braces, {service} or {date}.

// missing stands for what the resource does not have.
const missing = "unknown"

// maxDestinations bounds the destinations of one template that are remembered.
const maxDestinations = 1024

// A field is a placeholder that each record fills.
type field byte

const (
	fieldNone  field = iota
	fieldDate        // 2006-01-02, in UTC
	fieldHour        // 2006-01-02-15
	fieldLevel       // info
	fieldScope       // the logger's name
)

// shortName returns the resource attribute that a placeholder stands for.
// https://opentelemetry.io/docs/specs/semconv/resource/
func shortName(placeholder string) (key string, ok bool) {
	switch placeholder {
	case "service":
		return "service.name", true
	case "namespace":
		return "service.namespace", true
	case "version":
		return "service.version", true
	case "environment":
		return "deployment.environment.name", true
	case "instance":
		return "service.instance.id", true
	case "host":
		return "host.name", true
	case "container":
		return "container.id", true
	case "cluster":
		return "aws.ecs.cluster.arn", true
	case "task_arn":
		return "aws.ecs.task.arn", true
	case "task_id":
		return "aws.ecs.task.id", true
	case "pod":
		return "k8s.pod.name", true
	case "function":
		return "faas.name", true
	case "region":
		return "cloud.region", true
	}
	return placeholder, strings.Contains(placeholder, ".")
}

// A part of a template is text, a resource attribute, or a field.
type part struct {
	text  string
	key   string
	field field
}

// parseTemplate reads a template. Any resource attribute is a placeholder by
// its full name, which has a dot, as in {k8s.namespace.name}.
func parseTemplate(s string) ([]part, error) {
	var parts []part
	for s != "" {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			return append(parts, part{text: s}), nil
		}
		name, rest, closed := strings.Cut(s[open+1:], "}")
		if !closed {
			return append(parts, part{text: s}), nil
		}
		if open > 0 {
			parts = append(parts, part{text: s[:open]})
		}
		p, err := placeholder(name)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
		s = rest
	}
	return parts, nil
}

func placeholder(name string) (part, error) {
	switch name {
	case "date":
		return part{field: fieldDate}, nil
	case "hour":
		return part{field: fieldHour}, nil
	case "level":
		return part{field: fieldLevel}, nil
	case "scope":
		return part{field: fieldScope}, nil
	case "pid":
		return part{text: strconv.Itoa(os.Getpid())}, nil
	}
	key, ok := shortName(name)
	if !ok {
		return part{}, fmt.Errorf("logs: {%s} is no placeholder; there are date, hour, level, scope, pid, service, host, task_id,"+
			" pod, function and their like, and any resource attribute by its full name", name)
	}
	return part{key: key}, nil
}

// A destination names the key of each record by the templates of its group and
// its stream. It is safe for concurrent use.
type destination struct {
	group, stream []part // without keys
	fixed         string // the key, where no record changes it

	mu    *sync.Mutex
	known map[string]string // the keys so far, by what the templates give
}

// resolve fills in what a resource says.
func resolve(group, stream []part, value func(key string) string) destination {
	d := destination{group: fill(group, value), stream: fill(stream, value), mu: new(sync.Mutex), known: map[string]string{}}
	if !dynamic(d.group) && !dynamic(d.stream) {
		d.fixed = cleanKey(appendParts(appendParts(nil, d.group, time.Time{}, "", ""), separator(d.stream), time.Time{}, "", ""))
	}
	return d
}

// separator puts what Key puts between the names before the parts.
func separator(parts []part) []part { return append([]part{{text: "\x00"}}, parts...) }

func cleanKey(key []byte) string {
	group, stream := SplitKey(string(key))
	return Key(CleanGroup(group), CleanStream(stream))
}

func dynamic(parts []part) bool {
	for _, p := range parts {
		if p.field != fieldNone {
			return true
		}
	}
	return false
}

func fill(parts []part, value func(key string) string) []part {
	filled := make([]part, len(parts))
	for i, p := range parts {
		if p.key != "" {
			v := value(p.key)
			if v == "" && p.key == "aws.ecs.task.id" {
				v = lastSegment(value("aws.ecs.task.arn"))
			}
			if v == "" {
				v = missing
			}
			p = part{text: v}
		}
		filled[i] = p
	}
	return filled
}

// lastSegment is the id at the end of an ARN.
func lastSegment(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// key is the key of a record.
func (d *destination) key(at time.Time, level, scope string) string {
	if d.fixed != "" {
		return d.fixed
	}
	var buf [128]byte
	name := appendParts(buf[:0], d.group, at, level, scope)
	name = append(name, 0)
	name = appendParts(name, d.stream, at, level, scope)
	d.mu.Lock()
	defer d.mu.Unlock()
	if key, ok := d.known[string(name)]; ok {
		return key
	}
	key := cleanKey(name)
	if len(d.known) < maxDestinations {
		d.known[string(name)] = key
	}
	return key
}

func appendParts(dst []byte, parts []part, at time.Time, level, scope string) []byte {
	for _, p := range parts {
		switch p.field {
		case fieldNone:
			dst = append(dst, p.text...)
		case fieldDate:
			dst = at.UTC().AppendFormat(dst, time.DateOnly)
		case fieldHour:
			dst = at.UTC().AppendFormat(dst, "2006-01-02-15")
		case fieldLevel:
			for _, c := range []byte(orMissing(level)) { // a name of slog's or OpenTelemetry's
				if 'A' <= c && c <= 'Z' {
					c += 'a' - 'A'
				}
				dst = append(dst, c)
			}
		case fieldScope:
			dst = append(dst, orMissing(scope)...)
		}
	}
	return dst
}

func orMissing(s string) string {
	if s == "" {
		return missing
	}
	return s
}

// ofAttributes reads attributes for templates.
func ofAttributes(kvs []attribute.KeyValue) func(key string) string {
	return func(key string) string {
		for _, kv := range kvs {
			if string(kv.Key) == key {
				return kv.Value.String()
			}
		}
		return ""
	}
}
