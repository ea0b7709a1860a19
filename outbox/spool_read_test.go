package outbox

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// A slowFile takes its time for the second of the reads that follow one another from the first record on: it has read,
// and waits before it says so.
type slowFile struct {
	*os.File
	begun          bool
	reading, ready chan struct{}
}

func (f *slowFile) ReadAt(b []byte, off int64) (int, error) {
	n, err := f.File.ReadAt(b, off)
	switch {
	case off == int64(fileHead):
		f.begun = true
	case f.begun:
		f.begun = false
		close(f.reading)
		<-f.ready
	}
	return n, err
}

// waitDelivered waits until so many items are delivered.
func waitDelivered(t *testing.T, q *Queue, n int64) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); q.Stats().Delivered < n; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%+v, want %d delivered", q.Stats(), n)
		}
	}
}

// While items are read back, those before them may come to their end, and they may all have been done by an earlier
// process: their file goes, the cursor goes on to what is put meanwhile, and what was read is of no use.
func TestSpool_goneWhileRead(t *testing.T) {
	f := func(name string, putFirst bool) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			leaveOne(t, dir)
			reading, ready, deliver := make(chan struct{}), make(chan struct{}), make(chan struct{})
			p := &peer{answer: func(_ int, b *Batch) error {
				if b.Key() == "late" {
					<-deliver
				}
				return nil
			}}
			q := start(t, p, Config{Limits: Limits{Items: 1}, Workers: 1, Spool: Spool{Dir: dir, open: func(path string, flag int) (file, error) {
				f, err := os.OpenFile(path, flag, 0o600)
				if flag&os.O_CREATE == 0 {
					return &slowFile{File: f, reading: reading, ready: ready}, err
				}
				return f, err
			}}})
			<-reading
			if putFirst {
				put(t, q, "new", "b", "c")
			}
			close(deliver)
			waitDelivered(t, q, 1)
			if !putFirst {
				put(t, q, "new", "b", "c")
			}
			close(ready)
			flush(t, q)
			checkStats(t, q, 3, nil)
			if got := p.all(); !slices.Equal(got, []string{"a", "b", "c"}) {
				t.Errorf("%d arrived, want a, b and c", len(got))
			}
		})
	}
	f("before others are put", false)
	f("after others were put", true)
}

// leaveOne leaves a spool in which the first item, of the key "late", is not done, and more than a chunk behind it is.
func leaveOne(t *testing.T, dir string) {
	t.Helper()
	p := &peer{answer: func(_ int, b *Batch) error {
		if b.Key() == "late" {
			return errAway
		}
		return nil
	}}
	q := start(t, p, Config{Spool: Spool{Dir: dir}, Limits: Limits{Items: 1}})
	put(t, q, "late", "a")
	const others = 40
	for range others {
		put(t, q, "early", strings.Repeat("x", chunk/10))
	}
	waitDelivered(t, q, others)
	quit(t, q)
}
