package localaws_test

import (
	"context"
	"fmt"
	"io"
	stdlog "log" //nolint:depguard // it is what writes the lines
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/localaws"
)

// startLibrary starts the library with all its signals going to srv.
func startLibrary(t *testing.T, srv *localaws.Server) *updraft.Telemetry {
	t.Helper()
	for _, pair := range srv.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
	t.Setenv("OTEL_BLRP_SCHEDULE_DELAY", "20")
	tel, err := updraft.Config{ServiceName: "under-test", Strict: true, NoGlobals: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tel
}

// TestLibrary sends the three signals through faults of every kind and counts
// what arrives: all of it, each once, but for the calls whose answer was lost.
func TestLibrary(t *testing.T) {
	f := func(name string, fault func(*localaws.Call) *localaws.Fault) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			srv, err := localaws.Start(t.Context(), localaws.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Control("", fault)()
			tel := startLibrary(t, srv)
			const n = 500
			tracer, logger := tel.TracerProvider().Tracer("test"), tel.Logger()
			counter, err := tel.MeterProvider().Meter("test").Int64Counter("requests")
			if err != nil {
				t.Fatal(err)
			}
			for i := range n {
				ctx, span := tracer.Start(t.Context(), "GET /", trace.WithSpanKind(trace.SpanKindServer))
				logger.InfoContext(ctx, fmt.Sprint("request ", i), slog.Int("i", i))
				counter.Add(ctx, 1)
				span.End()
			}
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			if err := tel.Shutdown(ctx); err != nil {
				t.Fatalf("%v\n%s", err, tel.Report())
			}
			counts := srv.Counts()
			if counts.Segments != n || counts.LogEvents < n || counts.MetricDatums < 1 || counts.Refused != 0 {
				t.Errorf("%+v\n%s", counts, tel.Report())
			}
			for _, s := range tel.Report().Signals {
				if s.DroppedTotal() != 0 || s.Delivered != s.Accepted {
					t.Errorf("%s: %+v", s.Signal, s)
				}
			}
		})
	}
	f("no fault", func(*localaws.Call) *localaws.Fault { return nil })
	f("throttled", func(c *localaws.Call) *localaws.Fault {
		if c.N%3 == 0 {
			return localaws.Throttle()
		}
		return nil
	})
	f("down at first", func(c *localaws.Call) *localaws.Fault {
		if c.N < 2 {
			return localaws.Unavailable()
		}
		return nil
	})
	f("slow", func(*localaws.Call) *localaws.Fault { return &localaws.Fault{Delay: 100 * time.Millisecond} })
	f("answers lost", func(c *localaws.Call) *localaws.Fault {
		if c.N == 1 {
			return &localaws.Fault{AfterCall: true}
		}
		return nil
	})
}

// TestLibrary_documentsAreAccepted sends what is hostile, and expects no
// refusal: the library repairs what X-Ray and CloudWatch would not take.
func TestLibrary_documentsAreAccepted(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	tel := startLibrary(t, srv)
	for _, name := range []string{"checkout (beta)", "", "\x00\xff", strings.Repeat("long ", 100), "日本語?", `"quoted"\`} {
		for _, kind := range []trace.SpanKind{trace.SpanKindServer, trace.SpanKindClient, trace.SpanKindInternal, trace.SpanKindConsumer} {
			ctx, parent := tel.TracerProvider().Tracer(name).Start(t.Context(), name, trace.WithSpanKind(kind))
			_, child := tel.TracerProvider().Tracer(name).Start(ctx, name, trace.WithSpanKind(kind))
			tel.Logger().ErrorContext(ctx, name, name, name)
			child.RecordError(fmt.Errorf("%s", name), trace.WithStackTrace(true))
			child.End()
			parent.End()
		}
		gauge, err := tel.MeterProvider().Meter("test").Float64Gauge("g")
		if err != nil {
			t.Fatal(err)
		}
		gauge.Record(t.Context(), 1)
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if counts := srv.Counts(); counts.Refused != 0 || counts.Segments != 48 {
		t.Errorf("%+v\n%s", counts, tel.Report())
	}
}

// TestLibrary_oldEventsAreCounted logs one event that is too old among others:
// it alone is dropped, and nothing is sent twice.
func TestLibrary_oldEventsAreCounted(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	tel := startLibrary(t, srv)
	logger := tel.LoggerProvider().Logger("test")
	for _, age := range []time.Duration{0, 15 * 24 * time.Hour, time.Minute} {
		var record log.Record
		record.SetTimestamp(time.Now().Add(-age))
		record.SetBody(attribute.StringValue("an event"))
		logger.Emit(t.Context(), record)
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, s := range tel.Report().Signals {
		if s.Signal == "logs" && (s.Delivered != 2 || s.Dropped["refused"] != 1) {
			t.Errorf("%+v, want two delivered and one refused", s)
		}
	}
	if counts := srv.Counts(); counts.LogEvents != 2 || counts.Refused != 1 {
		t.Errorf("%+v, want two events held and one refused", counts)
	}
}

// TestLibrary_otlp sends spans to X-Ray's OTLP endpoint, signed, on both ways
// the library has there.
func TestLibrary_otlp(t *testing.T) {
	f := func(exporter string) {
		t.Helper()
		t.Run(exporter, func(t *testing.T) {
			srv, err := localaws.Start(t.Context(), localaws.Config{})
			if err != nil {
				t.Fatal(err)
			}
			t.Setenv("OTEL_TRACES_EXPORTER", exporter)
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", srv.URL())
			t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
			t.Setenv("AWS_SIGV4_SERVICE", "xray")
			tel := startLibrary(t, srv)
			const n = 100
			for range n {
				ctx, parent := tel.TracerProvider().Tracer("test").Start(t.Context(), "GET /", trace.WithSpanKind(trace.SpanKindServer))
				_, child := tel.TracerProvider().Tracer("test").Start(ctx, "work")
				child.End()
				parent.End()
			}
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			if counts := srv.Counts(); counts.Traces != n || counts.Spans != 2*n || counts.Refused != 0 {
				t.Errorf("%+v\n%s", counts, tel.Report())
			}
		})
	}
	f("xray")
	f("otlp")
}

// TestLibrary_logWriter sends what package log writes to the stream of the
// library's own logger.
func TestLibrary_logWriter(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	tel := startLibrary(t, srv)
	logger := stdlog.New(tel.LogWriter(), "", 0)
	logger.Print("one")
	logger.Print("panic: two\n\tat main.go:1")
	if _, err := io.WriteString(tel.LogWriter(), "no end"); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := tel.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	if c := srv.Counts(); c.LogEvents != 3 || c.Refused != 0 {
		t.Errorf("%+v, want 3 events", c)
	}
}
