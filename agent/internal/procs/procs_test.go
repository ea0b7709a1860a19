package procs_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/agent/internal/procs"
)

// procs waits until Go code runs on so many processors.
func wantProcs(t *testing.T, what string, want int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); runtime.GOMAXPROCS(0) != want; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: %d processors, want %d", what, runtime.GOMAXPROCS(0), want)
		}
	}
}

// TestGovernor loads one processor and rests, and sees the others come and go.
func TestGovernor(t *testing.T) {
	t.Setenv("GOMAXPROCS", "")
	all := runtime.GOMAXPROCS(0)
	if all == 1 {
		t.Skip("one processor")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		procs.Governor{Interval: 10 * time.Millisecond, Quiet: 50 * time.Millisecond}.Run(ctx)
	}()
	wantProcs(t, "at rest", 1)
	working, rest := context.WithCancel(t.Context())
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		for working.Err() == nil {
		}
	}()
	wantProcs(t, "at work", all)
	rest()
	<-worked
	wantProcs(t, "at rest again", 1)
	cancel()
	<-done
	wantProcs(t, "at the end", all)
}

// TestGovernor_said leaves alone what the operator says.
func TestGovernor_said(t *testing.T) {
	t.Setenv("GOMAXPROCS", "2")
	before := runtime.GOMAXPROCS(0)
	procs.Governor{Interval: time.Nanosecond, Quiet: time.Nanosecond}.Run(t.Context()) // returns at once
	if got := runtime.GOMAXPROCS(0); got != before {
		t.Errorf("%d processors, want %d", got, before)
	}
}
