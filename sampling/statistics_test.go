package sampling

import (
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// TestRate_statistics decides about a million traces by each rate, with ids as X-Ray's generator makes them, a moment
// long and all of the same second, and with W3C's. What is sampled is within four standard deviations.
func TestRate_statistics(t *testing.T) {
	r := rand.New(rand.NewChaCha8([32]byte{1: 7}))
	ids := map[string]func(i int) trace.TraceID{
		"X-Ray": func(i int) trace.TraceID {
			id := randomID(r)
			binary.BigEndian.PutUint32(id[:], uint32(1_764_000_000+i/1000)) // a thousand a second
			return id
		},
		"X-Ray, same second": func(int) trace.TraceID {
			id := randomID(r)
			binary.BigEndian.PutUint32(id[:], 1_764_000_000)
			return id
		},
		"W3C": func(int) trace.TraceID { return randomID(r) },
	}
	const n = 1_000_000
	for name, id := range ids {
		for _, rate := range []float64{0.01, 0.05, 0.5} {
			s := compiled(t, all(0, rate), Config{})
			sampled := 0
			for i := range n {
				result := s.ShouldSample(sdktrace.SamplingParameters{ParentContext: context.Background(), TraceID: id(i)})
				if result.Decision == sdktrace.RecordAndSample {
					sampled++
				}
			}
			deviation := math.Sqrt(n * rate * (1 - rate))
			off := (float64(sampled) - n*rate) / deviation
			t.Logf("%s ids at %g: %d of %d, %+.2f standard deviations off", name, rate, sampled, n, off)
			if math.Abs(off) > 4 {
				t.Errorf("%s ids at %g: %d of %d sampled, %.1f standard deviations off", name, rate, sampled, n, off)
			}
			if total := s.Report().Rules[0]; total.Requests != n || total.Sampled != int64(sampled) {
				t.Errorf("%s ids at %g: counted %+v", name, rate, total)
			}
		}
	}
}

// The same traces are kept as by OpenTelemetry's own ratio sampler.
func TestRate_asOpenTelemetry(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, rate := range []float64{0, 0.001, 0.1, 0.5, 0.999, 1} {
		ours, theirs := compiled(t, all(0, rate), Config{}), sdktrace.TraceIDRatioBased(rate)
		for range 10_000 {
			p := sdktrace.SamplingParameters{ParentContext: context.Background(), TraceID: randomID(r)}
			if a, b := ours.ShouldSample(p).Decision, theirs.ShouldSample(p).Decision; a != b {
				t.Fatalf("rate %g, id %v: %v, OpenTelemetry %v", rate, p.TraceID, a, b)
			}
		}
	}
}

// The reservoir gives out no place twice, however many ask.
func TestReservoir_concurrent(t *testing.T) {
	var now atomic.Int64
	s, err := New(Config{Rules: []Rule{{ReservoirSize: 1000}}, Now: func() time.Time { return time.Unix(now.Load(), 0) }})
	if err != nil {
		t.Fatal(err)
	}
	const seconds, goroutines, each = 3, 4, 5000
	var sampled atomic.Int64
	for second := range seconds {
		now.Store(int64(second))
		var wait sync.WaitGroup
		for range goroutines {
			wait.Go(func() { sampled.Add(int64(offer(s, each, never))) })
		}
		wait.Wait()
	}
	if n := sampled.Load(); n != seconds*1000 {
		t.Errorf("%d sampled in %d seconds of 1000", n, seconds)
	}
	if r := s.Report().Rules[0]; r.Requests != seconds*goroutines*each || r.Sampled != seconds*1000 || r.Borrowed != 0 {
		t.Errorf("counted %+v", r)
	}
}

// The clock may be late in one goroutine, or jump.
func TestReservoir_clock(t *testing.T) {
	var r reservoir
	for i, at := range []time.Duration{5, 4, 5, 0, 6} {
		got := r.take(at*time.Second, 1)
		if want := i == 0 || i == 4; got != want {
			t.Errorf("step %d, second %d: %v, want %v", i, at, got, want)
		}
	}
}

func TestShouldSample_allocations(t *testing.T) {
	s := compiled(t, manyRules(), Config{Explain: true})
	attributes := request("GET", "shop.example.com", "/api/orders")
	p := sdktrace.SamplingParameters{ParentContext: context.Background(), Name: "GET", Attributes: attributes}
	if n := testing.AllocsPerRun(1000, func() { s.ShouldSample(p) }); n != 0 {
		t.Errorf("%v allocations in a decision, want none", n)
	}
	s = compiled(t, []Rule{{Name: "a", Boost: &Boost{MaxRate: 1}, Attributes: map[string]string{"server.port": "8080", "url.scheme": "http"}}}, Config{})
	if n := testing.AllocsPerRun(1000, func() { s.ShouldSample(p) }); n != 0 {
		t.Errorf("%v allocations in a decision with attributes and a reference, want none", n)
	}
}
