package localaws_test

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/localaws"
)

// logArrivals counts, by its number, how often each record was taken.
type logArrivals struct {
	mu    sync.Mutex
	times []uint8
}

// read finds the numbers in the body of a call.
func (a *logArrivals) read(body []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, rest, more := bytes.Cut(body, []byte(`\"n\":`)); more; _, rest, more = bytes.Cut(rest, []byte(`\"n\":`)) {
		n := 0
		for _, c := range rest {
			if c < '0' || c > '9' {
				break
			}
			n = 10*n + int(c-'0')
		}
		a.times[n]++
	}
}

// never and again count the records that did not arrive, and the arrivals of
// those that had arrived.
func (a *logArrivals) never() (numbers []int) {
	for n, times := range a.times {
		if times == 0 {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func (a *logArrivals) again() (total int64) {
	for _, times := range a.times {
		total += int64(max(times, 1) - 1)
	}
	return total
}

// TestDelivery_logs logs through an outage, with every other call throttled
// (every fourth, where it should not take long), now and then an answer lost, and one record that CloudWatch Logs refuses, its call
// with it. With a spool all others arrive; what arrives twice was counted, and
// the refused record is counted alone, and memory is bounded.
func TestDelivery_logs(t *testing.T) {
	const (
		queueBytes = 8 << 20
		storeBytes = 32 << 20 // of the local AWS, for all signals
		heapLimit  = 192 << 20
		word       = "poison"
	)
	n, rate, outage, throttled := 20_000, 20_000, time.Second, 4
	if *soak {
		n, rate, outage, throttled = 1_000_000, 8_000, time.Minute, 2
	}
	srv, err := localaws.Start(t.Context(), localaws.Config{MaxBytes: storeBytes})
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range srv.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	t.Setenv("OTEL_BLRP_SCHEDULE_DELAY", "200")
	tel, err := updraft.Config{
		Traces: "none", Metrics: "none", Strict: true, NoGlobals: true, QueueBytes: queueBytes, SpoolDir: t.TempDir(),
	}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	logger := tel.Logger()
	logger.Info("first") // makes the stream
	if err := tel.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	arrived := &logArrivals{times: make([]uint8, n)}
	began := time.Now()
	from, to := began.Add(outage/4), began.Add(outage/4+outage)
	defer srv.Control("PutLogEvents", func(c *localaws.Call) *localaws.Fault {
		now := time.Now()
		switch {
		case now.After(from) && now.Before(to):
			return localaws.Unavailable()
		case rand.IntN(throttled) == 0:
			return localaws.Throttle()
		case bytes.Contains(c.Body, []byte(word)):
			return &localaws.Fault{StatusCode: 400, Code: "InvalidParameterException", Message: "Log event is not valid"}
		}
		arrived.read(c.Body)
		if c.N%40 == 0 {
			return &localaws.Fault{AfterCall: true}
		}
		return nil
	})()
	poison := n/2 + rand.IntN(n/4)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var most uint64
	var spooled int64
	for sent := 0; sent < n; {
		<-tick.C
		most = max(most, heapBytes())
		spooled = max(spooled, tel.Report().Signals[0].Spooled)
		for due := min(n, int(time.Since(began).Seconds()*float64(rate))); sent < due; sent++ {
			message := "order placed"
			if sent == poison {
				message = word
			}
			logger.LogAttrs(t.Context(), slog.LevelInfo, message, slog.String("id", "A-17"), slog.Int("n", sent))
		}
	}
	produced := time.Since(began)
	ctx, cancel := context.WithTimeout(t.Context(), outage+5*time.Minute)
	defer cancel()
	if err := tel.Shutdown(ctx); err != nil {
		t.Fatalf("%v\n%s", err, tel.Report())
	}
	s := tel.Report().Signals[0]
	if s.Accepted != int64(n+1) || s.Delivered != int64(n) || s.DroppedTotal() != 1 || s.Dropped["refused"] != 1 {
		t.Errorf("%+v, want %d accepted, all delivered but one that is refused", s, n+1)
	}
	if never := arrived.never(); len(never) != 1 || never[0] != poison {
		t.Errorf("%d records did not arrive, want number %d alone; the first are %v", len(never), poison, never[:min(len(never), 10)])
	}
	if again := arrived.again(); again > s.PossibleDuplicates {
		t.Errorf("%d arrived again, %d counted as possible duplicates", again, s.PossibleDuplicates)
	}
	if c := srv.Counts(); c.Refused != 0 || int64(c.LogEvents)+c.EvictedEvents != int64(n)+arrived.again() {
		t.Errorf("%+v: want no call refused by a rule, and %d events", c, int64(n)+arrived.again())
	}
	if most > heapLimit {
		t.Errorf("%d MB on the heap, want at most %d", most>>20, heapLimit>>20)
	}
	t.Logf("%d records in %v, at most %d of them on disk, all there after another %v; %d retries, %d throttled; %d arrived again, %d counted as possible duplicates; heap of both ends at most %d MB",
		n, produced.Round(time.Millisecond), spooled, (time.Since(began) - produced).Round(time.Millisecond),
		s.Retries, s.Throttled, arrived.again(), s.PossibleDuplicates, most>>20)
}
