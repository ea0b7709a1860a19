package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/localaws"
)

// progress shows the counts as they grow: on a terminal one line that is
// written over and over, elsewhere a line every few seconds.
type progress struct {
	out      io.Writer
	began    time.Time
	every    time.Duration
	terminal bool
}

func newProgress(out io.Writer, began time.Time) *progress {
	p := &progress{out: out, began: began, every: 3 * time.Second, terminal: isTerminal(out)}
	if p.terminal {
		p.every = 250 * time.Millisecond
	}
	return p
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (p *progress) line(now time.Time, t *traffic, c localaws.Counts) {
	// Over what stood there, cut at the edge of the terminal instead of wrapped.
	const begin, end = "\r\x1b[?7l", "\x1b[K\x1b[?7h"
	text := fmt.Sprintf("  %4.0f s  %d requests  %d traces  %d spans  %d log events  %d metric datums  %d refused",
		now.Sub(p.began).Seconds(), t.sent.Load(), c.Traces, c.Spans, c.LogEvents, c.MetricDatums, c.Refused)
	if p.terminal {
		fmt.Fprint(p.out, begin, text, end)
		return
	}
	fmt.Fprintln(p.out, text)
}

// end leaves the line that is written over.
func (p *progress) end() {
	if p.terminal {
		fmt.Fprintln(p.out)
	}
}

// A tally is what all services say they delivered and dropped, by signal.
type tally map[string]*struct{ delivered, dropped int64 }

func tallyOf(reports []updraft.Report) tally {
	t := tally{"traces": {}, "logs": {}, "metrics": {}}
	for _, r := range reports {
		for _, s := range r.Signals {
			if sum := t[s.Signal]; sum != nil {
				sum.delivered += s.Delivered
				sum.dropped += s.DroppedTotal()
			}
		}
	}
	return t
}

func (t tally) droppedTotal() int64 {
	return t["traces"].dropped + t["logs"].dropped + t["metrics"].dropped
}

// missing holds what services said against what the local AWS has: each signal
// there, nothing dropped, nothing refused but the one segment that should be.
func (t tally) missing(c localaws.Counts) []error {
	var errs []error
	for _, s := range []struct {
		signal, unit string
		arrived      int
	}{
		{"traces", "segments", c.Segments},
		{"logs", "log events", c.LogEvents},
		{"metrics", "metric datums", c.MetricDatums},
	} {
		sum := t[s.signal]
		switch {
		case s.arrived <= 0:
			errs = append(errs, fmt.Errorf("%s: none arrived", s.signal))
		case int64(s.arrived) < sum.delivered && c.EvictedTraces+c.EvictedEvents == 0:
			errs = append(errs, fmt.Errorf("%s: %d %s delivered, %d arrived", s.signal, sum.delivered, s.unit, s.arrived))
		}
		if sum.dropped > 0 {
			errs = append(errs, fmt.Errorf("%s: %d %s dropped", s.signal, sum.dropped, s.unit))
		}
	}
	if c.Refused != 1 {
		errs = append(errs, fmt.Errorf("refused: %d, not the 1 on purpose", c.Refused))
	}
	return errs
}
