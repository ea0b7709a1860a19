package localaws

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
	"strings"
)

// The place before all events and the one after.
var (
	firstPos = logPos{at: math.MinInt64}
	lastPos  = logPos{at: math.MaxInt64, seq: math.MaxUint64}
)

// A foundEvent is an event on its way out of the store.
type foundEvent struct {
	logEvent
	group, stream string
}

// next is the place behind the event.
func (e *foundEvent) next() logPos { return logPos{e.at, e.seq + 1} }

// A logRange says which events of a group are wanted: in the streams that want
// takes, from start on and before end. Back begins at the end.
type logRange struct {
	want       func(stream string) bool // nil: all
	start, end logPos
	back       bool
}

// lastMillis is the last millisecond of which something is in the range.
func (r *logRange) lastMillis() int64 {
	if r.end.seq == 0 {
		return r.end.at - 1
	}
	return r.end.at
}

// read is up to n events of a group in order, or backwards.
func (s *logStore) read(group string, r logRange, n int) []foundEvent {
	s.expire()
	s.mu.RLock()
	defer s.mu.RUnlock()
	g := s.groups[group]
	if g == nil {
		return nil
	}
	m := &logMerge{back: r.back}
	from := r.start
	if r.back {
		from = r.end
	}
	for name, st := range g.streams {
		if r.want != nil && !r.want(name) {
			continue
		}
		if c := st.cursor(from, r.back); c.event() != nil {
			m.cursors = append(m.cursors, c)
		}
	}
	heap.Init(m)
	found := make([]foundEvent, 0, min(n, 1024))
	for len(found) < n && len(m.cursors) > 0 {
		c := m.cursors[0]
		e := c.event()
		if r.back && e.pos().compare(r.start) < 0 || !r.back && e.pos().compare(r.end) >= 0 {
			break
		}
		found = append(found, foundEvent{*e, g.name, c.stream.name})
		if c.advance(); c.event() == nil {
			heap.Pop(m)
		} else {
			heap.Fix(m, 0)
		}
	}
	return found
}

// A streamInfo is a stream as DescribeLogStreams tells of it.
type streamInfo struct {
	name                         string
	created, first, last, ingest int64
	events                       int
}

// streams lists the streams of a group whose names begin with prefix, by name.
func (s *logStore) streams(group, prefix string) []streamInfo {
	s.expire()
	s.mu.RLock()
	defer s.mu.RUnlock()
	g := s.groups[group]
	if g == nil {
		return nil
	}
	var list []streamInfo
	for name, st := range g.streams {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		info := streamInfo{name: name, created: st.created, ingest: st.lastIngestion, events: st.events.len}
		if st.events.len > 0 {
			info.first, info.last = st.firstAt(), st.events.last().at
		}
		list = append(list, info)
	}
	slices.SortFunc(list, func(a, b streamInfo) int { return strings.Compare(a.name, b.name) })
	return list
}

// A groupInfo is a group as DescribeLogGroups and the console tell of it.
type groupInfo struct {
	logGroup // without its streams
	count    int
	events   int
	last     int64 // of the events, 0: none
}

// groupList lists the groups that want takes, by name.
func (s *logStore) groupList(want func(*logGroup) bool) []groupInfo {
	s.expire()
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := []groupInfo{}
	for _, g := range s.groups {
		if !want(g) {
			continue
		}
		info := groupInfo{logGroup: *g, count: len(g.streams)}
		info.streams = nil
		for _, st := range g.streams {
			info.events += st.events.len
			if st.events.len > 0 {
				info.last = max(info.last, st.events.last().at)
			}
		}
		list = append(list, info)
	}
	slices.SortFunc(list, func(a, b groupInfo) int { return cmp.Compare(a.name, b.name) })
	return list
}
