package batch_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/agent/processor/batch"
)

// start runs a processor in front of a consumer that answers as next says.
func start(t *testing.T, mutates bool, next consumer.ConsumeTracesFunc) processor.Traces {
	t.Helper()
	factory := batch.NewFactory()
	sink, err := consumer.NewTraces(next, consumer.WithCapabilities(consumer.Capabilities{MutatesData: mutates}))
	if err != nil {
		t.Fatal(err)
	}
	set := processor.Settings{ID: component.NewID(factory.Type()), TelemetrySettings: component.TelemetrySettings{
		Logger: zap.NewNop(), TracerProvider: tracenoop.NewTracerProvider(), MeterProvider: metricnoop.NewMeterProvider(),
	}}
	p, err := factory.CreateTraces(t.Context(), set, factory.CreateDefaultConfig(), sink)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestBatch_keeps has what follows refuse for a while: nothing that was accepted is lost, and what could not be kept was
// refused.
func TestBatch_keeps(t *testing.T) {
	for name, mutates := range map[string]bool{"a consumer that reads": false, "a consumer that empties what it gets": true} {
		t.Run(name, func(t *testing.T) {
			var arrived, full atomic.Int64
			full.Store(1)
			p := start(t, mutates, func(_ context.Context, td ptrace.Traces) error {
				n := int64(td.SpanCount())
				if mutates {
					td.MoveTo(ptrace.NewTraces())
				}
				if full.Load() == 1 {
					return errors.New("full")
				}
				arrived.Add(n)
				return nil
			})
			accepted, refused := int64(0), false
			send := func() {
				if err := p.ConsumeTraces(t.Context(), agenttest.Traces(10)); err != nil {
					if consumererror.IsPermanent(err) {
						t.Fatalf("%v must be worth another try", err)
					}
					refused = true
					return
				}
				accepted += 10
			}
			agenttest.Eventually(t, "senders are refused", func() bool { send(); return refused })
			full.Store(0)
			agenttest.Eventually(t, "everything that was accepted has arrived", func() bool { return arrived.Load() >= accepted })
			refused = true
			agenttest.Eventually(t, "senders are taken again", func() bool { refused = false; send(); return !refused })
			if err := p.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			if arrived.Load() != accepted {
				t.Errorf("%d spans arrived, %d were accepted", arrived.Load(), accepted)
			}
		})
	}
}

// TestBatch_stops has a batch that nobody takes not hold up the end for ever, and one for good refused not at all.
func TestBatch_stops(t *testing.T) {
	p := start(t, false, func(context.Context, ptrace.Traces) error { return consumererror.NewPermanent(errors.New("never")) })
	if err := p.ConsumeTraces(t.Context(), agenttest.Traces(1)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("stopped after %v", took)
	}
}

// TestBatch_panic has what follows panic at the first batch: the next is taken.
func TestBatch_panic(t *testing.T) {
	var panicked, arrived atomic.Bool
	p := start(t, false, func(context.Context, ptrace.Traces) error {
		if !panicked.Swap(true) {
			panic("the first")
		}
		arrived.Store(true)
		return nil
	})
	for _, reached := range []*atomic.Bool{&panicked, &arrived} {
		if err := p.ConsumeTraces(t.Context(), agenttest.Traces(1)); err != nil {
			t.Fatal(err)
		}
		agenttest.Eventually(t, "a batch is handed on", reached.Load)
	}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
}
