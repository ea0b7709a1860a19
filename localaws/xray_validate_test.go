package localaws

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// docWith is a good document with members put behind its own.
func docWith(members string) string {
	return `{"name":"web","id":"00000000000000aa","trace_id":"1-6744a1c0-000000000000000000000001","start_time":1,"end_time":2` + members + `}`
}

func TestCheckDocument(t *testing.T) {
	f := func(doc string) {
		t.Helper()
		if _, v := checkDocument([]byte(doc), false, shopTime); v != nil {
			t.Errorf("%.200s: %s at %s (%v)", doc, v.message(), v.field, v.value)
		}
	}
	f(docWith(""))
	f(docWith(`,"unknown":{"x":[1]},"metadata":{"default":{"a":1},"b":{}},"cause":"00000000000000bb"`))
	f(docWith(`,"subsegments":[{"name":"a","id":"00000000000000ab","start_time":1,"in_progress":true}]`))
	f(docWith(`,"annotations":{"a_1":"x","a.b":1.5,"c":true}`))
	f(docWith(`,"aws":{"account_id":123,"ec2":{"instance_id":7}},"namespace":7`)) // only shown, so read loosely
	f(`{"name":"Straße 日本 \\ _.:/%&#=+-@","id":"00000000000000aA","trace_id":"1-6744A1C0-00000000000000000000000F","start_time":1.5e9,"in_progress":true}`)
	f(`{"type":"subsegment","parent_id":"00000000000000ab","name":"a","id":"00000000000000aa","trace_id":"1-6744a1c0-000000000000000000000001","start_time":1,"end_time":2}`)
	f(docWith(`,"user":"` + strings.Repeat("ü", maxTextLength) + `"`))
	f(docWith(`,"aws":{"ec2":{"instance_id":null}},"metadata":{"default":null},"sql":{"user":null},"cause":{"exceptions":[{"id":"00000000000000ff","stack":[{"line":null}]}]}`))
}

func TestCheckDocument_refused(t *testing.T) {
	f := func(doc, wantMessage, wantField string) {
		t.Helper()
		_, v := checkDocument([]byte(doc), false, shopTime)
		if v == nil {
			t.Errorf("%.200s: accepted", doc)
			return
		}
		if v.message() != wantMessage || v.field != wantField {
			t.Errorf("%.200s: %s at %s", doc, v.message(), v.field)
		}
		if text := v.rule.message(v.value); strings.Contains(text, "%!") {
			t.Errorf("%s: bad message format: %s", v.rule.ID, text)
		}
	}
	invalid := func(code string) string { return "Invalid segment. ErrorCode: " + code }
	sub := func(code string) string { return "Invalid subsegment. ErrorCode: " + code + ", Cause: null" }
	replace := func(old, by string) string { return strings.Replace(docWith(""), old, by, 1) }

	f("", invalid("ParseError"), "document")
	f("\xff", invalid("ParseError"), "document")
	f(docWith("")+"{}", invalid("ParseError"), "document")
	f("[]", invalid("MissingId"), "document")
	f(replace(`"id":"00000000000000aa",`, ""), invalid("MissingId"), "id")
	f(replace("00000000000000aa", "00000000000000xx"), invalid("InvalidId"), "id")
	f(replace(`"00000000000000aa"`, "17"), invalid("InvalidId"), "id")
	f(replace("1-6744a1c0-", "6744a1c0"), invalid("InvalidTraceId"), "trace_id")
	f(replace(`"trace_id"`, `"t"`), invalid("MissingTraceId"), "trace_id")
	f(replace(`"web"`, `""`), invalid("MissingName"), "name")
	f(replace("web", "a?b"), invalid("InvalidName"), "name")
	f(replace("web", strings.Repeat("x", maxNameLength+1)), invalid("InvalidName"), "name")
	f(replace(`"start_time":1,`, ""), invalid("MissingStartTime"), "start_time")
	f(replace(`"start_time":1,`, `"start_time":"1",`), invalid("InvalidStartTime"), "start_time")
	f(replace(`"start_time":1,`, `"start_time":0,`), invalid("InvalidStartTime"), "start_time")
	f(replace(`,"end_time":2`, ""), invalid("MissingEndTime"), "end_time")
	f(replace(`,"end_time":2`, `,"in_progress":false`), invalid("MissingEndTime"), "end_time")
	f(replace(`"end_time":2`, `"end_time":{}`), invalid("InvalidEndTime"), "end_time")
	f(docWith(`,"parent_id":"1"`), invalid("InvalidParentId"), "parent_id")
	f(docWith(`,"type":"subsegment"`), sub("MissingParentId"), "parent_id")
	f(docWith(`,"annotations":{"a-b":1}`), invalid("InvalidAnnotation"), "annotations")
	f(docWith(`,"annotations":{"a":[1]}`), invalid("InvalidAnnotation"), "annotations.a")
	f(docWith(`,"annotations":{"a":"`+strings.Repeat("x", maxAnnotationValue+1)+`"}`), invalid("InvalidAnnotation"), "annotations.a")
	f(docWith(`,"annotations":[]`), invalid("InvalidAnnotation"), "annotations")
	f(docWith(`,"metadata":"x"`), invalid("InvalidMetadata"), "metadata")
	f(docWith(`,"user":"`+strings.Repeat("x", maxTextLength+1)+`"`), invalid("InvalidUser"), "user")
	f(docWith(`,"http":{"request":{"url":"`+strings.Repeat("x", maxTextLength+1)+`"}}`), invalid("InvalidHttp"), "http.request.url")
	f(docWith(`,"http":{"response":{"status":"200"}}`), invalid("InvalidHttp"), "http.response.status")
	f(docWith(`,"sql":{"user":"`+strings.Repeat("x", maxTextLength+1)+`"}`), invalid("InvalidSql"), "sql.user")
	f(docWith(`,"cause":"short"`), invalid("InvalidCause"), "cause")
	f(docWith(`,"cause":{"exceptions":[{"id":"00000000000000ff","message":7}]}`), invalid("InvalidCause"), "cause.exceptions")
	f(docWith(`,"cause":{"exceptions":[{"id":"00000000000000ff","stack":[{"line":"7"}]}]}`), invalid("InvalidCause"), "cause.exceptions")
	f(docWith(`,"cause":{"paths":[7]}`), invalid("InvalidCause"), "cause.exceptions")
	f(docWith(`,"metadata":{"default":7}`), invalid("InvalidMetadata"), "metadata.default")
	f(docWith(`,"http":{"request":{"x_forwarded_for":"yes"}}`), invalid("InvalidHttp"), "http.request.x_forwarded_for")
	f(docWith(`,"sql":{"sanitized_query":7}`), invalid("InvalidSql"), "sql.sanitized_query")
	f(docWith(`,"service":{"version":7}`), invalid("ParseError"), "service.version")
	f(docWith(`,"precursor_ids":[7]`), invalid("ParseError"), "precursor_ids")
	f(docWith(`,"cause":{"exceptions":[{"message":"no id"}]}`), invalid("InvalidCause"), "cause.exceptions[0].id")
	f(docWith(`,"in_progress":"yes"`), invalid("ParseError"), "in_progress")
	f(docWith(`,"subsegments":[null]`), sub("MissingId"), "subsegments[0]")
	f(docWith(`,"subsegments":[{"name":"a?","id":"00000000000000ab","start_time":1,"end_time":2}]`), sub("InvalidName"), "subsegments[0].name")
	f(docWith(`,"subsegments":[{"name":"a","id":"00000000000000ab","start_time":1,"end_time":2,"subsegments":[{"name":"b","id":"00000000000000ac","start_time":1}]}]`),
		sub("MissingEndTime"), "subsegments[0].subsegments[0].end_time")
	f(docWith(`,"subsegments":[{"name":3}]`), sub("InvalidName"), "subsegments.name")
	f(docWith(`,"x":"`+strings.Repeat("x", maxSegmentBytes)+`"`), invalid("InvalidSegmentSize"), "document")
}

func TestCheckDocument_strictTime(t *testing.T) {
	f := func(at time.Time, want bool) {
		t.Helper()
		doc := strings.Replace(docWith(""), "6744a1c0", fmt.Sprintf("%08x", at.Unix()), 1)
		if _, v := checkDocument([]byte(doc), true, shopTime); (v == nil) != want {
			t.Errorf("%s: %v", at, v)
		}
		if _, v := checkDocument([]byte(doc), false, shopTime); v != nil {
			t.Errorf("%s, not strict: %s", at, v.message())
		}
	}
	f(shopTime, true)
	f(shopTime.Add(-maxTraceAge), true)
	f(shopTime.Add(-maxTraceAge-time.Second), false)
	f(shopTime.Add(maxTraceFuture+time.Second), false)
}

// Whatever is sent, a document is accepted whole or refused, and what is
// accepted can be drawn.
func FuzzCheckDocument(f *testing.F) {
	_, docs := shopTrace(shopTime, 0, true)
	for _, doc := range docs {
		f.Add(doc)
	}
	f.Add(docWith(`,"parent_id":"00000000000000aa","subsegments":[{"id":"00000000000000aa","name":"a","start_time":1,"end_time":0,"namespace":"aws"}]`))
	f.Fuzz(func(t *testing.T, doc string) {
		seg, v := checkDocument([]byte(doc), false, shopTime)
		if v != nil {
			return
		}
		s := newTraceStore(1 << 20)
		s.put(seg, []byte(doc), shopTime)
		view, ok := s.get(seg.TraceID)
		if !ok {
			t.Fatal("accepted and not there")
		}
		newSummary(view, s.factsOf(view))
		s.graphOf(timeRange{-1e300, 1e300})
		if merged, _ := mergedDocuments(view.docs, maxTraceBytes); len(merged) != 1 {
			t.Error("a document is missing")
		}
		newColumns(newTree(view.docs), 0)
	})
}

func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.ID] {
			t.Errorf("%s stands twice", r.ID)
		}
		seen[r.ID] = true
		for name, text := range map[string]string{"id": r.ID, "service": r.Service, "operation": r.Operation, "title": r.Title,
			"code": r.Code, "message": r.Message, "page": r.Page, "fix": r.Fix, "certainty": r.Certainty} {
			if text == "" {
				t.Errorf("%s has no %s", r.ID, name)
			}
		}
		if !strings.HasPrefix(r.Page, "https://docs.aws.amazon.com/") && r.Page != otlpSpecPage {
			t.Errorf("%s: page %s", r.ID, r.Page)
		}
		if r.Certainty != documented && r.Certainty != observed && r.Certainty != unsettled {
			t.Errorf("%s: certainty %s", r.ID, r.Certainty)
		}
	}
}
