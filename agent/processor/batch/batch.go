// Package batch is the collector's batch processor, without its one way to lose data. That processor answers the sender
// before it hands a batch on, and drops the batch when it is refused, as by an exporter whose queue is full. This one
// keeps the batch until it is taken, and refuses what comes meanwhile, so that the sender learns of it.
//
// The configuration is the collector's, and a key of the agent's own, see [Config]. What a batch holds is in memory: where an exporter's queue is on disk, leave the
// processor out, since exporters with a queue gather for themselves.
package batch

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/batchprocessor"
	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/agent/internal/contain"
)

// How a batch that is refused is offered again, and how long at the most once the agent stops.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = time.Second
	stopBudget = 10 * time.Second
)

// errFull is what a sender is told while a batch waits.
var errFull = errors.New("batch: what follows takes nothing at present; come again")

// NewFactory returns the factory of the batch processor.
func NewFactory() processor.Factory {
	base := batchprocessor.NewFactory()
	return processor.NewFactory(base.Type(), func() component.Config {
		return &Config{Config: *base.CreateDefaultConfig().(*batchprocessor.Config)}
	},
		processor.WithTraces(func(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Traces) (processor.Traces, error) {
			k := newKeeper(set.Logger)
			kept, err := consumer.NewTraces(func(ctx context.Context, t ptrace.Traces) error {
				return keep(ctx, k, t, copyTraces, contain.Traces(next).ConsumeTraces, cfg.(*Config).copies(next))
			})
			if err != nil {
				return nil, err
			}
			inner, err := base.CreateTraces(ctx, set, &cfg.(*Config).Config, kept)
			return traces{inner, k}, err
		}, base.TracesStability()),
		processor.WithMetrics(func(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Metrics) (processor.Metrics, error) {
			k := newKeeper(set.Logger)
			kept, err := consumer.NewMetrics(func(ctx context.Context, m pmetric.Metrics) error {
				return keep(ctx, k, m, copyMetrics, contain.Metrics(next).ConsumeMetrics, cfg.(*Config).copies(next))
			})
			if err != nil {
				return nil, err
			}
			inner, err := base.CreateMetrics(ctx, set, &cfg.(*Config).Config, kept)
			return metrics{inner, k}, err
		}, base.MetricsStability()),
		processor.WithLogs(func(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Logs) (processor.Logs, error) {
			k := newKeeper(set.Logger)
			kept, err := consumer.NewLogs(func(ctx context.Context, l plog.Logs) error {
				return keep(ctx, k, l, copyLogs, contain.Logs(next).ConsumeLogs, cfg.(*Config).copies(next))
			})
			if err != nil {
				return nil, err
			}
			inner, err := base.CreateLogs(ctx, set, &cfg.(*Config).Config, kept)
			return logs{inner, k}, err
		}, base.LogsStability()))
}

// Config is the collector's configuration of the processor.
type Config struct {
	batchprocessor.Config `mapstructure:",squash"`
	// Uncopied says that what follows does not change what it refuses, so that no copy need be kept for another try. The
	// distribution sets it by itself where that is so.
	Uncopied bool `mapstructure:"uncopied"`
}

// copies tells whether the next try must have a copy of what this one gets.
func (c *Config) copies(next interface{ Capabilities() consumer.Capabilities }) bool {
	return next.Capabilities().MutatesData && !c.Uncopied
}

// A keeper knows whether batches wait.
type keeper struct {
	logger  *zap.Logger
	waiting atomic.Int64
	stop    chan struct{}
	stopped atomic.Bool
}

func newKeeper(logger *zap.Logger) *keeper {
	return &keeper{logger: logger, stop: make(chan struct{})}
}

// full is the error for who comes while a batch waits.
func (k *keeper) full() error {
	if k.waiting.Load() > 0 {
		return errFull
	}
	return nil
}

func (k *keeper) end() {
	if !k.stopped.Swap(true) {
		close(k.stop)
	}
}

// keep hands a batch on until it is taken, or refused for good.
func keep[T any](ctx context.Context, k *keeper, batch T, clone func(T) T, next func(context.Context, T) error, copies bool) error {
	offer := func() error {
		if copies {
			return next(ctx, clone(batch)) // the next try must have what this one had
		}
		return next(ctx, batch)
	}
	err := offer()
	if err == nil || consumererror.IsPermanent(err) {
		return err
	}
	if k.waiting.Add(1) == 1 {
		k.logger.Warn("A batch is refused; it is kept, and senders are refused until it is taken", zap.Error(err))
	}
	defer k.waiting.Add(-1)
	var deadline time.Time
	stop := k.stop
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-stop:
			timer.Stop()
			stop, deadline, pause = nil, time.Now().Add(stopBudget), firstPause
		}
		if err = offer(); err == nil || consumererror.IsPermanent(err) {
			return err
		}
		if stop == nil && time.Now().After(deadline) {
			return err // the inner processor logs it
		}
	}
}

func copyTraces(t ptrace.Traces) ptrace.Traces {
	c := ptrace.NewTraces()
	t.CopyTo(c)
	return c
}

func copyMetrics(m pmetric.Metrics) pmetric.Metrics {
	c := pmetric.NewMetrics()
	m.CopyTo(c)
	return c
}

func copyLogs(l plog.Logs) plog.Logs {
	c := plog.NewLogs()
	l.CopyTo(c)
	return c
}

type traces struct {
	processor.Traces
	keeper *keeper
}

// ConsumeTraces takes spans, unless a batch waits.
func (p traces) ConsumeTraces(ctx context.Context, t ptrace.Traces) error {
	if err := p.keeper.full(); err != nil {
		return err
	}
	return p.Traces.ConsumeTraces(ctx, t)
}

// Shutdown hands on what is there.
func (p traces) Shutdown(ctx context.Context) error {
	p.keeper.end()
	return p.Traces.Shutdown(ctx)
}

type metrics struct {
	processor.Metrics
	keeper *keeper
}

// ConsumeMetrics takes points, unless a batch waits.
func (p metrics) ConsumeMetrics(ctx context.Context, m pmetric.Metrics) error {
	if err := p.keeper.full(); err != nil {
		return err
	}
	return p.Metrics.ConsumeMetrics(ctx, m)
}

// Shutdown hands on what is there.
func (p metrics) Shutdown(ctx context.Context) error {
	p.keeper.end()
	return p.Metrics.Shutdown(ctx)
}

type logs struct {
	processor.Logs
	keeper *keeper
}

// ConsumeLogs takes records, unless a batch waits.
func (p logs) ConsumeLogs(ctx context.Context, l plog.Logs) error {
	if err := p.keeper.full(); err != nil {
		return err
	}
	return p.Logs.ConsumeLogs(ctx, l)
}

// Shutdown hands on what is there.
func (p logs) Shutdown(ctx context.Context) error {
	p.keeper.end()
	return p.Logs.Shutdown(ctx)
}
