package outbox

import "time"

// How many sends run at a time follows what the receiver can take. A send that works while batches wait adds raiseBy; a
// throttled, timed-out or failed one takes a share of lowerBy away. Where a share p of the sends is throttled whatever we do,
// this settles at raiseBy/lowerBy × (1-p)/p sends: 36 at 10 %, 12 at 25 %, 4 at 50 %. So a receiver that throttles now
// and then is still used in full, one that throttles for the rate of calls is met halfway, and one that takes nothing
// is asked by one call at a time.
const (
	firstParallel = 8 // before anything is known
	raiseBy       = 0.5
	lowerBy       = 1.0 / 8
)

// A limit is the control's state. The queue's lock guards it.
type limit struct {
	most     int
	parallel float64 // 1 ≤ parallel ≤ most
	streak   int     // strained sends since the last one that worked
	pauses   int     // likewise, pauses without a wish of the server's

	paused bool
	wished bool      // the pause is the server's wish, not ours
	until  time.Time // the end of the pause
	waker  *time.Timer
}

func newLimit(most int) limit {
	return limit{most: most, parallel: float64(min(most, firstParallel))}
}

func (l *limit) now() int { return int(l.parallel) }

// worked takes note of a send that worked.
func (l *limit) worked(more bool) {
	l.streak, l.pauses = 0, 0
	if more {
		l.parallel = min(float64(l.most), l.parallel+raiseBy)
	}
}

// strained takes note of a send that was throttled, timed out or failed for a passing reason. It returns true when more
// of them came in a row than sends may run: the receiver takes nothing at present.
func (l *limit) strained() bool {
	l.parallel = max(1, l.parallel*(1-lowerBy))
	l.streak++
	return l.streak > l.now()
}

// controlLocked adapts the limit to the outcome of a send, before the batch itself is dealt with.
func (q *Queue) controlLocked(err error, now time.Time) {
	after, throttled := throttling(err)
	if throttled {
		q.stats.Throttled++
	}
	switch {
	case throttled, err != nil && !worked(err) && (timedOut(err) || retryable(err)):
		stuck := q.limit.strained()
		if after > 0 {
			q.pauseLocked(after, true, now)
		} else if stuck {
			q.pauseLocked(q.ownPauseLocked(throttled), false, now)
		}
	case worked(err):
		q.limit.worked(q.ready.n > 0)
		q.startLocked(min(1, q.ready.n))
	default: // it refuses a batch for good: it is there
		q.limit.streak, q.limit.pauses = 0, 0
	}
}

// maxOutagePause keeps the pauses of a long outage short enough for its end to be noticed: a probe costs one call, of a
// receiver that asked for nothing.
const maxOutagePause = 5 * time.Second

// ownPauseLocked is how long all wait when the receiver takes nothing and does not say for how long: the delays of
// retries, but never less than half of each, since a single probe after nothing would be no pause.
func (q *Queue) ownPauseLocked(throttled bool) time.Duration {
	bound := q.boundOf(q.limit.pauses)
	if !throttled {
		bound = min(bound, maxOutagePause)
	}
	q.limit.pauses++
	return bound/2 + time.Duration(q.random(int64(bound/2)+1))
}

// pauseLocked has no send begin for that time. Those under way go on.
func (q *Queue) pauseLocked(d time.Duration, wished bool, now time.Time) {
	l := &q.limit
	d = min(d, q.cfg.Retry.MaxAge)
	if until := now.Add(d); !l.paused || until.After(l.until) {
		l.until = until
	}
	l.wished = l.wished || wished
	if l.paused {
		return // wake sees the later end
	}
	l.paused = true
	if l.waker == nil {
		l.waker = time.AfterFunc(d, q.wake)
		return
	}
	l.waker.Reset(d)
}

// wake ends a pause.
func (q *Queue) wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.limit.paused || q.stoppedLocked() {
		return
	}
	if left := time.Until(q.limit.until); left > 0 {
		q.limit.waker.Reset(left)
		return
	}
	q.resumeLocked()
}

func (q *Queue) resumeLocked() {
	q.limit.paused, q.limit.wished = false, false
	q.startLocked(q.ready.n)
}

// startLocked starts up to n workers, as far as the limit allows.
func (q *Queue) startLocked(n int) {
	if q.limit.paused {
		return
	}
	for range min(n, q.limit.now()-q.workers) {
		q.workers++
		q.running++
		go q.work()
	}
}

// nextLocked returns the batch that a worker sends next, nil if it has to end.
func (q *Queue) nextLocked() *Batch {
	if q.limit.paused || q.workers > q.limit.now() {
		return nil
	}
	return q.ready.pop()
}
