package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// A setup is a collector with one road, from OTLP to X-Ray, in front of a sink.
type setup struct {
	*process
	sink *sink
	load *load
	otlp string
}

// traceConfig is the configuration of AWS's own examples: OTLP in, batch, X-Ray.
const traceConfig = `{
  extensions: {health_check: {endpoint: %q}%s},
  receivers: {otlp: {protocols: {grpc: {endpoint: %q}}}},
  processors: {batch: {}},
  exporters: {awsxray: {region: us-east-1, endpoint: %q}},
  service: {
    extensions: [health_check%s],
    telemetry: {metrics: {level: none}, logs: {level: error}},
    pipelines: {traces: {receivers: [otlp], processors: [batch], exporters: [awsxray]}}}}`

// newSetup starts one; profiles is where its pprof extension answers, "" for none.
func newSetup(ctx context.Context, program string, s *sink, profiles string) (*setup, error) {
	l, err := newTraceLoad()
	if err != nil {
		return nil, err
	}
	otlp, health := freeAddr(), freeAddr()
	extension, name := pprofExtension(profiles)
	p, err := collector(ctx, program, s.server.URL, health, fmt.Sprintf(traceConfig, health, extension, otlp, s.server.URL, name))
	if err != nil {
		return nil, err
	}
	return &setup{process: p, sink: s, load: l, otlp: otlp}, nil
}

func (s *setup) close() {
	s.load.close()
	s.stop()
	s.sink.close()
}

const (
	clients = 8 // applications that send
	// stillness is how long nothing arrives before the rest is taken for lost: longer than contrib's exporter tries.
	stillness = 8 * time.Second
	warmUp    = 2 * time.Second
)

// rounds is how often the programs take turns where CPU is measured: a machine that others use, too, treats them alike.
const rounds = 5

// spanRates are the spans a second at which CPU is measured: what a busy service makes, and what two small gateways carry.
var spanRates = []int{8_000, 20_000}

// compareCPU has the same spans go through at the same rates.
func compareCPU(ctx context.Context, o options, r *report) (err error) {
	all := o.subjects()
	meters := make([]meter, len(all))
	for i, who := range all {
		profiles := o.profiles(who)
		if meters[i].setup, err = newSetup(ctx, who.program, newSink(0, nil), profiles); err != nil {
			return err
		}
		defer meters[i].close()
		if err := meters[i].send(ctx, spanRates[0], warmUp); err != nil {
			return err
		}
		profiled := startProfile(ctx, profiles, o.profile, o.length)
		defer func() { err = errors.Join(err, <-profiled) }()
	}
	for _, rate := range spanRates {
		if err := takeTurns(meters, func(m *meter) error { return m.send(ctx, rate, o.length/rounds) }); err != nil {
			return err
		}
		r.add(fmt.Sprintf("CPU a span at %d/s", rate), 0.25, costs(meters))
	}
	var peak []figure
	for i := range meters {
		rss, _, err := meters[i].memory()
		if err != nil {
			return err
		}
		peak = append(peak, number(rss/1e6, "MB"))
	}
	r.add("memory under that load", 0, peak)
	return nil
}

// takeTurns measures each program a few times.
func takeTurns(meters []meter, measure func(*meter) error) error {
	for i := range meters {
		meters[i].spans, meters[i].cpu = 0, 0 // of what was before
	}
	for range rounds {
		for i := range meters {
			if err := measure(&meters[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// costs are the CPU times of what the meters have seen.
func costs(meters []meter) (all []figure) {
	for i := range meters {
		all = append(all, number(meters[i].cpu.Seconds()*1e6/float64(meters[i].spans), "µs"))
	}
	return all
}

// A meter adds up what a process spends on spans, or on points.
type meter struct {
	*setup
	spans int64
	cpu   time.Duration
}

// send has spans go through, and adds what they cost.
func (m *meter) send(ctx context.Context, rate int, length time.Duration) error {
	before, err := m.process.cpu()
	if err != nil {
		return err
	}
	first := m.sink.spans.Load()
	if err := m.load.run(ctx, m.otlp, clients, rate, length); err != nil {
		return err
	}
	m.spans += m.sink.wait(ctx, m.load.accepted.Load(), stillness) - first
	after, err := m.process.cpu()
	m.cpu += after - before
	return err
}

// away is how far X-Ray is where throughput is measured.
const away = 20 * time.Millisecond

// compareThroughput sends as fast as is taken.
func compareThroughput(ctx context.Context, o options, r *report) error {
	var all []figure
	for _, who := range o.subjects() {
		s, err := newSetup(ctx, who.program, newSink(away, nil), "")
		if err != nil {
			return err
		}
		begun := time.Now()
		if err = s.load.run(ctx, s.otlp, 2*clients, 0, o.length); err == nil {
			all = append(all, number(float64(s.sink.spans.Load())/time.Since(begun).Seconds(), "/s"))
		}
		s.close()
		if err != nil {
			return err
		}
	}
	r.add(fmt.Sprintf("spans delivered at %v", away), 20, all)
	return nil
}

// compareDelivery counts what arrives of what was accepted.
func compareDelivery(ctx context.Context, o options, r *report) error {
	for _, c := range []struct {
		what  string
		delay time.Duration
		fault func(int64) int
	}{
		{"delivered at 50 ms", 50 * time.Millisecond, nil},
		{"delivered at 100 ms", 100 * time.Millisecond, nil},
		{"delivered, 20 % throttled, 1 % failed", away, faulty()},
	} {
		var all []figure
		for _, who := range o.subjects() {
			arrived, err := delivered(ctx, o, who, newSink(c.delay, c.fault))
			if err != nil {
				return err
			}
			all = append(all, share(arrived))
		}
		r.add(c.what, 0, all)
	}
	return nil
}

// deliveryRate is what the examples' smallest machine takes easily, and what contrib's exporter can't deliver 50 ms away.
const deliveryRate = 2000

func delivered(ctx context.Context, o options, who subject, to *sink) (arrived float64, err error) {
	s, err := newSetup(ctx, who.program, to, "")
	if err != nil {
		return 0, err
	}
	defer s.close()
	if err := s.load.run(ctx, s.otlp, clients, deliveryRate, o.length); err != nil {
		return 0, err
	}
	accepted := s.load.accepted.Load()
	n := to.wait(ctx, accepted, stillness)
	fmt.Fprintf(os.Stderr, "  %s: %d accepted, %d refused, %d arrived\n", who.name, accepted, s.load.refused.Load(), n)
	return float64(n) / float64(accepted), nil
}
