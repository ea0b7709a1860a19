// Command agent compares the Updraft agent with contrib's components at pinned versions (folder peer), as processes of
// their own, under the same load and in front of the same server: CPU a span, throughput far from X-Ray, delivery,
// memory, start. Where it is told where an X-Ray daemon is, it compares the daemon's job, too.
//
//	scripts/bench-agent.sh           builds both and runs this
//	scripts/bench-agent.sh -only cpu one of them
//
// CPU is what the kernel counted for the process, so it hardly depends on what else the machine does; throughput and
// start do. It needs Linux.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	agent, peer, daemon, other string
	only                       *regexp.Regexp
	rate                       int
	length                     time.Duration
	soak                       time.Duration
	faults                     bool
	profile                    string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse() (options, error) {
	var o options
	var only string
	flag.StringVar(&o.agent, "agent", "bin/updraft-agent", "the agent's `program`")
	flag.StringVar(&o.peer, "peer", "bin/peer", "the `program` of folder peer; none: the agent alone")
	flag.StringVar(&o.other, "other", "", "another collector's `program`, of which start and memory are measured, too")
	flag.StringVar(&o.daemon, "daemon", "", "an X-Ray daemon's `program`; none: its job is not compared")
	flag.StringVar(&only, "only", "", "`pattern` of the comparisons to make: "+strings.Join(names(), ", "))
	flag.IntVar(&o.rate, "rate", 8000, "spans a `second` of a soak")
	flag.DurationVar(&o.length, "for", 10*time.Second, "how long each load lasts")
	flag.DurationVar(&o.soak, "soak", 0, "instead of comparing, load the agent for so long and watch its memory")
	flag.BoolVar(&o.faults, "faults", true, "in a soak: X-Ray throttles, fails and has outages")
	flag.StringVar(&o.profile, "profile", "", "`folder` for CPU and heap profiles of the agent, taken while CPU is measured")
	flag.Parse()
	var err error
	o.only, err = regexp.Compile(only)
	return o, err
}

func run(ctx context.Context) error {
	o, err := parse()
	if err != nil {
		return err
	}
	if o.soak > 0 {
		return soak(ctx, o)
	}
	r := &report{}
	var errs []error
	for _, c := range comparisons {
		if !o.only.MatchString(c.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s: %s\n", c.name, c.what)
		if err := c.run(ctx, o, r); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	fmt.Print(r.table())
	return errors.Join(errs...)
}

// A comparison measures the agent and its peer in one respect.
type comparison struct {
	name, what string
	run        func(context.Context, options, *report) error
}

var comparisons = []comparison{
	{"start", "from exec to a healthy answer, and memory when idle", compareStart},
	{"cpu", "CPU a span", compareCPU},
	{"throughput", "spans a second when X-Ray is 20 ms away", compareThroughput},
	{"delivery", "what arrives of what was accepted", compareDelivery},
	{"emf", "CPU a point, as embedded metric format", compareEMF},
	{"daemon", "the X-Ray daemon's job", compareDaemon},
}

func names() []string {
	var all []string
	for _, c := range comparisons {
		all = append(all, c.name)
	}
	return all
}

// A subject is a program under test.
type subject struct {
	name, program string
	contrib       bool
}

// subjects are the agent, and the peer where there is one.
func (o options) subjects() []subject {
	all := []subject{{"agent", o.agent, false}}
	if o.peer != "" {
		all = append(all, subject{"contrib", o.peer, true})
	}
	return all
}
