package xray

import (
	"encoding/json"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// namespace reads an aws.xray.metadata attribute: its value is the members of
// a JSON object, its key ends with the namespace they go into. Of members with
// one name the last counts. Numbers keep their digits; the collector's exporter
// rounds them to a float64.
func (f *facts) namespace(kv *attribute.KeyValue) (name string, members map[string]any, ok bool) {
	name = string(kv.Key)[len(namespacePrefix):]
	if !f.compat && (name == "otel" || name == "updraft" || strings.HasPrefix(name, "AWS.")) { // ours, and AWS's
		return name, nil, false
	}
	text := kv.Value.AsString()
	if json.Unmarshal([]byte(text), &members) != nil {
		return name, nil, false
	}
	if !f.compat {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		members = nil
		if d.Decode(&members) != nil || members == nil { // null is no object
			return name, nil, false
		}
	}
	return name, members, true
}

// drop takes out the members that the document is not to have.
func drop(members map[string]any, unwanted func(string) bool) {
	for member := range members {
		if unwanted(member) {
			delete(members, member)
		}
	}
}

// ofCall tells members of a service's segment that are the call's alone.
func ofCall(member string) bool { return !strings.HasPrefix(member, resourcePrefix) }

// appendNamespaces writes the namespaces of the metadata that attributes name.
func (f *facts) appendNamespaces(dst []byte, s *Segment, first int) []byte {
	for i := range s.Attributes {
		if f.filing(i).place != placeNamespace || s.role == roleService && !f.compat {
			continue
		}
		name, members, ok := f.namespace(&s.Attributes[i])
		if !ok || strings.EqualFold(name, "default") {
			continue
		}
		if s.role == roleService {
			drop(members, ofCall)
		}
		object, err := json.Marshal(members)
		if err != nil { // what was read can be written
			continue
		}
		dst = append(f.form.string(appendSeparator(dst, first), name), ':')
		at := len(dst)
		dst = f.form.within(append(dst, object...), at)
		if f.trim.over(len(dst) - at) {
			dst = append(dst[:at], `{"trimmed":`...)
			dst = appendNote(dst, len(object))
			dst = append(dst, '}')
		}
	}
	return dst
}

// appendIntoDefault writes an aws.xray.metadata attribute that belongs into the
// default namespace, by name or because it is no JSON object, and tells whether
// it has something to say there.
func (f *facts) appendIntoDefault(dst []byte, s *Segment, first int, kv *attribute.KeyValue) ([]byte, bool) {
	name, members, ok := f.namespace(kv)
	switch {
	case !ok && s.role == roleService:
		return dst, true
	case !ok:
		return f.appendMember(dst, first, string(kv.Key), &kv.Value), true
	case !strings.EqualFold(name, "default") || len(members) == 0:
		return dst, false
	}
	if s.role == roleService {
		drop(members, ofCall)
	}
	drop(members, func(member string) bool { return f.inDefault(s, member) })
	object, err := json.Marshal(members)
	if err != nil || len(members) == 0 {
		return dst, true
	}
	if len(dst) != first {
		dst = append(dst, ',')
	}
	at := len(dst)
	dst = f.form.within(append(dst, object[1:len(object)-1]...), at)
	if f.trim.over(len(dst) - at) {
		dst = appendjson.String(dst[:at], string(kv.Key))
		dst = append(dst, ':')
		dst = appendNote(dst, len(object))
	}
	return dst, true
}

// inDefault tells whether metadata.default has a member already.
func (f *facts) inDefault(s *Segment, member string) bool {
	for i := range s.Attributes {
		if f.filing(i).place == placeDefault && string(s.Attributes[i].Key) == member {
			return true
		}
	}
	rest, ok := strings.CutPrefix(member, resourcePrefix)
	if !ok || !f.storesResource(s) {
		return false
	}
	for i := range s.Resource.attributes {
		if string(s.Resource.attributes[i].Key) == rest && (len(f.resource) == 0 || f.resource[i] == placeDefault) {
			return true
		}
	}
	return false
}
