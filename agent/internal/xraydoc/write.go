package xraydoc

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/updraft-otel/updraft/xray"
)

// maxDocumentBytes is the longest document X-Ray takes.
// https://docs.aws.amazon.com/general/latest/gr/xray.html
const maxDocumentBytes = 64 << 10

// Document is the segment document of a span that [AppendSpans] made, with what
// the pipeline changed about the span since: attributes it removed are removed,
// changed ones changed, and new ones go to the annotations, if the span's list of
// them or indexed names them, else to the metadata. So do new attributes of a
// segment's resource. A document that would grow over what X-Ray takes is left
// without what is new. ok is false for other spans.
func Document(resource pcommon.Resource, span ptrace.Span, indexed func(attribute string) bool) (doc []byte, ok bool) {
	doc = kept(span.Attributes())
	if doc == nil {
		return nil, false
	}
	o, err := decode(doc)
	if err != nil {
		return nil, false
	}
	id, err := identify(o)
	if err != nil {
		return nil, false
	}
	wasSpan, wasResource := ptrace.NewSpan(), pcommon.NewMap()
	readSpan(o, id, wasSpan)
	readResource(o, wasResource)
	p := patch{o: o, indexed: indexed, listed: list(span.Attributes()), now: span.Attributes()}
	p.span(wasSpan, span)
	if !id.subsegment { // others say nothing of the resource
		p.attributes(wasResource, resource.Attributes(), p.resourceAttribute)
	}
	if !p.changed {
		return doc, true
	}
	full := encode(o)
	if len(full) > maxDocumentBytes && len(p.added) > 0 {
		for _, path := range p.added {
			remove(o, path...)
		}
		full = encode(o)
	}
	return full, true
}

// A patch brings a document up to date with its span.
type patch struct {
	o       object
	indexed func(string) bool
	listed  map[string]bool // by the span, as annotations
	now     pcommon.Map     // the span's attributes
	changed bool
	added   [][]string // the paths of what is new
}

func (p *patch) span(before, span ptrace.Span) {
	if span.Name() != before.Name() {
		p.changed = true
		p.o["name"] = cleanName(span.Name())
	}
	if span.Status().Code() == ptrace.StatusCodeError && before.Status().Code() != ptrace.StatusCodeError {
		p.changed = true
		p.o["fault"] = true
	}
	if !sameEvents(before.Events(), span.Events()) {
		p.changed = true
		patchCause(p.o, before.Events(), span.Events())
	}
	p.attributes(before.Attributes(), span.Attributes(), p.spanAttribute)
}

// attributes calls set for each attribute that is not what it was; without a
// value for one that is gone.
func (p *patch) attributes(before, now pcommon.Map, set func(name string, v pcommon.Value, gone bool)) {
	for name, v := range now.All() {
		if was, ok := before.Get(name); name != DocumentAttribute && (!ok || !was.Equal(v)) {
			p.changed = true
			set(name, v, false)
		}
	}
	for name := range before.All() {
		if _, ok := now.Get(name); !ok {
			p.changed = true
			set(name, pcommon.NewValueEmpty(), true)
		}
	}
}

func (p *patch) spanAttribute(name string, v pcommon.Value, gone bool) {
	namespace, isMetadata := strings.CutPrefix(name, metadataPrefix)
	f := p.spanField(name)
	switch {
	case name == annotationsAttribute || name == serviceAttribute:
		// The first is looked at for what it names; the second says the name again.
	case f != nil && gone:
		if !p.named(f) {
			remove(p.o, f.path...)
		}
	case f != nil:
		f.write(p.o, v)
	case name == connectionAttribute || name == databaseAttribute:
		remove(p.o, "sql", "url") // it holds what was there
	case isMetadata && gone:
		remove(p.o, "metadata", namespace)
	case isMetadata:
		p.metadata(namespace, v)
	case gone:
		remove(p.o, "annotations", name)
	default:
		p.other(name, v)
	}
}

// spanField is the member that an attribute of the span is; none where its name is an annotation's, since this agent has given
// no member that name.
func (p *patch) spanField(name string) *field {
	f := find(spanFields, p.o, name)
	if f != nil && !isSpoken(f) && at(p.o, "annotations", name) != nil {
		return nil
	}
	return f
}

// named tells whether the span still has the member, by another convention's name for it.
func (p *patch) named(f *field) bool {
	return slices.ContainsFunc(spanFields, func(other field) bool {
		_, there := p.now.Get(other.attribute)
		return there && slices.Equal(other.path, f.path)
	})
}

// metadata sets a namespace to what its attribute says.
func (p *patch) metadata(namespace string, v pcommon.Value) {
	value, err := decodeValue([]byte(v.AsString()))
	if err != nil {
		p.other(metadataPrefix+namespace, v)
		return
	}
	put(p.o, value, "metadata", namespace)
}

// other files an attribute that is no member.
func (p *patch) other(name string, v pcommon.Value) {
	annotated := at(p.o, "annotations", name) != nil
	scalar := v.Type() == pcommon.ValueTypeStr || v.Type() == pcommon.ValueTypeBool || v.Type() == pcommon.ValueTypeInt
	switch {
	case scalar && (annotated || p.listed[name] || p.indexed != nil && p.indexed(name)):
		p.add(raw(v), annotated, "annotations", annotationKey(name))
	default:
		if annotated {
			remove(p.o, "annotations", name)
		}
		p.add(raw(v), false, "metadata", "default", name)
	}
}

// resourcePrefix is what the attributes of a resource have in documents.
const resourcePrefix = "otel.resource."

func (p *patch) resourceAttribute(name string, v pcommon.Value, gone bool) {
	f := find(resourceFields, p.o, name)
	switch {
	case f != nil && at(p.o, f.path...) != nil && f.attribute != "service.name" && gone:
		remove(p.o, f.path...)
	case f != nil && at(p.o, f.path...) != nil && f.attribute == "service.name":
		if !gone {
			p.o["name"] = cleanName(v.AsString())
		}
	case f != nil && at(p.o, f.path...) != nil:
		f.write(p.o, v)
	case !gone:
		p.add(raw(v), false, "metadata", "default", resourcePrefix+name)
	}
}

func (p *patch) add(v any, known bool, path ...string) {
	put(p.o, v, path...)
	if !known {
		p.added = append(p.added, path)
	}
}

// raw is a value as JSON has it; NaN and infinities, which it has not, are text.
func raw(v pcommon.Value) any {
	r := v.AsRaw()
	if _, err := json.Marshal(r); err != nil {
		return v.AsString()
	}
	return r
}

// list is what the span's list of annotations names.
func list(attributes pcommon.Map) map[string]bool {
	v, ok := attributes.Get(annotationsAttribute)
	if !ok || v.Type() != pcommon.ValueTypeSlice {
		return nil
	}
	names := map[string]bool{}
	for _, name := range v.Slice().All() {
		names[name.AsString()] = true
	}
	return names
}

func sameEvents(a, b ptrace.SpanEventSlice) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if a.At(i).Name() != b.At(i).Name() || !a.At(i).Attributes().Equal(b.At(i).Attributes()) {
			return false
		}
	}
	return true
}

// cleanName keeps of a name what X-Ray takes: letters, numbers and spaces of all scripts, and some signs; the length counts as
// Java does, in which X-Ray's pattern is written.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
func cleanName(s string) string {
	var name strings.Builder
	n := 0
	for _, r := range s {
		if !unicode.In(r, unicode.L, unicode.N, unicode.Zs) && !strings.ContainsRune("_.:/%&#=+-@", r) {
			continue
		}
		if n += utf16.RuneLen(r); n > xray.MaxNameLength {
			break
		}
		name.WriteRune(r)
	}
	if name.Len() == 0 {
		return "-"
	}
	return name.String()
}

// annotationKey replaces what X-Ray does not take in an annotation's key.
func annotationKey(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' {
			return r
		}
		return '_'
	}, s)
}
