package xray

import (
	"context"
	"net/http"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func headerContext(ctx context.Context, header string) context.Context {
	return Propagator{}.Extract(ctx, propagation.MapCarrier{Header: header})
}

func TestPropagator_passesOnWhatNobodyDecided(t *testing.T) {
	f := func(incoming, want string) {
		t.Helper()
		if got := string(AppendHeader(nil, headerContext(t.Context(), incoming))); got != want {
			t.Errorf("%q: got %q, want %q", incoming, got, want)
		}
	}
	f("Root="+root+";Parent="+parent+";Sampled=?", "Root="+root+";Parent="+parent+";Sampled=?")
	f("Root="+root+";Sampled=?", "Root="+root+";Sampled=?")
	f("Root="+root+";Sampled=1", "Root="+root+";Sampled=1")
	f("Root="+root, "Root="+root)
	f("Self=1-67891234-12456789abcdef012345678;Root="+root+";CalledFrom=app", "Root="+root+";CalledFrom=app")
}

func TestHonorHeader(t *testing.T) {
	f := func(header string, sampler sdktrace.Sampler, wantHeader string) {
		t.Helper()
		tp := sdktrace.NewTracerProvider(sdktrace.WithSampler(HonorHeader(sdktrace.ParentBased(sampler))),
			sdktrace.WithIDGenerator(NewIDGenerator()))
		ctx := headerContext(t.Context(), header)
		asked := DecisionAsked(ctx)
		ctx, span := tp.Tracer("").Start(ctx, "request")
		sc := span.SpanContext()
		if sc.TraceID() != traceID {
			t.Errorf("%q: trace %s, want the header's", header, sc.TraceID())
		}
		if DecisionAsked(ctx) {
			t.Errorf("%q: still asked after a span decided", header)
		}
		got := string(AppendHeader(nil, ctx))
		if want := "Root=" + root + ";Parent=" + sc.SpanID().String() + wantHeader; got != want {
			t.Errorf("%q: got %q, want %q (asked %v)", header, got, want, asked)
		}
	}
	always, never := sdktrace.AlwaysSample(), sdktrace.NeverSample()
	full := "Root=" + root + ";Parent=" + parent
	f(full+";Sampled=?", always, ";Sampled=1")
	f(full+";Sampled=?", never, ";Sampled=0")
	f(full+";Sampled=1", never, ";Sampled=1")
	f(full+";Sampled=0", always, ";Sampled=0")
	f("Root="+root+";Sampled=1", never, ";Sampled=1")
	f("Root="+root+";Sampled=0", always, ";Sampled=0")
	f("Root="+root+";Sampled=?", always, ";Sampled=1")
	f("Root="+root, always, ";Sampled=1")
	f("Root="+root+";Lineage=a:1", never, ";Sampled=0;Lineage=a:1")
}

// X-Ray's SDK for Python sends zeros when it does not sample.
func TestHonorHeader_withoutATrace(t *testing.T) {
	const zeros = "Root=1-00000000-000000000000000000000000;Parent=0000000000000000"
	always, never := sdktrace.AlwaysSample(), sdktrace.NeverSample()
	f := func(header string, sampler sdktrace.Sampler, want bool, options ...trace.SpanStartOption) {
		t.Helper()
		tp := sdktrace.NewTracerProvider(sdktrace.WithSampler(HonorHeader(sdktrace.ParentBased(sampler))),
			sdktrace.WithIDGenerator(NewIDGenerator()))
		ctx, span := tp.Tracer("").Start(headerContext(t.Context(), header), "request", options...)
		_, child := tp.Tracer("").Start(ctx, "call")
		if !span.SpanContext().IsValid() || span.SpanContext().IsSampled() != want || child.SpanContext().IsSampled() != want {
			t.Errorf("%q: %v, %v; want sampled %v", header, span.SpanContext(), child.SpanContext(), want)
		}
	}
	f(zeros+";Sampled=0", always, false)
	f("Sampled=0", always, false)
	f(zeros+";Sampled=1", never, true)
	f(zeros+";Sampled=?", always, true)
	f(zeros, always, true)
	f("Root="+root+";Parent="+parent+";Sampled=0;Lineage=a:1", always, true, trace.WithNewRoot())
}

func TestHonorHeader_keepsTheParent(t *testing.T) {
	tp := sdktrace.NewTracerProvider(sdktrace.WithSampler(HonorHeader(sdktrace.ParentBased(sdktrace.AlwaysSample()))))
	_, span := tp.Tracer("").Start(headerContext(t.Context(), "Root="+root+";Parent="+parent+";Sampled=?"), "request")
	if got := span.(sdktrace.ReadOnlySpan).Parent().SpanID().String(); got != parent {
		t.Errorf("parent %s, want %s", got, parent)
	}
}

func TestDecisionAsked_notOnceAnotherHeaderDecided(t *testing.T) {
	ctx := headerContext(t.Context(), "Root="+root+";Parent="+parent+";Sampled=?")
	if !DecisionAsked(ctx) {
		t.Error("not asked")
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": "00-" + traceID.String() + "-" + parent + "-01"})
	if DecisionAsked(ctx) {
		t.Error("asked although traceparent decided")
	}
}

func TestPropagator_w3cIDs(t *testing.T) {
	for _, id := range []string{"ffffffffffffffffffffffffffffffff", "00000000000000000000000000000001", "0af7651916cd43dd8448eb211c80319c"} {
		ctx := propagation.TraceContext{}.Extract(t.Context(), propagation.MapCarrier{"traceparent": "00-" + id + "-" + parent + "-01"})
		sc := trace.SpanContextFromContext(headerContext(t.Context(), string(AppendHeader(nil, ctx))))
		if sc.TraceID().String() != id || sc.SpanID().String() != parent || !sc.IsSampled() {
			t.Errorf("%s: came back as %v", id, sc)
		}
	}
}

func TestLambdaPropagator(t *testing.T) {
	const other = "1-00000001-000000000000000000000002"
	header := func(root string) string { return "Root=" + root + ";Parent=" + parent + ";Sampled=1" }
	f := func(ctx context.Context, env, carrier, want string) {
		t.Helper()
		p := LambdaPropagator{Getenv: func(string) string { return env }}
		ctx = p.Extract(ctx, propagation.MapCarrier{Header: carrier})
		if got := string(AppendHeader(nil, ctx)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	//nolint:revive,staticcheck // the key of Lambda's runtime
	invoked := context.WithValue(t.Context(), lambdaKey, header(root))
	f(invoked, header(other), "", header(root))
	f(t.Context(), header(root), "", header(root))
	f(t.Context(), header(root), header(other), header(root))
	f(t.Context(), "", header(other), header(other))
	f(t.Context(), "junk", header(other), header(other))
	f(headerContext(t.Context(), header(other)), header(root), "", header(other))
	f(t.Context(), "", "", "")
}

func TestPropagator_allocations(t *testing.T) {
	carrier := propagation.HeaderCarrier(http.Header{Header: {"Root=" + root + ";Parent=" + parent + ";Sampled=1"}})
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { Propagator{}.Extract(ctx, carrier) }); n > 2 {
		t.Errorf("extract: %v allocations, want those of a context with a span, 2", n)
	}
	ctx = Propagator{}.Extract(ctx, carrier)
	var buf [128]byte
	if n := testing.AllocsPerRun(100, func() { AppendHeader(buf[:0], ctx) }); n > 0 {
		t.Errorf("append: %v allocations, want none", n)
	}
}
