package awsxray

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"

	"github.com/updraft-otel/updraft/agent/internal/contain"
)

// Type is the name in configurations.
var Type = component.MustNewType("awsxray")

// NewFactory returns the receiver's factory. In a pipeline of metrics or logs the
// receiver takes these by OTLP.
func NewFactory() receiver.Factory {
	f := &factory{shared: map[*Config]*xrayReceiver{}}
	return contain.Receiver(receiver.NewFactory(Type, func() component.Config { return defaultConfig() },
		receiver.WithTraces(f.traces, component.StabilityLevelBeta),
		receiver.WithMetrics(f.metrics, component.StabilityLevelBeta),
		receiver.WithLogs(f.logs, component.StabilityLevelBeta)))
}

// A factory gives the pipelines of one configured receiver the same receiver:
// it has one port.
type factory struct {
	mu     sync.Mutex
	shared map[*Config]*xrayReceiver
}

func (f *factory) of(set receiver.Settings, cfg component.Config) (*xrayReceiver, error) {
	c := cfg.(*Config)
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.shared[c]; r != nil {
		return r, nil
	}
	r, err := newReceiver(set, c)
	if err != nil {
		return nil, err
	}
	r.gone = func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.shared, c)
	}
	f.shared[c] = r
	return r, nil
}

func (f *factory) traces(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces) (receiver.Traces, error) {
	r, err := f.of(set, cfg)
	if err != nil {
		return nil, err
	}
	r.next.traces = next
	return r, nil
}

func (f *factory) metrics(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
	r, err := f.of(set, cfg)
	if err != nil {
		return nil, err
	}
	r.next.metrics = next
	return r, nil
}

func (f *factory) logs(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
	r, err := f.of(set, cfg)
	if err != nil {
		return nil, err
	}
	r.next.logs = next
	return r, nil
}
