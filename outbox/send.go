package outbox

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"time"
)

// maxSplits is how often the pieces of one batch are halved to find the items that make the receiver refuse it. Finding
// one among 10,000 takes 14; a batch that is bad throughout should not cost a call for each of its items.
const maxSplits = 64

// work sends ready batches until there are none, or fewer sends may run.
func (q *Queue) work() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for b := q.nextLocked(); b != nil; b = q.nextLocked() {
		if b.unsorted && q.cfg.Limits.Span > 0 {
			q.mu.Unlock() // b is this goroutine's alone: in no list
			b.sort()
			q.mu.Lock()
		}
		q.beginLocked(b)
		q.mu.Unlock()
		err := q.attempt(b)
		q.mu.Lock()
		q.endLocked(b, err)
	}
	q.workers--
	q.exitLocked()
}

func (q *Queue) beginLocked(b *Batch) {
	q.sending[b] = struct{}{}
	if b.attempts == 0 {
		b.began = time.Now()
		b.started = b.began
	} else {
		q.stats.Retries++
	}
	if b.slowed { // throttling costs nothing of the budget
		b.started, b.slowed = time.Now(), false
	}
	if b.unsure {
		q.stats.PossibleDuplicates += int64(b.Len())
		b.unsure = false
	}
	b.attempts++
	if q.spool != nil {
		q.spool.note(recordBegun, b.items, time.Now())
	}
}

// attempt calls Send once. A panic in it is a refusal: it must not end the program, and would come again.
func (q *Queue) attempt(b *Batch) (err error) {
	ctx, cancel := context.WithTimeout(q.ctx, q.cfg.Timeout)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = &refusal{fmt.Sprintf("send panicked: %v", r)}
		}
	}()
	return q.cfg.Send(ctx, b)
}

// endLocked decides what becomes of a batch after an attempt.
func (q *Queue) endLocked(b *Batch, err error) {
	if b.lost {
		return // already counted
	}
	delete(q.sending, b)
	now := time.Now()
	q.controlLocked(err, now)
	_, b.slowed = throttling(err)
	var partial *PartialError
	switch {
	case err == nil:
		q.deliveredLocked(b, now)
	case errors.As(err, &partial):
		q.partlyLocked(b, partial, now)
	case retryable(err):
		b.unsure = outcomeUnknown(err)
		q.retryLocked(b, err, retryAfter(err), now)
	case splittable(err) && q.maySplitLocked(b):
		q.stats.LastError = err.Error()
		q.splitLocked(b)
	default:
		q.giveUpLocked(b, DropRefused, err)
	}
}

// giveUpLocked drops a batch for good.
func (q *Queue) giveUpLocked(b *Batch, reason string, err error) {
	q.settleLocked(b.items)
	q.loseLocked(reason, b.Len(), b.held, err)
	q.recycleLocked(b)
}

func (q *Queue) deliveredLocked(b *Batch, now time.Time) {
	q.stats.Delivered += int64(b.Len())
	q.settleLocked(b.items)
	q.releaseLocked(b.Len(), b.held)
	q.recycleLocked(b)
	q.recoveredLocked(now)
}

// partlyLocked counts what was delivered and what was refused, and tries the rest again.
func (q *Queue) partlyLocked(b *Batch, partial *PartialError, now time.Time) {
	failed := make(map[int]error, len(partial.Failed))
	var after time.Duration
	for _, f := range partial.Failed {
		failed[f.Index] = f.Err // an index out of range is Send's mistake and no item of ours
		after = max(after, retryAfter(f.Err))
	}
	var refused int
	var refusedBytes int64
	var refusal error
	gone, goneBytes := b.keep(q.cfg.Limits.Overhead, func(i int) bool {
		err, again := failed[i]
		if again && !retryable(err) {
			refused++
			refusedBytes += int64(len(b.Body(i)) + q.cfg.Limits.Overhead)
			refusal = err
			return false
		}
		return again
	})
	q.stats.Delivered += int64(len(gone) - refused)
	q.settleLocked(gone)
	q.releaseLocked(len(gone)-refused, goneBytes-refusedBytes)
	q.loseLocked(DropRefused, refused, refusedBytes, refusal)
	if b.Len() > 0 {
		q.retryLocked(b, partial, after, now)
		return
	}
	q.recycleLocked(b)
	q.recoveredLocked(now)
}

// retryLocked puts b aside until its next attempt, or drops it when that would come after its budget.
func (q *Queue) retryLocked(b *Batch, err error, after time.Duration, now time.Time) {
	if q.ctx.Err() != nil {
		q.stats.LastError = err.Error()
		q.abandonLocked(b)
		return
	}
	b.failures++
	wait, ok := q.backoff(b, after, now)
	if !ok {
		q.giveUpLocked(b, DropRetryBudget, err)
		return
	}
	if !b.failing {
		b.failing = true
		q.retrying++
	}
	q.failingLocked(err, now)
	b.due, b.wished = now.Add(wait), after > 0
	heap.Push(&q.timers, b)
	q.armLocked()
}

// backoff returns how long b waits for its next attempt, and false if there is none. The wait is random, up to a
// bound that doubles ("full jitter"), so that many clients do not come back in step. The server's wish is honoured and
// jittered on top. The last attempt is moved forward into the budget unless the server's wish lies beyond it.
func (q *Queue) backoff(b *Batch, after time.Duration, now time.Time) (time.Duration, bool) {
	left := q.cfg.Retry.MaxAge - now.Sub(b.began)
	if b.slowed {
		after = min(after, left)
	} else {
		left = min(left, q.cfg.Retry.Budget-now.Sub(b.started))
	}
	if left <= 0 || after > left {
		return 0, false
	}
	bound := q.boundOf(b.failures - 1)
	if after > 0 {
		bound = min(bound, q.cfg.Retry.Initial)
	}
	return min(left, after+time.Duration(q.random(int64(bound)+1))), true
}

// boundOf is the longest wait after n failures: Retry.Initial, doubled n times, up to Retry.Max.
func (q *Queue) boundOf(n int) time.Duration {
	if n < 32 {
		if d := q.cfg.Retry.Initial << n; d > 0 {
			return min(d, q.cfg.Retry.Max)
		}
	}
	return q.cfg.Retry.Max
}

// maySplitLocked reports whether halving b makes sense, and takes one from what it may cost.
func (q *Queue) maySplitLocked(b *Batch) bool {
	if b.Len() < 2 || q.ctx.Err() != nil {
		return false
	}
	if b.splits == nil {
		left := maxSplits
		b.splits = &left
	}
	*b.splits--
	return *b.splits >= 0
}

// splitLocked replaces b by its two halves, both ready.
func (q *Queue) splitLocked(b *Batch) {
	middle := b.Len() / 2
	for _, part := range [2][2]int{{0, middle}, {middle, b.Len()}} {
		half := q.newBatchLocked(b.key, b.group)
		for i := part[0]; i < part[1]; i++ {
			half.append(&q.cfg.Limits, b.Body(i), b.items[i].size, b.items[i].at, b.items[i].seq)
		}
		half.attempts, half.began, half.started, half.splits = b.attempts, b.began, b.started, b.splits
		q.readyLocked(half)
	}
	q.recycleLocked(b)
}
