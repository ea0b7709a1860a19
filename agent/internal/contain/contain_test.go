package contain_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/consumer/xconsumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.opentelemetry.io/collector/receiver/xreceiver"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/updraft-otel/updraft/agent/internal/contain"
)

func TestCall(t *testing.T) {
	if err := contain.Call(func() {}); err != nil {
		t.Error(err)
	}
	var list []int
	for name, f := range map[string]func(){
		"index out of range": func() { outOfRange(list) },
		"nil pointer":        func() { followNil(nil) },
		"said":               func() { panic("said") },
	} {
		err := contain.Call(f)
		var panicked *contain.Panic
		if !errors.As(err, &panicked) || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want a panic of %q", err, name)
			continue
		}
		if name != "said" && !strings.HasPrefix(panicked.Where, "contain_test.") || !strings.Contains(panicked.Where, "contain_test.go:") ||
			strings.Contains(panicked.Where, "runtime.") {
			t.Errorf("at %q, want the functions that led to it", panicked.Where)
		}
	}
}

//go:noinline
func outOfRange(list []int) int { return list[len(list)] }

//go:noinline
func followNil(p *int) int { return *p }

// TestTraces has what follows a receiver panic, fail and work.
func TestTraces(t *testing.T) {
	sink := new(consumertest.TracesSink)
	if err := contain.Traces(sink).ConsumeTraces(t.Context(), ptrace.NewTraces()); err != nil || len(sink.AllTraces()) != 1 {
		t.Errorf("%v, %d requests", err, len(sink.AllTraces()))
	}
	busy := errors.New("busy")
	if err := contain.Traces(consumertest.NewErr(busy)).ConsumeTraces(t.Context(), ptrace.NewTraces()); !errors.Is(err, busy) || consumererror.IsPermanent(err) {
		t.Errorf("%v, want what the consumer said", err)
	}
	for _, err := range []error{
		contain.Traces(broken{}).ConsumeTraces(t.Context(), ptrace.NewTraces()),
		contain.Metrics(broken{}).ConsumeMetrics(t.Context(), pmetric.NewMetrics()),
		contain.Logs(broken{}).ConsumeLogs(t.Context(), plog.NewLogs()),
	} {
		if !consumererror.IsPermanent(err) || !strings.Contains(err.Error(), "nil pointer") {
			t.Errorf("%v, want a permanent error that tells of the panic", err)
		}
	}
}

// TestReceiver has what follows a receiver panic, in each of its pipelines.
func TestReceiver(t *testing.T) {
	var consume []error
	type nop struct {
		component.StartFunc
		component.ShutdownFunc
	}
	base := receiver.NewFactory(component.MustNewType("base"), func() component.Config { return struct{}{} },
		receiver.WithTraces(func(ctx context.Context, _ receiver.Settings, _ component.Config, next consumer.Traces) (receiver.Traces, error) {
			consume = append(consume, next.ConsumeTraces(ctx, ptrace.NewTraces()))
			return nop{}, nil
		}, component.StabilityLevelBeta),
		receiver.WithMetrics(func(ctx context.Context, _ receiver.Settings, _ component.Config, next consumer.Metrics) (receiver.Metrics, error) {
			consume = append(consume, next.ConsumeMetrics(ctx, pmetric.NewMetrics()))
			return nop{}, nil
		}, component.StabilityLevelBeta),
		receiver.WithLogs(func(ctx context.Context, _ receiver.Settings, _ component.Config, next consumer.Logs) (receiver.Logs, error) {
			consume = append(consume, next.ConsumeLogs(ctx, plog.NewLogs()))
			return nop{}, nil
		}, component.StabilityLevelAlpha))
	factory := contain.Receiver(base)
	set, cfg := receivertest.NewNopSettings(base.Type()), factory.CreateDefaultConfig()
	core, lines := observer.New(zap.WarnLevel)
	set.Logger = zap.New(core)
	_, tracesErr := factory.CreateTraces(t.Context(), set, cfg, broken{})
	_, metricsErr := factory.CreateMetrics(t.Context(), set, cfg, broken{})
	_, logsErr := factory.CreateLogs(t.Context(), set, cfg, broken{})
	if err := errors.Join(tracesErr, metricsErr, logsErr); err != nil {
		t.Fatal(err)
	}
	for _, err := range consume {
		if !consumererror.IsPermanent(err) {
			t.Errorf("%v, want a permanent error", err)
		}
	}
	if told := lines.FilterMessageSnippet("Loss begins: requests").All(); len(told) != 3 || !strings.Contains(fmt.Sprint(told[0].ContextMap()), "nil pointer") {
		t.Errorf("told %v", told)
	}
	if len(consume) != 3 || factory.Type() != base.Type() || factory.LogsStability() != component.StabilityLevelAlpha {
		t.Errorf("%d pipelines, %v, %v", len(consume), factory.Type(), factory.LogsStability())
	}
}

// TestReceiver_profiles keeps a signal that it does not contain, and gives nobody one.
func TestReceiver_profiles(t *testing.T) {
	newConfig := func() component.Config { return struct{}{} }
	base := xreceiver.NewFactory(component.MustNewType("base"), newConfig, xreceiver.WithProfiles(
		func(context.Context, receiver.Settings, component.Config, xconsumer.Profiles) (xreceiver.Profiles, error) {
			return nil, nil
		},
		component.StabilityLevelDevelopment))
	f, ok := contain.Receiver(base).(xreceiver.Factory)
	if !ok || f.ProfilesStability() != component.StabilityLevelDevelopment || f.TracesStability() != component.StabilityLevelUndefined {
		t.Errorf("%v: profiles are gone", f)
	}
	if _, ok := contain.Receiver(receiver.NewFactory(component.MustNewType("base"), newConfig)).(xreceiver.Factory); ok {
		t.Error("profiles of a receiver that has none")
	}
}

// broken has no consumer to call.
type broken struct {
	consumer.Traces
	consumer.Metrics
	consumer.Logs
}

func (broken) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }
