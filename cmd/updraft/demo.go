package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"time"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/localaws"
)

// A demo is the local AWS, the shop that sends to it, and the shop's customers.
type demo struct {
	listen    string
	listenUDP string
	data      string
	rate      float64
	duration  time.Duration // 0: until ctx ends
	noBrowser bool

	out    io.Writer
	err    *lineWriter
	srv    *localaws.Server
	before localaws.Counts // what a data directory held already
}

const maxRate = 1000 // requests a second; one machine runs customers, shop and AWS

func demoCommand(ctx context.Context, args []string, std stdio) error {
	d := &demo{out: std.out, err: &lineWriter{w: std.err}}
	fs := flag.NewFlagSet("demo", flag.ContinueOnError)
	fs.StringVar(&d.listen, "listen", localaws.DefaultListen, "")
	fs.StringVar(&d.listenUDP, "listen-udp", udpOff, "") // the shop sends no segments by UDP; a second demo finds the port free
	fs.StringVar(&d.data, "data", "", "")
	fs.Float64Var(&d.rate, "rate", 10, "")
	fs.DurationVar(&d.duration, "for", 0, "")
	fs.BoolVar(&d.noBrowser, "no-browser", false, "")
	if err := parse(fs, args, std); err != nil {
		return ignoreHelp(err)
	}
	if !(d.rate > 0 && d.rate <= maxRate) {
		return usageError(fmt.Sprintf("--rate %v: not more than 0 and at most %d", d.rate, maxRate), "--rate 10 is ten requests a second")
	}
	if d.duration < 0 {
		return usageError(fmt.Sprintf("--for %s: a time that is over", d.duration), "--for 20s stops after twenty seconds")
	}
	return d.run(ctx)
}

// run shows the demo from the first line to the summary.
func (d *demo) run(ctx context.Context) (err error) {
	logger := slog.New(slog.NewTextHandler(d.err.prefixed("local AWS: "), nil))
	d.srv, err = startLocal(ctx, localaws.Config{Listen: d.listen, ListenUDP: d.listenUDP, DataDir: d.data, Logger: logger}, d.err)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.srv.Close()) }()
	d.before = d.srv.Counts()
	d.welcome()
	if err := createRules(ctx, d.srv); err != nil && ctx.Err() == nil {
		fmt.Fprintf(d.err, "note: %v\n", err) // the demo goes on: without rules there is Default
	}

	shop, err := startShop(ctx, d.srv.Env(), d.err)
	if err != nil {
		if ctx.Err() != nil {
			return nil // stopped before it began
		}
		return err
	}
	fmt.Fprintf(d.out, "  shop     %s/api/products\n\n", shop.url)
	if err := sendRefused(ctx, d.srv, time.Now()); err != nil && ctx.Err() == nil {
		fmt.Fprintf(d.err, "note: %v\n", err) // the summary counts it
	}

	customers := newTraffic(shop.url, d.rate)
	ended := d.watch(ctx, shop, customers)
	fmt.Fprintln(d.out, "stopping: the last requests finish, the last telemetry is sent")
	reports, stopErr := shop.stop()
	if err := errors.Join(ended, stopErr); err != nil {
		return err
	}
	return d.summary(customers, reports)
}

// watch lets customers in and shows the counts until ctx ends, the time is
// over, or a service ends by itself, which is an error. It returns when the
// last customer has been served.
func (d *demo) watch(ctx context.Context, s *shop, customers *traffic) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if d.duration > 0 {
		ctx, stop = context.WithTimeout(ctx, d.duration)
		defer stop()
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		customers.run(ctx)
	}()
	defer func() { stop(); <-served }()

	show := newProgress(d.out, time.Now())
	defer show.end()
	tick := time.NewTicker(show.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.inventory.done:
			return s.inventory.ended()
		case <-s.web.done:
			return s.web.ended()
		case now := <-tick.C:
			show.line(now, customers, d.counts())
		}
	}
}

// counts is what has arrived since the demo began.
func (d *demo) counts() localaws.Counts {
	c := d.srv.Counts()
	c.Traces -= d.before.Traces
	c.Segments -= d.before.Segments
	c.Spans -= d.before.Spans
	c.LogEvents -= d.before.LogEvents
	c.MetricDatums -= d.before.MetricDatums
	c.Refused -= d.before.Refused
	return c
}

func (d *demo) welcome() {
	fmt.Fprintf(d.out, `Updraft demo: a shop of two services and a database sends its traces, logs and metrics to an AWS on this machine

  console  %[1]s
  AWS CLI  AWS_ACCESS_KEY_ID=%[2]s AWS_SECRET_ACCESS_KEY=%[3]s AWS_DEFAULT_REGION=%[4]s aws --endpoint-url %[5]s logs describe-log-groups
  data     %[6]s
  refused  one segment named %[7]q is sent on purpose: the console's Refused page says what AWS has against it
  sampled  the shop keeps what X-Ray's sampling rules say: the console's Sampling page shows and changes them
`, consoleURL(d.srv), localaws.AccessKeyID, localaws.SecretAccessKey, localaws.Region, d.srv.URL(), dataText(d.data), badName)
	if addr := d.srv.UDPAddr(); addr != "" {
		fmt.Fprintf(d.out, "  daemon   AWS_XRAY_DAEMON_ADDRESS=%s for other applications\n", addr)
	}
	if d.noBrowser || !wantsBrowser(runtime.GOOS, os.Getenv) {
		return
	}
	if err := openBrowser(consoleURL(d.srv)); err != nil {
		fmt.Fprintf(d.out, "  browser  %v; open the console's address yourself\n", err)
	}
}

// summary prints what became of everything, and is an error if something did
// not arrive.
func (d *demo) summary(customers *traffic, reports []updraft.Report) error {
	c := d.counts()
	sent := tallyOf(reports)
	fmt.Fprintf(d.out, `
summary
  requests       %d, of which %d answered 4xx, %d answered 5xx, %d not answered
  traces         %d
  spans          %d
  log events     %d
  metric datums  %d
  refused        %d, of which 1 on purpose
  dropped        %d
`, customers.sent.Load(), customers.refused.Load(), customers.failed.Load(), customers.lost.Load(),
		c.Traces, c.Spans, c.LogEvents, c.MetricDatums, c.Refused, sent.droppedTotal())
	if missing := sent.missing(c); len(missing) > 0 {
		return withHint(fmt.Errorf("not everything arrived: %w", errors.Join(missing...)),
			"the console's Refused page says what was refused and why; updraft demo --data DIR keeps it for a look")
	}
	return nil
}
