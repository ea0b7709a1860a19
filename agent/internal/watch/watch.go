package watch

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// DefaultURL is where a collector serves its metrics by default.
// https://opentelemetry.io/docs/collector/internal-telemetry/#configure-internal-metrics
const DefaultURL = "http://127.0.0.1:8888/metrics"

// Options say what is watched and for how long.
type Options struct {
	// URL is the address of the metrics; "" means [DefaultURL].
	URL string
	// For is how long; 0 means until it is stopped.
	For time.Duration
	// Interval is how often; 0 means once a second.
	Interval time.Duration
}

// Wanted tells whether arguments ask to watch.
func Wanted(args []string) bool {
	for _, arg := range args {
		if name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "="); strings.HasPrefix(arg, "-") && name == "watch" {
			return true
		}
	}
	return false
}

// optionalURL is a flag whose value may be left out.
type optionalURL string

func (u *optionalURL) String() string   { return string(*u) }
func (u *optionalURL) IsBoolFlag() bool { return true }
func (u *optionalURL) Set(text string) error {
	if text == "true" { // --watch alone
		text = ""
	}
	*u = optionalURL(text)
	return nil
}

// Parse reads --watch[=URL], --for and --interval. It returns flag.ErrHelp after it has written help to out.
func Parse(args []string, out io.Writer) (Options, error) {
	var o Options
	var address optionalURL
	flags := flag.NewFlagSet("watch", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, "usage: updraft-agent --watch[=URL] [--for TIME] [--interval TIME]\n\n"+
			"Shows how a running agent, or any collector, does: in a terminal in place, elsewhere one snapshot after another.\n\n")
		flags.PrintDefaults()
	}
	flags.Var(&address, "watch", "the `URL` of a running agent's metrics, or its HOST:PORT; alone it is "+DefaultURL)
	flags.DurationVar(&o.For, "for", 0, "how long to watch; 0 is until q or Ctrl-C")
	flags.DurationVar(&o.Interval, "interval", time.Second, "how often to look")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; another agent is named --watch=URL", flags.Arg(0))
	}
	if o.For < 0 || o.Interval <= 0 {
		return o, errors.New("--for and --interval must not be negative")
	}
	var err error
	o.URL, err = fullURL(string(address))
	return o, err
}

// fullURL completes what may be left out of an address.
func fullURL(text string) (string, error) {
	switch {
	case text == "":
		return DefaultURL, nil
	case !strings.Contains(text, "://"):
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("--watch=%q is no address; it is like %s", text, DefaultURL)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/metrics"
	}
	return u.String(), nil
}

// Run shows a collector's metrics on out until ctx ends, the time is over, a signal comes, or in a terminal q is pressed:
// there in place, elsewhere one snapshot after another. An agent that does not answer is asked again; Run returns an error
// if none has answered until the end.
func Run(ctx context.Context, o Options, out io.Writer) error {
	if o.URL == "" {
		o.URL = DefaultURL
	}
	if o.Interval <= 0 {
		o.Interval = time.Second
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if o.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.For)
		defer cancel()
	}
	var show screen = plain{out}
	if t := openTerminal(out); t != nil {
		var restore func()
		ctx, restore = t.begin(ctx)
		defer restore()
		show = t
	}
	w := watcher{url: o.URL, client: &http.Client{Transport: &http.Transport{}}, show: show} // no proxy to this machine
	return w.run(ctx, o.Interval)
}

// A screen shows one frame after another.
type screen interface {
	width() int
	draw(at time.Time, f frame) error
}

type watcher struct {
	url    string
	client *http.Client
	show   screen

	history  history
	answered bool
	failed   error // why the last try brought nothing
}

func (w *watcher) run(ctx context.Context, interval time.Duration) error {
	defer w.client.CloseIdleConnections()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		w.look(ctx)
		if ctx.Err() == nil {
			if err := w.show.draw(time.Now(), w.frame()); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if !w.answered && w.failed != nil {
				return fmt.Errorf("%w; %s", w.failed, hint)
			}
			return nil
		}
	}
}

// hint is what to look at where nobody answers.
const hint = "Is an agent running on this machine, and is its service::telemetry::metrics::level not none? Another is named --watch=URL."

// look takes one snapshot.
func (w *watcher) look(ctx context.Context) {
	s, err := fetch(ctx, w.client, w.url, time.Now)
	if err != nil {
		if ctx.Err() == nil || !w.answered && w.failed == nil {
			w.failed = err
		}
		return
	}
	w.history, w.answered, w.failed = w.history.add(s), true, nil
}

// frame is what is to be shown: the view, and above it why it is old.
func (w *watcher) frame() frame {
	width := w.show.width()
	if w.failed == nil {
		return w.history.frame(width)
	}
	f := frame{lines: []string{cut("No answer: "+w.failed.Error(), width), cut(hint, width)}, titles: map[int]bool{0: true}}
	if len(w.history) > 0 {
		f.lines = append(f.lines, "")
		old := w.history.frame(width)
		for i := range old.titles {
			f.titles[i+len(f.lines)] = true
		}
		f.lines = append(f.lines, old.lines...)
	}
	return f
}

// plainWidth is a line's where no terminal says its own.
const plainWidth = 120

// plain writes snapshots one after another.
type plain struct{ out io.Writer }

func (plain) width() int { return plainWidth }

func (p plain) draw(at time.Time, f frame) error {
	_, err := io.WriteString(p.out, at.UTC().Format(time.RFC3339)+"\n"+strings.Join(f.lines, "\n")+"\n\n")
	return err
}
