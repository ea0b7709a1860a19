// Package loss tells the log when a component begins to lose data and when it no longer does: one line each, whatever the
// number of items.
package loss

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
)

// quiet is how long nothing must be lost until the loss is said to have ended.
const quiet = 30 * time.Second

// A Log is told of every loss and of every success. Its methods may be called from any goroutine.
type Log struct {
	logger *zap.Logger
	items  string // what is lost, as "spans"

	begins, ends string // what is said

	mu      sync.Mutex
	losing  bool
	began   time.Time
	last    time.Time
	lost    int
	reasons map[string]int
}

// New returns a log of lost items, as "spans".
func New(logger *zap.Logger, items string) *Log {
	return &Log{
		logger: logger, items: items, reasons: map[string]int{},
		begins: "Loss begins: " + items + " are refused for good; the end is told, and the metrics count all", ends: "Loss has ended",
	}
}

// NewQueue returns a log of items for which an exporter's queue has no room.
func NewQueue(logger *zap.Logger, items string) *Log {
	l := New(logger, items)
	l.begins = "The sending queue is full: " + items + " are refused, and lost where their sender does not try again; the end is told, and the metrics count all"
	l.ends = "The sending queue has room again"
	return l
}

// Lost takes note of n items that are gone for a reason; example is one that AWS or we gave.
func (l *Log) Lost(n int, reason string, example error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.last = now
	l.lost += n
	l.reasons[reason] += n
	if l.losing {
		return
	}
	l.losing, l.began = true, now
	l.logger.Warn(l.begins, zap.Int(l.items, n), zap.String("reason", reason), zap.Error(example))
}

// Worked takes note of items that were delivered.
func (l *Log) Worked() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.losing && time.Since(l.last) >= quiet {
		l.endLocked()
	}
}

// Close tells the end of a loss that the component's stop cuts short.
func (l *Log) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.losing {
		l.endLocked()
	}
}

func (l *Log) endLocked() {
	l.logger.Warn(l.ends, zap.Int(l.items, l.lost), zap.String("reasons", list(l.reasons)), zap.Duration("for", l.last.Sub(l.began)))
	l.losing, l.lost = false, 0
	clear(l.reasons)
}

func list(reasons map[string]int) string {
	var parts []string
	for reason, n := range reasons {
		parts = append(parts, fmt.Sprintf("%s: %d", reason, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
