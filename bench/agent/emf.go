package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
)

// pointRates are the points a second at which CPU is measured, as [spanRates].
var pointRates = []int{6_000, 20_000}

// requestSeries are the combinations of attributes that each instrument has, and with them the size of a request: 120 points,
// which is a small service's collection, and 510, about as many as a request has spans ([requestSpans]).
var requestSeries = []int{20, 85}

// emfConfig is a configuration of AWS's examples for metrics: OTLP in, batch, the embedded metric format out.
const emfConfig = `{
  extensions: {health_check: {endpoint: %q}%s},
  receivers: {otlp: {protocols: {grpc: {endpoint: %q}}}},
  processors: {batch: {}},
  exporters: {awsemf: {region: us-east-1, namespace: Shop, log_group_name: /metrics/shop, log_stream_name: agent, endpoint: %q}},
  service: {
    extensions: [health_check%s],
    telemetry: {metrics: {level: none}, logs: {level: error}},
    pipelines: {metrics: {receivers: [otlp], processors: [batch], exporters: [awsemf]}}}}`

// compareEMF has the same points go through at the same rates, in requests of each size.
func compareEMF(ctx context.Context, o options, r *report) error {
	for _, series := range requestSeries {
		if err := compareRequests(ctx, o, r, series); err != nil {
			return err
		}
	}
	return nil
}

func compareRequests(ctx context.Context, o options, r *report, series int) (err error) {
	all := o.subjects()
	meters := make([]meter, len(all))
	for i, who := range all {
		profiles := o.profiles(who)
		s, err := newEMFSetup(ctx, who.program, profiles, series)
		if err != nil {
			return err
		}
		defer s.close()
		meters[i].setup = s
		if err := meters[i].sendPoints(ctx, pointRates[0], warmUp); err != nil {
			return err
		}
		profiled := startProfile(ctx, profiles, o.profile, o.length)
		defer func() { err = errors.Join(err, <-profiled) }()
	}
	for _, rate := range pointRates {
		if err := takeTurns(meters, func(m *meter) error { return m.sendPoints(ctx, rate, o.length/rounds) }); err != nil {
			return err
		}
		r.add(fmt.Sprintf("EMF: CPU a point at %d/s, %d a request", rate, meters[0].load.items), 0.25, costs(meters))
	}
	var bytes []figure
	for i := range meters {
		if meters[i].sink.events.Load() == 0 {
			return fmt.Errorf("%s: no event arrived\n%s", all[i].name, meters[i].log.Bytes())
		}
		bytes = append(bytes, number(float64(meters[i].sink.logBytes.Load())/float64(meters[i].load.accepted.Load()), "B"))
	}
	r.add(fmt.Sprintf("EMF: bytes sent a point, %d a request", meters[0].load.items), 0, bytes)
	return nil
}

func newEMFSetup(ctx context.Context, program, profiles string, series int) (*setup, error) {
	l, err := newMetricLoad(series)
	if err != nil {
		return nil, err
	}
	s := newSink(0, nil)
	otlp, health := freeAddr(), freeAddr()
	extension, name := pprofExtension(profiles)
	p, err := collector(ctx, program, s.server.URL, health, fmt.Sprintf(emfConfig, health, extension, otlp, s.server.URL, name))
	if err != nil {
		s.close()
		return nil, err
	}
	return &setup{process: p, sink: s, load: l, otlp: otlp}, nil
}

// sendPoints has points go through, and adds what they cost: all that was accepted is sent once nothing arrives any more.
func (m *meter) sendPoints(ctx context.Context, rate int, length time.Duration) error {
	before, err := m.process.cpu()
	if err != nil {
		return err
	}
	first := m.load.accepted.Load()
	if err := m.load.run(ctx, m.otlp, clients, rate, length); err != nil {
		return err
	}
	for last, since := int64(-1), time.Now(); time.Since(since) < time.Second && ctx.Err() == nil; pause(ctx, 10*time.Millisecond) {
		if now := m.sink.events.Load(); now != last {
			last, since = now, time.Now()
		}
	}
	m.spans += m.load.accepted.Load() - first
	after, err := m.process.cpu()
	m.cpu += after - before
	return err
}

// instruments are those of a service: counts, values, and distributions.
var instruments = []struct {
	name, unit string
	fill       func(pmetric.Metric, int, pcommon.Timestamp)
}{
	{"http.server.request.duration", "s", durations},
	{"http.server.active_requests", "{request}", level},
	{"orders.placed", "{order}", count},
	{"orders.value", "EUR", durations},
	{"queue.depth", "{message}", level},
	{"cache.hits", "{hit}", count},
}

// metricRequest is what the SDK of a service sends with each collection: so many series of each instrument.
func metricRequest(at time.Time, series int) ([]byte, error) {
	metrics := pmetric.NewMetrics()
	rm := metrics.ResourceMetrics().AppendEmpty()
	put(rm.Resource().Attributes(), "service.name", "orders", "service.namespace", "shop", "cloud.provider", "aws", "cloud.region", "us-east-1")
	sm := rm.ScopeMetrics().AppendEmpty()
	sm.Scope().SetName("shop/orders")
	now := pcommon.NewTimestampFromTime(at)
	for _, in := range instruments {
		m := sm.Metrics().AppendEmpty()
		m.SetName(in.name)
		m.SetUnit(in.unit)
		for i := range series {
			in.fill(m, i, now)
		}
	}
	return pmetricotlp.NewExportRequestFromMetrics(metrics).MarshalProto()
}

func labels(m pcommon.Map, i int) {
	put(m, "http.route", fmt.Sprintf("/orders/%d", i%5), "http.request.method", []string{"GET", "POST"}[i%2], "tenant", fmt.Sprintf("tenant-%d", i))
}

func level(m pmetric.Metric, i int, now pcommon.Timestamp) {
	if i == 0 {
		m.SetEmptyGauge()
	}
	p := m.Gauge().DataPoints().AppendEmpty()
	p.SetTimestamp(now)
	p.SetIntValue(int64(17 + i))
	labels(p.Attributes(), i)
}

func count(m pmetric.Metric, i int, now pcommon.Timestamp) {
	if i == 0 {
		m.SetEmptySum().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
		m.Sum().SetIsMonotonic(true)
	}
	p := m.Sum().DataPoints().AppendEmpty()
	p.SetTimestamp(now)
	p.SetDoubleValue(float64(3 * i))
	labels(p.Attributes(), i)
}

func durations(m pmetric.Metric, i int, now pcommon.Timestamp) {
	if i == 0 {
		m.SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
	}
	p := m.Histogram().DataPoints().AppendEmpty()
	p.SetTimestamp(now)
	p.ExplicitBounds().FromRaw([]float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10})
	p.BucketCounts().FromRaw([]uint64{0, 1, 7, 22, 30, 14, 9, 3, 1, 0, 1, 0, 0, 0, 0})
	p.SetCount(88)
	p.SetSum(7.31)
	p.SetMin(0.007)
	p.SetMax(1.9)
	labels(p.Attributes(), i)
}
