package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// What Put returns for an item it did not take. Each is counted as a drop.
var (
	// ErrFull means that Config.MaxBytes are held already: sending is slower than putting.
	ErrFull = errors.New("outbox: queue is full")
	// ErrTooLarge means that the item could never be sent within Limits.
	ErrTooLarge = errors.New("outbox: item is too large")
	// ErrClosed means that Shutdown was called.
	ErrClosed = errors.New("outbox: queue is shut down")
)

// A PartialError is what Send returns when it delivered a batch except for some of its items.
type PartialError struct {
	Failed []ItemError
}

// An ItemError says why one item of a batch was not delivered. The item is tried again unless Err says, by a method
// Retryable() bool, that it makes no sense.
type ItemError struct {
	// Index is the item's place in the batch.
	Index int
	// Err is why.
	Err error
}

// Error names the first failed item and how many there are.
func (e *PartialError) Error() string {
	if len(e.Failed) == 0 {
		return "no items failed"
	}
	first := e.Failed[0]
	return fmt.Sprintf("%d items failed, first item %d: %v", len(e.Failed), first.Index, first.Err)
}

// retryable reports whether another try may help: yes, unless the error says no.
func retryable(err error) bool {
	var e interface{ Retryable() bool }
	return !errors.As(err, &e) || e.Retryable()
}

func retryAfter(err error) time.Duration {
	var e interface{ RetryAfter() time.Duration }
	if errors.As(err, &e) {
		return max(0, e.RetryAfter())
	}
	return 0
}

func splittable(err error) bool {
	var e interface{ Splittable() bool }
	return errors.As(err, &e) && e.Splittable()
}

// outcomeUnknown reports whether the batch may have arrived though Send failed. An attempt that ran out of time may have.
func outcomeUnknown(err error) bool {
	var e interface{ OutcomeUnknown() bool }
	if errors.As(err, &e) {
		return e.OutcomeUnknown()
	}
	return errors.Is(err, context.DeadlineExceeded)
}

// throttling reports whether the receiver asked for fewer calls, for all items or for some, and how long to pause.
func throttling(err error) (after time.Duration, ok bool) {
	if err == nil {
		return 0, false // before errors.As, whose target is allocated
	}
	var partial *PartialError
	if errors.As(err, &partial) {
		for _, f := range partial.Failed {
			if isThrottled(f.Err) {
				after, ok = max(after, retryAfter(f.Err)), true
			}
		}
		return after, ok
	}
	if isThrottled(err) {
		return retryAfter(err), true
	}
	return 0, false
}

func isThrottled(err error) bool {
	var e interface{ Throttled() bool }
	return errors.As(err, &e) && e.Throttled()
}

func timedOut(err error) bool {
	var e interface{ Timeout() bool }
	return errors.As(err, &e) && e.Timeout()
}

// worked reports whether the receiver took the call, if not all of its items.
func worked(err error) bool {
	if err == nil {
		return true
	}
	var partial *PartialError
	return errors.As(err, &partial)
}

// A refusal is an error after which nothing is tried again.
type refusal struct{ msg string }

func (e *refusal) Error() string   { return e.msg }
func (e *refusal) Retryable() bool { return false }
