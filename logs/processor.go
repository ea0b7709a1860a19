package logs

import (
	"context"

	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// Processor encodes each record at once, on the goroutine that logs it, and
// puts the line into the queue. No SDK batch processor stands before it: the
// queue batches.
type Processor struct{ sink *sink }

var _ sdklog.Processor = (*Processor)(nil)

// NewProcessor returns a processor that puts events into c.Queue.
func NewProcessor(c Config) (*Processor, error) {
	s, err := newSink(c)
	if err != nil {
		return nil, err
	}
	return &Processor{sink: s}, nil
}

// Enabled says yes until Shutdown.
func (p *Processor) Enabled(context.Context, sdklog.EnabledParameters) bool {
	return !p.sink.closed.Load()
}

// OnEmit encodes r and puts it into the queue. It returns no error: what the
// queue refuses, the queue counts.
func (p *Processor) OnEmit(_ context.Context, r *sdklog.Record) error {
	if p.sink.closed.Load() {
		p.sink.late.Add(1)
		return nil
	}
	p.sink.put(r)
	return nil
}

// ForceFlush waits until the queue has delivered what it holds, or ctx ends.
func (p *Processor) ForceFlush(ctx context.Context) error {
	if p.sink.closed.Load() {
		return nil
	}
	return p.sink.queue.Flush(ctx)
}

// Shutdown takes no more records and shuts the queue down.
func (p *Processor) Shutdown(ctx context.Context) error {
	if p.sink.closed.Swap(true) {
		return nil
	}
	return p.sink.queue.Shutdown(ctx)
}

// Dropped counts the records the processor did not hand to the queue, by reason.
func (p *Processor) Dropped() map[string]int64 { return p.sink.dropped() }
