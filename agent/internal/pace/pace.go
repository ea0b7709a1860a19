// Package pace decides how many calls run at a time against a service that may throttle, fail or be far away.
//
// A call that works while others wait raises the number a little; one that is throttled, fails for a passing reason or
// takes too long lowers it by a share. Where a share p of the calls is throttled whatever is done this settles at
// raiseBy/lowerBy × (1-p)/p calls. When more calls in a row are refused than may run, the service takes nothing at
// present: then all wait, and one call asks again.
package pace

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// How the number of calls follows the service; the same figures as the library's outbox has.
const (
	first   = 8 // before anything is known
	raiseBy = 0.5
	lowerBy = 1.0 / 8
)

// DefaultMost is the most calls at a time where nobody said a number.
const DefaultMost = 64

// How long all wait when the service takes nothing and asks for no time itself; doubled from one pause to the next.
const (
	firstPause = 250 * time.Millisecond
	maxPause   = 5 * time.Second // short enough to notice the end of an outage; a probe costs one call
	maxWish    = time.Minute     // the longest wait that is taken from the service
)

// An Outcome is what came of a call.
type Outcome int

// The outcomes.
const (
	Worked   Outcome = iota // the service answered, also if it refused what the call held
	Strained                // throttled, failed for a passing reason, or timed out
	Unused                  // the call was not made
)

// A Limit is shared by all calls to one service. Its methods may be called from any goroutine.
type Limit struct {
	most int
	free chan struct{} // closed and replaced whenever a call may begin that could not before

	mu       sync.Mutex
	parallel float64 // 1 ≤ parallel ≤ most
	running  int
	waiting  int
	streak   int // strained calls since the last one that worked
	pauses   int
	until    time.Time // no call begins before
}

// New returns a limit of at most that many calls at a time; 0 means DefaultMost.
func New(most int) *Limit {
	if most <= 0 {
		most = DefaultMost
	}
	return &Limit{most: most, parallel: float64(min(most, first)), free: make(chan struct{})}
}

// Parallel is how many calls may run at present.
func (l *Limit) Parallel() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int(l.parallel)
}

// Running is how many calls run.
func (l *Limit) Running() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running
}

// Most is the most calls that ever run at a time.
func (l *Limit) Most() int { return l.most }

// Acquire waits until a call may begin, which then has to be Released. When the service takes nothing at present it
// returns at once how long to wait before the next try; what would have been sent is then better kept where the queue is.
func (l *Limit) Acquire(ctx context.Context) (pause time.Duration, err error) {
	for {
		wait, pause := l.try(time.Now())
		if wait == nil {
			return pause, nil
		}
		select {
		case <-wait:
			l.stopWaiting()
		case <-ctx.Done():
			l.stopWaiting()
			return 0, context.Cause(ctx)
		}
	}
}

// try begins a call, or returns a pause, or what to wait for.
func (l *Limit) try(now time.Time) (wait <-chan struct{}, pause time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if left := l.until.Sub(now); left > 0 {
		return nil, left
	}
	if l.running >= int(l.parallel) {
		l.waiting++
		return l.free, 0
	}
	l.running++
	return nil, 0
}

func (l *Limit) stopWaiting() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting--
}

// Release ends a call that Acquire began. after is how long the service asked to wait, 0 if it did not.
func (l *Limit) Release(o Outcome, after time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running--
	l.noteLocked(o, after)
	if l.waiting > 0 {
		close(l.free)
		l.free = make(chan struct{})
	}
}

// Note takes note of an attempt whose call goes on with another one.
func (l *Limit) Note(o Outcome, after time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.noteLocked(o, after)
}

func (l *Limit) noteLocked(o Outcome, after time.Duration) {
	switch o {
	case Worked:
		l.streak, l.pauses = 0, 0
		if l.waiting > 0 {
			l.parallel = min(float64(l.most), l.parallel+raiseBy)
		}
	case Strained:
		l.parallel = max(1, l.parallel*(1-lowerBy))
		l.streak++
		if after > 0 {
			l.pauseLocked(min(after, maxWish))
		} else if l.streak > max(int(l.parallel), first) {
			l.pauseLocked(l.ownPauseLocked())
		}
	case Unused:
	}
}

func (l *Limit) ownPauseLocked() time.Duration {
	bound := min(maxPause, firstPause<<min(l.pauses, 8))
	l.pauses++
	return bound/2 + rand.N(bound/2)
}

func (l *Limit) pauseLocked(d time.Duration) {
	if until := time.Now().Add(d); until.After(l.until) {
		l.until = until
	}
}
