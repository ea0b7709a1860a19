package outbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestBatchesByLimits(t *testing.T) {
	f := func(name string, limits Limits, bodies []string, want [][]string) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			p := &peer{}
			q := start(t, p, Config{Limits: limits, Workers: 1})
			put(t, q, "k", bodies...)
			flush(t, q)
			if got := p.bodies(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: batches %q, want %q", name, got, want)
			}
			checkStats(t, q, int64(len(bodies)), nil)
		})
	}
	f("items", Limits{Items: 2}, []string{"a", "b", "c"}, [][]string{{"a", "b"}, {"c"}})
	f("bytes", Limits{Bytes: 4}, []string{"aa", "bb", "c", "dddd", "e"}, [][]string{{"aa", "bb"}, {"c"}, {"dddd"}, {"e"}})
	f("overhead", Limits{Bytes: 30, Overhead: 10}, []string{"aaaaa", "bbbbb", "c"}, [][]string{{"aaaaa", "bbbbb"}, {"c"}})
	f("empty bodies", Limits{Items: 2}, []string{"", "", ""}, [][]string{{"", ""}, {""}})
	f("empty bodies by overhead", Limits{Bytes: 20, Overhead: 10}, []string{"", "", ""}, [][]string{{"", ""}, {""}})
	f("no limit", Limits{}, []string{"a", "b", "c"}, [][]string{{"a", "b", "c"}})
}

func TestBatchesByKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{}
		q := start(t, p, Config{Limits: Limits{Items: 2}, Workers: 1})
		put(t, q, "x", "1")
		put(t, q, "y", "2")
		put(t, q, "x", "3")
		flush(t, q)
		want := []got{{key: "x", bodies: []string{"1", "3"}}, {key: "y", bodies: []string{"2"}}}
		for i := range p.batches {
			p.batches[i].times = nil
		}
		if !reflect.DeepEqual(p.batches, want) {
			t.Errorf("batches %v, want %v", p.batches, want)
		}
	})
}

func TestLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{}
		q := start(t, p, Config{Linger: time.Second})
		began := time.Now()
		put(t, q, "k", "a")
		wait := func(d time.Duration) {
			<-time.After(d)
			synctest.Wait()
		}
		wait(900 * time.Millisecond)
		put(t, q, "k", "b")
		put(t, q, "other", "c")
		if got := p.bodies(); got != nil {
			t.Errorf("sent %q before the linger was over", got)
		}
		wait(200 * time.Millisecond)
		if got := p.bodies(); !reflect.DeepEqual(got, [][]string{{"a", "b"}}) {
			t.Errorf("sent %q", got)
		}
		if d := p.at(0).Sub(began); d != time.Second {
			t.Errorf("sent after %v, want 1s", d)
		}
		wait(time.Second)
		if d := p.at(1).Sub(began); d != 1900*time.Millisecond {
			t.Errorf("second key sent after %v, want 1.9s", d)
		}
	})
}

func TestSpanAndOrder(t *testing.T) {
	base := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f := func(name string, span time.Duration, offsets []int, want [][]string) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			p := &peer{}
			q := start(t, p, Config{Limits: Limits{Span: span}, Workers: 1})
			for i, o := range offsets {
				if err := q.Put("k", base.Add(time.Duration(o)*time.Hour), fmt.Appendf(nil, "%d@%d", i, o)); err != nil {
					t.Fatal(err)
				}
			}
			flush(t, q)
			got := p.bodies()
			slices.SortFunc(got, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: batches %q, want %q", name, got, want)
			}
		})
	}
	f("without a span the order of puts stays", 0, []int{3, 1, 2}, [][]string{{"0@3", "1@1", "2@2"}})
	f("sorted", 24*time.Hour, []int{3, 1, 2}, [][]string{{"1@1", "2@2", "0@3"}})
	f("stable", 24*time.Hour, []int{2, 1, 2, 1}, [][]string{{"1@1", "3@1", "0@2", "2@2"}})
	f("exactly the span", 24*time.Hour, []int{0, 24}, [][]string{{"0@0", "1@24"}})
	f("beyond the span", 24*time.Hour, []int{0, 25}, [][]string{{"0@0"}, {"1@25"}})
	f("beyond the span backwards", 24*time.Hour, []int{25, 0}, [][]string{{"0@25"}, {"1@0"}})
	f("the range counts, not the neighbour", 24*time.Hour, []int{12, 0, 24, 30}, [][]string{{"1@0", "0@12", "2@24"}, {"3@30"}})
	f("live data with a backlog among it", 24*time.Hour, []int{0, 100, 1, 101, 2, 102},
		[][]string{{"0@0", "2@1", "4@2"}, {"1@100", "3@101", "5@102"}})
	f("more ages than open batches", time.Hour, []int{0, 10, 20, 30, 40, 0},
		[][]string{{"0@0"}, {"1@10"}, {"2@20"}, {"3@30"}, {"4@40"}, {"5@0"}})
}

func TestSpanOfRandomTimes(t *testing.T) {
	const span = 24 * time.Hour
	synctest.Test(t, func(t *testing.T) {
		p := &peer{}
		q := start(t, p, Config{Limits: Limits{Span: span, Items: 50}})
		random := rand.New(rand.NewPCG(1, 2))
		base := time.Now()
		for i := range 5_000 {
			at := base.Add(-time.Duration(random.Int64N(int64(100 * time.Hour))))
			if err := q.Put("k", at, fmt.Appendf(nil, "%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		flush(t, q)
		for _, g := range p.batches {
			if d := g.times[len(g.times)-1].Sub(g.times[0]); d > span || !slices.IsSortedFunc(g.times, time.Time.Compare) {
				t.Fatalf("batch spans %v, sorted %v", d, slices.IsSortedFunc(g.times, time.Time.Compare))
			}
		}
		checkStats(t, q, 5_000, nil)
	})
}

func TestTimesOutOfRange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{}
		q := start(t, p, Config{Limits: Limits{Span: 24 * time.Hour}})
		for _, at := range []time.Time{{}, time.Unix(1<<60, 0), time.Unix(-1<<60, 0), time.Unix(0, 0), time.Now()} {
			if err := q.Put("k", at, []byte("x")); err != nil {
				t.Fatal(err)
			}
		}
		flush(t, q)
		checkStats(t, q, 5, nil)
		if len(p.batches) != 4 { // the zero time and the far past are the same end
			t.Errorf("%d batches, want 4", len(p.batches))
		}
	})
}

func TestBatch_UnixMilli(t *testing.T) {
	for _, at := range []int64{0, 1, 999_999, 1_000_000, 1_790_000_000_123_456_789, -1, -999_999, -1_000_000, -1_000_001, 1<<63 - 1, -1 << 63} {
		b := &Batch{items: []item{{at: at}}}
		if got, want := b.UnixMilli(0), b.Time(0).UnixMilli(); got != want {
			t.Errorf("%d: %d, want %d", at, got, want)
		}
	}
}

func TestPutRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{delay: time.Second} // what is sent is held meanwhile
		q := start(t, p, Config{Limits: Limits{Bytes: 10, Overhead: 2, ItemBytes: 7}, MaxBytes: 20})
		f := func(body string, want error) {
			t.Helper()
			if err := q.Put("k", time.Now(), []byte(body)); !errors.Is(err, want) {
				t.Errorf("put %d bytes: %v, want %v", len(body), err, want)
			}
		}
		f("12345678", ErrTooLarge)  // ItemBytes
		f("123456789", ErrTooLarge) // Bytes
		f("1234567", nil)
		f("1234567", nil)
		f("1", ErrFull) // 18 + 3 > 20
		f("", nil)
		f("", ErrFull)
		flush(t, q)
		f("1234567", nil)
		shutdown(t, q)
		f("1", ErrClosed)
		checkStats(t, q, 4, map[string]int64{DropTooLarge: 2, DropQueueFull: 2, DropClosed: 1})
	})
}

func TestConfigRefused(t *testing.T) {
	p := &peer{}
	f := func(c Config, want string) {
		t.Helper()
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	f(Config{}, "Send")
	f(Config{Send: p.send, Workers: -1}, "Workers")
	f(Config{Send: p.send, Limits: Limits{Bytes: -1}}, "Limits.Bytes")
	f(Config{Send: p.send, Retry: Retry{Budget: -1}}, "Retry.Budget")
}

// What is put must not change with the caller's slice, and bodies must not reach into one another.
func TestBodiesAreCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{}
		q := start(t, p, Config{})
		body := []byte("first")
		for _, s := range []string{"first", "other"} {
			copy(body, s)
			if err := q.Put("k", time.Now(), body); err != nil {
				t.Fatal(err)
			}
		}
		copy(body, "xxxxx")
		flush(t, q)
		if got := p.bodies(); !reflect.DeepEqual(got, [][]string{{"first", "other"}}) {
			t.Errorf("bodies %q", got)
		}
	})
}
