package localaws_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/localaws"
)

// TestLibrary_spool stops an application during an outage; the next one
// delivers what the first recorded, each signal once.
func TestLibrary_spool(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range srv.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	t.Setenv("UPDRAFT_SPOOL_DIR", t.TempDir())
	start := func() *updraft.Telemetry {
		tel, err := updraft.Config{ServiceName: "under-test", Strict: true, NoGlobals: true}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return tel
	}
	back := srv.Control("", func(*localaws.Call) *localaws.Fault { return localaws.Unavailable() })
	const n = 300
	tel := start()
	counter, err := tel.MeterProvider().Meter("test").Int64Counter("requests")
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		ctx, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "GET /", trace.WithSpanKind(trace.SpanKindServer))
		tel.Logger().InfoContext(ctx, fmt.Sprint("request ", i))
		counter.Add(ctx, 1)
		span.End()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_ = tel.Shutdown(ctx) // the SDK's own providers say that time ran out
	for _, s := range tel.Report().Signals {
		if s.DroppedTotal() != 0 || s.Spooled == 0 || s.Spooled != s.Queued || s.Accepted != s.Queued {
			t.Errorf("%s: %+v, want all of it on disk", s.Signal, s)
		}
	}
	if c := srv.Counts(); c.Segments != 0 || c.LogEvents != 0 {
		t.Fatalf("%+v, want nothing delivered", c)
	}

	back()
	tel = start()
	ctx, cancel = context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := tel.Shutdown(ctx); err != nil {
		t.Fatalf("%v\n%s", err, tel.Report())
	}
	if c := srv.Counts(); c.Segments != n || c.LogEvents != n || c.MetricDatums == 0 || c.Refused != 0 {
		t.Errorf("%+v\n%s", c, tel.Report())
	}
	for _, s := range tel.Report().Signals {
		if s.Restored == 0 || s.Spooled != 0 || s.DroppedTotal() != 0 {
			t.Errorf("%s: %+v", s.Signal, s)
		}
	}
}

// TestLibrary_spoolInUse gives two applications one directory: the second says
// so and works in memory, or is told, if it is strict.
func TestLibrary_spoolInUse(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("UPDRAFT_SPOOL_DIR", t.TempDir())
	first := startLibrary(t, srv)
	second := updraft.Config{ServiceName: "second", NoGlobals: true}
	tel, err := second.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if problems := strings.Join(tel.Report().Problems, "; "); !strings.Contains(problems, "used by another process") {
		t.Errorf("problems %q", problems)
	}
	_, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "GET /")
	span.End()
	second.Strict = true
	if _, err := second.Start(t.Context()); err == nil {
		t.Error("started strictly with a directory in use")
	}
	for _, tel := range []*updraft.Telemetry{tel, first} {
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if c := srv.Counts(); c.Segments != 1 {
		t.Errorf("%+v", c)
	}
}
