package localaws_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/localaws"
)

// soak makes TestDelivery the full trial: 100,000 spans a case.
var soak = flag.Bool("soak", false, "send 100,000 spans at 5,000 a second, not 5,000")

// What both ends may have on the heap, in bytes: calls on their way and garbage,
// and what the local AWS keeps of each trace. The library keeps nothing of those
// that are delivered.
const (
	heapBase     = 64 << 20
	heapPerTrace = 3 << 10
)

// heapBytes is what is on the heap, garbage included; reading it stops nothing.
func heapBytes() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// TestDelivery sends spans at 5,000 a second to an X-Ray that is far away and
// throttles every tenth call: all arrive, and none twice.
func TestDelivery(t *testing.T) {
	const rate = 5_000 // spans a second
	n := 5_000
	if *soak {
		n = 100_000
	}
	f := func(delay time.Duration) {
		t.Helper()
		t.Run(fmt.Sprint(delay), func(t *testing.T) {
			srv, err := localaws.Start(t.Context(), localaws.Config{})
			if err != nil {
				t.Fatal(err)
			}
			var received, documents atomic.Int64
			defer srv.Control("PutTraceSegments", func(c *localaws.Call) *localaws.Fault {
				received.Add(1)
				if c.N%10 == 0 {
					fault := localaws.Throttle()
					fault.Delay = delay
					return fault
				}
				documents.Add(int64(bytes.Count(c.Body, []byte(`\"trace_id\"`))))
				return &localaws.Fault{Delay: delay}
			})()
			tel := startLibrary(t, srv)
			tracer := tel.TracerProvider().Tracer("test")
			began := time.Now()
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			var most uint64 // bytes on the heap, of both ends
			for sent := 0; sent < n; {
				<-tick.C
				most = max(most, heapBytes())
				for due := min(n, int(time.Since(began).Seconds()*rate)); sent < due; sent++ {
					_, span := tracer.Start(t.Context(), "GET /", trace.WithSpanKind(trace.SpanKindServer))
					span.End()
				}
			}
			produced := time.Since(began)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := tel.Shutdown(ctx); err != nil {
				t.Fatalf("%v\n%s", err, tel.Report())
			}
			s := tel.Report().Signals[0]
			if s.Delivered != int64(n) || s.DroppedTotal() != 0 || s.PossibleDuplicates != 0 {
				t.Errorf("%+v, want %d delivered, each once", s, n)
			}
			if counts := srv.Counts(); counts.Traces != n {
				t.Errorf("%d traces arrived, want %d", counts.Traces, n)
			}
			if got := documents.Load(); got != int64(n) {
				t.Errorf("%d documents were taken, want %d: each once", got, n)
			}
			if limit := heapBase + heapPerTrace*uint64(n); most > limit {
				t.Errorf("%d MB on the heap, want at most %d", most>>20, limit>>20)
			}
			t.Logf("%d spans in %v, all there after another %v; %d calls, %d throttled; heap of both ends at most %d MB",
				n, produced.Round(time.Millisecond), (time.Since(began) - produced).Round(time.Millisecond),
				received.Load(), s.Throttled, most>>20)
		})
	}
	f(50 * time.Millisecond)
	f(200 * time.Millisecond)
}

// TestDelivery_outage takes X-Ray away while more is recorded than the queue
// holds: what fits arrives when it is back, and the rest is counted.
func TestDelivery_outage(t *testing.T) {
	n, outage := 2_000, 500*time.Millisecond
	if *soak {
		n, outage = 100_000, 30*time.Second
	}
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	back := time.Now().Add(outage)
	defer srv.Control("PutTraceSegments", func(*localaws.Call) *localaws.Fault {
		if time.Now().Before(back) {
			return localaws.Unavailable()
		}
		return nil
	})()
	for _, pair := range srv.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	tel, err := updraft.Config{
		Metrics: "none", Logs: "none", Strict: true, NoGlobals: true, QueueBytes: int64(n) * 300, // about half of it
	}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		_, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "GET /", trace.WithSpanKind(trace.SpanKindServer))
		span.End()
	}
	ctx, cancel := context.WithTimeout(t.Context(), outage+time.Minute)
	defer cancel()
	if err := tel.Shutdown(ctx); err != nil {
		t.Fatalf("%v\n%s", err, tel.Report())
	}
	s := tel.Report().Signals[0]
	if full := s.Dropped["queue_full"]; full == 0 || s.DroppedTotal() != full || s.Accepted+full != int64(n) || s.Delivered != s.Accepted {
		t.Errorf("%+v, want %d recorded: what was accepted delivered, the rest counted as queue_full", s, n)
	}
	if counts := srv.Counts(); int64(counts.Traces) != s.Accepted {
		t.Errorf("%d traces arrived, want %d", counts.Traces, s.Accepted)
	}
	t.Logf("of %d spans %d fit the queue and arrived, %d were counted as dropped; %d retries", n, s.Delivered, s.Dropped["queue_full"], s.Retries)
}
