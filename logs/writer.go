package logs

import (
	"context"
	"fmt"
	"io"
	"sync"

	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// WriterExporter writes the lines that would go to CloudWatch Logs to a
// writer instead: a terminal, a file, a test. It is what the value console of
// OTEL_LOGS_EXPORTER means.
type WriterExporter struct {
	lines liner

	mu     sync.Mutex // guards what follows; one line is one Write
	w      io.Writer
	closed bool
	late   int64
}

var _ sdklog.Exporter = (*WriterExporter)(nil)

// NewWriterExporter returns an exporter that writes to w.
func NewWriterExporter(w io.Writer) *WriterExporter {
	return &WriterExporter{lines: newLiner(nil), w: w}
}

// Export writes one line a record, and stops at the first that cannot be
// written.
func (e *WriterExporter) Export(_ context.Context, records []sdklog.Record) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		e.late += int64(len(records))
		return sdklog.ErrExporterShutdown
	}
	for i := range records {
		if err := e.write(&records[i]); err != nil {
			return fmt.Errorf("write log event: %w", err)
		}
	}
	return nil
}

func (e *WriterExporter) write(r *sdklog.Record) (err error) {
	e.lines.with(r, func(_ *Event, _ *destination, line []byte) {
		_, err = e.w.Write(append(line, '\n'))
	})
	return err
}

// ForceFlush does nothing: every line is written at once.
func (e *WriterExporter) ForceFlush(context.Context) error { return nil }

// Shutdown makes every later Export fail. It does not close the writer.
func (e *WriterExporter) Shutdown(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	return nil
}

// Dropped counts the records that came after Shutdown.
func (e *WriterExporter) Dropped() map[string]int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.late == 0 {
		return map[string]int64{}
	}
	return map[string]int64{DropClosed: e.late}
}
