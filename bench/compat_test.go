package bench

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/updraft-otel/updraft/xray"
)

// How many spans are compared, in how many calls; a call makes one Traces.
const (
	comparedSpans = 12_000
	spansPerCall  = 250
)

// allowed are the differences that stay under Compat, each because the
// collector's document would be refused or is none at all. One that no longer
// occurs fails the test. docs/xray-mapping.md lists them too.
var allowed = map[string]struct {
	why string
	is  func(path string, theirs, ours any) bool
}{
	"no name": {
		"an aws.local.service, aws.remote.service or service.name that is empty or no string gives the two documents of a local root a null for a name, which X-Ray refuses; ours take the next name",
		func(path string, theirs, ours any) bool { return path == "name" && theirs == nil && ours != "" },
	},
	"no bytes": {
		"a value of no bytes is a null to them and an empty base64 string to us: it is there, and it is bytes",
		func(_ string, theirs, ours any) bool { return theirs == nil && ours == "" },
	},
}

// notANumber is the one difference between no document and one: encoding/json
// has no NaN and no infinity, so their span is lost. Ours says "NaN".
const notANumber = "not a number"

// TestCompat holds our segment documents under Compat against those of the
// collector's own exporter, for generated spans: as JSON, and apart from the
// ids that are random by nature.
func TestCompat(t *testing.T) {
	told := []settings{
		{},
		{all: true},
		{indexed: []string{
			"http.method", "http.request.method", "http.status_text", "url.full", "db.statement", "db.system", "aws.region", "rpc.method",
			"enduser.id", "nested", "list", "with.dots", "with blank", "tenant.id", "otel.resource.service.name", "otel.resource.cloud.region",
			"aws.xray.annotations", "aws.xray.inprogress", "aws.xray.metadata.audit", "server.address", "aws.remote.service", "not there",
		}, logGroups: []string{"/configured", ""}},
		{indexed: []string{"a/b", "otel.resource.host.id", "http.url"}, all: true, logGroups: []string{}},
	}
	c := comparison{T: t, differences: map[string]int{}}
	for i, s := range told {
		peer, g := newXRayCollector(t, s), newGenerator(uint64(i))
		for range comparedSpans / spansPerCall / len(told) {
			traces := g.traces(spansPerCall)
			ours := encode(traces, s)
			theirs := bySpan(peer.export(t, traces), ours)
			for _, o := range ours {
				c.compare(theirs[o.id], o)
			}
		}
	}
	t.Logf("%d spans, %d documents; differences: %v", c.spans, c.documents, c.differences)
	for name, a := range allowed {
		if c.differences[name] == 0 {
			t.Errorf("%q does not occur any more: %s", name, a.why)
		}
	}
}

// encoded is a span with our documents of it.
type encoded struct {
	id         string
	documents  []string
	notANumber bool
}

func encode(traces ptrace.Traces, s settings) []encoded {
	var list []encoded
	for _, rs := range traces.ResourceSpans().All() {
		resource := xray.NewResource(attributesOf(rs.Resource().Attributes()), s.logGroups...)
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				segment := segmentOf(span, ss.Scope().Name(), resource, s)
				segment.Compat = true
				e := encoded{id: span.SpanID().String(), notANumber: hasNaN(rs.Resource().Attributes()) || hasNaN(span.Attributes())}
				for _, l := range span.Links().All() {
					e.notANumber = e.notANumber || hasNaN(l.Attributes())
				}
				service, split := segment.Split()
				e.documents = append(e.documents, string(xray.AppendSegment(nil, segment)))
				if split {
					e.documents = append(e.documents, string(xray.AppendSegment(nil, &service)))
				}
				list = append(list, e)
			}
		}
	}
	return list
}

// bySpan sorts the collector's documents by the span they are of: one with an
// id that no span has is the service around the call before it.
func bySpan(documents []string, spans []encoded) map[string][]string {
	known, sorted, last := map[string]bool{}, map[string][]string{}, ""
	for _, s := range spans {
		known[s.id] = true
	}
	for _, d := range documents {
		var head struct{ ID string }
		if err := json.Unmarshal([]byte(d), &head); err == nil && known[head.ID] {
			last = head.ID
		}
		sorted[last] = append(sorted[last], d)
	}
	return sorted
}

// A comparison counts what it compared, and the differences that are allowed.
type comparison struct {
	*testing.T
	spans, documents int
	differences      map[string]int
}

func (c *comparison) compare(theirs []string, ours encoded) {
	c.Helper()
	c.spans++
	c.documents += len(ours.documents)
	if len(theirs) == 0 && ours.notANumber {
		c.differences[notANumber]++
		theirs = ours.documents // ours is to be a document
	}
	if len(theirs) != len(ours.documents) {
		c.Errorf("span %s: %d documents, theirs are %d", ours.id, len(ours.documents), len(theirs))
		return
	}
	a, err := readAll(theirs)
	if err != nil {
		c.Errorf("span %s: theirs: %v", ours.id, err)
		return
	}
	b, err := readAll(ours.documents)
	if err != nil {
		c.Errorf("span %s: %v: %s", ours.id, err, ours.documents)
		return
	}
	for i := range a {
		for _, d := range differences(a[i], b[i]) {
			c.judge(d, ours.id)
		}
	}
}

func (c *comparison) judge(d difference, span string) {
	c.Helper()
	for name, a := range allowed {
		if a.is(d.path, d.theirs, d.ours) {
			c.differences[name]++
			return
		}
	}
	c.Errorf("span %s: %s: theirs %.300s, ours %.300s", span, d.path, text(d.theirs), text(d.ours))
}

// readAll reads the documents of one span, without what is random by nature.
func readAll(documents []string) ([]map[string]any, error) {
	var list []map[string]any
	for _, text := range documents {
		d, err := readDocument(text)
		if err != nil {
			return nil, err
		}
		if err := neutralise(d); err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	if len(list) == 2 { // a call and the service around it, whose id the exporters make up
		call, service := list[0], list[1]
		if id, _ := service["id"].(string); call["parent_id"] != id || !hexID.MatchString(id) {
			return nil, fmt.Errorf("the call is inside %v, the service is %v", call["parent_id"], id)
		}
		call["parent_id"], service["id"] = "the service", "the service"
	}
	return list, nil
}

func hasNaN(m pcommon.Map) bool {
	for _, v := range m.All() {
		if isNaN(v) {
			return true
		}
	}
	return false
}

func isNaN(v pcommon.Value) bool {
	switch v.Type() {
	case pcommon.ValueTypeDouble:
		return math.IsNaN(v.Double()) || math.IsInf(v.Double(), 0)
	case pcommon.ValueTypeMap:
		return hasNaN(v.Map())
	case pcommon.ValueTypeSlice:
		for _, e := range v.Slice().All() {
			if isNaN(e) {
				return true
			}
		}
	}
	return false
}

// TestCompat_sameMember is about attributes that want the same member: with the
// collector's exporter the order of a Go map decides, so ours has to be one of
// the documents that many tries give.
func TestCompat_sameMember(t *testing.T) {
	f := func(name string, s settings, attributes map[string]any) {
		t.Helper()
		traces := ptrace.NewTraces()
		spans := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
		for range 100 {
			span := spans.AppendEmpty()
			span.SetSpanID(pcommon.SpanID{7: 1})
			_ = span.Attributes().FromRaw(attributes)
		}
		ours := encode(traces, s)[0].documents
		want, err := readAll(ours)
		if err != nil {
			t.Errorf("%s: %v: %s", name, err, ours)
			return
		}
		theirs := newXRayCollector(t, s).export(t, traces)
		same := func(document string) bool {
			d, err := readDocument(document)
			return err == nil && len(differences(d, want[0])) == 0
		}
		if !slices.ContainsFunc(theirs, same) {
			t.Errorf("%s: %s is none of theirs, as %s", name, ours, theirs[0])
		}
	}
	f("spellings of a request id", settings{}, map[string]any{"aws.request_id": "a", "aws.requestId": "b"})
	f("spellings of a queue", settings{}, map[string]any{"aws.queue_url": "a", "aws.queue.url": "b"})
	f("spellings of a table", settings{}, map[string]any{"aws.table_name": "a", "aws.table.name": "b"})
	f("annotations with one key", settings{all: true}, map[string]any{"user id": 1, "user_id": 2, "user-id": 3})
	f("a namespace and an attribute", settings{}, map[string]any{"n": 1, "aws.xray.metadata.default": `{"n":2}`})
}

// TestCompat_crashes keeps the inputs that the generator leaves out, because at
// them the collector's exporter panics and its process ends. Ours makes a
// document of each.
func TestCompat_crashes(t *testing.T) {
	peer := newXRayCollector(t, settings{})
	f := func(name string, traces ptrace.Traces) {
		t.Helper()
		ours := encode(traces, settings{})[0].documents
		if _, err := readAll(ours); err != nil {
			t.Errorf("%s: %v: %s", name, err, ours)
		}
		if !panics(func() { _ = peer.exporter.ConsumeTraces(t.Context(), traces) }) {
			t.Errorf("%s: the collector's exporter lives; let the generator have it", name)
		}
	}
	for _, c := range crashing {
		if !crashes(c.language, c.stack) {
			t.Errorf("%s: the generator would make %q", c.language, c.stack)
		}
		f(fmt.Sprintf("%s: %q", c.language, c.stack), crashingSpan(c.language, c.stack))
	}
	call := crashingSpan("", "")
	_ = call.ResourceSpans().At(0).Resource().Attributes().FromRaw(map[string]any{"cloud.provider": "gcp"})
	span := call.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
	span.SetKind(ptrace.SpanKindClient)
	span.Attributes().PutStr("aws.span.kind", "LOCAL_ROOT")
	f("a call as local root in another cloud", call)
}

// difference is where two documents differ.
type difference struct {
	path         string
	theirs, ours any
}

func differences(theirs, ours map[string]any) []difference {
	var list []difference
	differ("", theirs, ours, &list)
	return list
}

func differ(path string, theirs, ours any, list *[]difference) {
	a, isObject := theirs.(map[string]any)
	b, isAlso := ours.(map[string]any)
	if isObject && isAlso {
		keys := maps.Clone(a)
		maps.Copy(keys, b)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			differ(join(path, key), member(a, key), member(b, key), list)
		}
		return
	}
	x, isList := theirs.([]any)
	y, isAlso := ours.([]any)
	if isList && isAlso && len(x) == len(y) {
		for i := range x {
			differ(fmt.Sprintf("%s[%d]", path, i), x[i], y[i], list)
		}
		return
	}
	if isObject || isList || theirs != ours {
		*list = append(*list, difference{path, theirs, ours})
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// absent stands for a member that is not there.
type absent struct{}

func member(object map[string]any, key string) any {
	if v, ok := object[key]; ok {
		return v
	}
	return absent{}
}

func text(v any) string {
	if v == (absent{}) {
		return "nothing"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
