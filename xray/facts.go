package xray

import (
	"net/netip"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// awsAPI is the value of rpc.system that AWS SDK spans carry.
const awsAPI = "aws-api"

// usualAttributes is how many attributes a span has at most, by the SDK's
// default limit; more than that cost an allocation.
const usualAttributes = 128

// facts are what a span's attributes say, under both the old and the stable
// semantic conventions, and where in the document each goes.
type facts struct {
	form       form
	attributes []attribute.KeyValue
	at         [slots]uint16           // 1 + the index of the slot's attribute, the last one; 0: none
	filed      [usualAttributes]filing // of each attribute
	more       []filing                // of those beyond
	resource   []place                 // of each of the resource's attributes; none: all in the metadata

	compat, subsegment, localRoot bool
	http, sql, peerSeen, urlHost  bool
	call                          bool     // something for the aws block
	repeats                       bool     // a key stands twice
	annotated                     bool     // there are annotations
	namespaces                    bool     // there are namespaces of the metadata
	altered                       bool     // an annotation's key had to be made fit
	shadows                       bool     // an attribute has the key of a resource's
	indexed                       []string // by the span itself

	trim trim
}

// A filing says of an attribute what it means, and where it goes.
type filing struct {
	slot  slot
	place place
}

// filing is that of the attribute at i.
func (f *facts) filing(i int) *filing {
	if i < len(f.filed) {
		return &f.filed[i]
	}
	return &f.more[i-len(f.filed)]
}

func (f *facts) gather(s *Segment) {
	f.compat, f.attributes = s.Compat, s.Attributes
	f.trim.frames = maxStackFrames
	if f.compat {
		f.trim.frames = 1 << 30
	}
	if n := len(s.Attributes) - len(f.filed); n > 0 {
		f.more = make([]filing, n)
	}
	var seen keySet
	for i := range s.Attributes {
		f.repeats = f.repeats || seen.has(s.Attributes[:i], s.Attributes[i].Key)
		sl := f.slot(&s.Attributes[i], s.role)
		f.filing(i).slot = sl
		if sl != slotNone && i < 1<<16-1 && !(s.role == roleService && ofDependency(sl)) {
			f.at[sl] = uint16(i + 1)
		}
	}
	f.sql = isSQL(f.text(slotDBSystem), f.compat)
	f.localRoot = f.text(slotSpanKind) == localRoot
	if f.has(slotIndexed) {
		f.indexed = stringsOf(f.value(slotIndexed))
	}
	switch {
	case s.role == roleService, f.localRoot && (s.Kind == trace.SpanKindServer || s.Kind == trace.SpanKindInternal):
	case s.role == roleDependency:
		f.subsegment = true
	default:
		f.subsegment = inside(s)
	}
	f.settlePlaces(s)
}

// inside tells spans that X-Ray shows inside their parent's segment.
func inside(s *Segment) bool {
	return s.ParentID.IsValid() && s.Kind != trace.SpanKindServer && s.Kind != trace.SpanKindConsumer
}

// slot is the slot that an attribute fills.
func (f *facts) slot(kv *attribute.KeyValue, role role) slot {
	sl := slotOf(kv.Key)
	if sl == slotNone && !f.compat {
		sl = newerSlotOf(kv.Key)
	}
	if sl == slotNone || role == roleService && ofDependency(sl) {
		return sl
	}
	if !sl.fits(&kv.Value, f.compat) {
		if sl == slotPeerAddress && f.compat {
			return slotNoAddress
		}
		return slotNone
	}
	switch sl {
	case slotURL, slotHTTPHost, slotServerName, slotHostName, slotNetHostName, slotNetPeerName, slotServerAddress:
		f.urlHost = true
	case slotNetPeerIP:
		f.peerSeen, f.urlHost = true, true
	case slotPeerAddress:
		f.peerSeen, f.urlHost = true, true
	}
	f.http = f.http || sl <= lastMakesHTTP || sl == slotNetHostPort && f.compat
	f.call = f.call || sl > lastSQL && sl <= lastCall || sl == slotMessagingURL || sl == slotTables
	return sl
}

// has tells whether the span has an attribute of a slot.
func (f *facts) has(sl slot) bool { return f.at[sl] != 0 }

// value is the value of a slot's attribute.
func (f *facts) value(sl slot) attribute.Value {
	if i := f.at[sl]; i != 0 {
		return f.attributes[i-1].Value
	}
	return attribute.Value{}
}

// text is the value of a slot's attribute as far as it is a string.
func (f *facts) text(sl slot) string {
	if i := f.at[sl]; i != 0 {
		return str(f.attributes[i-1].Value)
	}
	return ""
}

// number is the value of a slot's attribute as far as it is a whole number.
func (f *facts) number(sl slot) int64 {
	i := f.at[sl]
	if i == 0 {
		return 0
	}
	v := &f.attributes[i-1].Value
	if f.compat && v.Type() != attribute.INT64 {
		return 0
	}
	n, _ := integer(v)
	return n
}

// inProgress tells a span that says of itself that it is not at its end.
func (f *facts) inProgress() bool { return f.value(slotInProgress).AsBool() }

// first is the text of the first slot that has one.
func (f *facts) first(of ...slot) string {
	for _, sl := range of {
		if text := f.text(sl); text != "" {
			return text
		}
	}
	return ""
}

// integer reads a whole number; some instrumentation writes them as text.
func integer(v *attribute.Value) (int64, bool) {
	switch v.Type() {
	case attribute.INT64:
		return v.AsInt64(), true
	case attribute.STRING:
		n, err := strconv.ParseInt(v.AsString(), 10, 64)
		return n, err == nil
	}
	return 0, false
}

func str(v attribute.Value) string {
	if v.Type() != attribute.STRING {
		return ""
	}
	return v.AsString()
}

// isIP tells an IP address; the collector's exporter takes none with a zone.
func isIP(v *attribute.Value, compat bool) bool {
	if v.Type() != attribute.STRING {
		return false
	}
	address, err := netip.ParseAddr(v.AsString())
	return err == nil && (address.Zone() == "" || !compat)
}

func isList(v *attribute.Value) bool {
	return v.Type() == attribute.STRINGSLICE || v.Type() == attribute.SLICE
}

// stringsOf are the strings of a list.
func stringsOf(v attribute.Value) []string {
	if v.Type() != attribute.SLICE {
		return v.AsStringSlice()
	}
	var list []string
	for _, e := range v.AsSlice() {
		if e.Type() == attribute.STRING {
			list = append(list, e.AsString())
		}
	}
	return list
}

// textsOf is stringsOf with what is no string as "", as the collector's
// exporter reads it.
func textsOf(v attribute.Value) []string {
	if v.Type() != attribute.SLICE {
		return v.AsStringSlice()
	}
	var list []string
	for _, e := range v.AsSlice() {
		list = append(list, str(e))
	}
	return list
}
