package localaws

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// A traceStore holds documents by trace. What is asked of a trace (its summary,
// its part in the service graph) is worked out at the first question after a
// change, and kept: see [traceFacts].
//
// Over its bytes the store evicts the trace that came first, whole.
type traceStore struct {
	max int64

	mu       sync.Mutex
	traces   map[string]*trace
	order    []*trace // by arrival, oldest first; evicted ones are cut off the front
	services map[string]int
	bytes    int64
	segments int
	spans    int
	evicted  int64
}

// A trace is what has come for one trace id. The store's lock guards it; the
// documents themselves never change.
type trace struct {
	id       string
	docs     []document // in the order they came
	byID     map[string]int
	first    time.Time // when the first document came
	updated  time.Time // when the last one did
	start    float64   // of the earliest segment, in seconds
	end      float64
	bytes    int64
	spans    int
	revision int
	facts    *traceFacts // nil after a change
}

// A document is a segment or a subsegment on its own, as received.
type document struct {
	id         string
	service    string // name of the segment; "" for a subsegment
	raw        []byte
	spans      int
	inProgress bool
}

// What a document and a trace cost in memory besides the document's text: the
// structures above, and their share of the facts.
const (
	documentOverhead = 512
	traceOverhead    = 1024
)

// maxTraceHeld is how many bytes a trace may grow to, so that one that never ends
// takes neither the memory, as the last trace is never evicted, nor the time that
// every question about it costs. X-Ray itself holds 500 KB of a trace at most:
// https://docs.aws.amazon.com/general/latest/gr/xray.html
const maxTraceHeld = 32 << 20

// full tells a trace that takes no more documents.
func (s *traceStore) full(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.traces[strings.ToLower(id)]
	return t != nil && t.bytes >= maxTraceHeld
}

func newTraceStore(maxBytes int64) *traceStore {
	return &traceStore{max: maxBytes, traces: make(map[string]*trace), services: make(map[string]int)}
}

// put adds a checked document.
func (s *traceStore) put(seg *segment, raw []byte, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := strings.ToLower(seg.TraceID)
	t := s.traces[id]
	if t == nil {
		t = &trace{id: id, byID: make(map[string]int), first: now, start: seg.start(), end: seg.end(), bytes: traceOverhead}
		s.traces[id] = t
		s.order = append(s.order, t)
		s.bytes += traceOverhead
	}
	doc := document{id: strings.ToLower(seg.ID), raw: raw, spans: seg.count(), inProgress: seg.InProgress}
	if !seg.alone() {
		doc.service = seg.Name
	}
	if !s.place(t, doc) {
		return
	}
	t.updated = now
	t.start, t.end = min(t.start, seg.start()), max(t.end, seg.end())
	t.revision++
	t.facts = nil
	s.evict()
}

// place adds the document, or replaces the one of the same id: a complete one
// is not replaced by one still in progress that comes late.
func (s *traceStore) place(t *trace, doc document) bool {
	at, known := t.byID[doc.id]
	if known {
		old := t.docs[at]
		if doc.inProgress && !old.inProgress {
			return false
		}
		s.account(t, old, -1)
		t.docs = slices.Clone(t.docs) // a reader may hold the old slice
		t.docs[at] = doc
	} else {
		t.byID[doc.id] = len(t.docs)
		t.docs = append(t.docs, doc)
	}
	s.account(t, doc, 1)
	return true
}

// account adds a document to the sums, or with sign -1 takes it away.
func (s *traceStore) account(t *trace, doc document, sign int) {
	size := int64(sign) * int64(len(doc.raw)+documentOverhead)
	t.bytes += size
	s.bytes += size
	t.spans += sign * doc.spans
	s.spans += sign * doc.spans
	s.segments += sign
	if doc.service == "" {
		return
	}
	if s.services[doc.service] += sign; s.services[doc.service] <= 0 {
		delete(s.services, doc.service)
	}
}

// evict drops the oldest traces while there is too much, but never the last.
func (s *traceStore) evict() {
	for s.bytes > s.max && len(s.order) > 1 {
		t := s.order[0]
		s.order[0] = nil
		s.order = s.order[1:]
		delete(s.traces, t.id)
		for _, doc := range t.docs {
			s.account(t, doc, -1)
		}
		s.bytes -= traceOverhead
		s.evicted++
	}
}

// counts are the store's counters.
func (s *traceStore) counts() storeCounts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := storeCounts{items: len(s.traces), groups: s.segments, spans: s.spans, evicted: s.evicted, bytes: s.bytes}
	if len(s.order) > 0 {
		c.oldest = s.order[0].first
	}
	return c
}

// serviceNames are the names of the segments held, sorted.
func (s *traceStore) serviceNames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := slices.Sorted(maps.Keys(s.services))
	if names == nil {
		names = []string{}
	}
	return names
}

// A traceView is a trace at one moment, for reading without the lock.
type traceView struct {
	t        *trace
	id       string
	docs     []document
	start    float64
	end      float64
	updated  time.Time
	revision int
	spans    int
}

func (t *trace) view() traceView {
	return traceView{t, t.id, t.docs, t.start, t.end, t.updated, t.revision, t.spans}
}

// get is one trace.
func (s *traceStore) get(id string) (traceView, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.traces[strings.ToLower(id)]
	if t == nil {
		return traceView{}, false
	}
	return t.view(), true
}

// find is every trace that keep wants, in the order they came. Keep is called
// under the lock and must be quick.
func (s *traceStore) find(keep func(t *trace) bool) []traceView {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []traceView
	for _, t := range s.order {
		if keep(t) {
			found = append(found, t.view())
		}
	}
	return found
}

// factsOf is what follows from a trace's documents, worked out once.
func (s *traceStore) factsOf(v traceView) *traceFacts {
	s.mu.Lock()
	facts := v.t.facts
	s.mu.Unlock()
	if facts != nil && facts.revision >= v.revision {
		return facts
	}
	facts = newTraceFacts(v)
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.t.revision == v.revision {
		v.t.facts = facts
	}
	return facts
}

// A chunk of the journal is the time in milliseconds and the documents of one
// call, each after its length.

func appendChunk(dst []byte, now time.Time, docs [][]byte) []byte {
	dst = binary.AppendVarint(dst, now.UnixMilli())
	for _, doc := range docs {
		dst = binary.AppendUvarint(dst, uint64(len(doc)))
		dst = append(dst, doc...)
	}
	return dst
}

var errChunk = errors.New("a chunk of segments is cut short")

// restore takes a chunk back.
func (s *traceStore) restore(_ string, payload []byte) error {
	millis, n := binary.Varint(payload)
	if n <= 0 {
		return errChunk
	}
	for rest := payload[n:]; len(rest) > 0; {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return errChunk
		}
		raw := rest[n : n+int(size)]
		rest = rest[n+int(size):]
		seg, err := parseSegment(raw)
		if err != nil {
			return err
		}
		s.put(seg, slices.Clone(raw), time.UnixMilli(millis))
	}
	return nil
}
