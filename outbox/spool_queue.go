package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// This file is where queue and spool meet: what Put does besides, reading back, and what Flush and Shutdown wait for.

// spoolLocked writes an item to disk, and reports whether it goes into memory as well: not if memory is full, nor if older
// items wait on disk. An error is why it is in neither.
func (q *Queue) spoolLocked(key string, at int64, body []byte, size int, room bool) (seq uint64, memory bool, err error) {
	now := time.Now()
	parked := q.spool.parked()
	broken := q.spool.failed != nil
	seq, err = q.spool.append(key, at, body, size, now)
	switch {
	case err == nil:
		if broken {
			q.tellLocked(q.cfg.Name + ": the spool works again")
		}
	case errors.Is(err, ErrFull), !room:
		return 0, false, ErrFull
	default:
		if !broken {
			q.stats.LastError = err.Error()
			q.tellLocked(fmt.Sprintf("%s: %v; going on in memory, free the disk or move the spool", q.cfg.Name, err))
		}
		return 0, true, nil
	}
	if parked || !room {
		q.loadLocked()
		return seq, false, nil
	}
	q.spool.skip()
	return seq, true, nil
}

// settleLocked says that items have come to their end.
func (q *Queue) settleLocked(items []item) {
	if q.spool == nil {
		return
	}
	for i := range items {
		if items[i].seq != 0 {
			q.spooled--
		}
	}
	q.spool.finish(items, time.Now())
}

// loadLocked has items read back while memory is less than half full.
func (q *Queue) loadLocked() {
	if q.spool == nil || q.loading || q.aborted || !q.spool.parked() || q.bytes > q.cfg.MaxBytes/2 {
		return
	}
	q.loading = true
	q.running++
	go q.load()
}

// load reads items back until memory is nearly full or none is left on disk alone.
func (q *Queue) load() {
	q.mu.Lock()
	defer q.mu.Unlock()
	var buf []byte
	for !q.aborted && q.spool.parked() && q.bytes <= q.cfg.MaxBytes-q.cfg.MaxBytes/4 {
		c := &q.spool.cursor
		if c.segment.size <= c.off {
			q.spool.nextSegment()
			continue
		}
		segment, off, end := c.segment, c.off, c.segment.size
		q.mu.Unlock()
		data, err := segment.read(off, end, buf)
		q.mu.Lock()
		if q.aborted {
			break
		}
		if c.segment != segment || c.off != off { // all of it was done already, and the cursor went on
			continue
		}
		if err != nil {
			q.unreadableLocked(err)
			continue
		}
		buf = data
		c.off += int64(q.takeLocked(data))
		close(q.progress)
		q.progress = make(chan struct{})
	}
	q.loading = false
	close(q.progress)
	q.progress = make(chan struct{})
	q.exitLocked()
}

// takeLocked puts what was read into batches, and returns how many bytes that were.
func (q *Queue) takeLocked(data []byte) int {
	c := &q.spool.cursor
	now := time.Now()
	var old []item
	rest := data
	for {
		kind, payload, after, _ := nextRecord(rest)
		if after == nil {
			break
		}
		rest = after
		if kind != recordItem && kind != recordEncoded {
			continue
		}
		seq := c.seq
		c.seq++
		it, key, body, ok := parseItem(kind, payload)
		if !ok || c.segment.isDone(seq) {
			continue
		}
		it.seq = seq
		if age := now.Sub(time.Unix(0, it.at)); age > q.spool.cfg.MaxAge {
			old = append(old, it)
			continue
		}
		q.enterLocked(c.segment.keys[key], body, it.size, it.at, it.seq)
	}
	if len(old) > 0 {
		q.dropped[DropExpired] += int64(len(old))
		q.tellDropLocked(DropExpired, "")
		q.spool.finish(old, now)
	}
	return len(data) - len(rest)
}

// enterLocked puts an item into its batch.
func (q *Queue) enterLocked(key string, body []byte, size int, at int64, seq uint64) {
	l := &q.cfg.Limits
	b := q.openLocked(key, counted(len(body), size)+l.Overhead, at)
	if len(b.buf)+len(body) > cap(b.buf) {
		q.moveLocked(b)
	}
	b.append(l, body, size, at, seq)
	q.last = b
	if b.size > int64(l.Bytes/prepareFrom) {
		q.prepareLocked(b)
	}
	if seq != 0 {
		q.spooled++
	}
	q.items++
	q.bytes += int64(len(body) + l.Overhead)
	if b.full(l) {
		q.sealLocked(b)
	}
}

// unreadableLocked gives up what of a file cannot be read any more.
func (q *Queue) unreadableLocked(err error) {
	c := &q.spool.cursor
	var lost []item
	for ; c.segment.holds(c.seq); c.seq++ {
		if !c.segment.isDone(c.seq) {
			lost = append(lost, item{seq: c.seq})
		}
	}
	c.off = c.segment.size
	q.dropped[DropUnreadable] += int64(len(lost))
	q.stats.LastError = err.Error()
	q.tellDropLocked(DropUnreadable, ": "+err.Error())
	q.spool.finish(lost, time.Now())
}

// awaitLocked lets everything accepted so far come to its end: what is in memory, and what is on disk alone. It gives
// up the lock while it waits, and returns ctx's error if that ends first.
func (q *Queue) awaitLocked(ctx context.Context) error {
	var target uint64
	if q.spool != nil {
		target = q.spool.next
	}
	for {
		groups := q.flushLocked()
		loaded := q.spool == nil || q.aborted || !q.spool.parked() || q.spool.cursor.seq >= target
		progress := q.progress
		q.loadLocked()
		q.mu.Unlock()
		err := wait(ctx, groups)
		if err == nil && !loaded {
			select {
			case <-progress:
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		q.mu.Lock()
		if err != nil || loaded {
			return err
		}
	}
}
