package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/localaws"
)

func TestTally_missing(t *testing.T) {
	signal := func(name string, delivered, dropped int64) updraft.SignalReport {
		return updraft.SignalReport{Signal: name, Delivered: delivered, Dropped: map[string]int64{"queue_full": dropped}}
	}
	all := []updraft.Report{
		{Signals: []updraft.SignalReport{signal("traces", 6, 0), signal("logs", 5, 0), signal("metrics", 4, 0)}},
		{Signals: []updraft.SignalReport{signal("traces", 4, 0), signal("logs", 5, 0), signal("metrics", 6, 0)}},
	}
	arrived := localaws.Counts{Segments: 10, LogEvents: 10, MetricDatums: 10, Refused: 1}

	f := func(want string, reports []updraft.Report, change func(c *localaws.Counts)) {
		t.Helper()
		c := arrived
		change(&c)
		got := ""
		if err := errors.Join(tallyOf(reports).missing(c)...); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("missing: %q, want %q", got, want)
		}
	}
	f("", all, func(*localaws.Counts) {})
	f("traces: none arrived", all, func(c *localaws.Counts) { c.Segments = 0 })
	f("logs: 10 log events delivered, 9 arrived", all, func(c *localaws.Counts) { c.LogEvents = 9 })
	f("", all, func(c *localaws.Counts) { c.LogEvents, c.EvictedEvents = 9, 1 })
	f("metrics: none arrived\nrefused: 2, not the 1 on purpose", all, func(c *localaws.Counts) { c.MetricDatums, c.Refused = 0, 2 })
	f("refused: 0, not the 1 on purpose", all, func(c *localaws.Counts) { c.Refused = 0 })
	lossy := append(slices.Clone(all), updraft.Report{Signals: []updraft.SignalReport{signal("logs", 0, 3)}})
	f("logs: 3 log events dropped", lossy, func(*localaws.Counts) {})
}

func TestServiceEnv(t *testing.T) {
	environ := []string{"PATH=/bin", "AWS_PROFILE=work", "AWS_ENDPOINT_URL_XRAY=http://else.where", "OTEL_TRACES_SAMPLER=always_off"}
	env := serviceEnv(environ, []string{"AWS_ENDPOINT_URL=http://127.0.0.1:4580"})
	for _, gone := range environ[1:] {
		if slices.Contains(env, gone) {
			t.Errorf("%s leads the demo's telemetry astray", gone)
		}
	}
	for _, kept := range []string{"PATH=/bin", "AWS_ENDPOINT_URL=http://127.0.0.1:4580"} {
		if !slices.Contains(env, kept) {
			t.Errorf("%s is missing", kept)
		}
	}
}

func TestPrefixWriter(t *testing.T) {
	out := new(output)
	lines := &lineWriter{w: out}
	a, b := lines.prefixed("a: "), lines.prefixed("b: ")
	for _, step := range []struct {
		w    io.Writer
		text string
	}{{a, "one\ntw"}, {b, "uno\n"}, {a, "o\n\nthree\n"}, {b, "half a line"}} {
		if _, err := fmt.Fprint(step.w, step.text); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := out.String(), "a: one\nb: uno\na: two\na: \na: three\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWantsBrowser(t *testing.T) {
	f := func(want bool, env map[string]string) {
		t.Helper()
		if got := wantsBrowser("linux", func(name string) string { return env[name] }); got != want {
			t.Errorf("with %v: %v, want %v", env, got, want)
		}
	}
	f(false, nil)
	f(true, map[string]string{"DISPLAY": ":0"})
	f(true, map[string]string{"WAYLAND_DISPLAY": "wayland-0"})
	f(false, map[string]string{"DISPLAY": ":0", "CI": "true"})
}
