package localaws

import "slices"

// A logEvent is one event of a stream. Message may be part of a larger string
// that the events of one batch share.
type logEvent struct {
	at       int64  // the event's time, milliseconds
	ingested int64  // when it came, milliseconds
	seq      uint64 // counts all events of the store
	message  string
}

// pos is where the event stands among all events: by its time, then by arrival.
func (e *logEvent) pos() logPos { return logPos{e.at, e.seq} }

// logEventOverhead is what an event costs in memory besides its message.
const logEventOverhead = 64

func (e *logEvent) bytes() int64 { return int64(len(e.message)) + logEventOverhead }

// A logPos is a place between events: after all that are smaller.
type logPos struct {
	at  int64
	seq uint64
}

func (p logPos) compare(q logPos) int {
	switch {
	case p.at < q.at || p.at == q.at && p.seq < q.seq:
		return -1
	case p == q:
		return 0
	}
	return 1
}

// logBlockLen is how many events a block holds: few enough that inserting a
// late event moves little, enough that the list of blocks stays short.
const logBlockLen = 512

// A logList keeps events in order. Appending at the end is cheap, and a late
// event costs a search and a move within its block.
type logList struct {
	blocks [][]logEvent // none is empty
	len    int
}

func (l *logList) insert(e logEvent) {
	l.len++
	n := len(l.blocks)
	if n == 0 || l.last().pos().compare(e.pos()) < 0 {
		if n == 0 || len(l.blocks[n-1]) == logBlockLen {
			l.blocks = append(l.blocks, nil)
			n++
		}
		l.blocks[n-1] = append(l.blocks[n-1], e)
		return
	}
	b, i := l.search(e.pos())
	block := slices.Insert(l.blocks[b], i, e)
	if len(block) <= logBlockLen {
		l.blocks[b] = block
		return
	}
	half := len(block) / 2
	l.blocks[b] = slices.Clone(block[:half])
	l.blocks = slices.Insert(l.blocks, b+1, slices.Clone(block[half:]))
}

func (l *logList) last() *logEvent {
	block := l.blocks[len(l.blocks)-1]
	return &block[len(block)-1]
}

// search is the place of the first event at or after p.
func (l *logList) search(p logPos) (block, index int) {
	block, _ = slices.BinarySearchFunc(l.blocks, p, func(b []logEvent, p logPos) int {
		return b[len(b)-1].pos().compare(p)
	})
	if block == len(l.blocks) {
		return block, 0
	}
	index, _ = slices.BinarySearchFunc(l.blocks[block], p, func(e logEvent, p logPos) int {
		return e.pos().compare(p)
	})
	return block, index
}

// dropOldest takes the first block away.
func (l *logList) dropOldest() []logEvent {
	block := l.blocks[0]
	l.blocks[0] = nil
	l.blocks = l.blocks[1:]
	l.len -= len(block)
	return block
}

// A logCursor walks the events of one stream, in either direction.
type logCursor struct {
	stream       *logStream
	block, index int
	back         bool
}

// cursor stands at the first event at or after from, or, going back, at the
// last event before it.
func (s *logStream) cursor(from logPos, back bool) *logCursor {
	b, i := s.events.search(from)
	c := &logCursor{stream: s, block: b, index: i, back: back}
	if back {
		c.advance()
	}
	return c
}

// event is where the cursor stands; nil at the end.
func (c *logCursor) event() *logEvent {
	blocks := c.stream.events.blocks
	if c.block < 0 || c.block >= len(blocks) {
		return nil
	}
	return &blocks[c.block][c.index]
}

func (c *logCursor) advance() {
	blocks := c.stream.events.blocks
	if !c.back {
		if c.index++; c.index >= len(blocks[c.block]) {
			c.block, c.index = c.block+1, 0
		}
		return
	}
	if c.index--; c.index < 0 {
		if c.block--; c.block >= 0 {
			c.index = len(blocks[c.block]) - 1
		}
	}
}

// A logMerge walks the events of several streams in one order; it is a heap.
type logMerge struct {
	cursors []*logCursor
	back    bool
}

// Len is part of heap.Interface.
func (m *logMerge) Len() int { return len(m.cursors) }

// Less is part of heap.Interface.
func (m *logMerge) Less(i, j int) bool {
	c := m.cursors[i].event().pos().compare(m.cursors[j].event().pos())
	return c < 0 != m.back
}

// Swap is part of heap.Interface.
func (m *logMerge) Swap(i, j int) { m.cursors[i], m.cursors[j] = m.cursors[j], m.cursors[i] }

// Push is part of heap.Interface; cursors are not added later.
func (m *logMerge) Push(any) {}

// Pop is part of heap.Interface.
func (m *logMerge) Pop() any {
	n := len(m.cursors) - 1
	c := m.cursors[n]
	m.cursors = m.cursors[:n]
	return c
}
