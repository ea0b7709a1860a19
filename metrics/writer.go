package metrics

import (
	"context"
	"fmt"
	"io"
	"maps"
	"sync"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// WriterExporter writes the data that would go to CloudWatch to a writer
// instead, one JSON line a datum. It is what the value console of
// OTEL_METRICS_EXPORTER means.
type WriterExporter struct {
	aggregation sdkmetric.AggregationSelector

	mu     sync.Mutex // guards what follows; one line is one Write
	w      io.Writer
	points converter
	line   []byte
	closed bool
}

var _ sdkmetric.Exporter = (*WriterExporter)(nil)

// NewWriterExporter returns an exporter that writes to w. It needs neither
// queue nor namespace in c.
func NewWriterExporter(w io.Writer, c Config) (*WriterExporter, error) {
	points, err := newConverter(c)
	if err != nil {
		return nil, err
	}
	return &WriterExporter{aggregation: c.Aggregation, w: w, points: points}, nil
}

// Temporality is the same as Exporter's.
func (e *WriterExporter) Temporality(kind sdkmetric.InstrumentKind) metricdata.Temporality {
	return sdkmetric.DeltaTemporalitySelector(kind)
}

// Aggregation is the configured one, or the SDK's default.
func (e *WriterExporter) Aggregation(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return aggregation(e.aggregation, kind)
}

// Export writes one line a point.
func (e *WriterExporter) Export(_ context.Context, rm *metricdata.ResourceMetrics) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		e.points.dropAll(rm)
		return sdkmetric.ErrExporterShutdown
	}
	var failed error
	e.points.convert(rm, func(d *Datum) {
		e.line = append(AppendDatumJSON(e.line[:0], d), '\n')
		if _, err := e.w.Write(e.line); err != nil && failed == nil {
			failed = fmt.Errorf("write metric datum: %w", err)
		}
	})
	return failed
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

// Dropped counts what was not written, by reason.
func (e *WriterExporter) Dropped() map[string]int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.points.dropped)
}
