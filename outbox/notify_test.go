package outbox

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestNotifyOfDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []string
		p := &peer{answer: func(n int, _ *Batch) error {
			if n == 1 {
				return errors.New("down")
			}
			return nil
		}}
		q := start(t, p, Config{Name: "logs", MaxBytes: 5, Limits: Limits{ItemBytes: 4}, Notify: func(msg string) {
			mu.Lock()
			told = append(told, msg)
			mu.Unlock()
			panic("Notify must not end the program")
		}})
		for range 3 {
			_ = q.Put("k", time.Now(), []byte("1234"))
			_ = q.Put("k", time.Now(), []byte("12345"))
		}
		flush(t, q)
		shutdown(t, q)
		want := []string{
			"logs: dropping items, an item is larger",
			"logs: dropping items, the queue is full",
			"logs: sending fails, 1 items (4 bytes) are kept and tried again: down",
			"logs: sending works again after 500ms, dropped so far: 2 for a full queue, 0 for want of time",
		}
		if len(told) != len(want) {
			t.Fatalf("told %q", told)
		}
		for i := range want {
			if !strings.HasPrefix(told[i], want[i]) {
				t.Errorf("told %q, want %q", told[i], want[i])
			}
		}
	})
}

// A receiver that fails every other second is told of once, not for ever.
func TestNotifyIsQuietAboutFlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		told := 0
		p := &peer{answer: func(n int, _ *Batch) error {
			if n%2 == 1 {
				return errors.New("down")
			}
			return nil
		}}
		q := start(t, p, Config{Notify: func(string) {
			mu.Lock()
			told++
			mu.Unlock()
		}})
		for range 30 {
			put(t, q, "k", "a")
			flush(t, q)
		}
		shutdown(t, q)
		if told != 2 {
			t.Errorf("told %d times, want 2", told)
		}
	})
}
