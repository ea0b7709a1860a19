package xray

import (
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// appendMetadata writes what X-Ray keeps without indexing it.
func (f *facts) appendMetadata(dst []byte, s *Segment) []byte {
	start := len(dst)
	dst = append(f.form.member(dst, "metadata"), '{')
	first := len(dst)
	if !f.trim.bare {
		dst = f.appendDefault(dst, s)
		if f.namespaces {
			dst = f.appendNamespaces(dst, s, first)
		}
		if !f.compat && s.role != roleService {
			dst = f.appendSpanFacts(dst, s, first)
		}
	}
	if f.trim.note != "" {
		if len(dst) != first {
			dst = append(dst, ',')
		}
		dst = append(f.form.key(dst, "updraft"), '{')
		dst = f.form.string(f.form.key(dst, "trimmed"), f.trim.note)
		dst = append(dst, '}')
	}
	if len(dst) == first {
		return dst[:start]
	}
	return append(dst, '}')
}

// appendDefault writes the attributes, and the resource's for a segment. The
// collector's exporter empties the default namespace of the service's segment
// but for the resource's, and leaves it there.
func (f *facts) appendDefault(dst []byte, s *Segment) []byte {
	start := len(dst)
	dst = append(f.form.key(dst, "default"), '{')
	first, seen := len(dst), false
	for i := range s.Attributes {
		kv := &s.Attributes[i]
		switch f.filing(i).place {
		case placeDefault:
			seen = true
			if s.role != roleService || strings.HasPrefix(string(kv.Key), resourcePrefix) {
				dst = f.appendMember(dst, first, string(kv.Key), &kv.Value)
			}
		case placeNamespace:
			var says bool
			dst, says = f.appendIntoDefault(dst, s, first, kv)
			seen = seen || says
		}
	}
	if f.storesResource(s) {
		dst = f.appendResource(dst, s, first)
	}
	if len(dst) == first && (!f.compat || !seen) {
		return dst[:start]
	}
	return append(dst, '}')
}

// appendResource writes the resource's attributes; those that are annotations
// are left out.
func (f *facts) appendResource(dst []byte, s *Segment, first int) []byte {
	if !f.trim.active && len(f.resource) == 0 {
		members := s.Resource.metadata[f.form]
		if len(dst) == first {
			members = members[min(1, len(members)):]
		}
		return append(dst, members...)
	}
	for i := range s.Resource.attributes {
		kv := &s.Resource.attributes[i]
		if kv.Value.Type() == attribute.EMPTY || len(f.resource) > 0 && f.resource[i] != placeDefault {
			continue
		}
		dst = f.appendMember(dst, first, resourcePrefix+string(kv.Key), &kv.Value)
	}
	return dst
}

// appendSpanFacts keeps what segment documents have no member for: the span's
// own name and scope, its status beside exceptions, its events.
func (f *facts) appendSpanFacts(dst []byte, s *Segment, first int) []byte {
	dst = append(f.form.key(appendSeparator(dst, first), "otel"), '{')
	dst = f.form.string(f.form.key(dst, "span_name"), f.short(s.Name))
	dst = f.appendLong(dst, 0, "scope", s.Scope)
	if s.StatusMessage != "" && hasExceptions(s) {
		dst = f.appendLong(dst, 0, "status_message", s.StatusMessage)
	}
	if len(s.Events) > 0 {
		dst = f.appendEvents(dst, s)
		dst = f.appendStacks(dst, s)
	}
	return append(dst, '}')
}

func (f *facts) short(s string) string { return shorten(f.trim.text, s) }

// shorten cuts a string to limit characters; 0 is no limit.
func shorten(limit int, s string) string {
	if limit == 0 {
		return s
	}
	return cut(s, limit)
}

// appendEvents keeps the span events that are not in the cause.
func (f *facts) appendEvents(dst []byte, s *Segment) []byte {
	start := len(dst)
	dst = append(dst, `,"events":[`...)
	first := len(dst)
	for i := range s.Events {
		e := &s.Events[i]
		if f.inCause(e) {
			continue
		}
		if len(dst) != first {
			dst = append(dst, ',')
		}
		at := len(dst)
		dst = append(dst, `{"name":`...)
		dst = appendjson.String(dst, e.Name)
		dst = append(dst, `,"time":"`...)
		dst = e.Time.UTC().AppendFormat(dst, time.RFC3339Nano)
		dst = append(dst, '"')
		if len(e.Attributes) > 0 {
			dst = append(dst, `,"attributes":`...)
			dst = appendObject(dst, e.Attributes)
		}
		dst = append(dst, '}')
		dst = f.settle(dst, at)
	}
	if len(dst) == first {
		return dst[:start]
	}
	return f.form.within(append(dst, ']'), start)
}

// appendStacks keeps stack traces that gave no frame, as they are.
func (f *facts) appendStacks(dst []byte, s *Segment) []byte {
	start := len(dst)
	dst = append(dst, `,"stacktraces":[`...)
	first := len(dst)
	for i := range s.Events {
		e := &s.Events[i]
		if e.Name != exceptionEvent {
			continue
		}
		_, _, stack, language := f.exception(e, s.Resource)
		if stack == "" || f.hasFrames(stack, language) {
			continue
		}
		if len(dst) != first {
			dst = append(dst, ',')
		}
		at := len(dst)
		dst = appendjson.String(dst, stack)
		dst = f.settle(dst, at)
	}
	if len(dst) == first {
		return dst[:start]
	}
	return f.form.within(append(dst, ']'), start)
}

func (f *facts) appendMember(dst []byte, first int, key string, v *attribute.Value) []byte {
	dst = append(f.form.string(appendSeparator(dst, first), key), ':')
	at := len(dst)
	dst = f.form.value(dst, v)
	if !f.trim.active {
		return dst
	}
	return f.settle(dst, at)
}
