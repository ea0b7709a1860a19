package sampling

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Observe makes metrics of the report: for each rule, named by the attribute aws.xray.sampling_rule, what matched
// (updraft.sampling.requests), was sampled (.sampled) and borrowed (.borrowed), its traces a second (.quota), its rate
// (.rate) and, where it may be boosted, its raised rate (.boost) as they are now; and of the sampler, what was captured (.captured) and what failed
// (.failures). It ends with Unregister.
func (s *Sampler) Observe(meter metric.Meter) (metric.Registration, error) {
	m := &instruments{sampler: s}
	if err := m.make(meter); err != nil {
		return nil, fmt.Errorf("sampling: metrics: %w", err)
	}
	return meter.RegisterCallback(m.observe, m.requests, m.sampled, m.borrowed, m.quota, m.rate, m.boost, m.captured, m.failures)
}

type instruments struct {
	sampler                                         *Sampler
	requests, sampled, borrowed, captured, failures metric.Int64ObservableCounter
	quota                                           metric.Int64ObservableGauge
	rate, boost                                     metric.Float64ObservableGauge
}

func (m *instruments) make(meter metric.Meter) (err error) {
	for _, c := range []struct {
		to                *metric.Int64ObservableCounter
		name, unit, about string
	}{
		{&m.requests, "requests", "{trace}", "Traces that the sampling rule matched."},
		{&m.sampled, "sampled", "{trace}", "Traces that were sampled by the rule."},
		{&m.borrowed, "borrowed", "{trace}", "Traces that were sampled by a place borrowed from the reservoir."},
		{&m.captured, "captured", "{span}", "Spans sent for an anomaly although their trace was not sampled."},
		{&m.failures, "failures", "{call}", "Calls for sampling rules and targets that failed."},
	} {
		*c.to, err = meter.Int64ObservableCounter("updraft.sampling."+c.name, metric.WithUnit(c.unit), metric.WithDescription(c.about))
		if err != nil {
			return err
		}
	}
	m.quota, err = meter.Int64ObservableGauge("updraft.sampling.quota", metric.WithUnit("{trace}/s"),
		metric.WithDescription("Traces a second that this process may sample before the rate applies."))
	if err != nil {
		return err
	}
	m.rate, err = meter.Float64ObservableGauge("updraft.sampling.rate", metric.WithUnit("1"),
		metric.WithDescription("The part of the other traces that is sampled, without a boost."))
	if err != nil {
		return err
	}
	m.boost, err = meter.Float64ObservableGauge("updraft.sampling.boost", metric.WithUnit("1"),
		metric.WithDescription("The rate to which X-Ray has raised the rule's; 0 while it has not."))
	return err
}

func (m *instruments) observe(_ context.Context, o metric.Observer) error {
	r := m.sampler.Report()
	for _, rule := range r.Rules {
		if rule.OtherService {
			continue
		}
		name := metric.WithAttributeSet(attribute.NewSet(RuleKey.String(rule.Name)))
		o.ObserveInt64(m.requests, rule.Requests, name)
		o.ObserveInt64(m.sampled, rule.Sampled, name)
		o.ObserveInt64(m.borrowed, rule.Borrowed, name)
		if rule.Quota != nil {
			o.ObserveInt64(m.quota, *rule.Quota, name)
		}
		o.ObserveFloat64(m.rate, rule.FixedRate, name)
		if rule.MaxBoost > 0 {
			o.ObserveFloat64(m.boost, rule.BoostRate, name)
		}
	}
	o.ObserveInt64(m.captured, r.Captured)
	o.ObserveInt64(m.failures, r.Failures)
	return nil
}
