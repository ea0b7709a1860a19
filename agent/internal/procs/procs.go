// Package procs has the program run on one processor while one is enough.
//
// Go's scheduler wakes threads that look for work on the other processors whenever something becomes ready. For a program
// that gets a small request now and then that is a good part of all it does: about a tenth of the CPU time of spans that
// go through the agent at a sixth of a core, and up to a quarter of that of metrics. Under load the work itself is what
// costs, and all processors are needed.
package procs

import (
	"context"
	"os"
	"runtime"
	"time"
)

// A Governor sets how many processors Go code runs on. The zero value works.
type Governor struct {
	// Interval is how often the load is looked at while one processor may not be enough. Default: 100 ms. A tenth as often
	// will do while it has little to do: to look wakes it up, too.
	Interval time.Duration
	// Quiet is over how long one processor must have been enough before there is one. Default: 5 s.
	Quiet time.Duration
}

// Shares of one processor, over the time since the last look.
const (
	busy  = 0.8  // from here on there are all
	quiet = 0.35 // up to here one is enough
	rest  = 0.2  // below it a look a second is enough
)

// Run sets the number until ctx ends, and then leaves it as the runtime has it by default. It does nothing where GOMAXPROCS is
// set in the environment, where there is one processor, and where the system does not tell the time it gave the process.
func (g Governor) Run(ctx context.Context) {
	if os.Getenv("GOMAXPROCS") != "" || runtime.GOMAXPROCS(0) == 1 || cpuTime() == 0 {
		return
	}
	if g.Interval <= 0 {
		g.Interval = 100 * time.Millisecond
	}
	if g.Quiet <= 0 {
		g.Quiet = 5 * time.Second
	}
	defer runtime.SetDefaultGOMAXPROCS() // which also follows the container's limits again
	runtime.GOMAXPROCS(1)
	one := true
	last, wait := now(), g.Interval
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		at := now()
		share := at.since(last)
		last = at
		switch {
		case one && share > busy:
			runtime.SetDefaultGOMAXPROCS()
			one = false
		case !one && share <= quiet:
			runtime.GOMAXPROCS(1)
			one = true
		}
		switch {
		case !one:
			wait = g.Quiet
		case share < rest:
			wait = 10 * g.Interval
		default:
			wait = g.Interval
		}
	}
}

// A reading is what the process has used of its processors at a time.
type reading struct {
	at   time.Time
	used time.Duration
}

func now() reading { return reading{time.Now(), cpuTime()} }

// since is the share of one processor that was used since an earlier reading.
func (r reading) since(earlier reading) float64 {
	return float64(r.used-earlier.used) / float64(max(1, r.at.Sub(earlier.at)))
}
