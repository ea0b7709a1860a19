package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Defaults of Config's fields.
const (
	DefaultMaxBytes     = 64 << 20
	DefaultBatchBytes   = 1 << 20
	DefaultLinger       = time.Second
	DefaultWorkers      = 16
	DefaultTimeout      = 15 * time.Second
	DefaultRetryInitial = 500 * time.Millisecond
	DefaultRetryMax     = 30 * time.Second
	DefaultRetryBudget  = 5 * time.Minute
	DefaultRetryMaxAge  = time.Hour
)

// Limits bounds one batch. The zero value allows any number of items within DefaultBatchBytes.
type Limits struct {
	// Items is the most items of a batch; 0 means no limit.
	Items int
	// Bytes is the most bytes of a batch, each item counted as its body and Overhead; 0 means DefaultBatchBytes.
	Bytes int
	// Overhead is what each item costs besides its body.
	Overhead int
	// ItemBytes is the longest body of one item; 0 means what Bytes leaves.
	ItemBytes int
	// Span is the most time between the oldest and the newest item of a batch. 0 means no limit, and the items of a
	// batch stand in the order they were put; otherwise they stand in the order of their times.
	Span time.Duration
}

// Retry says how a batch that could not be sent is tried again: after a random time up to Initial, then up to twice
// that, and so on ("full jitter"), never waiting longer than Max unless the server asks for it.
type Retry struct {
	// Initial is the longest wait before the second attempt; 0 means DefaultRetryInitial.
	Initial time.Duration
	// Max is the longest wait between two attempts; 0 means DefaultRetryMax.
	Max time.Duration
	// Budget is how long one batch is tried, from its first attempt; 0 means DefaultRetryBudget. Throttling takes
	// nothing from it: after a throttled attempt it begins anew. So a batch that is asked to wait is not lost for
	// waiting, as long as MaxAge allows it, and what a full queue costs are the items that come, not those it holds.
	Budget time.Duration
	// MaxAge is how long one batch is tried whatever the reason, from its first attempt; 0 means DefaultRetryMaxAge,
	// or Budget if that is longer.
	MaxAge time.Duration
}

// Config says what a Queue does. Only Send is required.
type Config struct {
	// Name stands in messages and errors, as in "traces".
	Name string
	// Limits bounds one batch.
	Limits Limits
	// MaxBytes is the most bytes held at a time, bodies and Limits.Overhead, wherever they are; 0 means DefaultMaxBytes.
	MaxBytes int64
	// Linger is how long a batch that is not full waits for more; 0 means DefaultLinger.
	Linger time.Duration
	// Workers is the most sends that run at a time; 0 means DefaultWorkers. How many do follows the receiver: more
	// while sends work and batches wait, fewer while it throttles, fails or does not answer in time, never less than one.
	// While it takes nothing, one call at a time asks whether it does again, at most 5 s apart.
	Workers int
	// Timeout is how long one attempt may take; 0 means DefaultTimeout.
	Timeout time.Duration
	// Retry says when a failed batch is tried again.
	Retry Retry
	// Spool keeps items on disk until they are delivered; without a Dir they are in memory alone.
	Spool Spool

	// Send delivers a batch. It must return when ctx ends, and must not keep b or a body after it returned. A nil
	// error means that all of it was delivered, a *PartialError that all but the named items were. Any other error
	// concerns the whole batch and is asked, by errors.As, for
	//
	//	Retryable() bool            another try may help; true if it does not say
	//	RetryAfter() time.Duration  not before this time has passed
	//	Splittable() bool           it may be the fault of a single item: try the halves; false if it does not say
	//	OutcomeUnknown() bool       the batch may have arrived, another try may deliver it twice
	//	Throttled() bool            the receiver asks for fewer calls: fewer sends run at a time, and none begins
	//	                            before RetryAfter; asked of the items of a *PartialError, too
	//	Timeout() bool              it did not answer in time: fewer sends run at a time
	Send func(ctx context.Context, b *Batch) error

	// Notify, if set, is told once when sending begins to fail or items are dropped, and once when it works again.
	// Calls come one at a time and never from Put's goroutine.
	Notify func(msg string)
}

// withDefaults returns c with every unset field set, or what is wrong with it.
func (c Config) withDefaults() (Config, error) {
	if c.Send == nil {
		return c, errors.New("outbox: Config.Send is not set")
	}
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"Limits.Items", int64(c.Limits.Items)}, {"Limits.Bytes", int64(c.Limits.Bytes)},
		{"Limits.Overhead", int64(c.Limits.Overhead)}, {"Limits.ItemBytes", int64(c.Limits.ItemBytes)},
		{"Limits.Span", int64(c.Limits.Span)}, {"MaxBytes", c.MaxBytes}, {"Linger", int64(c.Linger)},
		{"Workers", int64(c.Workers)}, {"Timeout", int64(c.Timeout)}, {"Retry.Initial", int64(c.Retry.Initial)},
		{"Retry.Max", int64(c.Retry.Max)}, {"Retry.Budget", int64(c.Retry.Budget)}, {"Retry.MaxAge", int64(c.Retry.MaxAge)},
		{"Spool.MaxBytes", c.Spool.MaxBytes}, {"Spool.MaxAge", int64(c.Spool.MaxAge)},
	} {
		if f.value < 0 {
			return c, fmt.Errorf("outbox: Config.%s is negative", f.name)
		}
	}
	orDefault(&c.Limits.Bytes, DefaultBatchBytes)
	orDefault(&c.MaxBytes, DefaultMaxBytes)
	orDefault(&c.Linger, DefaultLinger)
	orDefault(&c.Workers, DefaultWorkers)
	orDefault(&c.Timeout, DefaultTimeout)
	orDefault(&c.Retry.Initial, DefaultRetryInitial)
	orDefault(&c.Retry.Max, DefaultRetryMax)
	if c.Spool.Dir != "" {
		orDefault(&c.Spool.MaxAge, DefaultSpoolMaxAge)
		orDefault(&c.Retry.Budget, c.Spool.MaxAge)
		if c.Limits.Bytes > maxRecord/2 {
			return c, fmt.Errorf("outbox: Config.Limits.Bytes is %d, with a spool it may be %d", c.Limits.Bytes, maxRecord/2)
		}
	}
	orDefault(&c.Retry.Budget, DefaultRetryBudget)
	orDefault(&c.Retry.MaxAge, max(DefaultRetryMaxAge, c.Retry.Budget))
	if c.Name == "" {
		c.Name = "outbox"
	}
	return c, nil
}

func orDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}
