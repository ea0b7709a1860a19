package xray

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// appendAnnotations writes what X-Ray indexes, at most [MaxAnnotations], the
// span's before its resource's. It says how many of the span's there are.
func (f *facts) appendAnnotations(dst []byte, s *Segment) ([]byte, int) {
	if !s.IndexAll && len(s.Indexed) == 0 && len(f.indexed) == 0 {
		return dst, 0
	}
	start := len(dst)
	dst = append(dst, `,"annotations":{`...)
	first, count := len(dst), 0
	limit := MaxAnnotations
	if f.compat {
		limit = 1 << 30
	}
	for i, kv := range s.Attributes {
		if count < limit && f.place(s, i, kv) == placeAnnotation {
			dst = f.appendAnnotation(dst, first, "", string(kv.Key), kv.Value)
			count++
		}
	}
	spans := count
	if f.storesResource(s) && f.indexesResource(s) {
		for _, kv := range s.Resource.attributes {
			if count < limit && f.annotatesResource(s, kv) {
				dst = f.appendAnnotation(dst, first, "otel.resource.", string(kv.Key), kv.Value)
				count++
			}
		}
	}
	if count == 0 {
		return dst[:start], spans
	}
	return append(dst, '}'), spans
}

func (f *facts) appendAnnotation(dst []byte, first int, prefix, key string, v attribute.Value) []byte {
	if len(dst) != first {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, prefix...)
	dst = f.appendAnnotationKey(dst, key)
	dst = append(dst, `":`...)
	if v.Type() != attribute.STRING {
		return appendjson.Value(dst, v)
	}
	text := v.AsString()
	if !f.compat {
		text = f.short(cut(text, MaxAnnotationBytes))
	}
	return appendjson.String(dst, text)
}

// indexesResource tells whether attributes of the resource may be annotations.
func (f *facts) indexesResource(s *Segment) bool {
	ofResource := func(key string) bool { return strings.HasPrefix(key, "otel.resource.") }
	return s.IndexAll || slices.ContainsFunc(s.Indexed, ofResource) || slices.ContainsFunc(f.indexed, ofResource)
}

func (f *facts) annotatesResource(s *Segment, kv attribute.KeyValue) bool {
	if !isScalar(kv.Value) {
		return false
	}
	named := func(key string) bool {
		rest, ok := strings.CutPrefix(key, "otel.resource.")
		return ok && rest == string(kv.Key)
	}
	return s.IndexAll || slices.ContainsFunc(s.Indexed, named) || slices.ContainsFunc(f.indexed, named)
}

// appendAnnotationKey writes a key of letters, digits, underscores and dots;
// any other character becomes an underscore.
func (f *facts) appendAnnotationKey(dst []byte, key string) []byte {
	if key == "" && !f.compat {
		return append(dst, '_')
	}
	left := MaxAnnotationKey - len("otel.resource.")
	for _, r := range key {
		if left--; left < 0 && !f.compat {
			break
		}
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.':
			dst = append(dst, byte(r))
		default:
			dst = append(dst, '_')
		}
	}
	return dst
}
