package insights

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// A row is one event, or one group of stats, on its way through the stages.
type row struct {
	env        *env
	event      *Event           // nil after stats
	vars       map[string]value // what fields, parse and stats gave
	aggregates []value          // within stats
	discovered map[string]value // fields of the event, when looked for
	looked     bool
}

// set gives the row a field.
func (r *row) set(name string, v value) {
	if r.vars == nil {
		r.vars = make(map[string]value)
	}
	r.vars[name] = v
}

// get is a field by its name: what the query defined, what AWS adds, what was
// found in the event, or something within a map or a list.
func (r *row) get(name string) value {
	if v, ok := r.vars[name]; ok {
		return v
	}
	if r.event != nil {
		if v, ok := r.event.system(name); ok {
			return v
		}
		if !r.looked {
			r.looked = true
			r.discovered = make(map[string]value)
			for _, f := range discover(r.event) {
				r.discovered[f.name] = f.value
			}
		}
		if v, ok := r.discovered[name]; ok {
			return v
		}
	}
	return r.within(name)
}

// within looks a path up in the maps and lists that jsonParse gave.
func (r *row) within(name string) value {
	for i := len(name) - 1; i > 0; i-- {
		if name[i] != '.' {
			continue
		}
		if v, ok := r.vars[name[:i]]; ok && v.kind == structure {
			return jsonValue(descend(v.any, name[i+1:]))
		}
	}
	return value{}
}

// descend follows a path with dots. Keys may have dots themselves.
func descend(v any, path string) any {
	switch v := v.(type) {
	case map[string]any:
		if x, ok := v[path]; ok {
			return x
		}
		for i := len(path) - 1; i > 0; i-- {
			if x, ok := v[path[:i]]; path[i] == '.' && ok {
				return descend(x, path[i+1:])
			}
		}
	case []any:
		first, rest, more := strings.Cut(path, ".")
		i, err := strconv.Atoi(first)
		if err != nil || i < 0 || i >= len(v) {
			return nil
		}
		if more {
			return descend(v[i], rest)
		}
		return v[i]
	}
	return nil
}

// jsonValue is what a JSON value is in a query. Null is no value.
func jsonValue(v any) value {
	switch v := v.(type) {
	case string:
		return textValue(v)
	case bool:
		return boolValue(v)
	case json.Number:
		n, err := v.Float64()
		if err != nil {
			return textValue(v.String())
		}
		return number1(n, v.String())
	case map[string]any, []any:
		return value{kind: structure, any: v}
	}
	return value{}
}

// system is a field that AWS adds to every event.
func (e *Event) system(name string) (value, bool) {
	switch name {
	case "@timestamp":
		return timeValue(float64(e.Timestamp)), true
	case "@ingestionTime":
		return timeValue(float64(e.Ingested)), true
	case "@message":
		return textValue(e.Message), true
	case "@log":
		return textValue(e.Log), true
	case "@logStream":
		return textValue(e.Stream), true
	case "@ptr":
		return textValue(e.Ptr), true
	}
	return value{}, false
}

// A discoveredField is one that the event itself has.
type discoveredField struct {
	name  string
	value value
}

// Discovered are the fields found in an event, as text, in its order.
func Discovered(e *Event) []Cell {
	fields := discover(e)
	cells := make([]Cell, 0, len(fields))
	for _, f := range fields {
		cells = append(cells, Cell{f.name, f.value.String()})
	}
	return cells
}

// discover finds the fields of an event that is JSON, and of Lambda's own lines.
func discover(e *Event) []discoveredField {
	if isLambda(e) {
		return discoverLambda(e.Message)
	}
	return discoverJSON(nil, e.Message)
}

// discoverJSON flattens a message that is one JSON object. It stops at AWS's
// limit of fields.
func discoverJSON(fields []discoveredField, message string) []discoveredField {
	if trimmed := strings.TrimSpace(message); trimmed == "" || trimmed[0] != '{' || !json.Valid([]byte(trimmed)) {
		return fields
	}
	dec := json.NewDecoder(strings.NewReader(message))
	dec.UseNumber()
	f := flattener{dec: dec, fields: fields}
	f.value("")
	return f.fields
}

// A flattener turns nested JSON into names with dots. Its decoder has been shown
// valid JSON.
type flattener struct {
	dec    *json.Decoder
	fields []discoveredField
}

// value takes the next value in. It reports whether to go on.
func (f *flattener) value(name string) bool {
	t, err := f.dec.Token()
	if err != nil {
		return false
	}
	if t == json.Delim('{') || t == json.Delim('[') {
		return f.members(name, t == json.Delim('{'))
	}
	v := jsonValue(t)
	if v.kind == null {
		return true
	}
	if len(f.fields) == maxDiscoveredFields {
		return false
	}
	f.fields = append(f.fields, discoveredField{name, v})
	return true
}

func (f *flattener) members(name string, object bool) bool {
	for i := 0; f.dec.More(); i++ {
		member := strconv.Itoa(i)
		if object {
			t, err := f.dec.Token()
			key, ok := t.(string)
			if err != nil || !ok {
				return false
			}
			member = key
		}
		switch {
		case name != "":
			member = name + "." + member
		case strings.HasPrefix(member, "@"):
			member = "@" + member // so that it hides none of AWS's
		}
		if !f.value(member) {
			return false
		}
	}
	_, err := f.dec.Token()
	return err == nil
}

// parseJSON reads a text that is one JSON object or list.
func parseJSON(s string) (any, bool) {
	dec := json.NewDecoder(bytes.NewReader([]byte(s)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, false
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, false
	}
	return v, true
}
