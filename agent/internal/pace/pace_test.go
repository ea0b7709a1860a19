package pace_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/updraft-otel/updraft/agent/internal/pace"
)

func TestLimit_bounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := pace.New(4)
		release := make(chan struct{})
		for range 4 {
			if pause, err := l.Acquire(t.Context()); pause != 0 || err != nil {
				t.Fatal(pause, err)
			}
		}
		go func() {
			if _, err := l.Acquire(t.Context()); err != nil {
				t.Error(err)
			}
			close(release)
		}()
		synctest.Wait()
		select {
		case <-release:
			t.Fatal("a fifth call began beside four")
		default:
		}
		l.Release(pace.Worked, 0)
		<-release
		if n := l.Running(); n != 4 {
			t.Errorf("%d calls run, want 4", n)
		}
	})
}

func TestLimit_canceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := pace.New(1)
		if _, err := l.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

// TestLimit_follows says where the number of calls goes: up while calls wait and work, down to one when none works, up
// again after.
func TestLimit_follows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := pace.New(32)
		work := func(outcome pace.Outcome) {
			pause, err := l.Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if pause > 0 {
				<-time.After(pause)
				return
			}
			l.Release(outcome, 0)
		}
		waiters := make(chan struct{})
		for range 8 {
			work(pace.Worked)
		}
		if n := l.Parallel(); n != 8 {
			t.Errorf("%d calls at a time though none waits, want 8", n)
		}
		go func() { // somebody who waits all the time
			defer close(waiters)
			for range 2000 {
				pause, err := l.Acquire(t.Context())
				if err == nil && pause == 0 {
					go func() { <-time.After(time.Millisecond); l.Release(pace.Worked, 0) }()
				}
			}
		}()
		<-waiters
		synctest.Wait()
		if n := l.Parallel(); n != 32 {
			t.Errorf("%d calls at a time though all work, want 32", n)
		}
		<-time.After(time.Second)
		for range 200 {
			work(pace.Strained)
		}
		if n := l.Parallel(); n != 1 {
			t.Errorf("%d calls at a time though none works, want 1", n)
		}
	})
}

func TestLimit_pausesAsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := pace.New(8)
		if _, err := l.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		l.Release(pace.Strained, 7*time.Second)
		if pause, err := l.Acquire(t.Context()); pause != 7*time.Second || err != nil {
			t.Errorf("pause %v, error %v; want 7s", pause, err)
		}
		<-time.After(7 * time.Second)
		if pause, err := l.Acquire(t.Context()); pause != 0 || err != nil {
			t.Errorf("pause %v, error %v; want none", pause, err)
		}
	})
}
