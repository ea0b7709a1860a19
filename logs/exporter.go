package logs

import (
	"context"

	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// Exporter is for those who bring their own SDK set-up: it hands the batches
// of an SDK processor to the queue, record by record.
type Exporter struct{ sink *sink }

var _ sdklog.Exporter = (*Exporter)(nil)

// NewExporter returns an exporter that puts events into c.Queue.
func NewExporter(c Config) (*Exporter, error) {
	s, err := newSink(c)
	if err != nil {
		return nil, err
	}
	return &Exporter{sink: s}, nil
}

// Export encodes the records and puts them into the queue. Delivery comes
// later; what the queue refuses, the queue counts.
func (e *Exporter) Export(_ context.Context, records []sdklog.Record) error {
	if e.sink.closed.Load() {
		e.sink.late.Add(int64(len(records)))
		return sdklog.ErrExporterShutdown
	}
	for i := range records {
		e.sink.put(&records[i])
	}
	return nil
}

// ForceFlush waits until the queue has delivered what it holds, or ctx ends.
func (e *Exporter) ForceFlush(ctx context.Context) error {
	if e.sink.closed.Load() {
		return nil
	}
	return e.sink.queue.Flush(ctx)
}

// Shutdown takes no more records and shuts the queue down.
func (e *Exporter) Shutdown(ctx context.Context) error {
	if e.sink.closed.Swap(true) {
		return nil
	}
	return e.sink.queue.Shutdown(ctx)
}

// Dropped counts the records the exporter did not hand to the queue, by reason.
func (e *Exporter) Dropped() map[string]int64 { return e.sink.dropped() }
