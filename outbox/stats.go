package outbox

import (
	"fmt"
	"time"
)

// Why items were dropped, the keys of Stats.Dropped.
const (
	// DropQueueFull counts items that Put did not take because MaxBytes were held.
	DropQueueFull = "queue_full"
	// DropTooLarge counts items that Put did not take because they can never be sent.
	DropTooLarge = "too_large"
	// DropClosed counts items put after Shutdown.
	DropClosed = "closed"
	// DropRefused counts items that the other side refused for good.
	DropRefused = "refused"
	// DropRetryBudget counts items of batches that could not be delivered within Retry.Budget and Retry.MaxAge.
	DropRetryBudget = "retry_budget"
	// DropShutdown counts items still held, in memory alone, when Shutdown's context ended.
	DropShutdown = "shutdown"
	// DropExpired counts items that were on disk for longer than Spool.MaxAge.
	DropExpired = "expired"
	// DropUnreadable counts items that could not be read back from disk.
	DropUnreadable = "unreadable"
)

// Stats is what a queue did so far. Accepted is always the sum of Delivered, QueuedItems and what was dropped after it
// was accepted (DropRefused, DropRetryBudget, DropShutdown, DropExpired, DropUnreadable).
type Stats struct {
	// Accepted is how many items Put took, and Restored.
	Accepted int64 `json:"accepted"`
	// Restored is how many items were found in the spool, left by earlier processes.
	Restored int64 `json:"restored,omitempty"`
	// Delivered is how many items Send delivered.
	Delivered int64 `json:"delivered"`
	// Retries is how many attempts were second or later ones of their batch.
	Retries int64 `json:"retries"`
	// Throttled is how many attempts the receiver answered by asking for fewer.
	Throttled int64 `json:"throttled"`
	// Parallel is how many sends may run at a time now, at most Config.Workers.
	Parallel int `json:"parallel"`
	// QueuedItems is how many items are held: open, ready, in flight, waiting for another try, or on disk.
	QueuedItems int64 `json:"queued_items"`
	// QueuedBytes is the bytes of those in memory as MaxBytes counts them.
	QueuedBytes int64 `json:"queued_bytes"`
	// SpooledItems is how many of the items are on disk, in memory as well or not; SpoolBytes is the size of its files.
	SpooledItems int64 `json:"spooled_items,omitempty"`
	SpoolBytes   int64 `json:"spool_bytes,omitempty"`
	// Dropped is how many items were dropped, by reason; reasons without drops are absent.
	Dropped map[string]int64 `json:"dropped,omitempty"`
	// PossibleDuplicates is how many items were sent again though an earlier attempt may have delivered them.
	PossibleDuplicates int64 `json:"possible_duplicates"`
	// LastError is the text of the last failure, "" if there was none.
	LastError string `json:"last_error,omitempty"`
}

// Stats returns what the queue did so far.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.stats
	s.QueuedItems, s.QueuedBytes = q.items, q.bytes
	if q.spool != nil {
		s.SpooledItems, s.SpoolBytes = q.spool.live, q.spool.bytes
		s.QueuedItems += q.spool.live - q.spooled
	}
	s.Parallel = q.limit.now()
	s.Dropped = make(map[string]int64, len(q.dropped))
	for reason, n := range q.dropped {
		s.Dropped[reason] = n
	}
	return s
}

// dropLocked counts items that Put did not take.
func (q *Queue) dropLocked(reason string, items int64) {
	q.dropped[reason] += items
	q.tellDropLocked(reason, "")
}

// releaseLocked takes items out of the account, after delivery or loss.
func (q *Queue) releaseLocked(items int, bytes int64) {
	q.items -= int64(items)
	q.bytes -= bytes
	q.loadLocked()
}

// loseLocked counts accepted items as dropped.
func (q *Queue) loseLocked(reason string, items int, bytes int64, err error) {
	if items == 0 {
		return
	}
	q.releaseLocked(items, bytes)
	q.dropped[reason] += int64(items)
	detail := ""
	if err != nil {
		q.stats.LastError = err.Error()
		detail = ": " + q.stats.LastError
	}
	q.tellDropLocked(reason, detail)
}

// tellDropLocked tells of the first drop for a reason; a recovery makes the passing reasons news again.
func (q *Queue) tellDropLocked(reason, detail string) {
	if q.told[reason] {
		return
	}
	q.told[reason] = true
	q.tellLocked(fmt.Sprintf("%s: dropping items, %s%s", q.cfg.Name, advice(reason), detail))
}

// advice says what a reason means and what the operator can do.
func advice(reason string) string {
	switch reason {
	case DropQueueFull:
		return "the queue is full: sending is slower than what comes in; raise MaxBytes or Workers, or send less"
	case DropTooLarge:
		return "an item is larger than the receiver takes; make it smaller"
	case DropRefused:
		return "the receiver refuses them for good"
	case DropRetryBudget:
		return "they could not be delivered in time; look at the network and the receiver's limits"
	case DropExpired:
		return "they were on disk for too long; raise Spool.MaxAge if the receiver takes them"
	case DropUnreadable:
		return "the spool can't be read; look at the disk"
	case DropShutdown:
		return "shutdown came before they could be delivered; give Shutdown more time"
	}
	return "they came after shutdown; stop their source first"
}

// quiet is how long after a recovery the next failure is not news: a receiver that throttles now and then would
// otherwise be told of forever.
const quiet = time.Minute

// failingLocked tells of the first failed attempt.
func (q *Queue) failingLocked(err error, now time.Time) {
	q.stats.LastError = err.Error()
	if q.failing {
		return
	}
	q.failing, q.failingSince = true, now
	q.hushed = !q.recovered.IsZero() && now.Sub(q.recovered) < quiet
	if !q.hushed {
		q.tellLocked(fmt.Sprintf("%s: sending fails, %d items (%d bytes) are kept and tried again: %v",
			q.cfg.Name, q.items, q.bytes, err))
	}
}

// recoveredLocked tells of a success after failures, once no batch is left that failed.
func (q *Queue) recoveredLocked(now time.Time) {
	if !q.failing || q.retrying > 0 {
		return
	}
	q.failing = false
	dropped := "nothing was dropped for want of room or time"
	if q.told[DropQueueFull] || q.told[DropRetryBudget] {
		dropped = fmt.Sprintf("dropped so far: %d for a full queue, %d for want of time",
			q.dropped[DropQueueFull], q.dropped[DropRetryBudget])
	}
	delete(q.told, DropQueueFull)
	delete(q.told, DropRetryBudget)
	if !q.hushed {
		q.recovered = now
		q.tellLocked(fmt.Sprintf("%s: sending works again after %v, %s",
			q.cfg.Name, now.Sub(q.failingSince).Round(time.Millisecond), dropped))
	}
}

// tellLocked hands msg to Notify on a goroutine of its own, in order.
func (q *Queue) tellLocked(msg string) {
	if q.cfg.Notify == nil || q.stoppedLocked() {
		return
	}
	q.messages = append(q.messages, msg)
	if !q.telling {
		q.telling = true
		q.running++
		go q.tell()
	}
}

func (q *Queue) tell() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.messages) > 0 {
		msg := q.messages[0]
		q.messages = q.messages[1:]
		q.mu.Unlock()
		q.notify(msg)
		q.mu.Lock()
	}
	q.messages = nil
	q.telling = false
	q.exitLocked()
}

// notify calls Notify; a panic in it must not end the program.
func (q *Queue) notify(msg string) {
	defer func() { _ = recover() }()
	q.cfg.Notify(msg)
}
