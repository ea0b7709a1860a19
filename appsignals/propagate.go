package appsignals

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// OnStart implements sdktrace.SpanProcessor: the span gets from its parent what
// metrics of calls need, the operation that calls above all.
func (p *Processor) OnStart(ctx context.Context, span sdktrace.ReadWriteSpan) {
	var room [6]attribute.KeyValue
	if more := p.inherited(ctx, room[:0], span); len(more) > 0 {
		span.SetAttributes(more...)
	}
	for _, next := range p.next {
		next.OnStart(ctx, span)
	}
}

func (p *Processor) inherited(ctx context.Context, dst []attribute.KeyValue, span sdktrace.ReadWriteSpan) []attribute.KeyValue {
	if p.function != "" { // spans leave Lambda whether sampled or not
		dst = append(dst, attribute.Bool(keySampled, span.SpanContext().IsSampled()))
	}
	if above := span.Parent(); !above.IsValid() || above.IsRemote() {
		if span.SpanKind() != trace.SpanKindServer {
			operation := InternalOperation
			if p.function != "" {
				operation = p.function + "/FunctionHandler"
			}
			dst = append(dst, attribute.String(keyLocalOperation, operation))
		}
		return dst
	}
	parent, ok := trace.SpanFromContext(ctx).(sdktrace.ReadOnlySpan)
	if !ok {
		return dst
	}
	return p.inheritedFrom(dst, parent, span)
}

func (p *Processor) inheritedFrom(dst []attribute.KeyValue, parent, span sdktrace.ReadOnlySpan) []attribute.KeyValue {
	var f facts
	f.read(parent)
	operation := f.text(slotLocalOperation)
	if f.kind == trace.SpanKindServer {
		operation = p.localOperation(&f)
	}
	dst = appendText(dst, keyLocalOperation, operation)
	if f.callsAWS() {
		dst = append(dst, attribute.String(keySDKDescendant, "true"))
	}
	if f.kind == trace.SpanKindInternal { // what code says of a call around it
		dst = appendText(dst, keyRemoteService, f.text(slotRemoteService))
		dst = appendText(dst, keyRemoteOperation, f.text(slotRemoteOperation))
	}
	// Whether a consumer's span processes is often said later than it begins.
	if f.kind == trace.SpanKindConsumer && span.SpanKind() == trace.SpanKindConsumer {
		dst = append(dst, attribute.String(keyConsumerParent, kindConsumer))
	}
	// The alias a Lambda function was called by, which calls are told apart by.
	if id := f.text(slotResourceID); id != "" {
		var own facts
		if own.read(span); !own.has(slotResourceID) {
			dst = append(dst, attribute.String(keyResourceID, id))
		}
	}
	return dst
}
