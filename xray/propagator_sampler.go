package xray

import (
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// HonorHeader returns a sampler that asks s, except for what a span context
// cannot tell it: the Sampled flag of a header without a Parent is the
// decision, and after Sampled=? s decides as for a new trace, so that a
// sampler that follows the parent does not take the question for a no.
func HonorHeader(s sdktrace.Sampler) sdktrace.Sampler { return honorHeader{s} }

type honorHeader struct{ sdktrace.Sampler }

// decides tells whether the flag of a header without a Parent is meant for a
// trace: the header's, or, where that says none, the one begun in its stead.
func (in *incoming) decides(id trace.TraceID) bool {
	return in.root == id || !in.root.IsValid() && !in.parent.IsValid()
}

// ShouldSample implements sdktrace.Sampler.
func (h honorHeader) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	in := incomingOf(p.ParentContext)
	if in == nil {
		return h.Sampler.ShouldSample(p)
	}
	parent := trace.SpanContextFromContext(p.ParentContext)
	switch {
	case !parent.IsValid() && in.decides(p.TraceID) && in.sampled == '1':
		return sdktrace.AlwaysSample().ShouldSample(p)
	case !parent.IsValid() && in.decides(p.TraceID) && in.sampled == '0':
		return sdktrace.NeverSample().ShouldSample(p)
	case parent.IsValid() && in.asks(parent):
		// The tracestate alone stays: the sampler may add to it.
		asking := trace.NewSpanContext(trace.SpanContextConfig{TraceState: parent.TraceState()})
		p.ParentContext = trace.ContextWithSpanContext(p.ParentContext, asking)
		return h.Sampler.ShouldSample(p)
	}
	return h.Sampler.ShouldSample(p)
}
