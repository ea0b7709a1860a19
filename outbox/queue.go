package outbox

import (
	"container/heap"
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

// poolBytes is how many bytes of used buffers are kept for later batches: eight of the largest batches AWS takes (1 MiB),
// and what encoding adds to them.
const poolBytes = 12 << 20

// idleAfter is how long nothing was queued before the kept buffers are let go: an application that has gone quiet
// should not hold what a burst took.
const idleAfter = 10 * time.Second

// maxSiblings is how many batches of one key may be open at a time. More than one is needed only when Limits.Span
// parts items whose times are far from one another; four are enough for live data with a backlog or two among it.
const maxSiblings = 4

// A Queue takes items, batches them by key and sends the batches. All methods may be called from any goroutine.
//
// mu guards everything below it. It is held for moments only: never across Send, Notify or a wait. No goroutine runs
// while there is nothing to send: workers start when a batch becomes ready and end when none is left.
type Queue struct {
	cfg    Config
	ctx    context.Context // of all sends; Shutdown ends it
	cancel context.CancelFunc
	random func(n int64) int64 // 0 ≤ result < n

	mu           sync.Mutex
	open         map[string]*Batch // the open batches of a key, linked by sibling; a key without one is absent
	ready        ready
	limit        limit
	timers       timers
	timer        *time.Timer
	idle         *time.Timer
	armed        time.Time // when timer fires; zero if it does not
	sending      map[*Batch]struct{}
	items        int64
	bytes        int64
	groups       []*group // with live batches, and the current one, which is the last
	free         []*Batch
	freeBytes    int
	preparing    bool   // prepare runs
	last         *Batch // the open one that the last item went into, or nil
	workers      int
	running      int // workers, and the one that tells
	closed       bool
	stopped      chan struct{} // closed when closed and nothing runs
	stats        Stats
	dropped      map[string]int64
	told         map[string]bool
	failing      bool // and told so, or hushed
	retrying     int  // batches that failed and are not done with
	hushed       bool
	recovered    time.Time // last told
	failingSince time.Time
	messages     []string
	telling      bool

	spool       *spool        // nil: memory alone
	spooled     int64         // items in memory that are in the spool too
	loading     bool          // load runs
	progress    chan struct{} // closed, and made anew, when load has read something
	aborted     bool          // nothing is read back any more
	spoolClosed bool
}

// New returns a queue that works as c says; end it with Shutdown. It starts nothing until the first Put, unless its
// spool holds what an earlier process left. The error may be [ErrSpoolLocked].
func New(c Config) (*Queue, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	q := &Queue{
		cfg:      c,
		ctx:      ctx,
		cancel:   cancel,
		random:   rand.Int64N,
		open:     map[string]*Batch{},
		ready:    ready{lanes: map[string]*lane{}},
		limit:    newLimit(c.Workers),
		sending:  map[*Batch]struct{}{},
		groups:   []*group{newGroup()},
		stopped:  make(chan struct{}),
		dropped:  map[string]int64{},
		told:     map[string]bool{},
		progress: make(chan struct{}),
	}
	if c.Spool.Dir == "" {
		return q, nil
	}
	if q.spool, err = openSpool(c.Spool); err != nil {
		cancel()
		return nil, err
	}
	q.restored()
	return q, nil
}

// restored takes over what an earlier process left.
func (q *Queue) restored() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stats.Restored, q.stats.Accepted = q.spool.live, q.spool.live
	q.stats.PossibleDuplicates = q.spool.duplicates
	for _, found := range q.spool.found {
		q.tellLocked(q.cfg.Name + ": spool: " + found)
	}
	q.loadLocked()
}

// Put copies body into the batch of its key and returns at once. Its error, if any, is ErrFull, ErrTooLarge or
// ErrClosed; the item then counts as dropped.
func (q *Queue) Put(key string, at time.Time, body []byte) error { return q.put(key, at, body, 0) }

// PutEncoded is Put for a body that is already as Send writes it, where the receiver's limits count what it reads in it:
// it counts as size bytes, at least 1, in Limits, though as its own length in MaxBytes. Batch.Encoded tells Send.
func (q *Queue) PutEncoded(key string, at time.Time, encoded []byte, size int) error {
	return q.put(key, at, encoded, max(1, size))
}

// put is Put, and PutEncoded if size is not 0.
func (q *Queue) put(key string, at time.Time, body []byte, size int) error {
	held := int64(len(body) + q.cfg.Limits.Overhead)
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		q.dropped[DropClosed]++
		return ErrClosed
	case q.tooLarge(len(body), counted(len(body), size)):
		q.dropLocked(DropTooLarge, 1)
		return ErrTooLarge
	}
	t := nanos(at)
	room, seq := q.bytes+held <= q.cfg.MaxBytes, uint64(0)
	memory := room
	if q.spool != nil {
		var err error
		if seq, memory, err = q.spoolLocked(key, t, body, size, room); err != nil {
			room, seq = false, 0
		}
	}
	if !room && seq == 0 {
		q.dropLocked(DropQueueFull, 1)
		return ErrFull
	}
	q.stats.Accepted++
	if memory {
		q.enterLocked(key, body, size, t, seq)
	}
	return nil
}

// tooLarge says whether a body that counts as size bytes can never be sent.
func (q *Queue) tooLarge(length, size int) bool {
	l := &q.cfg.Limits
	return l.ItemBytes > 0 && size > l.ItemBytes || size+l.Overhead > l.Bytes || int64(length+l.Overhead) > q.cfg.MaxBytes ||
		q.spool != nil && length > maxRecord/2
}

// nanos returns the time as nanoseconds since 1970, and what lies beyond their range (1678 to 2262) as its end.
func nanos(t time.Time) int64 {
	const limit = math.MaxInt64 / int64(time.Second)
	switch s := t.Unix(); {
	case s >= limit:
		return math.MaxInt64
	case s <= -limit:
		return math.MinInt64
	}
	return t.UnixNano()
}

// openLocked returns an open batch of the key that the item fits in.
func (q *Queue) openLocked(key string, size int, at int64) *Batch {
	if b := q.last; b != nil && b.key == key && b.fits(&q.cfg.Limits, size, at) {
		return b
	}
	siblings := 0
	var oldest *Batch
	for b := q.open[key]; b != nil; b = b.sibling {
		if b.fits(&q.cfg.Limits, size, at) {
			return b
		}
		siblings++
		oldest = b // new ones are put in front
	}
	if oldest != nil && (q.cfg.Limits.Span == 0 || siblings >= maxSiblings) {
		q.sealLocked(oldest)
	}
	b := q.newBatchLocked(key, q.currentLocked())
	b.open = true
	b.due = time.Now().Add(q.cfg.Linger)
	b.sibling = q.open[key]
	q.open[key] = b
	heap.Push(&q.timers, b)
	q.armLocked()
	return b
}

// newBatchLocked returns an empty batch.
func (q *Queue) newBatchLocked(key string, g *group) *Batch {
	var b *Batch
	if last := len(q.free) - 1; last >= 0 {
		b, q.free[last] = q.free[last], nil
		q.free = q.free[:last]
		q.freeBytes -= cap(b.buf)
	} else {
		b = &Batch{index: -1}
	}
	b.key = key
	g.join(b)
	return b
}

// recycleLocked ends a batch: whoever waits for it is told, and its buffers may serve another.
func (q *Queue) recycleLocked(b *Batch) {
	q.leaveLocked(b)
	if b.failing {
		q.retrying--
	}
	if q.closed {
		return
	}
	if q.items == 0 {
		q.idleLocked()
	}
	if q.freeBytes+cap(b.buf) > poolBytes {
		return
	}
	b.reset()
	q.freeBytes += cap(b.buf)
	q.free = append(q.free, b)
}

// idleLocked lets go of the kept buffers if it stays quiet.
func (q *Queue) idleLocked() {
	if q.idle == nil {
		q.idle = time.AfterFunc(idleAfter, q.trim)
		return
	}
	q.idle.Reset(idleAfter)
}

func (q *Queue) trim() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.items == 0 {
		q.free, q.freeBytes = nil, 0
	}
}

// sealLocked closes an open batch and makes it ready.
func (q *Queue) sealLocked(b *Batch) {
	q.unlinkLocked(b)
	if b.index >= 0 {
		heap.Remove(&q.timers, b.index)
	}
	q.readyLocked(b)
}

// unlinkLocked takes b from the open batches of its key, and the key from the map with its last one.
func (q *Queue) unlinkLocked(b *Batch) {
	b.open = false
	if q.last == b {
		q.last = nil
	}
	first := q.open[b.key]
	if first == b {
		if b.sibling == nil {
			delete(q.open, b.key)
		} else {
			q.open[b.key] = b.sibling
		}
	}
	for p := first; p != nil; p = p.sibling {
		if p.sibling == b {
			p.sibling = b.sibling
		}
	}
	b.sibling = nil
}

// sealAllLocked makes every open batch ready.
func (q *Queue) sealAllLocked() {
	for _, b := range q.open {
		for b != nil {
			next := b.sibling
			q.sealLocked(b)
			b = next
		}
	}
}

// readyLocked hands b to a worker, and starts one if there may be more.
func (q *Queue) readyLocked(b *Batch) {
	q.ready.push(b)
	q.startLocked(1)
}

// armLocked sets the timer to the first batch that is due.
func (q *Queue) armLocked() {
	if len(q.timers) == 0 {
		return
	}
	due := q.timers[0].due
	if !q.armed.IsZero() && !due.Before(q.armed) {
		return
	}
	q.armed = due
	wait := max(0, time.Until(due))
	if q.timer == nil {
		q.timer = time.AfterFunc(wait, q.tick)
		return
	}
	q.timer.Reset(wait)
}

// tick makes ready what is due.
func (q *Queue) tick() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.armed = time.Time{}
	now := time.Now()
	for len(q.timers) > 0 && !q.timers[0].due.After(now) {
		if b := q.timers[0]; b.open {
			q.sealLocked(b)
		} else {
			heap.Pop(&q.timers)
			q.readyLocked(b)
		}
	}
	q.armLocked()
}
