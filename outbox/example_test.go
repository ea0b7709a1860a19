package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/updraft-otel/updraft/outbox"
)

func Example() {
	q, err := outbox.New(outbox.Config{
		Name:   "lines",
		Limits: outbox.Limits{Items: 2},
		Send: func(_ context.Context, b *outbox.Batch) error {
			for i := range b.Len() {
				fmt.Printf("%s: %s\n", b.Key(), b.Body(i))
			}
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range []string{"one", "two"} {
		if err := q.Put("file", time.Now(), []byte(line)); err != nil {
			fmt.Println(err) // counted as a drop; an application goes on
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := q.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Println("delivered:", q.Stats().Delivered)
	// Output:
	// file: one
	// file: two
	// delivered: 2
}

// A send that tells the queue about single items: the refused one is dropped, the other is tried again alone.
func ExamplePartialError() {
	attempt := 0
	q, err := outbox.New(outbox.Config{
		Retry: outbox.Retry{Initial: time.Millisecond},
		Send: func(_ context.Context, b *outbox.Batch) error {
			attempt++
			fmt.Printf("attempt %d: %d items\n", attempt, b.Len())
			if attempt > 1 {
				return nil
			}
			return &outbox.PartialError{Failed: []outbox.ItemError{
				{Index: 0, Err: refused{}},
				{Index: 1, Err: errors.New("busy")},
			}}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, body := range []string{"malformed", "fine", "fine"} {
		_ = q.Put("", time.Now(), []byte(body))
	}
	_ = q.Shutdown(context.Background())
	s := q.Stats()
	fmt.Println("delivered:", s.Delivered, "dropped:", s.Dropped)
	// Output:
	// attempt 1: 3 items
	// attempt 2: 1 items
	// delivered: 2 dropped: map[refused:1]
}

type refused struct{}

func (refused) Error() string   { return "refused" }
func (refused) Retryable() bool { return false }

// What one process leaves undelivered, the next one finds in the spool.
func ExampleSpool() {
	dir, err := os.MkdirTemp("", "spool")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	run := func(work func(q *outbox.Queue), send func(b *outbox.Batch) error) outbox.Stats {
		q, err := outbox.New(outbox.Config{
			Spool: outbox.Spool{Dir: dir},
			Send:  func(_ context.Context, b *outbox.Batch) error { return send(b) },
		})
		if err != nil {
			fmt.Println(err)
			return outbox.Stats{}
		}
		work(q)
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		_ = q.Shutdown(ctx)
		return q.Stats()
	}
	first := run(func(q *outbox.Queue) { _ = q.Put("", time.Now(), []byte("hello")) },
		func(*outbox.Batch) error { return errors.New("the receiver is away") })
	fmt.Println("kept:", first.SpooledItems)
	second := run(func(*outbox.Queue) {}, func(b *outbox.Batch) error {
		fmt.Printf("sent: %s\n", b.Body(0))
		return nil
	})
	fmt.Println("restored:", second.Restored, "delivered:", second.Delivered)
	// Output:
	// kept: 1
	// sent: hello
	// restored: 1 delivered: 1
}
