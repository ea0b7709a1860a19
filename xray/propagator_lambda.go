package xray

import (
	"context"
	"os"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// lambdaKey is how Lambda's Go runtime names the header in an invocation's
// context: a bare string, which only the same bare string finds.
const lambdaKey = "x-amzn-trace-id"

// lambdaVariable is where Lambda's runtimes of one invocation at a time put
// the header.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
const lambdaVariable = "_X_AMZN_TRACE_ID"

// A LambdaPropagator is a [Propagator] for a Lambda function: the header of the
// invocation itself, from its context or else from the environment, wins over
// the carrier's, unless the context has a span already. With several
// invocations at a time only the context tells them apart. The zero value works.
type LambdaPropagator struct {
	Getenv func(string) string // reads the environment; os.Getenv by default
}

var _ propagation.TextMapPropagator = LambdaPropagator{}

// Inject implements propagation.TextMapPropagator.
func (LambdaPropagator) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	Propagator{}.Inject(ctx, carrier)
}

// Extract implements propagation.TextMapPropagator.
func (p LambdaPropagator) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	hasSpan := trace.SpanContextFromContext(ctx).IsValid()
	ctx = Propagator{}.Extract(ctx, carrier)
	if hasSpan {
		return ctx
	}
	return extract(ctx, p.header(ctx))
}

func (p LambdaPropagator) header(ctx context.Context) string {
	if header, _ := ctx.Value(lambdaKey).(string); header != "" {
		return header
	}
	if p.Getenv == nil {
		return os.Getenv(lambdaVariable)
	}
	return p.Getenv(lambdaVariable)
}

// Fields implements propagation.TextMapPropagator.
func (LambdaPropagator) Fields() []string { return []string{Header} }
