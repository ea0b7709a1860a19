package outbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestFlushWaitsForWhatCameBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{delay: time.Second, answer: func(n int, _ *Batch) error {
			if n == 1 {
				return errors.New("once more")
			}
			return nil
		}}
		q := start(t, p, Config{Linger: time.Hour, Workers: 1, Retry: Retry{Initial: time.Second}})
		began := time.Now()
		put(t, q, "k", "before")
		done := make(chan error)
		go func() { done <- q.Flush(t.Context()) }()
		synctest.Wait()
		put(t, q, "k", "after")
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d != 3*time.Second {
			t.Errorf("flush took %v, want 3s: send, wait, send", d)
		}
		checkStats(t, q, 1, nil)
		if s := q.Stats(); s.QueuedItems != 1 {
			t.Errorf("%d items queued, want the one that came after", s.QueuedItems)
		}
	})
}

func TestFlushOfNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := start(t, &peer{}, Config{})
		flush(t, q)
		put(t, q, "k", "a")
		flush(t, q)
		flush(t, q)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := q.Flush(ended); err != nil {
			t.Errorf("nothing to flush, but %v", err)
		}
		shutdown(t, q)
		flush(t, q)
	})
}

func TestFlushHearsItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{delay: 10 * time.Second}
		q := start(t, p, Config{Name: "logs"})
		put(t, q, "k", "a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := q.Flush(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "flush logs") {
			t.Errorf("error %v", err)
		}
		flush(t, q)
		checkStats(t, q, 1, nil)
	})
}

func TestShutdownDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{delay: time.Second, answer: func(n int, _ *Batch) error {
			if n == 1 {
				return errors.New("down")
			}
			return nil
		}}
		q := start(t, p, Config{Linger: time.Hour, Retry: Retry{Initial: 20 * time.Second}})
		put(t, q, "k", "a")
		go func() { _ = q.Flush(t.Context()) }()
		<-time.After(5 * time.Second) // now it waits for its second attempt
		put(t, q, "k", "b")
		began := time.Now()
		shutdown(t, q)
		if d := time.Since(began); d != time.Second {
			t.Errorf("shutdown took %v, want 1s: a batch in back-off is tried at once", d)
		}
		checkStats(t, q, 2, nil)
		shutdown(t, q)
	})
}

func TestShutdownDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{delay: time.Hour}
		q := start(t, p, Config{Name: "traces", Timeout: 2 * time.Hour, Workers: 2, Limits: Limits{Items: 1}})
		put(t, q, "k", "a", "b", "c", "d")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		err := q.Shutdown(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "shut down traces: 4 items dropped") {
			t.Errorf("error %v", err)
		}
		if d := time.Since(began); d != 3*time.Second {
			t.Errorf("shutdown took %v, want 3s", d)
		}
		checkStats(t, q, 0, map[string]int64{DropShutdown: 4})
		shutdown(t, q)
	})
}

// What waits for the receiver's wish when shutdown's time is over is dropped, too.
func TestShutdownDropsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{answer: func(int, *Batch) error { return &answer{after: time.Minute} }}
		q := start(t, p, Config{})
		put(t, q, "k", "a", "b")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := q.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if p.attempts != 1 {
			t.Errorf("%d attempts against the receiver's wish", p.attempts)
		}
		checkStats(t, q, 0, map[string]int64{DropShutdown: 2})
	})
}

func TestShutdownLeavesADeafSendBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		q := start(t, nil, Config{Send: func(context.Context, *Batch) error {
			<-release
			return nil
		}})
		put(t, q, "k", "a")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		if err := q.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if d := time.Since(began); d != 3*time.Second+stopGrace {
			t.Errorf("shutdown took %v", d)
		}
		close(release)
		synctest.Wait()
		checkStats(t, q, 0, map[string]int64{DropShutdown: 1}) // not delivered as well
	})
}

// Nothing may be kept for keys that are no longer used, and nothing may run.
func TestIdleQueueHoldsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{}
		q := start(t, p, Config{Limits: Limits{Span: time.Hour}})
		for i := range 10_000 {
			put(t, q, fmt.Sprintf("key-%d", i), "a")
		}
		<-time.After(DefaultLinger)
		synctest.Wait()
		q.mu.Lock()
		defer q.mu.Unlock()
		if len(q.open) != 0 || len(q.timers) != 0 || len(q.sending) != 0 || len(q.groups) != 1 || q.running != 0 || q.items != 0 || q.bytes != 0 {
			t.Errorf("held: %d keys, %d timers, %d sends, %d groups, %d goroutines, %d items, %d bytes",
				len(q.open), len(q.timers), len(q.sending), len(q.groups), q.running, q.items, q.bytes)
		}
		if q.freeBytes > poolBytes {
			t.Errorf("%d bytes in the pool", q.freeBytes)
		}
		for _, b := range q.free {
			if b.key != "" || b.group != nil || b.splits != nil {
				t.Fatalf("a free batch still holds %+v", b)
			}
		}
	})
}

func TestIdleQueueLetsGoOfBuffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := start(t, &peer{}, Config{})
		f := func(after time.Duration, kept bool) {
			t.Helper()
			<-time.After(after)
			synctest.Wait()
			q.mu.Lock()
			defer q.mu.Unlock()
			if got := q.freeBytes > 0; got != kept || got != (len(q.free) > 0) {
				t.Errorf("%d bytes kept in %d buffers", q.freeBytes, len(q.free))
			}
		}
		put(t, q, "k", "a")
		put(t, q, "other", "a")
		flush(t, q)
		f(idleAfter-1, true)
		put(t, q, "k", "a")
		f(1, true) // something is queued again
		flush(t, q)
		f(idleAfter-1, true)
		f(1, false)
	})
}

// The queue holds no more than it says, whatever the receiver does.
func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{answer: func(n int, _ *Batch) error {
			if n%3 == 0 {
				return nil
			}
			return errors.New("down")
		}}
		q := start(t, p, Config{MaxBytes: 10_000, Limits: Limits{Overhead: 10, Items: 7}})
		for range 5_000 {
			_ = q.Put("k", time.Now(), []byte("1234567890"))
			if s := q.Stats(); s.QueuedBytes > 10_000 || s.QueuedBytes != 20*s.QueuedItems {
				t.Fatalf("held %d bytes of %d items", s.QueuedBytes, s.QueuedItems)
			}
			<-time.After(time.Millisecond)
		}
		flush(t, q)
		checkAccount(t, q)
	})
}

// Everything at once, for the race detector; real time.
func TestConcurrentUse(t *testing.T) {
	var sent atomic.Int64
	q := start(t, nil, Config{
		Limits: Limits{Items: 20, Span: time.Minute}, Linger: time.Millisecond, Workers: 4,
		Retry:  Retry{Initial: time.Millisecond, Max: 2 * time.Millisecond},
		Notify: func(string) {},
		Send: func(_ context.Context, b *Batch) error {
			switch rand.IntN(10) {
			case 0:
				return errors.New("again")
			case 1:
				sent.Add(int64(b.Len()) - 1)
				return &PartialError{Failed: []ItemError{{Index: rand.IntN(b.Len()), Err: errors.New("again")}}}
			}
			sent.Add(int64(b.Len()))
			return nil
		},
	})
	const putters, each = 8, 2_000
	var wg sync.WaitGroup
	var taken atomic.Int64
	for i := range putters {
		wg.Go(func() {
			for j := range each {
				if q.Put(fmt.Sprint(j%3), time.Now().Add(time.Duration(j%2)*time.Hour), []byte("x")) == nil {
					taken.Add(1)
				}
				if j%500 == i {
					if err := q.Flush(t.Context()); err != nil {
						t.Error(err)
					}
					_ = q.Stats()
				}
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for taken.Load() < putters*each*3/4 {
				if t.Context().Err() != nil {
					return
				}
				_ = q.Flush(t.Context())
			}
			if err := q.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s := q.Stats()
	if s.Delivered != taken.Load() || sent.Load() != taken.Load() || s.QueuedItems != 0 {
		t.Errorf("taken %d, sent %d, stats %+v", taken.Load(), sent.Load(), s)
	}
	if s.Accepted+s.Dropped[DropClosed] != putters*each {
		t.Errorf("accepted %d and dropped %v of %d", s.Accepted, s.Dropped, putters*each)
	}
	checkAccount(t, q)
}
