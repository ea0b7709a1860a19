package updraft

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/logs"
	"github.com/updraft-otel/updraft/metrics"
	"github.com/updraft-otel/updraft/sampling"
)

// Telemetry is what [Start] started. Its methods are safe for concurrent use.
type Telemetry struct {
	config   Config
	debug    bool
	service  string
	resource *resource.Resource
	place    *attribute.Set // of the resource, what was detected and nobody said
	choices  choices
	problems []string

	tracerProvider trace.TracerProvider
	meterProvider  metric.MeterProvider
	loggerProvider log.LoggerProvider
	propagator     propagation.TextMapPropagator
	logger         *slog.Logger
	logWriter      io.Writer
	logHandler     *logs.LineHandler // logger's, where it may hold lines
	logLines       *logs.Writer      // logWriter, where it may hold a part of a line

	recorder *metrics.Recorder // nil where metrics are off
	emf      *metrics.EMF      // likewise, and logs

	signals     []signal          // traces and metrics
	logs        signal            // stopped last, so that what the others' end logs is delivered; may be nil
	outlets     []*outlet         // each exporter's queue, for the report
	closers     []io.Closer       // what the queues send through
	ruleSampler *sampling.Sampler // nil where the sampler is not ours
	ownSampler  bool              // it is ours to stop
	uninstall   func()            // puts OpenTelemetry's former globals back
	once        sync.Once         // of Shutdown
	stopped     error             // its result
}

// A signal is an SDK provider, as shutdown sees it.
type signal interface {
	ForceFlush(ctx context.Context) error
	Shutdown(ctx context.Context) error
}

// TracerProvider returns the provider of tracers.
func (t *Telemetry) TracerProvider() trace.TracerProvider { return t.tracerProvider }

// MeterProvider returns the provider of meters.
func (t *Telemetry) MeterProvider() metric.MeterProvider { return t.meterProvider }

// LoggerProvider returns the provider of OpenTelemetry loggers.
func (t *Telemetry) LoggerProvider() log.LoggerProvider { return t.loggerProvider }

// Propagator returns what carries trace context between services.
func (t *Telemetry) Propagator() propagation.TextMapPropagator { return t.propagator }

// Logger returns a logger whose lines carry the ids of the trace in the
// context they are logged with, in W3C's and in X-Ray's form. Where logs are
// off or could not be set up, it writes the same lines to stderr.
func (t *Telemetry) Logger() *slog.Logger { return t.logger }

// LogWriter returns a writer that makes a log event of each line, as it is, in
// the log stream of [Telemetry.Logger]: for package log, for other loggers, for
// the output of programs. Indented lines belong to the event before. With a
// spool all that a write brings is on disk when it returns: indented lines
// belong to an event of the same write, and a line that has no end yet goes
// with [logs.ContinuationMark]. Where logs are off or could not be set up, it is
// stderr.
func (t *Telemetry) LogWriter() io.Writer { return t.logWriter }

// ForceFlush delivers what was recorded before the call, all signals at once,
// until ctx ends.
func (t *Telemetry) ForceFlush(ctx context.Context) error {
	return errors.Join(t.flushHandMetrics(ctx), t.each(ctx, signal.ForceFlush))
}

// each does something with traces and metrics, and flushes the logs, all at
// the same time: one whose endpoint is gone does not take the others' share of
// the deadline.
func (t *Telemetry) each(ctx context.Context, do func(signal, context.Context) error) error {
	errs := make([]error, len(t.signals)+1)
	var wait sync.WaitGroup
	for i, s := range t.signals {
		wait.Go(func() { errs[i] = do(s, ctx) })
	}
	if t.logs != nil {
		t.endLines()
		wait.Go(func() { errs[len(t.signals)] = t.logs.ForceFlush(ctx) })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// endLines has lines go that are not encoded or have no end yet.
func (t *Telemetry) endLines() {
	if t.logHandler != nil {
		t.logHandler.Flush()
	}
	if t.logLines != nil {
		_ = t.logLines.End() // the queue counts what it does not take
	}
}

// Shutdown delivers what was recorded, stops traces and metrics and then the
// logs, and puts back the globals that were before. It ends when ctx does, or
// after [Config.ShutdownTimeout] where ctx has no deadline; what is not
// delivered by then is counted as dropped. Calls after the first return its
// result.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	t.once.Do(func() {
		t.stopped = t.stop(ctx)
		if t.debug {
			fmt.Fprint(os.Stderr, t.Report())
		}
	})
	return t.stopped
}

func (t *Telemetry) stop(ctx context.Context) error {
	if _, ok := ctx.Deadline(); !ok {
		timeout := t.config.ShutdownTimeout
		if timeout <= 0 {
			timeout = defaultShutdownTimeout
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	errs := []error{t.stopHandMetrics(ctx), t.each(ctx, signal.Shutdown)}
	t.endLines()
	if t.ownSampler {
		errs = append(errs, t.ruleSampler.Shutdown(ctx))
	}
	if t.logs != nil {
		errs = append(errs, t.logs.Shutdown(ctx))
	}
	// The SDK's providers leave out what is behind them once ctx has ended.
	for _, o := range t.outlets {
		errs = append(errs, o.shutdown(ctx))
	}
	for _, c := range t.closers {
		errs = append(errs, c.Close())
	}
	if t.uninstall != nil {
		t.uninstall()
	}
	return errors.Join(errs...)
}

// Report says what was chosen and why, and what was delivered and dropped.
func (t *Telemetry) Report() Report {
	r := Report{Service: t.service, Choices: t.choices, Problems: t.problems}
	for _, o := range t.outlets {
		r.Signals = append(r.Signals, o.report())
	}
	if t.ruleSampler != nil {
		report := t.ruleSampler.Report()
		r.Sampling = &report
	}
	return r
}
