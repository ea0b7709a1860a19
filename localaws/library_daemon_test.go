package localaws_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/localaws"
)

// startDaemonRoad starts the library with its spans going to a daemon's port.
func startDaemonRoad(t *testing.T, address string, sampler sdktrace.Sampler) *updraft.Telemetry {
	t.Helper()
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", address)
	tel, err := updraft.Config{
		ServiceName: "under-test", Traces: updraft.ExporterXRayUDP, Metrics: updraft.ExporterNone, Logs: updraft.ExporterNone,
		Sampler: sampler, Strict: true, NoGlobals: true,
	}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tel
}

func stop(t *testing.T, tel *updraft.Telemetry) []updraft.SignalReport {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := tel.Shutdown(ctx); err != nil {
		t.Errorf("%v\n%s", err, tel.Report())
	}
	return tel.Report().Signals
}

// arrived polls for segments: nobody is told when a datagram was read.
func arrived(t *testing.T, srv *localaws.Server, want int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for srv.Counts().Segments < want && time.Now().Before(deadline) {
		<-time.After(5 * time.Millisecond)
	}
	if c := srv.Counts(); c.Segments != want || c.Refused != 0 {
		t.Errorf("%+v, want %d segments", c, want)
	}
}

// oneDaemonSpan records a span whose last attribute has n bytes.
func oneDaemonSpan(tel *updraft.Telemetry, n int) {
	_, span := tel.TracerProvider().Tracer("test").Start(context.Background(), "GET /", trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", "GET"), attribute.String("note", strings.Repeat("x", n))))
	span.End()
}

func TestDaemonRoad(t *testing.T) {
	f := func(name, lambda string, sampler sdktrace.Sampler, spans, size int) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			srv, err := localaws.Start(t.Context(), localaws.Config{ListenUDP: "127.0.0.1:0"})
			if err != nil {
				t.Fatal(err)
			}
			t.Setenv("AWS_LAMBDA_FUNCTION_NAME", lambda)
			_, port, _ := net.SplitHostPort(srv.UDPAddr())
			tel := startDaemonRoad(t, "tcp:127.0.0.1:1 udp:localhost:"+port, sampler)
			for range spans {
				oneDaemonSpan(tel, size)
			}
			var delivered int64
			for _, s := range stop(t, tel) {
				delivered += s.Delivered
				if s.DroppedTotal() != 0 {
					t.Errorf("%+v", s)
				}
			}
			if delivered != int64(spans) {
				t.Errorf("%d delivered, want %d", delivered, spans)
			}
			arrived(t, srv, spans)
		})
	}
	all := sdktrace.AlwaysSample()
	f("segments", "", all, 100, 10)
	f("segments that are trimmed", "", all, 3, 80_000)
	f("Lambda", "shop", all, 100, 10)
	f("Lambda, two datagrams", "shop", all, 5, 20_000)
	f("Lambda, recorded only", "shop", recordOnly{}, 3, 10)
}

// recordOnly is a sampler for those who want to see all and keep nothing.
type recordOnly struct{}

func (recordOnly) ShouldSample(sdktrace.SamplingParameters) sdktrace.SamplingResult {
	return sdktrace.SamplingResult{Decision: sdktrace.RecordOnly}
}
func (recordOnly) Description() string { return "RecordOnly" }

// TestDaemonRoad_tooLong counts a span that no datagram holds; its neighbours
// arrive.
func TestDaemonRoad_tooLong(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{ListenUDP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "shop")
	tel := startDaemonRoad(t, srv.UDPAddr(), sdktrace.AlwaysSample())
	oneDaemonSpan(tel, 10)
	oneDaemonSpan(tel, 48_800) // with the resource it is too long
	oneDaemonSpan(tel, 60_000)
	oneDaemonSpan(tel, 10)
	sampled := stop(t, tel)[0]
	if sampled.Delivered != 2 || sampled.Dropped["refused"] != 1 || sampled.Dropped["too_large"] != 1 {
		t.Errorf("%+v", sampled)
	}
	arrived(t, srv, 2)
}

// TestDaemonRoad_late starts the daemon after the application.
func TestDaemonRoad_late(t *testing.T) {
	address := freeUDP(t)
	tel := startDaemonRoad(t, address, sdktrace.AlwaysSample())
	for range 10 {
		oneDaemonSpan(tel, 10)
	}
	deadline := time.Now().Add(10 * time.Second)
	for tel.Report().Signals[0].LastError == "" && time.Now().Before(deadline) {
		<-time.After(5 * time.Millisecond)
	}
	srv, err := localaws.Start(t.Context(), localaws.Config{ListenUDP: address})
	if err != nil {
		t.Fatal(err)
	}
	if s := stop(t, tel)[0]; s.Delivered != 10 || s.DroppedTotal() != 0 || !strings.Contains(s.LastError, "nobody listens") {
		t.Errorf("%+v", s)
	}
	arrived(t, srv, 10)
}

func freeUDP(t *testing.T) string {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().String()
}
