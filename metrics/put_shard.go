package metrics

import "sync"

// A shard is where one processor records.
type shard struct {
	mu     sync.Mutex // guards what follows
	cells  map[uint64]*cell
	list   []*cell // the same, in no order
	ended  []minute
	free   []values // for minutes to come
	closed bool
}

// A cell is one series in one shard, and its minute or second under way.
type cell struct {
	*handSeries
	next   *cell // with the same hash
	slot   int64
	values values
	idle   int // intervals without a value
}

// A minute is what was put of a series in one minute or second.
type minute struct {
	*handSeries
	slot   int64
	values values
}

func (s *shard) find(id *identity, hash uint64) *cell {
	for c := s.cells[hash]; c != nil; c = c.next {
		if c.is(id) {
			return c
		}
	}
	return nil
}

func (s *shard) add(c *cell) {
	c.next = s.cells[c.hash]
	s.cells[c.hash] = c
	s.list = append(s.list, c)
}

func (c *cell) add(s *shard, slot int64, value float64) {
	if c.slot != slot {
		c.end(s)
		c.slot = slot
	}
	c.values.add(value, 1)
}

// end puts the minute under way to those that have ended.
func (c *cell) end(s *shard) {
	if c.values.empty() {
		return
	}
	s.ended = append(s.ended, minute{c.handSeries, c.slot, c.values})
	c.values = values{}
	if last := len(s.free) - 1; last >= 0 {
		c.values, s.free = s.free[last], s.free[:last]
	}
}

// remove takes the cell at a place of the list away.
func (s *shard) remove(at int) {
	c := s.list[at]
	last := len(s.list) - 1
	s.list[at], s.list[last] = s.list[last], nil
	s.list = s.list[:last]
	if first := s.cells[c.hash]; first == c {
		if c.next == nil {
			delete(s.cells, c.hash)
		} else {
			s.cells[c.hash] = c.next
		}
		return
	}
	for before := s.cells[c.hash]; before != nil; before = before.next {
		if before.next == c {
			before.next = c.next
			return
		}
	}
}

// Which minutes are taken.
type taking uint8

const (
	takeComplete taking = iota // those that are over
	takeAll                    // those under way too
	takeLast                   // and no others will come
)

// chunk is how many cells are looked at while those who put wait.
const chunk = 256

// take appends the minutes that have ended to dst. Of complete ones it also
// forgets series that were idle for long, which it passes to gone.
func (s *shard) take(dst []minute, what taking, now int64, gone func(*handSeries)) []minute {
	s.mu.Lock()
	defer s.mu.Unlock()
	if what == takeLast {
		s.closed = true
	}
	for i := len(s.list) - 1; i >= 0; i-- {
		if i%chunk == chunk-1 { // let others in; what they add stands behind
			s.mu.Unlock()
			s.mu.Lock()
		}
		c := s.list[i]
		if c.values.empty() {
			if what != takeComplete {
				continue
			}
			if c.idle++; c.idle > idleIntervals {
				s.remove(i)
				gone(c.handSeries)
			}
			continue
		}
		c.idle = 0
		if what != takeComplete || c.slot < now/c.resolution {
			c.end(s)
		}
	}
	dst = append(dst, s.ended...)
	clear(s.ended)
	s.ended = s.ended[:0]
	return dst
}

// give returns memory of minutes that have left, one for each series.
func (s *shard) give(used []minute) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range used {
		if len(s.free) >= len(s.list) {
			return
		}
		used[i].values.reset()
		s.free = append(s.free, used[i].values)
	}
}
