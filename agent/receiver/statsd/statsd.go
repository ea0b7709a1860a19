// Package statsd is the collector's statsd receiver, whose summaries do not end the process, and whose clients do not keep it
// from ending.
//
// That receiver finds the percentiles 0 and 100 of values with sample rates by comparing sums of weights that need not be the
// same in both places: of rates such as 0.3 the highest value is beyond all of them, of a rate such as 1e-320 the lowest is,
// and either is a panic in a goroutine of its own. This one asks for percentiles just inside, whose values are the same, and
// calls them what they were. And where that one waits until its last TCP client has left, this one waits for a second.
package statsd

import (
	"context"
	"slices"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/statsdreceiver"
	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/statsdreceiver/protocol"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver"
	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/agent/internal/contain"
)

// The percentiles that stand for 0 and 100. What is between them and those is less than one value in a billion, and more than
// sums of a million weights differ by.
const (
	lowest  = 1e-300
	highest = 100 * (1 - 1e-9)
)

// defaultPercentiles are the receiver's where a summary has none.
var defaultPercentiles = []float64{0, 10, 50, 90, 95, 100}

// NewFactory returns the factory of the receiver. Its configuration is the collector's.
func NewFactory() receiver.Factory {
	base := statsdreceiver.NewFactory()
	create := func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
		inside := *cfg.(*statsdreceiver.Config)
		inside.TimerHistogramMapping = slices.Clone(inside.TimerHistogramMapping)
		for i := range inside.TimerHistogramMapping {
			moveInside(&inside.TimerHistogramMapping[i].Summary)
		}
		r, err := base.CreateMetrics(ctx, set, &inside, summaries{next})
		return impatient{r, set.Logger}, err
	}
	return contain.Receiver(receiver.NewFactory(base.Type(), base.CreateDefaultConfig, receiver.WithMetrics(create, base.MetricsStability())))
}

// patience is how long a shutdown waits for clients.
const patience = time.Second

type impatient struct {
	receiver.Metrics
	logger *zap.Logger
}

// Shutdown ends the receiver. It leaves clients behind that stay connected.
func (r impatient) Shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- r.Metrics.Shutdown(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		r.logger.Warn("Clients of statsd are still connected and are left behind")
		return nil
	}
}

func moveInside(c *protocol.SummaryConfig) {
	percentiles := c.Percentiles
	if len(percentiles) == 0 {
		percentiles = defaultPercentiles
	}
	c.Percentiles = nil
	for _, p := range percentiles {
		c.Percentiles = append(c.Percentiles, min(max(p, lowest), highest))
	}
}

// summaries are told by the percentiles that were asked for.
type summaries struct{ consumer.Metrics }

func (s summaries) ConsumeMetrics(ctx context.Context, md pmetric.Metrics) error {
	for _, rm := range md.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				if m.Type() == pmetric.MetricTypeSummary {
					moveBack(m.Summary().DataPoints())
				}
			}
		}
	}
	return s.Metrics.ConsumeMetrics(ctx, md)
}

func moveBack(points pmetric.SummaryDataPointSlice) {
	for _, dp := range points.All() {
		for _, q := range dp.QuantileValues().All() {
			switch q.Quantile() {
			case lowest / 100:
				q.SetQuantile(0)
			case highest / 100:
				q.SetQuantile(1)
			}
		}
	}
}
