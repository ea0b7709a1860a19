package xray

import "go.opentelemetry.io/otel/attribute"

// appendAnnotations writes what X-Ray indexes. The collector's exporter knows
// no limit, which holds where the document is trimmed even so.
func (f *facts) appendAnnotations(dst []byte, s *Segment) []byte {
	if !f.annotated {
		return dst
	}
	dst = append(f.form.member(dst, "annotations"), '{')
	first, count := len(dst), 0
	tooMuch := func(key attribute.Key) bool {
		count++
		return f.trim.bare && (count > MaxAnnotations || f.compat && len(key) > maxKey)
	}
	for i := range s.Attributes {
		if f.filing(i).place == placeAnnotation && !tooMuch(s.Attributes[i].Key) {
			dst = f.appendAnnotation(dst, first, "", &s.Attributes[i])
		}
	}
	for i, p := range f.resource {
		if p == placeAnnotation && !tooMuch(s.Resource.attributes[i].Key) {
			dst = f.appendAnnotation(dst, first, resourcePrefix, &s.Resource.attributes[i])
		}
	}
	return append(dst, '}')
}

func (f *facts) appendAnnotation(dst []byte, first int, prefix string, kv *attribute.KeyValue) []byte {
	dst = append(f.form.quote(appendSeparator(dst, first)), prefix...)
	dst = f.appendAnnotationKey(dst, string(kv.Key))
	dst = append(f.form.quote(dst), ':')
	if kv.Value.Type() != attribute.STRING {
		return f.form.value(dst, &kv.Value)
	}
	text := kv.Value.AsString()
	if !f.compat {
		text = cut(text, MaxAnnotationBytes)
	}
	return f.form.string(dst, f.short(text))
}

// appendAnnotationKey writes a key as X-Ray takes it.
func (f *facts) appendAnnotationKey(dst []byte, key string) []byte {
	if key == "" && !f.compat {
		return append(dst, '_')
	}
	left := maxKey
	for _, r := range key {
		if left--; left < 0 && !f.compat {
			break
		}
		dst = append(dst, annotationRune(r))
	}
	return dst
}
