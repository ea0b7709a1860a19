package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// A peer is where tests send to. It keeps what it took.
type peer struct {
	mu       sync.Mutex
	attempts int
	times    []time.Time // of attempts
	batches  []got
	answer   func(n int, b *Batch) error // n counts attempts from 1; nil takes all
	delay    time.Duration
	running  int
	most     int // sends at a time
}

type got struct {
	key    string
	bodies []string
	times  []time.Time
}

func (p *peer) send(ctx context.Context, b *Batch) error {
	p.mu.Lock()
	p.attempts++
	n := p.attempts
	p.times = append(p.times, time.Now())
	p.running++
	p.most = max(p.most, p.running)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.running--
		p.mu.Unlock()
	}()
	if p.delay > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(p.delay):
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	if p.answer != nil {
		err = p.answer(n, b)
	}
	var partial *PartialError
	if err != nil && !errors.As(err, &partial) {
		return err
	}
	g := got{key: b.Key()}
	for i := range b.Len() {
		if partial != nil && slices.ContainsFunc(partial.Failed, func(f ItemError) bool { return f.Index == i }) {
			continue
		}
		g.bodies = append(g.bodies, string(b.Body(i)))
		g.times = append(g.times, b.Time(i))
	}
	if len(g.bodies) > 0 {
		p.batches = append(p.batches, g)
	}
	return err
}

// at returns when attempt i came, counted from 0.
func (p *peer) at(i int) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.times[i]
}

// bodies returns the bodies of each batch taken so far, in the order they came.
func (p *peer) bodies() [][]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all [][]string
	for _, g := range p.batches {
		all = append(all, g.bodies)
	}
	return all
}

// all returns all bodies taken so far, sorted.
func (p *peer) all() []string {
	var all []string
	for _, b := range p.bodies() {
		all = append(all, b...)
	}
	slices.Sort(all)
	return all
}

// An answer is an error with everything a receiver can say.
type answer struct {
	final, split, unknown bool
	after                 time.Duration
}

func (e *answer) Error() string             { return fmt.Sprintf("answer %+v", *e) }
func (e *answer) Retryable() bool           { return !e.final }
func (e *answer) RetryAfter() time.Duration { return e.after }
func (e *answer) Splittable() bool          { return e.split }
func (e *answer) OutcomeUnknown() bool      { return e.unknown }

// start returns a queue that sends to p and is shut down with the test. Its jitter is the longest possible.
func start(t *testing.T, p *peer, c Config) *Queue {
	t.Helper()
	if c.Send == nil {
		c.Send = p.send
	}
	q, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	q.random = func(n int64) int64 { return n - 1 }
	t.Cleanup(func() { _ = q.Shutdown(context.Background()) })
	return q
}

func put(t *testing.T, q *Queue, key string, bodies ...string) {
	t.Helper()
	for _, b := range bodies {
		if err := q.Put(key, time.Now(), []byte(b)); err != nil {
			t.Fatalf("put %q: %v", b, err)
		}
	}
}

func flush(t *testing.T, q *Queue) {
	t.Helper()
	if err := q.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func shutdown(t *testing.T, q *Queue) {
	t.Helper()
	if err := q.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// checkStats compares what counts, and checks that every item is accounted for.
func checkStats(t *testing.T, q *Queue, delivered int64, dropped map[string]int64) {
	t.Helper()
	s := q.Stats()
	if s.Delivered != delivered {
		t.Errorf("delivered %d, want %d", s.Delivered, delivered)
	}
	if len(dropped) != len(s.Dropped) {
		t.Errorf("dropped %v, want %v", s.Dropped, dropped)
	}
	for reason, n := range dropped {
		if s.Dropped[reason] != n {
			t.Errorf("dropped %v, want %v", s.Dropped, dropped)
		}
	}
	checkAccount(t, q)
}

func checkAccount(t *testing.T, q *Queue) {
	t.Helper()
	s := q.Stats()
	after := s.Dropped[DropRefused] + s.Dropped[DropRetryBudget] + s.Dropped[DropShutdown] + s.Dropped[DropExpired] + s.Dropped[DropUnreadable]
	if s.Accepted != s.Delivered+s.QueuedItems+after {
		t.Errorf("accepted %d is not delivered %d + queued %d + dropped %d", s.Accepted, s.Delivered, s.QueuedItems, after)
	}
	if s.QueuedItems == 0 && s.QueuedBytes != 0 {
		t.Errorf("no items queued, but %d bytes", s.QueuedBytes)
	}
}
