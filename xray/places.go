package xray

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

// A place is where an attribute goes.
type place uint8

const (
	placeNone place = iota // in a block of the document, or nowhere
	placeAnnotation
	placeDefault   // metadata.default
	placeNamespace // metadata.<the end of its key>
)

// namespacePrefix begins the keys of attributes that are a namespace of the
// metadata each, as a JSON object; resourcePrefix those of the resource.
const (
	namespacePrefix = "aws.xray.metadata."
	resourcePrefix  = "otel.resource."
)

// settlePlaces decides where each attribute goes. A document has at most
// MaxAnnotations annotations, the span's before the resource's, and no two
// with one key: what is too much or comes second goes to metadata.default
// under its own key. With the collector's exporter the last of one key counts.
func (f *facts) settlePlaces(s *Segment) {
	count := 0
	for i := range s.Attributes {
		p := f.place(s, i)
		if p == placeAnnotation && !f.compat && (count == MaxAnnotations || f.annotation(i) >= 0) {
			p = placeDefault
		}
		f.filing(i).place = p
		switch p {
		case placeNamespace:
			f.namespaces = true
		case placeDefault:
			f.shadows = f.shadows || strings.HasPrefix(string(s.Attributes[i].Key), resourcePrefix)
		case placeAnnotation:
			count++
			if f.compat {
				f.keepLast(i)
			}
		}
	}
	if f.storesResource(s) && (f.shadows || f.indexesResource(s)) {
		count += f.settleResource(s, count)
	}
	f.annotated = count > 0
}

// settleResource decides where each of the resource's attributes goes.
func (f *facts) settleResource(s *Segment, before int) (count int) {
	f.resource = make([]place, 0, len(s.Resource.attributes))
	for i := range s.Resource.attributes {
		kv := &s.Resource.attributes[i]
		p := placeDefault
		switch {
		case kv.Value.Type() == attribute.EMPTY:
			p = placeNone
		case f.annotatesResource(s, kv):
			if p = f.resourceAnnotation(s, kv, before+count); p == placeAnnotation {
				count++
			}
		}
		if p == placeDefault && f.shadows && f.shadowed(kv.Key) {
			p = placeNone
		}
		f.resource = append(f.resource, p)
	}
	return count
}

// resourceAnnotation is where an attribute of the resource goes that is to be
// an annotation, beside count others.
func (f *facts) resourceAnnotation(s *Segment, kv *attribute.KeyValue, count int) place {
	taken := false
	for i := range f.attributes {
		rest, ok := strings.CutPrefix(string(f.attributes[i].Key), resourcePrefix)
		taken = taken || ok && f.filing(i).place == placeAnnotation && f.sameKey(rest, string(kv.Key))
	}
	switch {
	case taken && f.compat:
		return placeNone
	case taken:
		return placeDefault
	}
	f.altered = f.altered || !fitAnnotationKey(string(kv.Key))
	for i, p := range f.resource {
		if !f.altered || p != placeAnnotation || !f.sameKey(string(s.Resource.attributes[i].Key), string(kv.Key)) {
			continue
		}
		if !f.compat {
			return placeDefault
		}
		f.resource[i] = placeNone
	}
	if count >= MaxAnnotations && !f.compat {
		return placeDefault
	}
	return placeAnnotation
}

// shadowed tells whether an attribute in metadata.default has the key of the
// resource's.
func (f *facts) shadowed(key attribute.Key) bool {
	for i := range f.attributes {
		rest, ok := strings.CutPrefix(string(f.attributes[i].Key), resourcePrefix)
		if ok && f.filing(i).place == placeDefault && rest == string(key) {
			return true
		}
	}
	return false
}

// place says where the attribute at i goes.
func (f *facts) place(s *Segment, i int) place {
	kv := &s.Attributes[i]
	sl := f.filing(i).slot
	if f.repeats && hasKey(s.Attributes[i+1:], kv.Key) {
		return placeNone // an SDK sees to it that no key stands twice; else the last counts
	}
	if kv.Value.Type() == attribute.EMPTY || s.role == roleService && ofDependency(sl) {
		return placeNone
	}
	configured := len(s.Indexed) > 0 && slices.Contains(s.Indexed, string(kv.Key))
	indexed := configured || len(f.indexed) > 0 && slices.Contains(f.indexed, string(kv.Key))
	if f.placed(s, sl) {
		if f.compat {
			indexed = configured && sl != slotEndUser && sl != slotIndexed && sl != slotInProgress
		}
		if indexed && f.isScalar(kv.Value) {
			return placeAnnotation
		}
		return placeNone
	}
	if indexed || s.IndexAll {
		if f.isScalar(kv.Value) {
			return placeAnnotation
		}
		if f.compat {
			return placeNone // as the collector loses them
		}
	}
	if isNamespace(kv) && (f.compat || len(kv.Key) > len(namespacePrefix)) {
		return placeNamespace
	}
	return placeDefault
}

func isNamespace(kv *attribute.KeyValue) bool {
	return strings.HasPrefix(string(kv.Key), namespacePrefix) && kv.Value.Type() == attribute.STRING
}

// placed tells whether an attribute stands in a block of the document.
func (f *facts) placed(s *Segment, sl slot) bool {
	switch {
	case sl == slotNone:
		return false
	case sl <= lastHTTP:
		return f.http || f.compat
	case sl <= lastSQL:
		return f.sql
	case sl <= lastAWS:
		return true
	case sl <= lastCall:
		return f.compat || f.callsAWS()
	case sl == slotUserID:
		return f.text(slotEndUser) == ""
	case sl == slotStatusText:
		return f.takesStatusText(s)
	}
	return sl <= lastMember
}

func (f *facts) isScalar(v attribute.Value) bool {
	switch v.Type() {
	case attribute.BOOL, attribute.INT64, attribute.STRING:
		return true
	case attribute.FLOAT64: // X-Ray takes no others; with the collector's exporter the span is lost
		return f.compat || !math.IsNaN(v.AsFloat64()) && !math.IsInf(v.AsFloat64(), 0)
	}
	return false
}

// keepLast takes back what would have the same key as the annotation at i.
func (f *facts) keepLast(i int) {
	if before := f.annotation(i); before >= 0 {
		f.filing(before).place = placeNone
	}
}

// annotation is the index of the annotation before i that has the same key, or
// -1. Keys that are fit as they are differ where they differ.
func (f *facts) annotation(i int) int {
	key := string(f.attributes[i].Key)
	if f.altered = f.altered || !fitAnnotationKey(key); !f.altered {
		return -1
	}
	for before := range i {
		if f.filing(before).place == placeAnnotation && f.sameKey(string(f.attributes[before].Key), key) {
			return before
		}
	}
	return -1
}

// indexesResource tells whether attributes of the resource may be annotations.
func (f *facts) indexesResource(s *Segment) bool {
	ofResource := func(key string) bool { return strings.HasPrefix(key, resourcePrefix) }
	return s.IndexAll || slices.ContainsFunc(s.Indexed, ofResource) || slices.ContainsFunc(f.indexed, ofResource)
}

func (f *facts) annotatesResource(s *Segment, kv *attribute.KeyValue) bool {
	named := func(key string) bool {
		rest, ok := strings.CutPrefix(key, resourcePrefix)
		return ok && rest == string(kv.Key)
	}
	return f.isScalar(kv.Value) && (s.IndexAll || slices.ContainsFunc(s.Indexed, named) || slices.ContainsFunc(f.indexed, named))
}

// storesResource tells whether the document carries the resource: segments do.
func (f *facts) storesResource(s *Segment) bool {
	if f.compat {
		return s.Resource != nil && !inside(s)
	}
	return s.Resource != nil && !f.subsegment
}

// annotationRune is what an annotation's key has for r: letters, digits, dots
// and underscores stay, any other character becomes an underscore.
func annotationRune(r rune) byte {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.':
		return byte(r)
	}
	return '_'
}

// maxKey leaves room for the prefix of a resource's attribute.
const maxKey = MaxAnnotationKey - len(resourcePrefix)

func fitAnnotationKey(key string) bool {
	for i := range len(key) {
		if c := key[i]; c != '_' && annotationRune(rune(c)) != c {
			return false
		}
	}
	return key != "" && len(key) <= maxKey
}

// sameKey tells keys that become the same annotation's.
func (f *facts) sameKey(a, b string) bool {
	limit := len(a) + 1
	if !f.compat { // an empty one becomes an underscore, a long one is cut
		a, b = firstOf(a, "_"), firstOf(b, "_")
		limit = maxKey
	}
	for range limit {
		if a == "" || b == "" {
			return a == b
		}
		x, i := utf8.DecodeRuneInString(a)
		y, j := utf8.DecodeRuneInString(b)
		if annotationRune(x) != annotationRune(y) {
			return false
		}
		a, b = a[i:], b[j:]
	}
	return true
}
