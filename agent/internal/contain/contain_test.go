package contain_test

import (
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

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

// broken has no consumer to call.
type broken struct {
	consumer.Traces
	consumer.Metrics
	consumer.Logs
}

func (broken) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }
