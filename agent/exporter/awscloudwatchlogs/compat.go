package awscloudwatchlogs

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/updraft-otel/updraft/agent/internal/attributes"
)

// The lines of the collector's own exporter, v0.156.0, byte for byte: members that are zero are left out, maps are in the
// order of their keys, and text is escaped as encoding/json does for HTML.
// https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/exporter/awscloudwatchlogsexporter/v0.156.0/exporter/awscloudwatchlogsexporter/exporter.go

// appendCompat appends the line of a record.
func (e *encoder) appendCompat(dst []byte, record plog.LogRecord) []byte {
	dst = append(dst, '{')
	if body := record.Body(); body.Type() != pcommon.ValueTypeEmpty {
		dst = appendValue(appendKey(dst, "body"), body, 0)
	}
	dst = appendNumber(dst, "severity_number", int64(record.SeverityNumber()))
	if text := record.SeverityText(); text != "" {
		dst = appendString(appendKey(dst, "severity_text"), text)
	}
	dst = appendNumber(dst, "dropped_attributes_count", int64(record.DroppedAttributesCount()))
	dst = appendNumber(dst, "flags", int64(uint32(record.Flags())))
	if id := record.TraceID(); !id.IsEmpty() {
		dst = append(hex.AppendEncode(append(appendKey(dst, "trace_id"), '"'), id[:]), '"')
	}
	if id := record.SpanID(); !id.IsEmpty() {
		dst = append(hex.AppendEncode(append(appendKey(dst, "span_id"), '"'), id[:]), '"')
	}
	dst = appendMember(dst, "attributes", record.Attributes())
	for _, part := range [][]byte{e.scopeText, e.source.text} {
		if len(part) > 0 && dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(dst, part...)
	}
	return append(dst, '}')
}

// appendScope appends the member about a scope that has a name, without a comma.
func appendScope(dst []byte, scope pcommon.InstrumentationScope) []byte {
	if scope.Name() == "" {
		return dst
	}
	dst = append(dst, `"scope":{"name":`...)
	dst = appendString(dst, scope.Name())
	if scope.Version() != "" {
		dst = appendString(appendKey(dst, "version"), scope.Version())
	}
	return append(appendMember(dst, "attributes", scope.Attributes()), '}')
}

// appendMember appends a map that is not empty.
func appendMember(dst []byte, name string, m pcommon.Map) []byte {
	if m.Len() == 0 {
		return dst
	}
	return appendMap(appendKey(dst, name), m, 0)
}

func appendNumber(dst []byte, name string, n int64) []byte {
	if n == 0 {
		return dst
	}
	return strconv.AppendInt(appendKey(dst, name), n, 10)
}

// appendKey appends a name that needs no escaping, and the comma before it where something stands before it.
func appendKey(dst []byte, name string) []byte {
	if len(dst) > 0 && dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	return append(append(append(dst, '"'), name...), '"', ':')
}

// A member is one of a map.
type member struct {
	key   string
	value pcommon.Value
}

// appendMap appends a map in the order of its keys, of equal ones the last.
func appendMap(dst []byte, m pcommon.Map, depth int) []byte {
	var room [16]member
	members := room[:0]
	for key, v := range m.All() {
		members = append(members, member{key, v})
	}
	slices.SortStableFunc(members, func(a, b member) int { return strings.Compare(a.key, b.key) })
	dst = append(dst, '{')
	for i, one := range members {
		if i+1 < len(members) && members[i+1].key == one.key {
			continue
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = appendValue(append(appendString(dst, one.key), ':'), one.value, depth)
	}
	return append(dst, '}')
}

func appendValue(dst []byte, v pcommon.Value, depth int) []byte {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return appendString(dst, v.Str())
	case pcommon.ValueTypeBool:
		return strconv.AppendBool(dst, v.Bool())
	case pcommon.ValueTypeInt:
		return strconv.AppendInt(dst, v.Int(), 10)
	case pcommon.ValueTypeDouble:
		return appendDouble(dst, v.Double())
	case pcommon.ValueTypeBytes:
		if v.Bytes().Len() == 0 {
			return append(dst, "null"...)
		}
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), v.Bytes().AsRaw()), '"')
	case pcommon.ValueTypeMap:
		if depth >= attributes.MaxDepth {
			return appendString(dst, attributes.TooDeep)
		}
		return appendMap(dst, v.Map(), depth+1)
	case pcommon.ValueTypeSlice:
		if depth >= attributes.MaxDepth {
			return appendString(dst, attributes.TooDeep)
		}
		return appendSlice(dst, v.Slice(), depth+1)
	default:
		return append(dst, "null"...)
	}
}

func appendSlice(dst []byte, s pcommon.Slice, depth int) []byte {
	dst = append(dst, '[')
	for i, v := range s.All() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendValue(dst, v, depth)
	}
	return append(dst, ']')
}

// appendDouble appends a number. The collector's exporter drops records with numbers that JSON does not have; here they are
// text, as in OTLP's JSON.
func appendDouble(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	text, err := json.Marshal(f)
	if err != nil {
		return append(dst, "null"...)
	}
	return append(dst, text...)
}

func appendString(dst []byte, s string) []byte {
	if plain(s) {
		return append(append(append(dst, '"'), s...), '"')
	}
	text, err := json.Marshal(s)
	if err != nil {
		return append(dst, `""`...)
	}
	return append(dst, text...)
}

// plain tells whether a text is the same within JSON.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}
