package sampling

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// SampledKey is the attribute, 0, of spans that were captured although their trace was not sampled.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-adaptive-sampling.html#anomaly-spans-capture
const SampledKey = attribute.Key("aws.trace.flag.sampled")

// boostCounts are what was seen in the traces of a rule, ever.
type boostCounts struct{ total, anomalies, sampled atomic.Int64 }

type boostTotals struct{ total, anomalies, sampled int64 }

func (b *boostCounts) totals() boostTotals {
	sampled, anomalies := b.sampled.Load(), b.anomalies.Load()
	return boostTotals{b.total.Load(), anomalies, sampled}
}

func (t boostTotals) minus(o boostTotals) boostTotals {
	return boostTotals{t.total - o.total, t.anomalies - o.anomalies, t.sampled - o.sampled}
}

// Processor returns a span processor to stand in front of those of the exporters, next. It looks for anomalies among the
// spans that end, where the rules or [Adaptive] ask for it, and hands the spans of a captured trace on as sampled ones,
// with SampledKey. Spans that were recorded for that alone go no further.
func (s *Sampler) Processor(next ...sdktrace.SpanProcessor) sdktrace.SpanProcessor {
	return &processor{sampler: s, next: next}
}

type processor struct {
	sampler *Sampler
	next    []sdktrace.SpanProcessor
}

// OnStart implements sdktrace.SpanProcessor.
func (p *processor) OnStart(ctx context.Context, span sdktrace.ReadWriteSpan) {
	for _, next := range p.next {
		next.OnStart(ctx, span)
	}
}

// OnEnd implements sdktrace.SpanProcessor.
func (p *processor) OnEnd(span sdktrace.ReadOnlySpan) {
	if set := p.sampler.active.Load(); set.record {
		switch capture := p.sampler.observe(set, span); {
		case capture:
			span = captured{span}
		case !span.SpanContext().IsSampled():
			return
		}
	}
	for _, next := range p.next {
		next.OnEnd(span)
	}
}

// Shutdown implements sdktrace.SpanProcessor.
func (p *processor) Shutdown(ctx context.Context) error {
	return p.each(func(next sdktrace.SpanProcessor) error { return next.Shutdown(ctx) })
}

// ForceFlush implements sdktrace.SpanProcessor.
func (p *processor) ForceFlush(ctx context.Context) error {
	return p.each(func(next sdktrace.SpanProcessor) error { return next.ForceFlush(ctx) })
}

func (p *processor) each(do func(sdktrace.SpanProcessor) error) error {
	var errs []error
	for _, next := range p.next {
		errs = append(errs, do(next))
	}
	return errors.Join(errs...)
}

// captured is a span of a trace that was not sampled, sent all the same.
type captured struct{ sdktrace.ReadOnlySpan }

// SpanContext says that the span is sampled: what is behind sends no other.
func (c captured) SpanContext() trace.SpanContext {
	sc := c.ReadOnlySpan.SpanContext()
	return sc.WithTraceFlags(sc.TraceFlags().WithSampled(true))
}

// Attributes adds SampledKey.
func (c captured) Attributes() []attribute.KeyValue {
	had := c.ReadOnlySpan.Attributes()
	return append(had[:len(had):len(had)], SampledKey.Int(0))
}

// observe counts a span that ended, and tells whether it is to be captured.
func (s *Sampler) observe(set *ruleSet, span sdktrace.ReadOnlySpan) (capture bool) {
	var e ended
	e.read(span)
	boost, capture := s.anomaly(&e)
	sc := span.SpanContext()
	rule := set.ruleOf(span)
	if boost && s.byDefault() && rule != nil && rule.Boost != nil && rule.Boost.NoDefaultAnomalies {
		boost = false
	}
	counting := rule != nil && rule.Boost != nil
	if !counting && sc.IsSampled() {
		return false
	}
	now := s.elapsed()
	take := false
	s.traces.update(sc.TraceID(), now, func(before uint8) uint8 {
		after := before
		if counting {
			after |= rule.state.boost.count(before, boost, sc.IsSampled())
		}
		if !sc.IsSampled() {
			if before&traceCaptured == 0 && capture && s.limiter.take(now, s.captures) {
				after |= traceCaptured
			}
			take = after&traceCaptured != 0
		}
		return after
	})
	if take {
		s.captured.Add(1)
	}
	return take
}

// count counts a trace once, and once as an anomaly.
func (b *boostCounts) count(before uint8, anomaly, sampled bool) (counted uint8) {
	if before&traceSeen == 0 {
		b.total.Add(1)
	}
	if anomaly && before&traceBoosted == 0 {
		b.anomalies.Add(1)
		if sampled {
			b.sampled.Add(1)
		}
		return traceSeen | traceBoosted
	}
	return traceSeen
}

// byDefault tells that nobody said what an anomaly is.
func (s *Sampler) byDefault() bool { return s.anomalies == nil || len(s.anomalies.conditions) == 0 }

// anomaly tells what a span is an anomaly for.
func (s *Sampler) anomaly(e *ended) (boost, capture bool) {
	if !s.byDefault() {
		return s.anomalies.of(e)
	}
	fault := e.fault()
	return fault, fault && s.anomalies != nil
}

// ruleOf returns the rule that a span's trace is reported to: the one its tracestate refers to, else the one that matches
// where the trace began here. Of a trace that began elsewhere and says nothing, nil: the rule is not known.
func (s *ruleSet) ruleOf(span sdktrace.ReadOnlySpan) *compiledRule {
	if !s.boosts {
		return nil
	}
	state := span.SpanContext().TraceState()
	if reference := state.Get(ReferenceKey); reference != "" {
		return s.byRef[reference]
	}
	if span.Parent().IsValid() {
		return nil
	}
	var f facts
	f.read(span.Name(), span.Attributes(), s.asked)
	return s.match(&f)
}

// read fills e from a span.
func (e *ended) read(span sdktrace.ReadOnlySpan) {
	attributes := span.Attributes()
	var f facts
	f.read(span.Name(), attributes, allFacts)
	e.failed = span.Status().Code == codes.Error
	e.latency = span.EndTime().Sub(span.StartTime())
	var stable bool
	for i := range attributes {
		switch kv := &attributes[i]; kv.Key {
		case "http.response.status_code":
			e.status, stable = statusOf(kv.Value), true
		case "http.status_code":
			if !stable {
				e.status = statusOf(kv.Value)
			}
		case "aws.local.operation":
			e.operations[0] = kv.Value.AsString()
		}
	}
	if e.operations[0] == "" {
		e.operations[0] = f.text[factSpan]
	}
	e.operations[1] = firstPart(f.text[factPath])
	if method := f.text[factMethod]; method != "" {
		e.operations[2] = method + " " + e.operations[1]
	}
}

func statusOf(v attribute.Value) int {
	if v.Type() != attribute.INT64 {
		return 0
	}
	return int(min(max(v.AsInt64(), 0), maxStatus))
}

// firstPart returns the first part of a path, as "/api" of "/api/orders".
func firstPart(path string) string {
	if path == "" || path[0] != '/' {
		return ""
	}
	if end := strings.IndexByte(path[1:], '/'); end >= 0 {
		return path[:end+1]
	}
	return path
}
