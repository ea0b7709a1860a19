package xray

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// Where an attribute goes that has no block of its own.
type place uint8

const (
	placeNone place = iota
	placeAnnotation
	placeDefault   // metadata.default
	placeNamespace // metadata.<the end of its key>
)

// namespacePrefix begins the keys of attributes that are a namespace of the
// metadata each, as a JSON object.
const namespacePrefix = "aws.xray.metadata."

// place says where the attribute at i goes.
func (f *facts) place(s *Segment, i int, kv attribute.KeyValue) place {
	key := string(kv.Key)
	if kv.Value.Type() == attribute.EMPTY || (s.role == roleService && ofDependency(key)) {
		return placeNone
	}
	configured := slices.Contains(s.Indexed, key)
	indexed := configured || slices.Contains(f.indexed, key)
	if f.placed(s, i) {
		if f.compat {
			indexed = configured && key != "enduser.id" && key != "aws.xray.annotations" && key != "aws.xray.inprogress"
		}
		if indexed && isScalar(kv.Value) {
			return placeAnnotation
		}
		return placeNone
	}
	if indexed || s.IndexAll {
		if isScalar(kv.Value) {
			return placeAnnotation
		}
		if f.compat {
			return placeNone // as the collector loses them
		}
	}
	if len(key) > len(namespacePrefix) && key[:len(namespacePrefix)] == namespacePrefix && kv.Value.Type() == attribute.STRING {
		return placeNamespace
	}
	return placeDefault
}

func isScalar(v attribute.Value) bool {
	switch v.Type() {
	case attribute.BOOL, attribute.INT64, attribute.STRING:
		return true
	case attribute.FLOAT64:
		return !math.IsNaN(v.AsFloat64()) && !math.IsInf(v.AsFloat64(), 0)
	}
	return false
}

// storesResource tells whether the document carries the resource: segments do.
func (f *facts) storesResource(s *Segment) bool {
	if f.compat {
		return s.Resource != nil && !inside(s)
	}
	return s.Resource != nil && !f.subsegment
}

// appendMetadata writes what X-Ray keeps without indexing it.
func (f *facts) appendMetadata(dst []byte, s *Segment, annotated int) []byte {
	start := len(dst)
	dst = append(dst, `,"metadata":{`...)
	first := len(dst)
	if !f.trim.bare {
		dst = f.appendDefault(dst, s, annotated)
		dst = f.appendNamespaces(dst, s, first)
		if !f.compat && s.role != roleService {
			dst = f.appendSpanFacts(dst, s, first)
		}
	}
	if f.trim.note != "" {
		if len(dst) != first {
			dst = append(dst, ',')
		}
		dst = append(dst, `"updraft":{"trimmed":`...)
		dst = appendjson.String(dst, f.trim.note)
		dst = append(dst, '}')
	}
	if len(dst) == first {
		return dst[:start]
	}
	return append(dst, '}')
}

// appendDefault writes the attributes, and the resource's for a segment.
func (f *facts) appendDefault(dst []byte, s *Segment, annotated int) []byte {
	start := len(dst)
	dst = append(dst, `"default":{`...)
	first, seen, annotations := len(dst), false, 0
	for i, kv := range s.Attributes {
		switch f.place(s, i, kv) {
		case placeAnnotation:
			if annotations++; annotations <= annotated {
				continue
			}
		case placeNamespace:
			seen = seen || isDefault(string(kv.Key))
			if s.role != roleService {
				dst = f.appendIntoDefault(dst, first, kv)
			}
			continue
		case placeNone:
			continue
		}
		seen = true
		if s.role == roleService && !strings.HasPrefix(string(kv.Key), "otel.resource.") {
			continue
		}
		dst = f.appendMember(dst, first, string(kv.Key), kv.Value)
	}
	if f.storesResource(s) {
		dst = f.appendResource(dst, s, first)
	}
	if len(dst) == first && (!f.compat || !seen) {
		return dst[:start]
	}
	return append(dst, '}')
}

func isDefault(key string) bool { return strings.EqualFold(key[len(namespacePrefix):], "default") }

// namespace reads the JSON object of an aws.xray.metadata attribute.
func (f *facts) namespace(kv attribute.KeyValue) (object []byte, ok bool) {
	name, text := string(kv.Key)[len(namespacePrefix):], kv.Value.AsString()
	if !f.compat && (name == "otel" || name == "updraft") { // ours
		return nil, false
	}
	var members map[string]any
	if !utf8.ValidString(text) || json.Unmarshal([]byte(text), &members) != nil {
		return nil, false
	}
	var compact bytes.Buffer
	if json.Compact(&compact, []byte(text)) != nil {
		return nil, false
	}
	return compact.Bytes(), true
}

// appendIntoDefault writes an aws.xray.metadata attribute that belongs into
// the default namespace: by name, or because it is no JSON object.
func (f *facts) appendIntoDefault(dst []byte, first int, kv attribute.KeyValue) []byte {
	object, ok := f.namespace(kv)
	if !ok {
		return f.appendMember(dst, first, string(kv.Key), kv.Value)
	}
	if !isDefault(string(kv.Key)) || len(object) <= len("{}") || object[0] != '{' {
		return dst
	}
	if len(dst) != first {
		dst = append(dst, ',')
	}
	at := len(dst)
	dst = append(dst, object[1:len(object)-1]...)
	if f.trim.over(len(dst) - at) {
		dst = append(dst[:at], `"`...)
		dst = append(dst, kv.Key...)
		dst = append(dst, `":`...)
		dst = appendNote(dst, len(object))
	}
	return dst
}

func (f *facts) appendNamespaces(dst []byte, s *Segment, first int) []byte {
	for i, kv := range s.Attributes {
		if len(kv.Key) <= len(namespacePrefix) || kv.Key[:len(namespacePrefix)] != namespacePrefix ||
			f.place(s, i, kv) != placeNamespace || isDefault(string(kv.Key)) || (s.role == roleService && !f.compat) {
			continue
		}
		object, ok := f.namespace(kv)
		if !ok {
			continue
		}
		if len(dst) != first {
			dst = append(dst, ',')
		}
		dst = appendjson.String(dst, string(kv.Key)[len(namespacePrefix):])
		dst = append(dst, ':')
		if s.role == roleService {
			object = []byte("{}")
		}
		at := len(dst)
		dst = append(dst, object...)
		if f.trim.over(len(dst) - at) {
			dst = append(dst[:at], `{"trimmed":`...)
			dst = appendNote(dst, len(object))
			dst = append(dst, '}')
		}
	}
	return dst
}

// appendResource writes the resource's attributes; those that are annotations
// are left out.
func (f *facts) appendResource(dst []byte, s *Segment, first int) []byte {
	if !f.trim.active && !f.indexesResource(s) {
		members := s.Resource.metadata
		if len(dst) == first {
			members = members[min(1, len(members)):]
		}
		return append(dst, members...)
	}
	for _, kv := range s.Resource.attributes {
		if kv.Value.Type() == attribute.EMPTY || f.annotatesResource(s, kv) {
			continue
		}
		dst = f.appendMember(dst, first, "otel.resource."+string(kv.Key), kv.Value)
	}
	return dst
}

// appendSpanFacts keeps what segment documents have no member for: the span's
// own name and scope, its status beside exceptions, its events.
func (f *facts) appendSpanFacts(dst []byte, s *Segment, first int) []byte {
	if len(dst) != first {
		dst = append(dst, ',')
	}
	dst = append(dst, `"otel":{"span_name":`...)
	dst = appendjson.String(dst, f.short(s.Name))
	dst = f.appendLong(dst, 0, "scope", s.Scope)
	if s.StatusMessage != "" && hasExceptions(s) {
		dst = f.appendLong(dst, 0, "status_message", s.StatusMessage)
	}
	dst = f.appendEvents(dst, s)
	dst = f.appendStacks(dst, s)
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
	return append(dst, ']')
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
		_, _, stack, language := exceptionOf(e, s.Resource)
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
	return append(dst, ']')
}

func (f *facts) appendMember(dst []byte, first int, key string, v attribute.Value) []byte {
	if len(dst) != first {
		dst = append(dst, ',')
	}
	dst = appendjson.String(dst, key)
	dst = append(dst, ':')
	at := len(dst)
	dst = appendjson.Value(dst, v)
	if !f.trim.active {
		return dst
	}
	return f.settle(dst, at)
}
