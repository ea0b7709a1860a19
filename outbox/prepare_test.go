package outbox

import (
	"testing"
	"time"
)

// The batch after a large one finds its room ready, and a small one costs none.
func TestPut_findsRoom(t *testing.T) {
	const bytes, body = 100_000, 1_000
	hold := make(chan struct{})
	q := start(t, &peer{answer: func(int, *Batch) error { <-hold; return nil }}, Config{Limits: Limits{Bytes: bytes}})
	fill := func(n int) {
		t.Helper()
		for range n {
			if err := q.Put("k", time.Now(), make([]byte, body)); err != nil {
				t.Fatal(err)
			}
		}
	}
	look := func() (free, room int) {
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.last != nil {
			room = cap(q.last.buf)
		}
		return len(q.free), room
	}
	ready := func() {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); ; {
			if free, _ := look(); free > 0 {
				return
			}
			if time.Now().After(deadline) {
				t.Fatal("nothing is made ready")
			}
			<-time.After(time.Millisecond)
		}
	}
	const small = bytes / body / prepareFrom
	fill(small)
	if free, room := look(); free != 0 || room < small*body || room > bytes/2 {
		t.Errorf("%d free, room of %d, want none for a small batch", free, room)
	}
	fill(1)
	ready()
	for range bytes/body/2 - small { // it grows, and its buffer with it
		fill(1)
	}
	if _, room := look(); room != bytes {
		t.Errorf("room of %d, want what was made ready", room)
	}
	ready()
	for range bytes/body/2 - 1 { // full, and on its way
		fill(1)
	}
	fill(1)
	if _, room := look(); room < bytes/2 {
		t.Errorf("room of %d, want what was made ready", room)
	}
	close(hold)
	flush(t, q)
	checkStats(t, q, bytes/body+1, nil)
}
