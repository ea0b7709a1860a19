package localaws

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// A logStore holds log groups, streams and events. Over its limit of memory it
// drops the oldest events, by blocks; groups and streams stay.
type logStore struct {
	mu      sync.RWMutex
	limit   int64
	groups  map[string]*logGroup
	byTrace map[traceKey][]logRef
	seq     uint64
	events  int
	bytes   int64
	evicted int64

	now       func() time.Time // nil: nothing expires
	retaining atomic.Int64     // groups whose events expire

	// Held for reading while events go into the journal and the store, so that
	// none of them come behind the end of their group.
	control sync.RWMutex
}

// A logGroup is a log group.
type logGroup struct {
	name    string
	class   string
	created int64 // milliseconds
	logSettings
	streams map[string]*logStream
	bytes   int64 // of messages, with what AWS counts for each
}

// A logStream is a log stream.
type logStream struct {
	name          string
	group         *logGroup
	created       int64
	lastIngestion int64
	events        logList
}

// What a group and a stream cost in memory, about.
const (
	logGroupOverhead  = 512
	logStreamOverhead = 512
)

func newLogStore(maxBytes int64) *logStore {
	return &logStore{limit: maxBytes, groups: make(map[string]*logGroup), byTrace: make(map[traceKey][]logRef)}
}

// lookup is a group and one of its streams, as far as they exist.
func (s *logStore) lookup(group, stream string) (*logGroup, *logStream) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	g := s.groups[group]
	if g == nil {
		return nil, nil
	}
	return g, g.streams[stream]
}

// createGroup reports whether the group is new.
func (s *logStore) createGroup(g *logGroup) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.createGroupLocked(g)
}

func (s *logStore) createGroupLocked(g *logGroup) bool {
	if s.groups[g.name] != nil {
		return false
	}
	g.streams = make(map[string]*logStream)
	s.groups[g.name] = g
	s.bytes += logGroupOverhead
	if g.keepsFrom(0) != math.MinInt64 {
		s.retaining.Add(1)
	}
	return true
}

// createStream reports whether the stream is new; its group must exist.
func (s *logStore) createStream(group, stream string, created int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.createStreamLocked(group, stream, created)
}

func (s *logStore) createStreamLocked(group, stream string, created int64) bool {
	g := s.groups[group]
	if g == nil || g.streams[stream] != nil {
		return false
	}
	g.streams[stream] = &logStream{name: stream, group: g, created: created}
	s.bytes += logStreamOverhead
	return true
}

// A logBatch is the accepted events of one PutLogEvents.
type logBatch struct {
	group, stream string
	ingested      int64
	at            []int64
	messages      []string
}

// add stores a batch. The stream must exist, or is made: a journal may have
// lost what came before.
func (s *logStore) add(b *logBatch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.createGroupLocked(&logGroup{name: b.group, class: classStandard, created: b.ingested})
	s.createStreamLocked(b.group, b.stream, b.ingested)
	g := s.groups[b.group]
	st := g.streams[b.stream]
	st.lastIngestion = max(st.lastIngestion, b.ingested)
	for i, message := range b.messages {
		s.seq++
		e := logEvent{at: b.at[i], ingested: b.ingested, seq: s.seq, message: message}
		st.events.insert(e)
		g.bytes += int64(len(message)) + eventOverheadBytes
		s.bytes += e.bytes()
		s.indexLocked(st, &e)
	}
	s.events += len(b.messages)
	s.evictLocked()
}

// evictLocked drops the oldest blocks until the store is within its limit.
func (s *logStore) evictLocked() {
	for s.bytes > s.limit && s.events > 0 {
		st := s.oldestLocked()
		dropped := st.events.dropOldest()
		s.forgetLocked(st, dropped)
		s.evicted += int64(len(dropped))
	}
}

// oldestLocked is the stream with the oldest event; there must be one.
func (s *logStore) oldestLocked() *logStream {
	var oldest *logStream
	for _, g := range s.groups {
		for _, st := range g.streams {
			if st.events.len > 0 && (oldest == nil || st.firstAt() < oldest.firstAt()) {
				oldest = st
			}
		}
	}
	return oldest
}

func (s *logStream) firstAt() int64 { return s.events.blocks[0][0].at }

func (s *logStore) counts() storeCounts {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := storeCounts{items: s.events, groups: len(s.groups), evicted: s.evicted, bytes: s.bytes}
	if s.events > 0 {
		c.oldest = time.UnixMilli(s.oldestLocked().firstAt())
	}
	return c
}

// restore takes back what the journal kept.
func (s *logStore) restore(kind string, payload []byte) error {
	if kind == kindLogsControl {
		r, err := decodeLogRecord(payload)
		if err != nil {
			return fmt.Errorf("restore log group: %w", err)
		}
		s.restoreRecord(r)
		return nil
	}
	b, err := decodeLogBatch(payload)
	if err != nil {
		return fmt.Errorf("restore log events: %w", err)
	}
	s.add(b)
	return nil
}

// restoreRecord does again what was done to a group or a stream.
func (s *logStore) restoreRecord(r *logRecord) {
	settings := logSettings{kms: r.KMS, guarded: r.Guarded, bearer: r.Bearer, retention: r.Retention, tags: r.Tags}
	switch {
	case r.Deleted && r.Stream != "":
		s.deleteStream(r.Group, r.Stream)
	case r.Deleted:
		s.deleteGroup(r.Group)
	case r.Stream != "":
		s.createStream(r.Group, r.Stream, r.Created)
	case r.Change:
		s.setGroup(r.Group, settings)
	default:
		s.createGroup(&logGroup{name: r.Group, class: r.Class, created: r.Created, logSettings: settings})
	}
}
