package localaws

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/updraft-otel/updraft/localaws/internal/filterpattern"
)

const (
	xrayTrace = "1-5f84c7a1-0123456789abcdef01234567"
	w3cTrace  = "5f84c7a10123456789abcdef01234567"
)

// addLogs adds events to a group; texts are "time message".
func addLogs(s *logStore, stream string, at []int64, messages ...string) {
	s.add(&logBatch{group: "g", stream: stream, ingested: 1, at: at, messages: messages})
}

// Events come out in order however they came in, forwards and backwards, from
// any place.
func TestLogStore_order(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	s := newLogStore(1 << 30)
	var want []int64
	for range 400 {
		base := r.Int64N(100_000)
		var at []int64
		var messages []string
		for i := range 1 + r.IntN(40) {
			at = append(at, base+int64(i*r.IntN(5)))
			messages = append(messages, "m")
		}
		slices.Sort(at)
		addLogs(s, fmt.Sprint("s", r.IntN(7)), at, messages...)
		want = append(want, at...)
	}
	slices.Sort(want)
	f := func(back bool, start, end int64) {
		t.Helper()
		var expect []int64
		for _, at := range want {
			if at >= start && at < end {
				expect = append(expect, at)
			}
		}
		if back {
			slices.Reverse(expect)
		}
		from, to := logTimes(&start, &end)
		rng := logRange{start: from, end: to, back: back}
		var got []int64
		seen := make(map[uint64]bool)
		for {
			lot := s.read("g", rng, 97)
			for i := range lot {
				got = append(got, lot[i].at)
				seen[lot[i].seq] = true
			}
			if len(lot) < 97 {
				break
			}
			rng.pass(&lot[len(lot)-1])
		}
		if !slices.Equal(got, expect) || len(seen) != len(got) {
			t.Errorf("back %v, %d to %d: %d events, want %d", back, start, end, len(got), len(expect))
		}
	}
	f(false, 0, 1_000_000)
	f(true, 0, 1_000_000)
	f(false, 40_000, 60_000)
	f(true, 40_000, 60_000)
	f(false, 5, 5)
	f(true, 200_000, 300_000)
}

func TestLogStore_evictsOldest(t *testing.T) {
	s := newLogStore(256 << 10)
	for i := range 4000 {
		addLogs(s, fmt.Sprint("s", i%3), []int64{int64(i)}, strings.Repeat("x", 100)+" trace_id="+fmt.Sprintf("%032x", i+1))
	}
	c := s.counts()
	if c.bytes > s.limit || c.evicted == 0 || c.items+int(c.evicted) != 4000 {
		t.Fatalf("%+v", c)
	}
	left := s.read("g", logRange{start: firstPos, end: lastPos}, 4000)
	if len(left) != c.items || left[0].at < c.evicted-2*logBlockLen || left[len(left)-1].at != 3999 {
		t.Errorf("%d events from %d on, %d evicted", len(left), left[0].at, c.evicted)
	}
	if len(s.byTrace) != c.items {
		t.Errorf("%d traces are indexed for %d events", len(s.byTrace), c.items)
	}
	first, _ := parseTraceKey(fmt.Sprintf("%032x", 1))
	last, _ := parseTraceKey(fmt.Sprintf("%032x", 4000))
	if len(s.ofTrace(first)) != 0 || len(s.ofTrace(last)) != 1 {
		t.Errorf("the events of the first trace: %v, of the last: %v", s.ofTrace(first), s.ofTrace(last))
	}
}

// An account of memory that drifts would evict too much or too little for ever.
func TestLogStore_accountsExactly(t *testing.T) {
	s := newLogStore(128 << 10)
	for i := range 3000 {
		addLogs(s, "s", []int64{int64(i % 500)}, strings.Repeat("y", i%200)+" "+xrayTrace)
	}
	s.limit = 0
	addLogs(s, "s", []int64{1}, "last")
	if c := s.counts(); c.items != 0 || c.bytes != logGroupOverhead+logStreamOverhead || len(s.byTrace) != 0 {
		t.Errorf("an empty store: %+v, %d traces", c, len(s.byTrace))
	}
}

func TestFindTrace(t *testing.T) {
	f := func(message, trace, span string) {
		t.Helper()
		k, ok := findTrace(message)
		got := ""
		if ok {
			got = k.String()
		}
		if got != trace || findSpan(message) != span {
			t.Errorf("%q: got %q, %q, want %q, %q", message, got, findSpan(message), trace, span)
		}
	}
	f("nothing", "", "")
	f("Root="+xrayTrace+";Parent=53995c3f42cd8ad8;Sampled=1", xrayTrace, "")
	f("on 2021-11-1-2 "+xrayTrace, xrayTrace, "")
	f(`{"trace_id":"`+w3cTrace+`","span_id":"53995c3f42cd8ad8"}`, xrayTrace, "53995c3f42cd8ad8")
	f(`{"traceId": "`+w3cTrace+`", "spanId": "53995c3f42cd8ad8"}`, xrayTrace, "53995c3f42cd8ad8")
	f("trace_id="+w3cTrace+" span_id=53995c3f42cd8ad8", xrayTrace, "53995c3f42cd8ad8")
	f(`{"log":"{\"trace_id\":\"`+w3cTrace+`\"}"}`, xrayTrace, "")
	f("trace_id="+w3cTrace+"ab", "", "")
	f("trace_id=none, then trace_id="+w3cTrace, xrayTrace, "")
	f("1-5f84c7a1-0123456789abcdef0123456", "", "")
	f("1-5f84c7a1-0123456789abcdef0123456g", "", "")
}

func TestLogStore_parallel(t *testing.T) {
	s := newLogStore(64 << 10)
	p, err := filterpattern.Parse("?even ?odd")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 300 {
				addLogs(s, fmt.Sprint("s", w), []int64{int64(i), int64(i)}, "even "+xrayTrace, "odd")
			}
		})
		wg.Go(func() {
			k, _ := parseTraceKey(w3cTrace)
			for range 50 {
				s.search("g", logRange{start: firstPos, end: lastPos}, p, 100, 1<<20)
				s.ofTrace(k)
				s.counts()
				s.groupList(func(*logGroup) bool { return true })
			}
		})
	}
	wg.Wait()
	if c := s.counts(); c.items+int(c.evicted) != 2400 {
		t.Errorf("%+v", c)
	}
}

func TestLogBatch_journal(t *testing.T) {
	b := &logBatch{group: "g", stream: "größe", ingested: 1_795_000_000_000, at: []int64{0, 5, 1_795_000_000_001}, messages: []string{"a", "\x00\xff", strings.Repeat("long", 1000)}}
	got, err := decodeLogBatch(appendLogBatch(nil, b))
	if err != nil || fmt.Sprint(got) != fmt.Sprint(b) {
		t.Errorf("%v, %v", got, err)
	}
}

func FuzzDecodeLogBatch(f *testing.F) {
	f.Add(appendLogBatch(nil, &logBatch{group: "g", stream: "s", ingested: 7, at: []int64{1, 2}, messages: []string{"a", "b"}}))
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, payload []byte) {
		b, err := decodeLogBatch(payload)
		if err != nil {
			return
		}
		again, err := decodeLogBatch(appendLogBatch(nil, b))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(b) {
			t.Errorf("%v, %v, want %v", again, err, b)
		}
	})
}

func BenchmarkLogStore_add(b *testing.B) {
	s := newLogStore(256 << 20)
	messages := make([]string, 1000)
	at := make([]int64, 1000)
	for i := range messages {
		messages[i] = fmt.Sprintf(`{"timestamp":"2026-11-23T12:00:00Z","severity":"INFO","body":"order placed","trace_id":"%032x","service":"shop"}`, i/4+1)
	}
	b.ReportAllocs()
	for n := int64(0); b.Loop(); n++ {
		for i := range at {
			at[i] = n*1000 + int64(i)
		}
		addLogs(s, "s", at, messages...)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/event")
}

func BenchmarkLogStore_search(b *testing.B) {
	s := newLogStore(1 << 30)
	for n := range 200 {
		at, messages := make([]int64, 1000), make([]string, 1000)
		for i := range at {
			at[i] = int64(n*1000 + i)
			messages[i] = fmt.Sprintf(`{"severity":"INFO","body":"order placed","n":%d}`, i)
		}
		addLogs(s, fmt.Sprint("s", n%8), at, messages...)
	}
	p, err := filterpattern.Parse("nowhere")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.search("g", logRange{start: firstPos, end: lastPos}, p, 100, 1<<20)
	}
}

func TestLogList_insertSplits(t *testing.T) {
	var l logList
	for i := range 5 * logBlockLen {
		l.insert(logEvent{at: int64(-i), seq: uint64(i)}) // always in front
	}
	var all []logEvent
	for _, block := range l.blocks {
		if len(block) == 0 || len(block) > logBlockLen {
			t.Fatalf("a block of %d", len(block))
		}
		all = append(all, block...)
	}
	if len(all) != 5*logBlockLen || !slices.IsSortedFunc(all, func(a, b logEvent) int { return cmp.Compare(a.at, b.at) }) {
		t.Errorf("%d events, sorted: no", len(all))
	}
}
