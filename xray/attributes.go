package xray

import (
	"math"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// appendAttributes writes annotations, which X-Ray indexes, and metadata,
// which it keeps. What has a block of its own in the document is in neither,
// unless it is indexed.
func (f *facts) appendAttributes(dst []byte, s *Segment, name string, d detail) []byte {
	dst = f.appendAnnotations(dst, s)
	if d >= withoutMetadata {
		return append(dst, `,"metadata":{"updraft":{"trimmed":"metadata or stack traces left out: the document exceeded 64 KB"}}`...)
	}
	dst = append(dst, `,"metadata":{"default":{`...)
	first := len(dst)
	for i, kv := range s.Attributes {
		if f.placed(i) || f.annotates(s, kv) {
			continue
		}
		dst = appendMember(dst, first, string(kv.Key), kv.Value)
	}
	if s.Resource != nil && !isSubsegment(s) {
		members := s.Resource.metadata
		if len(dst) == first {
			members = members[min(1, len(members)):]
		}
		dst = append(dst, members...)
	}
	dst = append(dst, `},"otel":{"span_name":`...)
	dst = appendjson.String(dst, s.Name)
	if s.Scope != "" {
		dst = append(dst, `,"scope":`...)
		dst = appendjson.String(dst, s.Scope)
	}
	dst = appendEvents(dst, s.Events)
	return append(dst, `}}`...)
}

// placed tells whether the attribute at i stands in a block of the document.
func (f *facts) placed(i int) bool {
	if i >= len(f.groups) {
		return false
	}
	switch f.groups[i] {
	case groupHTTP:
		return f.hasHTTP()
	case groupSQL:
		return isSQL(f.dbSystem)
	case groupAWS, groupTaken:
		return true
	}
	return false
}

func (f *facts) annotates(s *Segment, kv attribute.KeyValue) bool {
	switch kv.Value.Type() {
	case attribute.BOOL, attribute.INT64, attribute.STRING:
	case attribute.FLOAT64:
		if v := kv.Value.AsFloat64(); math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	default:
		return false
	}
	key := string(kv.Key)
	return s.IndexAll || slices.Contains(s.Indexed, key) || slices.Contains(f.indexed, key)
}

func (f *facts) appendAnnotations(dst []byte, s *Segment) []byte {
	start := len(dst)
	dst = append(dst, `,"annotations":{`...)
	first, count := len(dst), 0
	for _, kv := range s.Attributes {
		if count == MaxAnnotations || !f.annotates(s, kv) {
			continue
		}
		if len(dst) != first {
			dst = append(dst, ',')
		}
		dst = appendAnnotationKey(dst, string(kv.Key))
		dst = append(dst, ':')
		if kv.Value.Type() == attribute.STRING {
			dst = appendCut(dst, kv.Value.AsString(), MaxAnnotationBytes)
		} else {
			dst = appendjson.Value(dst, kv.Value)
		}
		count++
	}
	if count == 0 {
		return dst[:start]
	}
	return append(dst, '}')
}

// appendAnnotationKey writes a key of letters, digits and underscores, the only
// ones X-Ray indexes.
func appendAnnotationKey(dst []byte, key string) []byte {
	dst = append(dst, '"')
	if key == "" {
		dst = append(dst, '_')
	}
	for i := 0; i < min(len(key), MaxAnnotationKey); i++ {
		switch c := key[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
			dst = append(dst, c)
		default:
			dst = append(dst, '_')
		}
	}
	return append(dst, '"')
}

// appendEvents keeps the span events that are no exceptions.
func appendEvents(dst []byte, events []Event) []byte {
	start := len(dst)
	dst = append(dst, `,"events":[`...)
	first := len(dst)
	for i := range events {
		e := &events[i]
		if e.Name == "exception" {
			continue
		}
		if len(dst) != first {
			dst = append(dst, ',')
		}
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
	}
	if len(dst) == first {
		return dst[:start]
	}
	return append(dst, ']')
}

func appendMember(dst []byte, first int, key string, v attribute.Value) []byte {
	if len(dst) != first {
		dst = append(dst, ',')
	}
	dst = appendjson.String(dst, key)
	dst = append(dst, ':')
	if v.Type() == attribute.INT64 {
		return strconv.AppendInt(dst, v.AsInt64(), 10)
	}
	return appendjson.Value(dst, v)
}
