package localaws

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// putDocs checks and stores documents.
func putDocs(t testing.TB, s *traceStore, docs ...string) {
	t.Helper()
	for _, doc := range docs {
		seg, v := checkDocument([]byte(doc), false, shopTime)
		if v != nil {
			t.Fatalf("%s at %s: %s", v.message(), v.field, doc)
		}
		s.put(seg, []byte(doc), shopTime)
	}
}

const someTrace = "1-6744a1c0-000000000000000000000001"

func doc(name, id, members string) string {
	return fmt.Sprintf(`{"name":%q,"id":"00000000000000%s","trace_id":%q%s}`, name, id, someTrace, members)
}

func factsOf(t testing.TB, s *traceStore) (traceView, *traceFacts) {
	t.Helper()
	v, ok := s.get(someTrace)
	if !ok {
		t.Fatal("no trace")
	}
	return v, s.factsOf(v)
}

func TestTraceStore_inProgress(t *testing.T) {
	s := newTraceStore(1 << 20)
	progress := doc("web", "aa", `,"start_time":10,"in_progress":true`)
	complete := doc("web", "aa", `,"start_time":10,"end_time":12`)
	putDocs(t, s, progress)
	if _, f := factsOf(t, s); !f.partial {
		t.Error("not partial")
	}
	putDocs(t, s, complete, progress) // the second one comes late
	v, f := factsOf(t, s)
	if f.partial || len(v.docs) != 1 || string(v.docs[0].raw) != complete || f.end != 12 {
		t.Errorf("%+v %d", f, len(v.docs))
	}
	if c := s.counts(); c.items != 1 || c.groups != 1 || c.spans != 1 || c.bytes != traceOverhead+documentOverhead+int64(len(complete)) {
		t.Errorf("counts: %+v", c)
	}
}

// Subsegments that come alone, before or after, end up in their segment.
func TestMergedDocuments(t *testing.T) {
	s := newTraceStore(1 << 20)
	putDocs(t, s,
		doc("late child", "cc", `,"type":"subsegment","parent_id":"00000000000000bb","start_time":10.2,"end_time":10.3`),
		doc("web", "aa", `,"start_time":10.0000001,"end_time":12,"subsegments":[{"name":"nested","id":"00000000000000bb","start_time":10.1,"end_time":11}]`),
		doc("orphan", "dd", `,"type":"subsegment","parent_id":"00000000000000ee","start_time":10.2,"end_time":10.3`))
	v, _ := factsOf(t, s)
	merged, _ := mergedDocuments(v.docs, maxTraceBytes)
	if len(merged) != 2 || merged[0].ID != "00000000000000aa" || merged[1].ID != "00000000000000dd" {
		t.Fatalf("got %+v", merged)
	}
	seg, err := parseSegment([]byte(merged[0].Document))
	if err != nil {
		t.Fatal(err)
	}
	if len(seg.Subsegments) != 1 || len(seg.Subsegments[0].Subsegments) != 1 || seg.Subsegments[0].Subsegments[0].Name != "late child" {
		t.Errorf("merged: %s", merged[0].Document)
	}
	if !strings.Contains(merged[0].Document, "10.0000001") {
		t.Errorf("a number has changed: %s", merged[0].Document)
	}
}

// Two documents that name each other as parent, and one that names itself.
func TestTree_cycles(t *testing.T) {
	s := newTraceStore(1 << 20)
	putDocs(t, s,
		doc("a", "aa", `,"parent_id":"00000000000000bb","start_time":1,"end_time":2`),
		doc("b", "bb", `,"parent_id":"00000000000000aa","start_time":1,"end_time":2`),
		doc("c", "cc", `,"parent_id":"00000000000000cc","start_time":1,"end_time":2`))
	v, f := factsOf(t, s)
	if tr := newTree(v.docs); len(tr.all) != 3 || len(f.entities) != 3 || f.root < 0 {
		t.Errorf("%d spans, %+v", len(tr.all), f)
	}
}

func TestTraceFacts_inferred(t *testing.T) {
	s := newTraceStore(1 << 20)
	call := func(name, id, members string) string {
		return fmt.Sprintf(`{"name":%q,"id":"00000000000000%s","start_time":1,"end_time":2%s}`, name, id, members)
	}
	putDocs(t, s, doc("web", "aa", `,"start_time":1,"end_time":2,"subsegments":[`+strings.Join([]string{
		call("DynamoDB", "b1", `,"namespace":"aws","aws":{"table_name":"orders","operation":"PutItem"}`),
		call("DynamoDB", "b2", `,"namespace":"aws","throttle":true,"error":true`),
		call("api.example.com", "b3", `,"namespace":"remote"`),
		call("db@host", "b4", `,"namespace":"remote","sql":{"url":"x"}`),
		call("work", "b5", ``),
	}, ",")+`]`))
	_, f := factsOf(t, s)
	var got []string
	for _, e := range f.entities {
		got = append(got, e.service.name+"="+e.service.typ)
	}
	if want := "[web= orders=AWS::DynamoDB::Table DynamoDB=AWS::DynamoDB api.example.com=remote db@host=Database::SQL]"; fmt.Sprint(got) != want {
		t.Errorf("got %v", got)
	}
	g := s.graphOf(timeRange{0, 10})
	for _, e := range g.edges {
		if e.to.id.name == "DynamoDB" && (e.stats.throttle != 1 || e.stats.error != 0) {
			t.Errorf("throttle: %+v", e.stats)
		}
	}
	if len(g.nodes) != 6 || len(g.edges) != 5 {
		t.Errorf("%d nodes, %d edges", len(g.nodes), len(g.edges))
	}
}

// A segment that comes takes the place of the node that was inferred.
func TestGraph_inferredReplaced(t *testing.T) {
	s := newTraceStore(1 << 20)
	putDocs(t, s, doc("web", "aa", `,"start_time":1,"end_time":2,"subsegments":[{"name":"orders","id":"00000000000000bb","namespace":"remote","start_time":1,"end_time":2}]`))
	types := func() string {
		var list []string
		for _, n := range s.graphOf(timeRange{0, 10}).nodes {
			list = append(list, n.id.name+"="+n.id.typ)
		}
		return fmt.Sprint(list)
	}
	if got := types(); got != "[web=client web= orders=remote]" {
		t.Errorf("before: %s", got)
	}
	putDocs(t, s, doc("orders", "cc", `,"parent_id":"00000000000000bb","start_time":1,"end_time":2,"origin":"AWS::ECS::Container"`))
	if got := types(); got != "[web=client orders=AWS::ECS::Container web=]" {
		t.Errorf("after: %s", got)
	}
}

// A service whose caller has sent nothing stands alone: nobody says that it was
// a client who called.
func TestGraph_callerMissing(t *testing.T) {
	s := newTraceStore(1 << 20)
	putDocs(t, s, doc("orders", "cc", `,"parent_id":"00000000000000bb","start_time":1,"end_time":2,"fault":true`))
	g := s.graphOf(timeRange{0, 10})
	if len(g.nodes) != 1 || len(g.edges) != 0 || g.nodes[0].root {
		t.Errorf("%d nodes, %d edges", len(g.nodes), len(g.edges))
	}
	v, f := factsOf(t, s)
	if summary := newSummary(v, f); !summary.HasFault || summary.EntryPoint.Name != "orders" {
		t.Errorf("summary: %+v", summary)
	}
}

func TestTraceStore_evict(t *testing.T) {
	s := newTraceStore(20 << 10)
	for i := range 100 {
		_, docs := shopTrace(shopTime.Add(time.Duration(i)*time.Second), i, false)
		putDocs(t, s, docs...)
	}
	c := s.counts()
	if c.bytes > s.max || c.evicted == 0 || int(c.evicted)+c.items != 100 || c.groups != 2*c.items || c.spans != 4*c.items {
		t.Errorf("counts: %+v", c)
	}
	newest, _ := shopTrace(shopTime.Add(99*time.Second), 99, false)
	if _, ok := s.get(newest); !ok {
		t.Error("the newest trace is gone")
	}
	if got := s.serviceNames(); fmt.Sprint(got) != "[orders web]" {
		t.Errorf("services %v", got)
	}
}

func TestRestoreChunk_damaged(t *testing.T) {
	s := newTraceStore(1 << 20)
	_, docs := shopTrace(shopTime, 0, false)
	good := appendChunk(nil, shopTime, [][]byte{[]byte(docs[0])})
	if err := s.restore(kindSegments, good); err != nil || s.counts().items != 1 {
		t.Errorf("%v", err)
	}
	for _, bad := range [][]byte{nil, good[:len(good)-1], good[:7]} {
		if err := s.restore(kindSegments, bad); err == nil {
			t.Errorf("%d bytes of a chunk have no error", len(bad))
		}
	}
}

func BenchmarkPutTraceSegments(b *testing.B) {
	srv := startTest(b, Config{MaxBytes: 64 << 20})
	c := &call{srv: srv, now: shopTime, op: srv.table.byPath["/TraceSegments"]}
	in := &putTraceSegmentsInput{}
	for i := range maxSegmentDocuments / 2 {
		_, docs := shopTrace(shopTime, i, false)
		in.TraceSegmentDocuments = append(in.TraceSegmentDocuments, docs...)
	}
	b.ReportAllocs()
	for b.Loop() {
		if out, err := putTraceSegments(c, in); err != nil || len(out.UnprocessedTraceSegments) > 0 {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*2*len(in.TraceSegmentDocuments)), "ns/span")
}

// The graph of 50,000 traces whose facts are known.
func BenchmarkGraph(b *testing.B) {
	s := newTraceStore(1 << 30)
	for i := range 50000 {
		_, docs := shopTrace(shopTime, i, i%10 == 0)
		putDocs(b, s, docs...)
	}
	s.graphOf(timeRange{0, 1e12})
	b.ReportAllocs()
	for b.Loop() {
		s.graphOf(timeRange{0, 1e12})
	}
}
