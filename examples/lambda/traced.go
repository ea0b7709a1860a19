package main

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/xray"
)

// handler answers API Gateway.
type handler func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error)

// The time for the flush is what the invocation has left, less a margin for the
// answer, and at most flushTime.
const (
	flushTime   = 2 * time.Second
	flushMargin = 50 * time.Millisecond
)

// scope names the telemetry made here.
const scope = "github.com/updraft-otel/updraft/examples/lambda"

// traced makes a span of each invocation, and flushes before it returns.
func traced(tel *updraft.Telemetry, next handler) handler {
	tracer := tel.TracerProvider().Tracer(scope)
	var warm atomic.Bool
	return func(ctx context.Context, r events.APIGatewayProxyRequest) (answer events.APIGatewayProxyResponse, err error) {
		defer flush(ctx, tel)
		ctx, span := tracer.Start(parent(ctx, tel, r), r.HTTPMethod+" "+r.Resource,
			trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(request(r)...),
			trace.WithAttributes(semconv.FaaSColdstart(!warm.Swap(true)), semconv.FaaSTriggerHTTP))
		if lc, ok := lambdacontext.FromContext(ctx); ok {
			span.SetAttributes(semconv.FaaSInvocationID(lc.AwsRequestID))
		}
		defer func() {
			if p := recover(); p != nil {
				span.SetStatus(codes.Error, "panic")
				span.End()
				panic(p) // Lambda reports it
			}
			end(span, answer.StatusCode, err)
		}()
		return next(ctx, r)
	}
}

// parent is Lambda's own segment, else what the client sent.
func parent(ctx context.Context, tel *updraft.Telemetry, r events.APIGatewayProxyRequest) context.Context {
	ctx = xray.LambdaPropagator{}.Extract(ctx, propagation.MapCarrier{})
	if trace.SpanContextFromContext(ctx).IsValid() {
		return ctx
	}
	header := http.Header{}
	for name, value := range r.Headers { // of any letter case
		header.Set(name, value)
	}
	return tel.Propagator().Extract(ctx, propagation.HeaderCarrier(header))
}

func request(r events.APIGatewayProxyRequest) []attribute.KeyValue {
	return []attribute.KeyValue{
		semconv.HTTPRequestMethodKey.String(r.HTTPMethod), semconv.HTTPRoute(r.Resource), semconv.URLPath(r.Path), semconv.URLScheme("https"),
		semconv.ClientAddress(r.RequestContext.Identity.SourceIP), semconv.UserAgentOriginal(r.RequestContext.Identity.UserAgent),
		semconv.ServerAddress(r.RequestContext.DomainName),
	}
}

func end(span trace.Span, status int, err error) {
	switch {
	case err != nil:
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	default:
		span.SetAttributes(semconv.HTTPResponseStatusCode(status))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
	}
	span.End()
}

// flush waits until everything is delivered, for as long as there is time. What
// is not goes with the next invocation.
func flush(ctx context.Context, tel *updraft.Telemetry) {
	until := time.Now().Add(flushTime)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-flushMargin).Before(until) {
		until = deadline.Add(-flushMargin)
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	defer cancel()
	_ = tel.ForceFlush(ctx)
}
