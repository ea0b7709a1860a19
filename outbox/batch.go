package outbox

import (
	"cmp"
	"container/heap"
	"slices"
	"time"
)

// A Batch is what Send gets: items of one key. It belongs to the queue; Send must not keep it.
//
// The bodies lie one behind the other in one buffer, which is used again for a later batch.
type Batch struct {
	key   string
	buf   []byte
	items []item
	size  int64 // bodies and overhead, as the limits count them
	held  int64 // likewise, as they lie in memory

	// While it is open: the range of its times, and whether they came in order.
	oldest, newest int64
	unsorted       bool
	sibling        *Batch // next open batch of the same key

	next  *Batch    // in its ready lane
	due   time.Time // in the heap: when it is ready
	index int       // in the heap, or -1
	open  bool

	group    *group    // what a flush waits for
	attempts int       // sends begun
	failures int       // since the receiver last judged it, which makes its halves
	began    time.Time // first attempt
	started  time.Time // likewise, but the first one after throttling
	slowed   bool      // the last attempt was throttled
	wished   bool      // due is the server's wish, not ours
	splits   *int      // how many more times it may be halved, shared with its other pieces; nil before the first
	unsure   bool      // the last attempt may have arrived
	failing  bool      // an attempt failed
	lost     bool      // given up by Shutdown while in flight; whatever Send returns no longer counts
}

type item struct {
	start, end int
	size       int // that the limits count for a body that is encoded; 0: it is not
	at         int64
	seq        uint64 // in the spool; 0: it is not there
}

// counted is how many bytes the limits count for a body of that length and an item's size.
func counted(length, size int) int {
	if size != 0 {
		return size
	}
	return length
}

// Key returns the key that the batch's items were put with.
func (b *Batch) Key() string { return b.key }

// Len returns the number of items.
func (b *Batch) Len() int { return len(b.items) }

// Body returns the bytes of item i. They are valid until Send returns and must not be changed.
func (b *Batch) Body(i int) []byte {
	it := &b.items[i]
	return b.buf[it.start:it.end:it.end]
}

// Encoded reports whether item i was put by PutEncoded.
func (b *Batch) Encoded(i int) bool { return b.items[i].size != 0 }

// Time returns the time that item i was put with, to the nanosecond, in the local zone.
func (b *Batch) Time(i int) time.Time { return time.Unix(0, b.items[i].at) }

// UnixMilli returns Time(i) in milliseconds since 1970.
func (b *Batch) UnixMilli(i int) int64 {
	const each = int64(time.Millisecond)
	at := b.items[i].at
	if at%each < 0 {
		return at/each - 1
	}
	return at / each
}

// fits reports whether an item of that many bytes and that time may join the open batch.
func (b *Batch) fits(l *Limits, size int, at int64) bool {
	if l.Items > 0 && len(b.items) >= l.Items || b.size+int64(size) > int64(l.Bytes) {
		return false
	}
	return l.Span == 0 || spread(min(b.oldest, at), max(b.newest, at)) <= uint64(l.Span)
}

// full reports whether no further item can join, but for empty ones that cost nothing.
func (b *Batch) full(l *Limits) bool {
	return l.Items > 0 && len(b.items) >= l.Items || b.size+int64(max(1, l.Overhead)) > int64(l.Bytes)
}

// spread is to-from without overflow; to must not be before from.
func spread(from, to int64) uint64 { return uint64(to) - uint64(from) }

// append adds an item.
func (b *Batch) append(l *Limits, body []byte, size int, at int64, seq uint64) {
	if len(b.items) == 0 {
		b.oldest, b.newest = at, at
	}
	b.unsorted = b.unsorted || at < b.newest
	b.oldest, b.newest = min(b.oldest, at), max(b.newest, at)
	b.grow(l, len(body))
	start := len(b.buf)
	b.buf = append(b.buf, body...)
	n := len(b.items)
	b.items = slices.Grow(b.items, 1)[:n+1]
	it := &b.items[n] // field by field: quicker than to make an item and then copy it
	it.start, it.end, it.size, it.at, it.seq = start, len(b.buf), size, at, seq
	b.size += int64(counted(len(body), size) + l.Overhead)
	b.held += int64(len(body) + l.Overhead)
}

// smallestBuffer is where the doubling of a batch's buffer begins: one small log line a batch should not cost a page.
const smallestBuffer = 1 << 10

// grow makes room for n more bytes, doubling but never beyond what a batch can hold, so that a full batch's buffer is
// not twice as large as the bytes we count for it.
func (b *Batch) grow(l *Limits, n int) {
	need := len(b.buf) + n
	if need <= cap(b.buf) {
		return
	}
	size := max(2*cap(b.buf), need, smallestBuffer)
	most := b.room(l)
	if need > most { // there was less to encode so far
		most = need + need/8
	}
	buf := make([]byte, len(b.buf), min(size, most))
	copy(buf, b.buf)
	b.buf = buf
}

// room is how many bytes the batch can hold, if what comes has as many to encode as what is there.
func (b *Batch) room(l *Limits) int {
	return l.Bytes + int(float64(l.Bytes)*float64(max(0, b.held-b.size))/float64(max(1, b.size)))
}

// sort puts the items in the order of their times; those of the same time stay as they are.
func (b *Batch) sort() {
	if b.unsorted {
		slices.SortStableFunc(b.items, func(x, y item) int { return cmp.Compare(x.at, y.at) })
		b.unsorted = false
	}
}

// keep leaves only the items for which f is true and returns those that it removed, and their bytes as held.
func (b *Batch) keep(overhead int, f func(i int) bool) (gone []item, bytes int64) {
	kept := b.items[:0]
	for i, it := range b.items {
		if f(i) {
			kept = append(kept, it)
			continue
		}
		gone = append(gone, it)
		bytes += int64(it.end - it.start + overhead)
		b.size -= int64(counted(it.end-it.start, it.size) + overhead)
	}
	b.items = kept
	b.held -= bytes
	return gone, bytes
}

// reset empties b for another use, keeping its buffers.
func (b *Batch) reset() {
	*b = Batch{buf: b.buf[:0], items: b.items[:0], index: -1}
}

// A heap of batches by the time they are due: open ones by the end of their linger, failed ones by their next try.
type timers []*Batch

func (t timers) Len() int           { return len(t) }
func (t timers) Less(i, j int) bool { return t[i].due.Before(t[j].due) }
func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].index, t[j].index = i, j
}

func (t *timers) init() { heap.Init(t) }

// Push is for container/heap.
func (t *timers) Push(x any) {
	b := x.(*Batch)
	b.index = len(*t)
	*t = append(*t, b)
}

// Pop is for container/heap.
func (t *timers) Pop() any {
	last := len(*t) - 1
	b := (*t)[last]
	(*t)[last] = nil
	*t = (*t)[:last]
	b.index = -1
	return b
}
