package awssdk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"time"

	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

const callMiddlewareID = "updraft.Call"

// A callMiddleware makes the span of a call. It is the outermost of all, so
// that the span covers retries, credentials and endpoint too.
type callMiddleware struct{ in *instrumentation }

func (*callMiddleware) ID() string { return callMiddlewareID }

func (m *callMiddleware) HandleInitialize(
	ctx context.Context, input middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	ctx, c := m.in.begin(ctx, input.Parameters)
	input.Parameters = c.carry(input.Parameters)
	output, metadata, err := next.HandleInitialize(middleware.WithStackValue(ctx, callKey{}, c), input)
	c.end(ctx, output.Result, err)
	return output, metadata, err
}

type callKey struct{}

// A call is one call of an operation under way, and what its attempts told.
type call struct {
	in     *instrumentation
	op     *operation
	span   trace.Span
	begun  time.Time
	fields fields // the trace context, as the propagator writes it

	attempts int
	failed   *failure // of the last attempt, until it is told
	request  struct {
		method string
		url    *url.URL
	}
	status                int // of the last response; 0 without one
	requestID, extendedID string
}

// begin starts the span. Whatever is known then is known to the sampler.
func (in *instrumentation) begin(ctx context.Context, params any) (context.Context, *call) {
	c := &call{in: in, op: in.operationOf(ctx), begun: time.Now()}
	attributes := make([]attribute.KeyValue, len(c.op.attributes), len(c.op.attributes)+inputAttributes)
	copy(attributes, c.op.attributes)
	attributes = in.read(attributes, c.op.rules.input, params)
	ctx, c.span = in.tracer().Start(ctx, c.op.span,
		trace.WithTimestamp(c.begun), trace.WithSpanKind(c.op.kind), trace.WithAttributes(attributes...))
	in.propagator().Inject(ctx, &c.fields)
	return ctx, c
}

// Room for what one call adds, so that no slice grows.
const (
	inputAttributes  = 8
	outputAttributes = 14
)

// carry returns the input with the trace context in its messages: a copy, or
// the caller's own where there is nothing to add.
func (c *call) carry(params any) any {
	if c.op.carry == nil || len(c.fields) == 0 && !c.op.receives {
		return params
	}
	v, ok := structOf(params)
	if !ok {
		return params
	}
	copied := reflect.New(v.Type())
	copied.Elem().Set(v)
	c.op.carry(c, copied.Elem())
	return copied.Interface()
}

// end says what came of the call, and ends the span.
func (c *call) end(ctx context.Context, result any, err error) {
	if err != nil && c.status == http.StatusNotModified {
		err = nil // the answer to a conditional request, which the SDK has no other way to tell
	}
	now := time.Now()
	c.in.record(ctx, c, now.Sub(c.begun), err)
	if !c.span.IsRecording() {
		c.span.End()
		return
	}
	attributes := make([]attribute.KeyValue, 0, outputAttributes)
	attributes = c.appendHTTP(attributes)
	attributes = append(attributes, attribute.Int("aws.request.attempts", c.attempts))
	if err == nil {
		attributes = c.in.read(attributes, c.op.rules.output, result)
		if c.op.receives {
			c.link(result)
		}
	} else {
		attributes = append(attributes, attribute.String("error.type", errorType(err)))
		c.fail(err, now)
	}
	c.span.SetAttributes(attributes...)
	c.span.End(trace.WithTimestamp(now))
}

// appendHTTP adds the facts of the last request and its response.
func (c *call) appendHTTP(dst []attribute.KeyValue) []attribute.KeyValue {
	if c.request.method != "" {
		dst = append(dst, attribute.String("http.request.method", c.request.method))
	}
	if u := c.request.url; u != nil {
		dst = append(dst,
			// Without its query, in which clients have put credentials.
			attribute.String("url.full", u.Scheme+"://"+u.Host+u.EscapedPath()),
			attribute.String("server.address", u.Hostname()))
		if port, err := strconv.Atoi(u.Port()); err == nil {
			dst = append(dst, attribute.Int("server.port", port))
		}
	}
	if c.status != 0 {
		dst = append(dst, attribute.Int("http.response.status_code", c.status))
	}
	if c.requestID != "" {
		dst = append(dst, attribute.String("aws.request_id", c.requestID))
	}
	if c.extendedID != "" {
		dst = append(dst, attribute.String("aws.extended_request_id", c.extendedID))
	}
	return dst
}

// fail makes the span say why the call failed: each failed attempt in an event
// of its own, the one that decided as the exception.
func (c *call) fail(err error, now time.Time) {
	if c.failed != nil && !errors.Is(err, c.failed.err) {
		c.tellFailure(-1) // given up for another reason, such as a cancelled context
	}
	message := errorMessage(err)
	event := []attribute.KeyValue{
		attribute.String("exception.type", errorType(err)),
		attribute.String("exception.message", message),
	}
	c.span.AddEvent("exception", trace.WithTimestamp(now), trace.WithAttributes(event...))
	c.span.SetStatus(codes.Error, message)
}
