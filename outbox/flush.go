package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// stopGrace is how long Shutdown waits, after its context has ended and the sends were cancelled, for them to return.
const stopGrace = time.Second

// A group is the batches begun between two flushes. Pieces and later attempts of a batch stay in its group.
type group struct {
	live int           // batches neither delivered nor dropped
	done chan struct{} // closed when none is left and none can be added
}

func newGroup() *group { return &group{done: make(chan struct{})} }

func (g *group) join(b *Batch) {
	g.live++
	b.group = g
}

// leaveLocked takes an ended batch from its group; whoever flushes waits for the last one.
func (q *Queue) leaveLocked(b *Batch) {
	g := b.group
	b.group = nil
	g.live--
	if g.live > 0 || g == q.currentLocked() {
		return
	}
	close(g.done)
	q.groups = slices.DeleteFunc(q.groups, func(x *group) bool { return x == g })
}

func (q *Queue) currentLocked() *group { return q.groups[len(q.groups)-1] }

// Flush sends what is queued without waiting for fuller batches, and returns when everything accepted before the call
// was delivered or dropped, or with ctx's error when that ended first. Batches waiting for another try keep their time.
func (q *Queue) Flush(ctx context.Context) error {
	q.mu.Lock()
	err := q.awaitLocked(ctx)
	q.mu.Unlock()
	if err != nil {
		return fmt.Errorf("outbox: flush %s: %w", q.cfg.Name, err)
	}
	return nil
}

// flushLocked makes everything ready, begins a new group, and returns those with something left to do.
func (q *Queue) flushLocked() []*group {
	q.sealAllLocked()
	if q.currentLocked().live > 0 {
		q.groups = append(q.groups, newGroup())
	}
	return slices.Clone(q.groups[:len(q.groups)-1])
}

func wait(ctx context.Context, groups []*group) error {
	for _, g := range groups {
		select {
		case <-g.done:
			continue
		default:
		}
		select {
		case <-g.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Shutdown refuses further items and sends what is held, failed batches at once unless the receiver asked for a pause.
// When ctx ends first, it cancels the running sends, counts what is left as dropped, and says so by its error. It
// returns when the queue's goroutines have ended; a Send that does not hear its context is left behind after a second.
// It may be called again, and at the same time.
//
// With a spool, items that are not delivered are not dropped: they stay on disk for the next process.
func (q *Queue) Shutdown(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	q.free, q.freeBytes = nil, 0
	q.flushLocked()
	q.hurryLocked()
	err := q.awaitLocked(ctx)
	q.stopLocked()
	q.mu.Unlock()

	if err != nil {
		if lost := q.abort(); lost > 0 {
			err = fmt.Errorf("outbox: shut down %s: %d items dropped: %w", q.cfg.Name, lost, err)
		} else if q.spool != nil {
			err = nil
		}
	}
	select {
	case <-q.stopped:
	case <-ctx.Done(): // only Notify still runs, or a Send that does not hear its context
	}
	return errors.Join(err, q.closeSpool())
}

// closeSpool closes the spool's files, once.
func (q *Queue) closeSpool() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.spool == nil || q.spoolClosed {
		return nil
	}
	q.spoolClosed, q.aborted = true, true
	return q.spool.close()
}

// hurryLocked ends a pause of our own and gives batches in back-off their next try now: there may be no later one.
func (q *Queue) hurryLocked() {
	if q.limit.paused && !q.limit.wished {
		q.resumeLocked()
	}
	waiting := q.timers
	q.timers = nil
	for _, b := range waiting {
		b.index = -1
		if b.wished {
			q.timers.Push(b)
			continue
		}
		q.readyLocked(b)
	}
	q.timers.init()
}

// abort drops what is held, and returns how many items Shutdown dropped in all.
func (q *Queue) abort() int64 {
	q.mu.Lock()
	q.cancel()
	q.aborted = true
	for b := q.ready.pop(); b != nil; b = q.ready.pop() {
		q.abandonLocked(b)
	}
	for _, b := range q.timers {
		q.abandonLocked(b)
	}
	q.timers = nil
	q.stopLocked()
	q.mu.Unlock()

	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	select {
	case <-q.stopped:
	case <-grace.C:
	}

	q.mu.Lock()
	defer q.mu.Unlock()
	for b := range q.sending {
		delete(q.sending, b)
		b.lost = true
		q.abandonLocked(b)
	}
	return q.dropped[DropShutdown]
}

// abandonLocked drops what is in memory alone, and leaves to the next process what is on disk.
func (q *Queue) abandonLocked(b *Batch) {
	kept, bytes := b.keep(q.cfg.Limits.Overhead, func(i int) bool { return b.items[i].seq == 0 })
	q.spooled -= int64(len(kept))
	q.releaseLocked(len(kept), bytes)
	q.loseLocked(DropShutdown, b.Len(), b.held, nil)
	q.recycleLocked(b)
}

// exitLocked is the last thing a goroutine of the queue does.
func (q *Queue) exitLocked() {
	q.running--
	q.stopLocked()
}

// stopLocked ends the queue once it is shut down, holds nothing and runs nothing.
func (q *Queue) stopLocked() {
	parked := q.spool != nil && !q.aborted && q.spool.parked()
	if !q.closed || q.running > 0 || q.items > 0 || parked || q.stoppedLocked() {
		return
	}
	close(q.stopped)
	q.cancel()
	for _, t := range []*time.Timer{q.timer, q.idle, q.limit.waker} {
		if t != nil {
			t.Stop()
		}
	}
}

func (q *Queue) stoppedLocked() bool {
	select {
	case <-q.stopped:
		return true
	default:
		return false
	}
}
