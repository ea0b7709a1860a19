package updraft

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.opentelemetry.io/otel"
	lognoop "go.opentelemetry.io/otel/log/noop"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/updraft-otel/updraft/metrics"
)

// Start starts telemetry: it makes the providers of the three signals, sends
// what they record on the roads that were chosen, and installs them, and the
// propagators, as OpenTelemetry's globals. Call Shutdown before the program
// ends.
//
// Without [Config.Strict] the error is always nil: a signal that can't be set
// up is off, with one line on stderr and an entry in the [Report].
func (c Config) Start(ctx context.Context) (*Telemetry, error) {
	env, problems := readEnvironment()
	t := &Telemetry{config: c, debug: env.debug}
	if env.disabled {
		t.choices.add("telemetry", "off", "OTEL_SDK_DISABLED")
		t.turnOff()
		return t, nil
	}
	if err := t.newResource(ctx, env); err != nil {
		problems = append(problems, fmt.Errorf("resource: %w", err))
	}
	t.service = attributeOf(t.resource, "service.name")

	b := &builder{Telemetry: t, config: c, env: env}
	for _, step := range []func(context.Context) error{b.buildTraces, b.buildMetrics, b.observeSampling, b.buildLogs,
		b.buildHandMetrics, b.buildPropagators} {
		if err := step(ctx); err != nil {
			problems = append(problems, err)
		}
	}
	problems = append(problems, b.late...)
	if len(problems) > 0 && c.Strict {
		_ = t.stop(ctx) // nothing was recorded yet
		return nil, fmt.Errorf("updraft: %w", errors.Join(problems...))
	}
	t.turnOff() // what has not been built
	t.complain(problems)
	if !c.NoGlobals {
		t.install()
	}
	if t.debug {
		fmt.Fprint(os.Stderr, t.Report())
	}
	return t, nil
}

// builder makes the parts of a Telemetry; it lives as long as Start does.
type builder struct {
	*Telemetry
	config Config
	env    environment
	aws    *aws.Config // loaded by the first exporter that wants it
	late   []error     // problems that left something running all the same

	handOutputs []metrics.Output // where the metric exporters send, for metrics by hand

	explain, samplingMetrics bool // as OTEL_TRACES_SAMPLER_ARG says
}

// complain tells problems on one line of stderr, once.
func (t *Telemetry) complain(problems []error) {
	if len(problems) == 0 {
		return
	}
	for _, p := range problems {
		t.problems = append(t.problems, p.Error())
	}
	fmt.Fprintf(os.Stderr, "updraft: %s\n", strings.ReplaceAll(strings.Join(t.problems, "; "), "\n", " "))
}

// turnOff puts a no-op in the place of each provider that was not built.
func (t *Telemetry) turnOff() {
	if t.tracerProvider == nil {
		t.tracerProvider = tracenoop.NewTracerProvider()
	}
	if t.meterProvider == nil {
		t.meterProvider = metricnoop.NewMeterProvider()
	}
	if t.loggerProvider == nil {
		t.loggerProvider = lognoop.NewLoggerProvider()
	}
	if t.logger == nil {
		t.logger = t.newFallbackLogger()
	}
	if t.logWriter == nil {
		t.logWriter = os.Stderr
	}
}

// install makes the providers OpenTelemetry's globals, and remembers those
// that were.
func (t *Telemetry) install() {
	traces, metrics, logs := otel.GetTracerProvider(), otel.GetMeterProvider(), otel.GetLoggerProvider()
	propagator := otel.GetTextMapPropagator()
	otel.SetTracerProvider(t.tracerProvider)
	otel.SetMeterProvider(t.meterProvider)
	otel.SetLoggerProvider(t.loggerProvider)
	if t.propagator != nil {
		otel.SetTextMapPropagator(t.propagator)
	}
	t.uninstall = func() {
		otel.SetTracerProvider(traces)
		otel.SetMeterProvider(metrics)
		otel.SetLoggerProvider(logs)
		otel.SetTextMapPropagator(propagator)
	}
}
