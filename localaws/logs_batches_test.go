package localaws_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/localaws"
	"github.com/updraft-otel/updraft/logs"
)

// A logBatchCase is records at a limit of PutLogEvents, and how many events in
// how few calls there can be of them.
type logBatchCase struct {
	name   string
	record func(*updraft.Telemetry)
	events int
	calls  int64
}

// TestLogBatches drives each limit of PutLogEvents at, one under and one over
// it: the library makes the fewest calls there can be, and none is refused.
func TestLogBatches(t *testing.T) {
	for _, c := range logBatchCases() {
		t.Run(c.name, func(t *testing.T) {
			srv, err := localaws.Start(t.Context(), localaws.Config{})
			if err != nil {
				t.Fatal(err)
			}
			var put atomic.Int64
			defer srv.Control("PutLogEvents", func(*localaws.Call) *localaws.Fault {
				put.Add(1)
				return nil
			})()
			for _, pair := range srv.Env() {
				name, value, _ := strings.Cut(pair, "=")
				t.Setenv(name, value)
			}
			c.run(t, func() { put.Store(0) })
			if got := srv.Counts(); got.LogEvents != c.events+1 || put.Load() != c.calls || got.Refused != 0 {
				t.Errorf("%d events in %d calls, %d refused, want %d in %d", got.LogEvents-1, put.Load(), got.Refused, c.events, c.calls)
			}
		})
	}
}

// run logs what the case has to whom the environment says. Begin is called when
// the stream is there, by an event before the case's own.
func (c logBatchCase) run(t *testing.T, begin func()) {
	t.Helper()
	t.Setenv("OTEL_BLRP_SCHEDULE_DELAY", "60000") // nothing leaves for its age
	tel, err := updraft.Config{
		ServiceName: "under-test", Traces: "none", Metrics: "none", LogStream: c.name, Strict: true, NoGlobals: true,
	}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tel.Logger().Info("first") // makes the stream
	if err := tel.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	begin()
	c.record(tel)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := tel.Shutdown(ctx); err != nil {
		t.Fatalf("%v\n%s", err, tel.Report())
	}
	if s := tel.Report().Signals[0]; s.DroppedTotal() != 0 {
		t.Errorf("%+v, want nothing dropped", s)
	}
}

func logBatchCases() []logBatchCase {
	var cases []logBatchCase
	f := func(name string, record func(*updraft.Telemetry), events int, calls int64) {
		cases = append(cases, logBatchCase{name, record, events, calls})
	}
	lines := func(n, size int) func(*updraft.Telemetry) {
		return func(tel *updraft.Telemetry) {
			line := []byte(strings.Repeat("x", size) + "\n")
			for range n {
				_, _ = tel.LogWriter().Write(line)
			}
		}
	}
	f("event, one under", lines(1, logs.MaxEventBytes-1), 1, 1)
	f("event, at", lines(1, logs.MaxEventBytes), 1, 1)
	f("event, one over", lines(1, logs.MaxEventBytes+1), 2, 2)

	const half = awsapi.MaxLogBatchBytes/2 - awsapi.LogEventOverhead
	f("bytes, one under", func(tel *updraft.Telemetry) { lines(1, half)(tel); lines(1, half-1)(tel) }, 2, 1)
	f("bytes, at", lines(2, half), 2, 1)
	f("bytes, one over", func(tel *updraft.Telemetry) { lines(1, half)(tel); lines(1, half+1)(tel) }, 2, 2)
	f("bytes of other characters", func(tel *updraft.Telemetry) {
		_, _ = io.WriteString(tel.LogWriter(), strings.Repeat("é", half/2)+"\n"+strings.Repeat("\x01\"", half/2)+"\n")
	}, 2, 1)

	f("events, one under", lines(awsapi.MaxLogEvents-1, 1), awsapi.MaxLogEvents-1, 1)
	f("events, at", lines(awsapi.MaxLogEvents, 1), awsapi.MaxLogEvents, 1)
	f("events, one over", lines(awsapi.MaxLogEvents+1, 1), awsapi.MaxLogEvents+1, 2)

	ago := func(ages ...time.Duration) func(*updraft.Telemetry) {
		return func(tel *updraft.Telemetry) {
			now := time.Now().Truncate(time.Millisecond)
			for _, age := range ages {
				_ = tel.Logger().Handler().Handle(context.Background(), slog.NewRecord(now.Add(-age), slog.LevelInfo, "m", 0))
			}
		}
	}
	f("span, one under", ago(0, awsapi.LogSpan-time.Millisecond), 2, 1)
	f("span, at", ago(0, awsapi.LogSpan), 2, 1)
	f("span, one over", ago(0, awsapi.LogSpan+time.Millisecond), 2, 2)
	f("out of order", ago(time.Hour, 0, 2*time.Hour, time.Minute), 4, 1)
	return cases
}
