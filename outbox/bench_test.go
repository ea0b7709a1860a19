package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

// sink takes everything at once.
func sink(tb testing.TB, c Config) (*Queue, *atomic.Int64) {
	tb.Helper()
	var n atomic.Int64
	c.Send = func(_ context.Context, b *Batch) error {
		n.Add(int64(b.Len()))
		return nil
	}
	q, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = q.Shutdown(context.Background()) })
	return q, &n
}

// What X-Ray, Logs and CloudWatch take.
func profiles() []struct {
	name   string
	limits Limits
	body   int
} {
	return []struct {
		name   string
		limits Limits
		body   int
	}{
		{"segments", Limits{Items: 50, Bytes: 3 << 20}, 1_000},
		{"events", Limits{Items: 10_000, Bytes: 1 << 20, Overhead: 26, Span: 24 * time.Hour}, 250},
		{"datums", Limits{Items: 1_000, Bytes: 1_000_000}, 200},
	}
}

func BenchmarkPut(b *testing.B) {
	for _, p := range profiles() {
		b.Run(p.name, func(b *testing.B) {
			q, n := sink(b, Config{Limits: p.limits})
			body, now := make([]byte, p.body), time.Now()
			b.ReportAllocs()
			b.SetBytes(int64(p.body))
			for b.Loop() {
				if err := q.Put("k", now, body); err != nil && !errors.Is(err, ErrFull) {
					b.Fatal(err)
				}
			}
			report(b, q, n)
		})
	}
}

func BenchmarkPutParallel(b *testing.B) {
	for _, p := range profiles() {
		b.Run(p.name, func(b *testing.B) {
			q, n := sink(b, Config{Limits: p.limits})
			b.ReportAllocs()
			b.SetBytes(int64(p.body))
			b.RunParallel(func(pb *testing.PB) {
				body, now := make([]byte, p.body), time.Now()
				for pb.Next() {
					if err := q.Put("k", now, body); err != nil && !errors.Is(err, ErrFull) {
						b.Error(err)
					}
				}
			})
			report(b, q, n)
		})
	}
}

func BenchmarkPutManyKeys(b *testing.B) {
	q, n := sink(b, Config{Limits: Limits{Items: 50}})
	keys := make([]string, 1_000)
	for i := range keys {
		keys[i] = fmt.Sprintf("/app/group\x00stream-%d", i)
	}
	body, now, i := make([]byte, 300), time.Now(), 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		if err := q.Put(keys[i%len(keys)], now, body); err != nil && !errors.Is(err, ErrFull) {
			b.Fatal(err)
		}
	}
	report(b, q, n)
}

// report says how much was dropped: a benchmark that fills the queue would measure ErrFull.
func report(b *testing.B, q *Queue, _ *atomic.Int64) {
	b.StopTimer()
	if err := q.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(100*float64(q.Stats().Dropped[DropQueueFull])/float64(b.N), "%dropped")
}

func TestPutDoesNotAllocate(t *testing.T) {
	f := func(name string, limits Limits, size int, keys ...string) {
		t.Helper()
		q, _ := sink(t, Config{Limits: limits, Linger: time.Hour, Workers: 1})
		body, now := make([]byte, size), time.Now()
		run := func() {
			for range 1_000 {
				for _, k := range keys {
					if err := q.Put(k, now, body); err != nil {
						t.Fatal(err)
					}
				}
			}
			flush(t, q)
		}
		run()
		puts := float64(1_000 * len(keys))
		if n := testing.AllocsPerRun(5, run) / puts; n > 0.2 {
			t.Errorf("%s: %.2f allocations a put, want about none", name, n)
		}
	}
	f("segments", Limits{Items: 50}, 1_000, "k")
	f("events", Limits{Items: 10_000, Overhead: 26, Span: 24 * time.Hour}, 250, "k")
	f("two keys", Limits{Items: 100}, 100, "a", "b")
}

// What a spool costs an application's goroutine: one write to the system's cache.
func BenchmarkPut_spool(b *testing.B) {
	q, err := New(Config{
		Spool: Spool{Dir: b.TempDir()}, Send: func(context.Context, *Batch) error { return nil },
	})
	if err != nil {
		b.Fatal(err)
	}
	body := make([]byte, 200)
	now := time.Now()
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if err := q.Put("k", now, body); err != nil {
			b.Fatal(err)
		}
	}
	if err := q.Shutdown(context.Background()); err != nil {
		b.Error(err)
	}
}
