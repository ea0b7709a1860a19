package otlp_test

import (
	"context"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/agent/receiver/otlp"
)

// TestReceiver_panic has a pipeline panic at a request: its sender is told, and the next is taken.
func TestReceiver_panic(t *testing.T) {
	factory, addr := otlp.NewFactory(), agenttest.FreeAddr(t)
	cfg := factory.CreateDefaultConfig()
	keys := map[string]any{"protocols": map[string]any{"grpc": map[string]any{"endpoint": addr}}}
	if err := confmap.NewFromStringMap(keys).Unmarshal(cfg); err != nil {
		t.Fatal(err)
	}
	next, err := consumer.NewTraces(func(_ context.Context, td ptrace.Traces) error {
		if td.SpanCount() == 1 {
			panic("one span")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := factory.CreateTraces(t.Context(), receivertest.NewNopSettings(component.MustNewType("otlp")), cfg, next)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Shutdown(context.WithoutCancel(t.Context())) })
	client := agenttest.Client(t, addr)
	_, err = client.Export(t.Context(), ptraceotlp.NewExportRequestFromTraces(agenttest.Traces(1)))
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "panic: one span") {
		t.Errorf("%v, want INTERNAL and what happened", err)
	}
	if _, err = client.Export(t.Context(), ptraceotlp.NewExportRequestFromTraces(agenttest.Traces(2))); err != nil {
		t.Error(err)
	}
}
