package outbox

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"
)

// busy is a receiver's request for fewer calls.
type busy struct{ after time.Duration }

func (busy) Error() string               { return "busy" }
func (busy) Throttled() bool             { return true }
func (e busy) RetryAfter() time.Duration { return e.after }

func putMany(t *testing.T, q *Queue, key string, n int) {
	t.Helper()
	for i := range n {
		put(t, q, key, fmt.Sprint(i))
	}
}

// More sends run while they work and batches wait, but never more than Workers.
func TestLimitRises(t *testing.T) {
	f := func(workers, items, most int) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			p := &peer{delay: time.Second}
			q := start(t, p, Config{Workers: workers, Limits: Limits{Items: 1}})
			putMany(t, q, "k", items)
			flush(t, q)
			if s := q.Stats(); p.most != most || s.Parallel != most || s.Throttled != 0 {
				t.Errorf("%d sends at a time, stats %+v, want %d", p.most, s, most)
			}
			checkStats(t, q, int64(items), nil)
		})
	}
	f(32, 500, 32)
	f(32, 8, 8) // nothing waits
	f(3, 500, 3)
	f(1, 5, 1)
}

// A receiver that throttles one call in ten, however many there are, is used in full; one that throttles half is not.
func TestLimitFollowsTheShareOfThrottledCalls(t *testing.T) {
	f := func(every, least, most int) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			p := &peer{delay: 200 * time.Millisecond, answer: func(n int, _ *Batch) error {
				if n%every == 0 {
					return busy{}
				}
				return nil
			}}
			q := start(t, p, Config{Workers: 32, Limits: Limits{Items: 1}, Retry: Retry{Initial: 200 * time.Millisecond}})
			putMany(t, q, "k", 5_000)
			const looks = 50 // the number rises and falls with each throttled call
			sum := 0
			for range looks {
				<-time.After(200 * time.Millisecond)
				synctest.Wait()
				sum += q.Stats().Parallel
			}
			if mean := sum / looks; q.Stats().QueuedItems == 0 || mean < least || mean > most {
				t.Errorf("1 of %d throttled: %d at a time, want %d to %d", every, mean, least, most)
			}
			flush(t, q)
			checkStats(t, q, 5_000, nil)
			if s := q.Stats(); s.Throttled == 0 || s.Throttled != s.Retries {
				t.Errorf("stats %+v, want each throttled attempt to be tried again", s)
			}
		})
	}
	f(10, 24, 32)
	f(2, 1, 8)
}

// A receiver that takes nothing is asked by one call at a time, ever more seldom, and loses nothing though the budget
// is long over; when it takes calls again, all is sent at once.
func TestThrottlingLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		p := &peer{answer: func(int, *Batch) error {
			if time.Since(began) < 30*time.Minute {
				return busy{}
			}
			return nil
		}}
		q := start(t, p, Config{Workers: 16, Limits: Limits{Items: 1}, Retry: Retry{Initial: time.Second, Max: 20 * time.Second, Budget: time.Minute}})
		putMany(t, q, "k", 1_000)
		<-time.After(29 * time.Minute)
		if s := q.Stats(); s.Parallel != 1 || s.QueuedItems != 1_000 {
			t.Errorf("stats %+v, want one at a time and all kept", s)
		}
		if p.attempts > 29*60/20*2+40 {
			t.Errorf("%d attempts", p.attempts)
		}
		flush(t, q)
		checkStats(t, q, 1_000, nil)
		if d := time.Since(began); d > 31*time.Minute {
			t.Errorf("took %v", d)
		}
		if s := q.Stats(); s.Parallel != 16 {
			t.Errorf("%d at a time after the recovery", s.Parallel)
		}
	})
}

func TestThrottlingEndsWithMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := start(t, &peer{answer: func(int, *Batch) error { return busy{} }}, Config{Retry: Retry{MaxAge: 10 * time.Minute}})
		began := time.Now()
		put(t, q, "k", "a")
		flush(t, q)
		checkStats(t, q, 0, map[string]int64{DropRetryBudget: 1})
		if d := time.Since(began); d < 10*time.Minute || d > 12*time.Minute {
			t.Errorf("dropped after %v", d)
		}
	})
}

// One throttled call with a wish holds up all.
func TestRetryAfterPausesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{answer: func(n int, _ *Batch) error {
			if n == 1 {
				return busy{after: 7 * time.Second}
			}
			return nil
		}}
		q := start(t, p, Config{Limits: Limits{Items: 1}})
		put(t, q, "k", "a")
		synctest.Wait()
		put(t, q, "other", "b")
		flush(t, q)
		if d := p.at(1).Sub(p.at(0)); d != 7*time.Second {
			t.Errorf("second send after %v", d)
		}
		checkStats(t, q, 2, nil)
	})
}

// Throttled items of a batch slow the queue down as a throttled batch does.
func TestThrottledItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{answer: func(n int, _ *Batch) error {
			if n == 1 {
				return &PartialError{Failed: []ItemError{{Index: 1, Err: busy{after: 5 * time.Second}}}}
			}
			return nil
		}}
		q := start(t, p, Config{})
		put(t, q, "k", "a", "b", "c")
		flush(t, q)
		if got, want := p.bodies(), [][]string{{"a", "c"}, {"b"}}; !reflect.DeepEqual(got, want) {
			t.Errorf("arrived %q, want %q", got, want)
		}
		if s := q.Stats(); s.Throttled != 1 || s.Parallel >= firstParallel || p.at(1).Sub(p.at(0)) < 5*time.Second {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestTimeoutsLowerTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := true
		q := start(t, nil, Config{Timeout: time.Second, Limits: Limits{Items: 1}, Send: func(ctx context.Context, _ *Batch) error {
			if hangs {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}})
		putMany(t, q, "k", 100)
		<-time.After(30 * time.Second)
		synctest.Wait()
		if s := q.Stats(); s.Parallel != 1 || s.Throttled != 0 {
			t.Errorf("stats %+v", s)
		}
		hangs = false
		flush(t, q)
		checkStats(t, q, 100, nil)
	})
}

// A key that is throttled for ever delays another's batches, but does not starve them.
func TestKeysTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{answer: func(_ int, b *Batch) error {
			if b.Key() == "bad" {
				return busy{}
			}
			return nil
		}}
		q := start(t, p, Config{Limits: Limits{Items: 1}, Retry: Retry{Max: 10 * time.Second}})
		putMany(t, q, "bad", 1_000)
		putMany(t, q, "good", 50)
		<-time.After(time.Minute)
		synctest.Wait()
		if n := len(p.bodies()); n != 50 {
			t.Errorf("%d of the other key's batches arrived within a minute, want 50", n)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_ = q.Shutdown(ended)
		checkStats(t, q, 50, map[string]int64{DropShutdown: 1_000})
	})
}

// Shutdown does not wait for a pause of our own, but for one that the receiver asked for.
func TestShutdownDuringAPause(t *testing.T) {
	f := func(after, want time.Duration) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			works := false
			p := &peer{}
			p.answer = func(int, *Batch) error {
				if works {
					return nil
				}
				return busy{after: after}
			}
			q := start(t, p, Config{Workers: 1, Limits: Limits{Items: 1}, Retry: Retry{Initial: time.Minute, Max: time.Minute}})
			put(t, q, "k", "a", "b", "c", "d")
			synctest.Wait()
			works = true
			began := time.Now()
			shutdown(t, q)
			if d := time.Since(began); d < want || d > 3*want {
				t.Errorf("shutdown took %v, want %v", d, want)
			}
			checkStats(t, q, 4, nil)
		})
	}
	f(0, 0)
	f(time.Minute, time.Minute)
}

// A receiver that is away is asked by one call at a time, however many batches wait, and found again soon.
func TestOutageIsProbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		const outage = 2 * time.Minute
		p := &peer{answer: func(int, *Batch) error {
			if time.Since(began) < outage {
				return errors.New("connection refused")
			}
			return nil
		}}
		q := start(t, p, Config{Workers: 32, Limits: Limits{Items: 1}, Retry: Retry{Initial: 200 * time.Millisecond, Max: 20 * time.Second}})
		putMany(t, q, "k", 1_000)
		<-time.After(outage - time.Millisecond)
		synctest.Wait()
		if p.attempts > 150 {
			t.Errorf("%d attempts in %v", p.attempts, outage)
		}
		flush(t, q)
		checkStats(t, q, 1_000, nil)
		if d := time.Since(began); d > outage+maxOutagePause+time.Second {
			t.Errorf("took %v", d)
		}
	})
}
