package outbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// encode stands for what a receiver reads as body.
func encode(body string) string { return "<" + body + ">" }

// encodedPeer keeps what the receiver reads.
func encodedPeer(t *testing.T, answer func(n int, b *Batch) error) (*peer, Config) {
	t.Helper()
	p := &peer{answer: func(n int, b *Batch) error {
		for i := range b.Len() {
			if b.Encoded(i) != strings.HasPrefix(string(b.Body(i)), "<") {
				t.Errorf("%q is encoded: %v", b.Body(i), b.Encoded(i))
			}
		}
		if answer == nil {
			return nil
		}
		return answer(n, b)
	}}
	return p, Config{Workers: 1}
}

func putEncoded(t *testing.T, q *Queue, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		if err := q.PutEncoded("k", time.Now(), []byte(encode(body)), len(body)); err != nil {
			t.Fatalf("put %q: %v", body, err)
		}
	}
}

// The limits of a batch count what an item means, those of memory what it takes.
func TestPutEncoded_limits(t *testing.T) {
	p, c := encodedPeer(t, nil)
	c.Limits, c.MaxBytes = Limits{Bytes: 20, Overhead: 5, ItemBytes: 10}, 50
	q := start(t, p, c)
	putEncoded(t, q, "aaaaa", "bbbbb", "ccccc") // of 12 bytes each in memory
	if s := q.Stats(); s.QueuedBytes > 36 {
		t.Errorf("%d bytes queued, want at most 36", s.QueuedBytes)
	}
	flush(t, q)
	if got := fmt.Sprint(p.bodies()); got != "[[<aaaaa> <bbbbb>] [<ccccc>]]" {
		t.Errorf("batches %s", got)
	}
	if err := q.PutEncoded("k", time.Now(), []byte(encode("12345678901")), 11); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v, want %v", err, ErrTooLarge)
	}
	if err := q.PutEncoded("k", time.Now(), make([]byte, 46), 10); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v, want %v for what is larger than memory", err, ErrTooLarge)
	}
	checkStats(t, q, 3, map[string]int64{DropTooLarge: 2})
}

// Batches with much to encode grow beyond their limit in few steps.
func TestPutEncoded_grows(t *testing.T) {
	const limit = 100_000
	p, c := encodedPeer(t, nil)
	c.Limits = Limits{Bytes: limit}
	q := start(t, p, c)
	for range limit / 10 {
		if err := q.PutEncoded("k", time.Now(), []byte("<"+strings.Repeat("x", 49)), 10); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, q)
	if batches := p.bodies(); len(batches) != 1 || len(batches[0]) != limit/10 {
		t.Errorf("%d batches, want all in one", len(batches))
	}
	n := testing.AllocsPerRun(1, func() {
		b := &Batch{}
		for range 100 {
			b.append(&c.Limits, nil, 900, 0, 0)
		}
		for range 100 {
			b.append(&c.Limits, make([]byte, 10_000), 100, 0, 0)
		}
	})
	if n > 150 { // a hundred of them the bodies
		t.Errorf("%v allocations", n)
	}
	checkStats(t, q, limit/10, nil)
}

// Items stay encoded, or not, where batches are halved and items are sent again.
func TestPutEncoded_halvedAndPartial(t *testing.T) {
	poison := encode("c")
	p, c := encodedPeer(t, func(n int, b *Batch) error {
		for i := range b.Len() {
			if string(b.Body(i)) == poison {
				return &answer{final: true, split: true}
			}
		}
		if n == 2 {
			return &PartialError{Failed: []ItemError{{Index: 0, Err: &answer{}}}}
		}
		return nil
	})
	c.Retry.Initial = time.Millisecond
	q := start(t, p, c)
	putEncoded(t, q, "a")
	put(t, q, "k", "b")
	putEncoded(t, q, "c", "d")
	flush(t, q)
	if got, want := p.all(), []string{"<a>", "<d>", "b"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	checkStats(t, q, 3, map[string]int64{DropRefused: 1})
}

// What a process left encoded, the next one sends encoded, in batches of the same size.
func TestPutEncoded_spool(t *testing.T) {
	dir := t.TempDir()
	_, c := encodedPeer(t, nil)
	c.Spool.Dir, c.Limits.Bytes = dir, 4
	away := c
	away.Send = (&peer{answer: func(int, *Batch) error { return errAway }}).send
	q := start(t, nil, away)
	putEncoded(t, q, "aa", "bb")
	put(t, q, "k", "cc")
	putEncoded(t, q, "dd")
	quit(t, q)
	p, _ := encodedPeer(t, nil)
	q = start(t, p, c)
	flush(t, q)
	if got := fmt.Sprint(p.bodies()); got != "[[<aa> <bb>] [cc <dd>]]" {
		t.Errorf("batches %s", got)
	}
	checkStats(t, q, 4, nil)
}
