package updraft_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"

	"github.com/updraft-otel/updraft"
)

func TestShutdown_putsTheGlobalsBack(t *testing.T) {
	newEndpoint(t)
	before := otel.GetTextMapPropagator()
	tel, err := updraft.Config{Strict: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if fields := otel.GetTextMapPropagator().Fields(); len(fields) < 3 {
		t.Errorf("propagated fields %v, want those of three propagators", fields)
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if otel.GetTracerProvider() == tel.TracerProvider() {
		t.Error("the tracer provider is still ours")
	}
	if got, want := len(otel.GetTextMapPropagator().Fields()), len(before.Fields()); got != want {
		t.Errorf("%d propagated fields, want %d as before", got, want)
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Errorf("a second shutdown: %v", err)
	}
}

func TestShutdown_countsWhatADeadEndpointCosts(t *testing.T) {
	e := newEndpoint(t)
	e.fail = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	_ = stderr(t, func() {
		tel, err := updraft.Config{Metrics: "none", Strict: true}.Start(t.Context())
		if err != nil {
			t.Error(err)
			return
		}
		ctx, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "work")
		tel.Logger().InfoContext(ctx, "lost")
		span.End()
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if err := tel.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("shutdown: %v, want the deadline", err)
		}
		for _, s := range tel.Report().Signals {
			if s.Accepted != 1 || s.Dropped["shutdown"] != 1 || s.Queued != 0 || s.LastError == "" {
				t.Errorf("report of %s: %+v", s.Signal, s)
			}
		}
		if text := tel.Report().String(); !strings.Contains(text, "dropped 1 (shutdown)") {
			t.Errorf("report for people:\n%s", text)
		}
	})
}
