package logs

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
)

// asyncHandler is a handler to which records have come fast, within a bubble of synctest.
func asyncHandler(t *testing.T, q Queue) *LineHandler {
	t.Helper()
	h, err := NewLineHandler(LineHandlerConfig{
		Config: Config{Queue: q, Group: "/shop", Stream: "{host}/{date}/{level}"}, Attributes: shop(), Scope: "test", Async: true,
	}, &HandlerOptions{AddSource: true})
	if err != nil {
		t.Fatal(err)
	}
	for range fastFrom {
		slog.New(h).Info("warm up")
	}
	pass(windowLength)
	slog.New(h).Info("fast from now on")
	synctest.Wait()
	return h
}

// pass lets time go by, and what is due then be done.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// taken returns what q has got since the last call.
func taken(q *queue) []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	lines := q.lines
	q.lines = nil
	return lines
}

// TestAsync has the goroutine write the lines that a call would write.
func TestAsync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		direct, later := new(queue), new(queue)
		handlers := []slog.Handler{lineHandler(t, direct, &HandlerOptions{AddSource: true}), asyncHandler(t, later)}
		begun := len(later.keys)
		taken(later)
		f := func(log func(*slog.Logger)) {
			for _, h := range handlers { // one line of source for both
				log(slog.New(h))
			}
		}
		ctx := inSpan(t.Context())
		f(func(l *slog.Logger) { l.Info("nothing else") })
		f(func(l *slog.Logger) {
			l.InfoContext(ctx, "all kinds", "s", "x\n\"é", "i", 1, "f", 1.5, "d", time.Second, "t", time.Unix(1, 2).UTC())
		})
		f(func(l *slog.Logger) { l.Warn("unsigned", "u", uint64(1)<<63, "b", true, "", "") })
		f(func(l *slog.Logger) {
			l.With("a", 1).WithGroup("g").With("b", "2").Error("in a group", "c", "3", "c", "4")
		})
		f(func(l *slog.Logger) { l.Log(ctx, slog.LevelWarn+1, "a level between", slog.String("k", "")) })
		if now := taken(later); len(now) != 0 {
			t.Errorf("at once: %q", now)
		}
		pass(backlogPause)
		if got, want := taken(later), taken(direct); !slices.Equal(got, want) {
			t.Errorf("got\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if got := later.keys[begun:]; !slices.Equal(got, direct.keys) {
			t.Errorf("keys %q, want %q", got, direct.keys)
		}
		pass(2 * backlogIdle) // then no goroutine is left
	})
}

// TestAsync_atOnce has calls write their lines themselves.
func TestAsync_atOnce(t *testing.T) {
	f := func(name string, want int, log func(*LineHandler, *slog.Logger)) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			q := new(queue)
			h := asyncHandler(t, q)
			taken(q)
			log(h, slog.New(h))
			if n := len(taken(q)); n != want {
				t.Errorf("%s: %d lines at once, want %d", name, n, want)
			}
			pass(2 * backlogIdle)
		})
	}
	say := func(n int, message string, args ...any) func(*LineHandler, *slog.Logger) {
		return func(_ *LineHandler, l *slog.Logger) {
			for range n {
				l.Info(message, args...)
			}
		}
	}
	f("plain", 0, say(1, "m", "a", "b"))
	f("what may change", 1, say(1, "m", "a", []int{1}))
	f("a group", 1, say(1, "m", slog.Group("g", slog.Any("a", []int{1}))))
	f("a LogValuer", 1, say(1, "m", "c", card{"Ada", "4111"}))
	f("many attributes", 1, say(1, "m", "a", 1, "b", 2, "c", 3, "d", 4, "e", 5, "f", 6))
	f("a long message", 1, say(1, strings.Repeat("x", maxDeferred+1)))
	f("a long text", 1, say(1, "m", "a", strings.Repeat("x", maxDeferred)))
	f("without a time", 1, func(h *LineHandler, _ *slog.Logger) {
		_ = h.Handle(context.Background(), slog.NewRecord(time.Time{}, slog.LevelInfo, "m", 0))
	})
	f("more than there is room for", 2, say(deferredRecords+2, "m"))
	f("more text than there is room for", 2, say(deferredText/maxDeferred+2, strings.Repeat("x", maxDeferred)))
	f("after a slow time", 1, func(_ *LineHandler, l *slog.Logger) {
		pass(windowLength)
		l.Info("m")
	})
	f("long after a fast time", 1, func(_ *LineHandler, l *slog.Logger) {
		for range fastFrom {
			_ = l.Handler().Handle(context.Background(), slog.NewRecord(time.Now(), slog.LevelDebug, "m", 0))
		}
		pass(2 * windowLength)
		taken(l.Handler().(*LineHandler).to.queue.(*queue))
		l.Info("m")
	})
	f("after a very fast time", 1, func(_ *LineHandler, l *slog.Logger) {
		pass(windowLength)
		for range fastTo + 1 {
			_ = l.Handler().Handle(context.Background(), slog.NewRecord(time.Now(), slog.LevelDebug, "m", 0))
		}
		l.Handler().(*LineHandler).Flush()
		pass(windowLength)
		taken(l.Handler().(*LineHandler).to.queue.(*queue))
		l.Info("m")
	})
}

// TestAsync_copies has texts stay what they were when they were logged.
func TestAsync_copies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := new(queue)
		h := asyncHandler(t, q)
		path := []byte("/orders/1")
		text := unsafe.String(&path[0], len(path)) // as some HTTP servers have it
		slog.New(h).Info(text, "path", text)
		copy(path, "/another!")
		pass(backlogPause)
		if m := q.last(t); m["body"] != "/orders/1" || m["attributes"].(map[string]any)["path"] != "/orders/1" {
			t.Errorf("a line that was changed: %v", m)
		}
		pass(2 * backlogIdle)
	})
}

// TestAsync_wakes has the goroutine sleep when nothing comes, and wake up.
func TestAsync_wakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := new(queue)
		h := asyncHandler(t, q)
		pass(backlogPause)
		taken(q)
		slog.New(h).Info("while it sleeps")
		if n := len(taken(q)); n != 0 {
			t.Errorf("%d lines at once", n)
		}
		pass(backlogPause)
		if n := len(taken(q)); n != 1 {
			t.Errorf("%d lines after a pause", n)
		}
		slog.New(h).Info("flushed")
		h.WithGroup("g").(*LineHandler).Flush()
		if n := len(taken(q)); n != 1 {
			t.Errorf("%d lines after Flush", n)
		}
		pass(2 * backlogIdle)
	})
}

// TestAsync_parallel loses nothing and writes nothing twice, whoever logs and flushes.
func TestAsync_parallel(t *testing.T) {
	const workers, each = 8, 4000
	q := new(queue)
	h, err := NewLineHandler(LineHandlerConfig{Config: Config{Queue: q, Group: "g", Stream: "s"}, Async: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	began := time.Now()
	for w := range workers {
		all.Go(func() {
			for i := range each {
				// Every 10 µs one, as far as the handler can see.
				at := began.Add(time.Duration(i*workers) * 10 * time.Microsecond)
				_ = h.Handle(context.Background(), slog.NewRecord(at, slog.LevelInfo, fmt.Sprintf("%d/%d", w, i), 0))
				if i%100 == w {
					h.Flush()
				}
			}
		})
	}
	all.Wait()
	h.Flush()
	slices.Sort(q.lines)
	if n := len(slices.Compact(q.lines)); n != workers*each || len(q.lines) != n {
		t.Errorf("%d lines, %d different ones, want %d", len(q.lines), n, workers*each)
	}
}
