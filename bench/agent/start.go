package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// starts is how often each program is started; settle is when its memory is read.
const (
	starts = 5
	settle = 5 * time.Second
)

// compareStart starts the programs in turn, each with the configuration of the other comparisons.
func compareStart(ctx context.Context, o options, r *report) error {
	all := o.subjects()
	if o.other != "" {
		all = append(all, subject{"other", o.other, true})
	}
	times, rss, anonymous := make([][]float64, len(all)), make([][]float64, len(all)), make([][]float64, len(all))
	for range starts {
		for i, who := range all {
			s, err := newSetup(ctx, who.program, newSink(0, nil), "")
			if err != nil {
				return err
			}
			times[i] = append(times[i], time.Since(s.begun).Seconds()*1e3)
			pause(ctx, settle)
			resident, own, err := s.memory()
			s.close()
			if err != nil {
				return err
			}
			rss[i], anonymous[i] = append(rss[i], resident/1e6), append(anonymous[i], own/1e6)
		}
	}
	for i := 1; i < len(all) || i == 1; i++ {
		pick := func(values [][]float64, unit string) []figure {
			f := []figure{number(median(values[0]), unit)}
			if i < len(all) {
				f = append(f, number(median(values[i]), unit))
			}
			return f
		}
		r.add("start", 1, pick(times, "ms"))
		r.add("idle memory", 0.5, pick(rss, "MB"))
		r.add("of which not the program's file", 0, pick(anonymous, "MB"))
	}
	for i, who := range all {
		if info, err := os.Stat(who.program); err == nil {
			fmt.Fprintf(os.Stderr, "  %s: program of %.1f MB; starts %.0f ms\n", who.name, float64(info.Size())/1e6, times[i])
		}
	}
	return nil
}
