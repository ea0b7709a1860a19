package metrics

import (
	"context"
	"fmt"
	"io"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// lineWriter writes one line at a time, each with one Write, and keeps the
// first error.
type lineWriter struct {
	w    io.Writer
	line []byte
	err  error
}

func (w *lineWriter) write(line []byte) {
	w.line = append(append(w.line[:0], line...), '\n')
	if _, err := w.w.Write(w.line); err != nil && w.err == nil {
		w.err = err
	}
}

// end is the first error since the last call.
func (w *lineWriter) end(what string) error {
	err := w.err
	w.err = nil
	if err != nil {
		return fmt.Errorf("write metric %s: %w", what, err)
	}
	return nil
}

// WriterExporter writes the data that would go to CloudWatch to a writer
// instead, one JSON line a datum. It is what the value console of
// OTEL_METRICS_EXPORTER means. Shutdown does not close the writer.
type WriterExporter struct {
	exporter
	data *DatumEncoder
	out  lineWriter
	json []byte
}

var _ sdkmetric.Exporter = (*WriterExporter)(nil)

// NewWriterExporter returns an exporter that writes to w. It needs neither
// queue nor namespace in c.
func NewWriterExporter(w io.Writer, c Config) (*WriterExporter, error) {
	e := &WriterExporter{exporter: exporter{aggregation: c.Aggregation}, out: lineWriter{w: w}}
	var err error
	if e.data, err = NewDatumEncoder(c, e.put); err != nil {
		return nil, err
	}
	e.source.add, e.conv = e.data.Add, e.data.points
	return e, nil
}

func (e *WriterExporter) put(_ string, d *Datum) {
	e.json = AppendDatumJSON(e.json[:0], d)
	e.out.write(e.json)
}

// Export writes one line a datum.
func (e *WriterExporter) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	return e.export(ctx, rm, e.data.Begin, func() error { return e.out.end("datum") })
}

// Dropped counts what was not written as it came, by reason.
func (e *WriterExporter) Dropped() map[string]int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.data.Dropped()
}

// EMFWriterExporter writes documents in the embedded metric format to a writer,
// one line each: to standard output, from which Lambda, or the log driver of a
// container, takes them to CloudWatch Logs. Shutdown does not close the writer.
type EMFWriterExporter struct {
	exporter
	documents *EMFEncoder
	out       lineWriter
	put       func(key string, at time.Time, line []byte)
}

var _ sdkmetric.Exporter = (*EMFWriterExporter)(nil)

// NewEMFWriterExporter returns an exporter that writes to w. It needs no queue
// in c.
func NewEMFWriterExporter(w io.Writer, c Config) (*EMFWriterExporter, error) {
	if _, err := c.namespaceOf(); err != nil {
		return nil, err
	}
	c.Escaped = false
	documents, err := NewEMFEncoder(c)
	if err != nil {
		return nil, err
	}
	e := &EMFWriterExporter{exporter: exporter{aggregation: c.Aggregation}, documents: documents, out: lineWriter{w: w}}
	e.source.add, e.conv = documents.Add, documents.points
	e.put = func(_ string, _ time.Time, line []byte) { e.out.write(line) }
	return e, nil
}

// Export writes one line a document.
func (e *EMFWriterExporter) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	return e.export(ctx, rm, func() {}, func() error {
		e.documents.Lines(e.put)
		return e.out.end("document")
	})
}

// Dropped counts what was not written as it came, by reason.
func (e *EMFWriterExporter) Dropped() map[string]int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.documents.Dropped()
}
