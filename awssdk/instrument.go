package awssdk

import (
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// scope names the instrumentation in what it makes.
const scope = "github.com/updraft-otel/updraft/awssdk"

// Config says how calls are traced. The zero value works.
type Config struct {
	TracerProvider trace.TracerProvider          // default: OpenTelemetry's global one, at the time of a call
	MeterProvider  metric.MeterProvider          // default: OpenTelemetry's global one, at the time of a call
	Propagator     propagation.TextMapPropagator // default: OpenTelemetry's global one, at the time of a call; one without fields sends nothing

	// NoMessageAttributes leaves the attributes of SQS and SNS messages as
	// they are. X-Ray's own context then still travels, as it needs none.
	NoMessageAttributes bool

	// PayloadField, if set, is the member that carries the trace context in
	// the JSON objects that EventBridge's Detail and Kinesis' Data hold. Other
	// payloads, and objects that have the member already, stay as they are.
	PayloadField string
}

// Instrument traces the calls of all clients made from cfg afterwards. It is
// to be called before cfg is shared between goroutines; the clients may be
// used by many.
func Instrument(cfg *aws.Config, c Config) {
	if cfg == nil {
		return
	}
	// Clipped, since copies of a Config share the array behind the slice.
	cfg.APIOptions = append(slices.Clip(cfg.APIOptions), Middleware(c))
}

// Middleware returns the option that traces the calls of one client, for the
// APIOptions of its Options. Twice on one client it counts once.
func Middleware(c Config) func(*middleware.Stack) error {
	in := &instrumentation{Config: c}
	return in.addTo
}

// An instrumentation is a Config and what was worked out for it. It is safe
// for concurrent use.
type instrumentation struct {
	Config
	operations sync.Map // of operationKey to *operation
	plans      sync.Map // of reflect.Type to plan
	durations  durations
}

// addTo puts the two middlewares where they see what they need: the call as
// its caller does, and each attempt once it is signed.
func (in *instrumentation) addTo(stack *middleware.Stack) error {
	if presigns(stack) {
		return nil
	}
	if _, twice := stack.Initialize.Get(callMiddlewareID); twice {
		return nil
	}
	if err := in.addCall(stack); err != nil {
		return err
	}
	return stack.Deserialize.Add(attemptMiddleware{}, middleware.Before)
}

// addCall puts the span around everything but what says which service is
// called: older clients have a middleware for that, newer ones say it before
// there is a stack.
func (in *instrumentation) addCall(stack *middleware.Stack) error {
	m := &callMiddleware{in}
	metadata := (*awsmiddleware.RegisterServiceMetadata)(nil).ID()
	if _, found := stack.Initialize.Get(metadata); found {
		return stack.Initialize.Insert(m, metadata, middleware.After)
	}
	return stack.Initialize.Add(m, middleware.Before)
}

// presigns tells whether the stack makes a URL for somebody else to call: a
// header added to it would have to be sent by them, or break the signature.
func presigns(stack *middleware.Stack) bool {
	// The ids of the SDK's own middlewares: aws/signer/v4 and service/s3.
	for _, id := range [...]string{"PresignHTTPRequest", "PresignPostRequestMiddleware"} {
		if _, found := stack.Finalize.Get(id); found {
			return true
		}
	}
	return false
}

func (c *Config) tracer() trace.Tracer {
	provider := c.TracerProvider
	if provider == nil {
		provider = otel.GetTracerProvider()
	}
	return provider.Tracer(scope)
}

func (c *Config) propagator() propagation.TextMapPropagator {
	if c.Propagator != nil {
		return c.Propagator
	}
	return otel.GetTextMapPropagator()
}
