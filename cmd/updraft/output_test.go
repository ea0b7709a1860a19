package main

import (
	"bytes"
	"context"
	"regexp"
	"sync"
	"testing"
	"time"
)

// output collects what a command writes while a test reads it.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// find waits for re in the output and returns its first group.
func (o *output) find(t *testing.T, re string) string {
	t.Helper()
	var found []string
	within(t, time.Minute, func() bool {
		found = regexp.MustCompile(re).FindStringSubmatch(o.String())
		return found != nil
	}, "%s in the output", re)
	return found[len(found)-1]
}

// within polls until ok, or fails the test at the deadline.
func within(t *testing.T, limit time.Duration, ok func() bool, what string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for !ok() {
		select {
		case <-poll.C:
		case <-ctx.Done():
			t.Fatalf("not within %s: "+what, append([]any{limit}, args...)...)
		}
	}
}

// background runs updraft with args until stop is called, which returns the
// exit status.
func background(t *testing.T, args ...string) (out, errs *output, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, errs = new(output), new(output)
	status := make(chan int, 1)
	go func() { status <- run(ctx, args, stdio{new(bytes.Buffer), out, errs}) }()
	stop = sync.OnceValue(func() int { cancel(); return <-status })
	t.Cleanup(func() { stop() })
	return out, errs, stop
}
