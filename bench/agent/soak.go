package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"
)

// Faults of a soak: X-Ray is far, throttles and fails all the time, and is away for a while now and then.
const (
	outageEvery  = 2 * time.Minute
	outageLength = 15 * time.Second
	watchEvery   = 15 * time.Second
)

// soak loads the agent for a long time and reports its memory and goroutines as it goes. It is an error if a span that was
// accepted does not arrive.
func soak(ctx context.Context, o options) error {
	var fault func(int64) int
	delay := time.Duration(0)
	if o.faults {
		delay = away
		begun, broken := time.Now(), faulty()
		fault = func(call int64) int {
			if since := time.Since(begun); since > outageEvery && since%outageEvery < outageLength {
				return http.StatusServiceUnavailable
			}
			return broken(call)
		}
	}
	profiles := freeAddr()
	s, err := newSetup(ctx, o.agent, newSink(delay, fault), profiles)
	if err != nil {
		return err
	}
	defer s.close()
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	fmt.Println("| time | accepted | arrived | sent again | resident MB | anonymous MB | heap MB | goroutines | CPU s |")
	fmt.Println("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	go func() {
		defer close(watched)
		for begun := time.Now(); watching.Err() == nil; pause(watching, watchEvery) {
			s.line(watching, time.Since(begun), profiles)
		}
	}()
	begun := time.Now()
	err = s.load.run(ctx, s.otlp, clients, o.rate, o.soak)
	accepted := s.load.accepted.Load()
	arrived := s.sink.wait(ctx, accepted, time.Minute)
	stop()
	<-watched
	s.line(ctx, time.Since(begun), profiles)
	fmt.Printf("\naccepted %d, refused for good %d, arrived %d, arrived again %d\n", accepted, s.load.refused.Load(), arrived, s.sink.documents.Load()-arrived)
	if err == nil && arrived < accepted {
		err = fmt.Errorf("%d of %d spans are lost", accepted-arrived, accepted)
	}
	return err
}

// line reports how the agent is at present.
func (s *setup) line(ctx context.Context, since time.Duration, profiles string) {
	rss, anonymous, _ := s.memory()
	cpu, _ := s.cpu()
	heap, goroutines := inside(ctx, profiles)
	fmt.Printf("| %v | %d | %d | %d | %.1f | %.1f | %.1f | %d | %.0f |\n", since.Round(time.Second), s.load.accepted.Load(), s.sink.spans.Load(),
		s.load.turnedAway.Load(), rss/1e6, anonymous/1e6, heap/1e6, goroutines, cpu.Seconds())
}

// inside asks the process's pprof extension for the heap in use and the number of goroutines.
func inside(ctx context.Context, profiles string) (heap float64, goroutines int) {
	if text, err := get(ctx, "http://"+profiles+"/debug/pprof/heap?debug=1"); err == nil {
		if at := indexOf(text, "# HeapInuse = "); at >= 0 {
			_, _ = fmt.Sscanf(string(text[at:]), "# HeapInuse = %g", &heap)
		}
	}
	if text, err := get(ctx, "http://"+profiles+"/debug/pprof/goroutine?debug=1"); err == nil {
		_, _ = fmt.Sscanf(string(text), "goroutine profile: total %d", &goroutines)
	} else if ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
	}
	return heap, goroutines
}
