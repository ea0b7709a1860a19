// Package outbox moves bytes to a slow or failing place without ever making the caller wait: queue, batch, send, retry.
//
// [Queue.Put] copies an item into the open batch of its key and returns. A batch that is full by [Limits], or has
// waited [Config.Linger], goes to one of the workers, who hand it to [Config.Send]. A batch that could not be sent waits
// its time in a heap, not in a worker, so one failing batch does not hold up the others. Keys take turns.
//
// How many sends run at a time follows what the receiver can take, up to [Config.Workers]. A receiver that throttles
// slows the queue down, all of it, and loses nothing: see [Retry.Budget].
//
// What the package promises:
//
//   - Put never blocks, never keeps the caller's slice, and does not allocate once buffers have grown.
//   - Memory is bounded: [Config.MaxBytes] counts what is open, ready, in flight and waiting for another try.
//   - Every item is delivered, still held, or counted as dropped with a reason; see [Stats].
//   - With a [Spool], what Put took outlives the process, kill -9 included.
//   - [Queue.Flush] returns when everything accepted before the call has been delivered or dropped.
//
// What it does not do: know what the bytes are or where they go, or log. Send decides what an
// attempt is and says by its error what to do next: [PartialError] names single items, and an error may implement
// Retryable, RetryAfter, Splittable, OutcomeUnknown, Throttled and Timeout (see [Config.Send]).
//
// A first use:
//
//	q, err := outbox.New(outbox.Config{
//		Name:   "lines",
//		Limits: outbox.Limits{Items: 100},
//		Send: func(ctx context.Context, b *outbox.Batch) error {
//			for i := range b.Len() {
//				fmt.Printf("%s\n", b.Body(i))
//			}
//			return nil
//		},
//	})
//	…
//	err = q.Put("", time.Now(), []byte("hello"))
//	…
//	err = q.Shutdown(ctx)
package outbox
