package awsxray

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/updraft-otel/updraft/agent/internal/loss"
)

// Reasons why documents are dropped.
const (
	lostFull      = "buffer_full"
	lostMalformed = "malformed"
	lostRefused   = "refused"
	lostUnsampled = "unsampled"
)

// dropped counts the documents that do not reach the pipeline, and says when that
// begins and ends.
type dropped struct {
	log     *loss.Log
	id      attribute.KeyValue
	counter metric.Int64Counter
	total   atomic.Int64
}

func newDropped(set receiver.Settings) (*dropped, error) {
	meter := set.MeterProvider.Meter("github.com/updraft-otel/updraft/agent/receiver/awsxray")
	counter, err := meter.Int64Counter("otelcol_receiver_awsxray_dropped_documents",
		metric.WithDescription("X-Ray documents that came and did not reach the pipeline, by reason."), metric.WithUnit("{document}"))
	return &dropped{log: loss.New(set.Logger, "documents"), id: attribute.String("receiver", set.ID.String()), counter: counter}, err
}

func (d *dropped) add(reason string, n int, cause error) {
	d.counter.Add(context.Background(), int64(n), metric.WithAttributes(d.id, attribute.String("reason", reason)))
	if reason == lostUnsampled {
		return // as it should be
	}
	d.total.Add(int64(n))
	d.log.Lost(n, reason, cause)
}
