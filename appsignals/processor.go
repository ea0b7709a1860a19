package appsignals

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	sdkresource "go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Config says how a [Processor] measures.
type Config struct {
	// MeterProvider makes the histograms. Its readers want delta temporality
	// and at least one export a minute. Without one, spans get their
	// attributes and nothing is measured.
	MeterProvider metric.MeterProvider

	// OperationPaths are templates of paths, as "/owners/{id}/pets". A request
	// whose path begins with one is the operation of that name, whatever its
	// span is called; the longest template counts. {id}, :id and * stand for
	// one part.
	OperationPaths []string

	// Environment is aws.local.environment; default: the resource's
	// deployment.environment.name. Where neither is known, it is left to the
	// CloudWatch agent.
	Environment string

	// Function is the name of the Lambda function this is, whose operations
	// are all one.
	Function string

	// RemoteEnvironment is that of the Lambda functions that are invoked;
	// default: "default".
	RemoteEnvironment string

	// Next are the span processors that get the spans, with their attributes.
	Next []sdktrace.SpanProcessor
}

// A Processor measures spans as they end. It is safe for concurrent use.
type Processor struct {
	paths             operationPaths
	environment       string
	function          string
	remoteEnvironment string
	next              []sdktrace.SpanProcessor

	measures   bool
	latency    metric.Float64Histogram
	errors     metric.Int64Histogram
	faults     metric.Int64Histogram
	sets       setCache
	ofResource resourceCache
}

var _ sdktrace.SpanProcessor = (*Processor)(nil)

// NewProcessor returns a processor. It fails where the meter provider does.
func NewProcessor(c Config) (*Processor, error) {
	p := &Processor{
		paths: newOperationPaths(c.OperationPaths), environment: c.Environment,
		function: c.Function, remoteEnvironment: "lambda:default", next: c.Next,
	}
	if e := strings.TrimSpace(c.RemoteEnvironment); e != "" {
		p.remoteEnvironment = "lambda:" + e
	}
	if c.MeterProvider == nil {
		return p, nil
	}
	p.measures = true
	meter := c.MeterProvider.Meter(Scope)
	var errs [3]error
	p.latency, errs[0] = meter.Float64Histogram(Latency, metric.WithUnit(latencyUnit))
	p.errors, errs[1] = meter.Int64Histogram(Error)
	p.faults, errs[2] = meter.Int64Histogram(Fault)
	return p, errors.Join(errs[:]...)
}

// OnEnd implements sdktrace.SpanProcessor: it records what the span became and
// hands the span on.
func (p *Processor) OnEnd(span sdktrace.ReadOnlySpan) {
	var f facts
	f.read(span)
	var service, dependency []attribute.KeyValue
	var room [2 * maxMetricAttributes]attribute.KeyValue
	if f.makesService() {
		service = p.serviceAttributes(room[:0:maxMetricAttributes], &f, span.Resource())
		p.record(service, &f, span)
	}
	if f.makesDependency() {
		dependency = p.dependencyAttributes(room[maxMetricAttributes:maxMetricAttributes], &f, span.Resource())
		if !ofMetadataService(remoteOf(dependency)) {
			p.record(dependency, &f, span)
		}
	}
	if len(p.next) == 0 {
		return
	}
	if more := spanAttributes(service, dependency); more != nil {
		span = measured{span, merged(f.attributes, more)}
	}
	for _, next := range p.next {
		next.OnEnd(span)
	}
}

// record records one span in the three histograms. The context is the
// background's: the span has ended, and exemplars of spans that are not sampled
// would lead nowhere.
func (p *Processor) record(attributes []attribute.KeyValue, f *facts, span sdktrace.ReadOnlySpan) {
	if !p.measures {
		return
	}
	isError, isFault := verdict(f.status(), span.Status().Code)
	ctx, options := context.Background(), p.sets.options(attributes)
	p.errors.Record(ctx, isError, options...)
	p.faults.Record(ctx, isFault, options...)
	p.latency.Record(ctx, float64(span.EndTime().Sub(span.StartTime()))/float64(time.Millisecond), options...)
}

// verdict is 1 for what a span was, of an error and a fault.
func verdict(status int64, code codes.Code) (isError, isFault int64) {
	switch {
	case status >= 400 && status <= 499:
		return 1, 0
	case status >= 500 && status <= 599, code == codes.Error:
		return 0, 1
	}
	return 0, 0
}

// ForceFlush implements sdktrace.SpanProcessor, for the processors behind.
func (p *Processor) ForceFlush(ctx context.Context) error {
	return p.each(func(next sdktrace.SpanProcessor) error { return next.ForceFlush(ctx) })
}

// Shutdown implements sdktrace.SpanProcessor, for the processors behind.
func (p *Processor) Shutdown(ctx context.Context) error {
	return p.each(func(next sdktrace.SpanProcessor) error { return next.Shutdown(ctx) })
}

func (p *Processor) each(do func(sdktrace.SpanProcessor) error) error {
	var errs []error
	for _, next := range p.next {
		errs = append(errs, do(next))
	}
	return errors.Join(errs...)
}

// measured is a span with the attributes of its metrics.
type measured struct {
	sdktrace.ReadOnlySpan
	attributes []attribute.KeyValue
}

// Attributes implements sdktrace.ReadOnlySpan.
func (m measured) Attributes() []attribute.KeyValue { return m.attributes }

// merged puts more over had, which stays as it is.
func merged(had, more []attribute.KeyValue) []attribute.KeyValue {
	all := make([]attribute.KeyValue, len(had), len(had)+len(more))
	copy(all, had)
next:
	for _, kv := range more {
		for i := range had {
			if had[i].Key == kv.Key {
				all[i] = kv
				continue next
			}
		}
		all = append(all, kv)
	}
	return all
}

// localOf is the service and the environment that a resource says.
func (p *Processor) localOf(r *sdkresource.Resource) (service, environment string) {
	service, environment = p.ofResource.of(r)
	if p.environment != "" {
		environment = p.environment
	}
	return service, environment
}
