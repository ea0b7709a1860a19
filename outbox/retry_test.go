package outbox

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestRetryDelays(t *testing.T) {
	f := func(name string, random func(int64) int64, after time.Duration, want ...time.Duration) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			p := &peer{answer: func(n int, _ *Batch) error {
				if n <= len(want) {
					return &answer{after: after}
				}
				return nil
			}}
			q := start(t, p, Config{Retry: Retry{Initial: time.Second, Max: 5 * time.Second, Budget: time.Hour}})
			q.random = random
			put(t, q, "k", "a")
			flush(t, q)
			var got []time.Duration
			for i := 1; i < len(p.times); i++ {
				got = append(got, p.times[i].Sub(p.times[i-1]))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: delays %v, want %v", name, got, want)
			}
			if s := q.Stats(); s.Retries != int64(len(want)) || s.Delivered != 1 {
				t.Errorf("%s: stats %+v", name, s)
			}
		})
	}
	longest := func(n int64) int64 { return n - 1 }
	shortest := func(int64) int64 { return 0 }
	half := func(n int64) int64 { return n / 2 }
	s := time.Second
	f("upper bound doubles up to the maximum", longest, 0, 1*s, 2*s, 4*s, 5*s, 5*s)
	f("lower bound", shortest, 0, 0, 0, 0)
	f("full jitter", half, 0, s/2, 1*s, 2*s, 5*s/2)
	f("the server's wish, and jitter on top", longest, 7*s, 8*s, 8*s, 8*s)
	f("never before the server's wish", shortest, 7*s, 7*s, 7*s)
}

func TestRetryBudget(t *testing.T) {
	f := func(name string, after time.Duration, attempts int, last time.Duration) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			p := &peer{answer: func(int, *Batch) error { return &answer{after: after} }}
			q := start(t, p, Config{Retry: Retry{Initial: 4 * time.Second, Max: 4 * time.Second, Budget: 10 * time.Second}})
			put(t, q, "k", "a", "b")
			flush(t, q)
			checkStats(t, q, 0, map[string]int64{DropRetryBudget: 2})
			if p.attempts != attempts || p.times[len(p.times)-1].Sub(p.times[0]) != last {
				t.Errorf("%s: %d attempts at %v, want %d, the last after %v", name, p.attempts, p.times, attempts, last)
			}
		})
	}
	f("the last attempt is moved into the budget", 0, 4, 10*time.Second) // 0 4 8 10
	f("a wish within the budget", 9*time.Second, 2, 10*time.Second)
	f("a wish beyond the budget", 11*time.Second, 1, 0)
}

func TestRefusedForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{answer: func(_ int, b *Batch) error {
			if b.Key() == "bad" {
				return &answer{final: true}
			}
			return nil
		}}
		q := start(t, p, Config{})
		put(t, q, "bad", "a", "b")
		put(t, q, "good", "c")
		flush(t, q)
		checkStats(t, q, 1, map[string]int64{DropRefused: 2})
		if p.attempts != 2 {
			t.Errorf("%d attempts, want 2", p.attempts)
		}
		if s := q.Stats(); !strings.Contains(s.LastError, "final:true") {
			t.Errorf("last error %q", s.LastError)
		}
	})
}

func TestPanicIsARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := start(t, nil, Config{Send: func(context.Context, *Batch) error { panic("oh") }})
		put(t, q, "k", "a")
		flush(t, q)
		checkStats(t, q, 0, map[string]int64{DropRefused: 1})
		if s := q.Stats(); s.LastError != "send panicked: oh" {
			t.Errorf("last error %q", s.LastError)
		}
	})
}

// One bad item must not cost the others of its batch.
func TestPoisonIsIsolated(t *testing.T) {
	f := func(name string, items int, bad ...int) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			poison := map[string]bool{}
			for _, i := range bad {
				poison[fmt.Sprintf("%05d", i)] = true
			}
			p := &peer{answer: func(_ int, b *Batch) error {
				for i := range b.Len() {
					if poison[string(b.Body(i))] {
						return &answer{final: true, split: true}
					}
				}
				return nil
			}}
			q := start(t, p, Config{Linger: time.Hour})
			for i := range items {
				put(t, q, "k", fmt.Sprintf("%05d", i))
			}
			flush(t, q)
			checkStats(t, q, int64(items-len(bad)), map[string]int64{DropRefused: int64(len(bad))})
			if want := items - len(bad); len(p.all()) != want {
				t.Errorf("%s: %d items arrived, want %d", name, len(p.all()), want)
			}
			if p.attempts > 2*maxSplits+1 {
				t.Errorf("%s: %d attempts", name, p.attempts)
			}
		})
	}
	f("first", 10, 0)
	f("last", 10, 9)
	f("only one", 1, 0)
	f("one of many", 10_000, 5_000)
	f("three of many", 1_000, 7, 500, 999)
	f("all of few", 4, 0, 1, 2, 3)
}

// Looking for a bad item is no failing: throttled at every other call, the search takes no longer for its length.
func TestPoisonIsIsolated_throttled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{answer: func(n int, b *Batch) error {
			if n%2 == 1 {
				return busy{}
			}
			for i := range b.Len() {
				if string(b.Body(i)) == "bad" {
					return &answer{final: true, split: true}
				}
			}
			return nil
		}}
		q := start(t, p, Config{Linger: time.Hour, Workers: 1})
		began := time.Now()
		for range 5_000 {
			put(t, q, "k", "good")
		}
		put(t, q, "k", "bad")
		for range 4_999 {
			put(t, q, "k", "good")
		}
		flush(t, q)
		checkStats(t, q, 9_999, map[string]int64{DropRefused: 1})
		if d := time.Since(began); d > time.Duration(p.attempts)*DefaultRetryInitial {
			t.Errorf("%d attempts took %v, want at most the shortest wait after each", p.attempts, d)
		}
	})
}

func TestSplittingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{answer: func(int, *Batch) error { return &answer{final: true, split: true} }}
		q := start(t, p, Config{})
		for i := range 10_000 {
			put(t, q, "k", fmt.Sprint(i))
		}
		flush(t, q)
		checkStats(t, q, 0, map[string]int64{DropRefused: 10_000})
		if p.attempts != 2*maxSplits+1 {
			t.Errorf("%d attempts, want %d", p.attempts, 2*maxSplits+1)
		}
	})
}

func TestPartialFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{answer: func(n int, b *Batch) error {
			if n > 1 {
				return nil
			}
			return fmt.Errorf("wrapped: %w", &PartialError{Failed: []ItemError{
				{Index: 1, Err: errors.New("try again")},
				{Index: 3, Err: &answer{final: true}},
				{Index: 4, Err: &answer{after: time.Minute}},
				{Index: 17, Err: errors.New("no such item")},
				{Index: -1, Err: errors.New("no such item")},
			}})
		}}
		q := start(t, p, Config{Retry: Retry{Initial: time.Second}})
		put(t, q, "k", "a", "b", "c", "d", "e")
		flush(t, q)
		if got, want := p.bodies(), [][]string{{"a", "c"}, {"b", "e"}}; !reflect.DeepEqual(got, want) {
			t.Errorf("batches %q, want %q", got, want)
		}
		if d := p.times[1].Sub(p.times[0]); d != 61*time.Second {
			t.Errorf("second attempt after %v, want the longest wish and jitter", d)
		}
		checkStats(t, q, 4, map[string]int64{DropRefused: 1})
	})
}

func TestPartialFailureOfEveryKind(t *testing.T) {
	f := func(name string, failed []ItemError, delivered, refused int64) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			p := &peer{answer: func(n int, _ *Batch) error {
				if n == 1 {
					return &PartialError{Failed: failed}
				}
				return nil
			}}
			q := start(t, p, Config{})
			put(t, q, "k", "a", "b")
			flush(t, q)
			want := map[string]int64{}
			if refused > 0 {
				want[DropRefused] = refused
			}
			t.Log(name)
			checkStats(t, q, delivered, want)
		})
	}
	again, never := errors.New("again"), &answer{final: true}
	f("nothing", nil, 2, 0)
	f("all again", []ItemError{{0, again}, {1, again}}, 2, 0)
	f("all refused", []ItemError{{0, never}, {1, never}}, 0, 2)
	f("named twice", []ItemError{{0, never}, {0, never}}, 1, 1)
	f("without a reason", []ItemError{{Index: 0}}, 2, 0)
}

func TestBackoffDoesNotHoldUpOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{answer: func(_ int, b *Batch) error {
			if b.Key() == "slow" {
				return &answer{after: time.Minute}
			}
			return nil
		}}
		q := start(t, p, Config{Workers: 1, Limits: Limits{Items: 1}})
		for _, body := range []string{"1", "2", "3"} { // one by one: failures in a row have all wait
			put(t, q, "slow", body)
			synctest.Wait()
			put(t, q, "fast", body)
			synctest.Wait()
		}
		if got := p.bodies(); !reflect.DeepEqual(got, [][]string{{"1"}, {"2"}, {"3"}}) {
			t.Errorf("arrived %q", got)
		}
		p.mu.Lock()
		p.answer = nil
		p.mu.Unlock()
		flush(t, q)
		checkStats(t, q, 6, nil)
	})
}

func TestParallelSends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{delay: time.Second}
		q := start(t, p, Config{Workers: 4, Limits: Limits{Items: 1}})
		began := time.Now()
		for i := range 16 {
			put(t, q, "k", fmt.Sprint(i))
		}
		flush(t, q)
		if d := time.Since(began); d != 4*time.Second || p.most != 4 {
			t.Errorf("took %v with %d at a time, want 4s with 4", d, p.most)
		}
	})
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		q := start(t, nil, Config{Timeout: time.Second, Send: func(ctx context.Context, _ *Batch) error {
			if calls++; calls == 1 {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}})
		put(t, q, "k", "a", "b")
		flush(t, q)
		checkStats(t, q, 2, nil)
		if s := q.Stats(); s.PossibleDuplicates != 2 || s.Retries != 1 {
			t.Errorf("stats %+v, want 2 possible duplicates of 1 retry", s)
		}
	})
}

// An outage that ends within the budget loses nothing that fits in the queue, and is told of twice.
func TestOutageAndRecovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []string
		p := &peer{answer: func(int, *Batch) error { return errors.New("connection refused") }}
		q := start(t, p, Config{
			Name: "traces", Limits: Limits{Items: 10}, MaxBytes: 1000, Workers: 4,
			Notify: func(msg string) {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, msg)
			},
		})
		var kept []string
		for i := range 300 {
			body := fmt.Sprintf("%03d", i)
			if err := q.Put("k", time.Now(), []byte(body)); err == nil {
				kept = append(kept, body)
			} else if !errors.Is(err, ErrFull) {
				t.Fatal(err)
			}
			<-time.After(500 * time.Millisecond)
		}
		<-time.After(time.Minute)
		synctest.Wait()
		p.mu.Lock()
		p.answer = nil
		p.mu.Unlock()
		flush(t, q)
		if got := p.all(); !slices.Equal(got, kept) {
			t.Errorf("%d items arrived, want the %d that were taken", len(got), len(kept))
		}
		checkAccount(t, q)
		shutdown(t, q)
		if len(told) != 2 || !strings.HasPrefix(told[0], "traces: sending fails") || !strings.HasPrefix(told[1], "traces: sending works again") {
			t.Errorf("told %q", told)
		}
		if s := q.Stats(); s.LastError != "connection refused" {
			t.Errorf("last error %q", s.LastError)
		}
	})
}
