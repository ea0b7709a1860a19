// Package contain keeps a panic to the data that caused it. An agent carries the data of many: a mistake of ours or of a
// processor that one span, point or request brings to light must not end the process, where it would end it again as often
// as the data is tried again, from a queue on disk for ever.
package contain

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// Reason is what metrics call the loss of an item that a panic was contained to.
const Reason = "panic"

// A Panic is one that was contained.
type Panic struct {
	Value any    // what was given to panic
	Where string // the functions that led to it, the nearest first
}

func (p *Panic) Error() string {
	return fmt.Sprintf("panic: %v, at %s; this is a mistake in the program, please report it", p.Value, p.Where)
}

// Call calls f, and returns nil, or the *Panic that f ended with. f must leave nothing locked when it panics.
func Call(f func()) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Panic{Value: v, Where: where()}
		}
	}()
	f()
	return nil
}

// How much of the way to a panic is told.
const (
	maxFrames = 64
	told      = 3
)

// where finds the functions above the panic: those between the runtime's and this package's.
func where() string {
	var counters [maxFrames]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(3, counters[:])]) // without Callers, where, and Call's function
	var list []string
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") {
			list = append(list, fmt.Sprintf("%s (%s:%d)", path.Base(f.Function), path.Base(f.File), f.Line))
		}
		if !more || len(list) == told {
			return strings.Join(list, " < ")
		}
	}
}
