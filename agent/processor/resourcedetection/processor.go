package resourcedetection

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"
)

// A detection is the attributes of the place the agent runs in, for all signals of one processor.
type detection struct {
	config *Config
	logger *zap.Logger
	found  atomic.Pointer[pcommon.Map]
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func newDetection(c *Config, logger *zap.Logger) *detection {
	return &detection{config: c, logger: logger}
}

// start detects once, and leaves what failed, and refreshing, to a goroutine that shutdown ends.
func (d *detection) start(ctx context.Context, _ component.Host) error {
	failed := d.detect(ctx)
	if !d.config.Retry.Enabled || !failed {
		if d.config.RefreshInterval <= 0 {
			return nil
		}
	}
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	d.cancel = cancel
	d.done.Go(func() { d.keepOn(background, failed) })
	return nil
}

func (d *detection) shutdown(context.Context) error {
	if d.cancel != nil {
		d.cancel()
	}
	d.done.Wait()
	return nil
}

// keepOn detects again: what failed after a while, everything after the refresh interval.
func (d *detection) keepOn(ctx context.Context, failed bool) {
	retry := d.config.Retry
	pause := retry.InitialInterval
	began := time.Now()
	for {
		wait := d.config.RefreshInterval
		again := failed && retry.Enabled && (retry.MaxElapsedTime <= 0 || time.Since(began) < retry.MaxElapsedTime)
		if again {
			wait = jittered(pause, retry.RandomizationFactor)
			pause = min(time.Duration(float64(pause)*max(1, retry.Multiplier)), retry.MaxInterval)
		}
		if wait <= 0 {
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		if failed = d.detect(ctx); !failed {
			pause, began = retry.InitialInterval, time.Now()
		}
	}
}

func jittered(d time.Duration, factor float64) time.Duration {
	return time.Duration(float64(d) * (1 + factor*(2*rand.Float64()-1)))
}

// detect asks all detectors at the same time and returns whether one failed.
func (d *detection) detect(ctx context.Context) (failed bool) {
	ctx, cancel := context.WithTimeout(ctx, d.config.Timeout)
	defer cancel()
	maps := make([]pcommon.Map, len(d.config.Detectors))
	errs := make([]error, len(d.config.Detectors))
	var asked sync.WaitGroup
	for i, name := range d.config.Detectors {
		asked.Go(func() { maps[i], errs[i] = d.ask(ctx, detectors[name]) })
	}
	asked.Wait()
	all := pcommon.NewMap()
	for i, name := range d.config.Detectors {
		merge(all, maps[i], false)
		if err := errs[i]; err != nil {
			failed = true
			d.logger.Warn("Resource detector failed", zap.String("detector", name), zap.Error(err))
		}
	}
	if before := d.found.Load(); before != nil && failed {
		merge(all, *before, false) // what was known is still so
	}
	d.found.Store(&all)
	d.logger.Info("Detected resource", zap.Any("resource", all.AsRaw()))
	return failed
}

// ask asks one detector. Elsewhere than where it belongs it knows nothing, which is an error only where it has to.
func (d *detection) ask(ctx context.Context, by *detector) (pcommon.Map, error) {
	m := pcommon.NewMap()
	err := by.detect(ctx, d.config, m)
	m.RemoveIf(func(name string, _ pcommon.Value) bool { return !by.wanted(d.config, name) })
	if errors.Is(err, errElsewhere) && !d.config.FailOnMissingMetadata && (by != detectors[detectEC2] || !d.config.EC2.FailOnMissingMetadata) {
		err = nil
	}
	return m, err
}

// merge copies what is missing, or everything.
func merge(into, from pcommon.Map, override bool) {
	if from == (pcommon.Map{}) {
		return
	}
	for name, value := range from.All() {
		if _, ok := into.Get(name); !ok || override {
			value.CopyTo(into.PutEmpty(name))
		}
	}
}

// apply gives a resource what was found.
func (d *detection) apply(r pcommon.Resource) {
	if found := d.found.Load(); found != nil {
		merge(r.Attributes(), *found, d.config.Override)
	}
}
