package outbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// errAway is the error of a receiver that is not there.
var errAway = errors.New("connection refused")

// quit shuts q down without giving it time to send.
func quit(t *testing.T, q *Queue) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}

func numbers(from, to int) []string {
	var all []string
	for i := from; i < to; i++ {
		all = append(all, fmt.Sprintf("%06d", i))
	}
	return all
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"+spoolSuffix))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// What one process could not deliver, the next one does, in order and once.
func TestSpool_restart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b[*]")
	away := &peer{answer: func(int, *Batch) error { return errAway }}
	q := start(t, away, Config{Spool: Spool{Dir: dir}, Limits: Limits{Items: 100}})
	want := numbers(0, 1_000)
	put(t, q, "k", want[:500]...)
	put(t, q, strings.Repeat("other", 1_000), want[500:]...)
	quit(t, q)
	if s := q.Stats(); s.QueuedItems != 1_000 || s.SpooledItems != 1_000 || len(s.Dropped) != 0 {
		t.Errorf("%+v, want 1,000 kept", s)
	}
	p := &peer{}
	q = start(t, p, Config{Spool: Spool{Dir: dir}, Limits: Limits{Items: 100}, Workers: 1})
	if s := q.Stats(); s.Restored != 1_000 || s.Accepted != 1_000 || s.QueuedItems+s.Delivered != 1_000 {
		t.Errorf("%+v, want 1,000 restored", s)
	}
	flush(t, q)
	checkStats(t, q, 1_000, nil)
	if got := p.all(); !slices.Equal(got, want) {
		t.Errorf("%d arrived, want each of 1,000 once", len(got))
	}
	ofOther := func(body string) bool { return body >= want[500] }
	if got := slices.DeleteFunc(slices.Concat(p.bodies()...), ofOther); !slices.IsSorted(got) {
		t.Error("not oldest first")
	}
	shutdown(t, q)
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("%v is left", left)
	}
	q = start(t, &peer{}, Config{Spool: Spool{Dir: dir}})
	if s := q.Stats(); s.Restored != 0 {
		t.Errorf("%+v, want nothing restored", s)
	}
}

// Memory holds a part of what waits; the rest is read back when there is room, oldest first.
func TestSpool_longerThanMemory(t *testing.T) {
	var back atomic.Bool
	p := &peer{answer: func(int, *Batch) error {
		if back.Load() {
			return nil
		}
		return errAway
	}}
	q := start(t, p, Config{
		Spool: Spool{Dir: t.TempDir()}, MaxBytes: 10_000, Limits: Limits{Items: 10}, Workers: 1, Linger: time.Millisecond,
		Retry: Retry{Initial: time.Millisecond, Max: 5 * time.Millisecond},
	})
	want := numbers(0, 20_000)
	put(t, q, "k", want...)
	if s := q.Stats(); s.QueuedBytes > 10_000 || s.QueuedItems != 20_000 {
		t.Errorf("%+v, want 20,000 within 10,000 bytes", s)
	}
	back.Store(true)
	flush(t, q)
	checkStats(t, q, 20_000, nil)
	if got := p.all(); !slices.Equal(got, want) {
		t.Errorf("%d arrived, want each of 20,000 once", len(got))
	}
	put(t, q, "k", "more")
	flush(t, q)
	checkStats(t, q, 20_001, nil)
	if s := q.Stats(); s.SpoolBytes > 2*segmentBytes {
		t.Errorf("%d bytes on disk for nothing", s.SpoolBytes)
	}
}

// Files go when nobody needs them, also under steady traffic.
func TestSpool_shrinks(t *testing.T) {
	dir := t.TempDir()
	q := start(t, &peer{}, Config{Spool: Spool{Dir: dir}})
	body := make([]byte, 10_000)
	for range 5 {
		for range 1_000 {
			if err := q.Put("k", time.Now(), body); err != nil {
				t.Fatal(err)
			}
		}
		flush(t, q)
		if s := q.Stats(); s.SpoolBytes > shrinkBytes || s.SpooledItems != 0 {
			t.Errorf("%+v, want nothing on disk", s)
		}
	}
	if left := files(t, dir); len(left) > 1 {
		t.Errorf("%v is left", left)
	}
}

// A spool that is full refuses what comes, and keeps what it has.
func TestSpool_bound(t *testing.T) {
	q := start(t, &peer{answer: func(int, *Batch) error { return errAway }}, Config{Spool: Spool{Dir: t.TempDir(), MaxBytes: 100_000}})
	accepted := 0
	for range 2_000 {
		switch err := q.Put("k", time.Now(), make([]byte, 100)); {
		case err == nil:
			accepted++
		case !errors.Is(err, ErrFull):
			t.Fatal(err)
		}
	}
	s := q.Stats()
	if accepted == 0 || s.SpoolBytes > 100_000 || s.SpoolBytes < 90_000 || s.Dropped[DropQueueFull] != int64(2_000-accepted) {
		t.Errorf("%d accepted, %+v", accepted, s)
	}
	quit(t, q)
}

// Items that nobody takes any more for their age are counted.
func TestSpool_expired(t *testing.T) {
	dir := t.TempDir()
	q := start(t, &peer{answer: func(int, *Batch) error { return errAway }}, Config{Spool: Spool{Dir: dir}})
	put(t, q, "k", "new")
	if err := q.Put("k", time.Now().Add(-8*24*time.Hour), []byte("old")); err != nil {
		t.Fatal(err)
	}
	quit(t, q)
	p := &peer{}
	q = start(t, p, Config{Spool: Spool{Dir: dir}})
	flush(t, q)
	checkStats(t, q, 1, map[string]int64{DropExpired: 1})
	if got := p.all(); !reflect.DeepEqual(got, []string{"new"}) {
		t.Errorf("%q arrived", got)
	}
}

func TestSpool_oneOwner(t *testing.T) {
	dir := t.TempDir()
	q := start(t, &peer{}, Config{Spool: Spool{Dir: dir}})
	if _, err := New(Config{Spool: Spool{Dir: dir}, Send: (&peer{}).send}); !errors.Is(err, ErrSpoolLocked) {
		t.Errorf("%v, want %v", err, ErrSpoolLocked)
	}
	shutdown(t, q)
	start(t, &peer{}, Config{Spool: Spool{Dir: dir}})
}

// A file that ends anywhere, as a killed process leaves it, gives all that was complete; a changed one all before the
// change.
func TestSpool_tornFile(t *testing.T) {
	dir := t.TempDir()
	q := start(t, &peer{answer: func(int, *Batch) error { return errAway }}, Config{Spool: Spool{Dir: dir}})
	want := numbers(0, 5)
	put(t, q, "k", want...)
	quit(t, q)
	path := files(t, dir)[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := func(data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		p := &peer{}
		q := start(t, p, Config{Spool: Spool{Dir: dir}})
		restored := int(q.Stats().Restored)
		shutdown(t, q)
		if got := p.all(); len(got) != restored || !slices.Equal(got, want[:restored]) {
			t.Errorf("%d restored, %q arrived, want the first of %q", restored, got, want)
		}
		_ = os.Remove(path + unreadableSuffix)
	}
	for i := range len(whole) + 1 {
		f(whole[:i])
	}
	for i := range whole {
		changed := slices.Clone(whole)
		changed[i] ^= 0x40
		f(changed)
	}
	f(append(slices.Clone(whole), make([]byte, 4_096)...))
}

// diskFile is a file of a disk that can be full.
type diskFile struct {
	*os.File
	full *atomic.Bool
}

func (f diskFile) WriteAt(b []byte, off int64) (int, error) {
	if f.full.Load() {
		n, _ := f.File.WriteAt(b[:len(b)/2], off)
		return n, syscall.ENOSPC
	}
	return f.File.WriteAt(b, off)
}

// A full disk makes the queue go on in memory, and say so once; when there is room again, so does the spool.
func TestSpool_fullDisk(t *testing.T) {
	var full atomic.Bool
	dir := t.TempDir()
	told := make(chan string, 10)
	hold := make(chan struct{})
	p := &peer{answer: func(int, *Batch) error { <-hold; return nil }}
	q := start(t, p, Config{
		Spool: Spool{Dir: dir, open: func(path string, flag int) (file, error) {
			f, err := os.OpenFile(path, flag, 0o600)
			return diskFile{f, &full}, err
		}},
		Notify: func(message string) { told <- message },
	})
	put(t, q, "k", "a", "b")
	full.Store(true)
	put(t, q, "k", "c", "d")
	if message := <-told; !strings.Contains(message, "no space left") || !strings.Contains(message, "in memory") {
		t.Errorf("told %q", message)
	}
	if s := q.Stats(); s.QueuedItems != 4 || s.SpooledItems != 2 {
		t.Errorf("%+v, want 4 of which 2 on disk", s)
	}
	full.Store(false)
	q.mu.Lock()
	q.spool.again = time.Now() // the pause is over
	q.mu.Unlock()
	put(t, q, "k", "e")
	if message := <-told; !strings.Contains(message, "spool works again") {
		t.Errorf("told %q", message)
	}
	if s := q.Stats(); s.QueuedItems != 5 || s.SpooledItems != 3 {
		t.Errorf("%+v, want 5 of which 3 on disk", s)
	}
	close(hold)
	flush(t, q)
	checkStats(t, q, 5, nil)
	if len(told) != 0 {
		t.Errorf("told %q besides", <-told)
	}
}

// What was delivered or refused one by one does not come again.
func TestSpool_partialAndRefused(t *testing.T) {
	dir := t.TempDir()
	p := &peer{answer: func(n int, b *Batch) error {
		if n > 1 {
			return errAway
		}
		return &PartialError{Failed: []ItemError{{Index: 1, Err: &answer{final: true}}, {Index: 2, Err: errAway}}}
	}}
	q := start(t, p, Config{Spool: Spool{Dir: dir}, Limits: Limits{Items: 4}})
	put(t, q, "k", "a", "b", "c", "d")
	waitDelivered(t, q, 2)
	quit(t, q)
	checkStats(t, q, 2, map[string]int64{DropRefused: 1})
	p = &peer{}
	q = start(t, p, Config{Spool: Spool{Dir: dir}})
	flush(t, q)
	if got := p.all(); !reflect.DeepEqual(got, []string{"c"}) {
		t.Errorf("%q arrived, want what was not delivered", got)
	}
	if s := q.Stats(); s.PossibleDuplicates != 1 {
		t.Errorf("%+v, want one possible duplicate: it had been sent", s)
	}
}

func FuzzSpoolFile(f *testing.F) {
	head := appendFileHead(nil, 1)
	f.Add(head)
	f.Add(appendItemRecord(appendKeyRecord(slices.Clone(head), "k"), 1, 0, []byte("body"), 0))
	f.Add(appendItemRecord(appendKeyRecord(slices.Clone(head), "k"), 1, 0, []byte("body"), 2))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "0000000000000001"+spoolSuffix), data, 0o600); err != nil {
			t.Fatal(err)
		}
		p := &peer{}
		q, err := New(Config{Spool: Spool{Dir: dir}, Send: p.send})
		if err != nil {
			t.Fatal(err)
		}
		restored := q.Stats().Restored
		if err := q.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if s := q.Stats(); s.Delivered+s.Dropped[DropExpired] != restored {
			t.Errorf("%+v", s)
		}
		checkAccount(t, q)
	})
}
