package awssdk

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Extract returns ctx with the trace context that a received message carries,
// so that a span started from it continues the sender's trace. It reads
// messages of the SDK's SQS client (types.Message), records of SQS, SNS,
// EventBridge and Kinesis events as aws-lambda-go has them, pointers to these,
// and maps from strings to strings. A message without trace context, or of any
// other type, leaves ctx as it is. It uses OpenTelemetry's global propagator.
//
// For messages that are handled several at once, use [Link].
func Extract(ctx context.Context, message any) context.Context {
	return Config{}.Extract(ctx, message)
}

// Link returns a link to the span that sent the message, for the options of
// the span that handles it, beside others. Its SpanContext is not valid where
// the message carries no trace context; the SDK then leaves the link out. It
// reads what [Extract] reads.
func Link(message any) trace.Link {
	return Config{}.Link(message)
}

// Extract is [Extract] with the propagator of c, which also reads the JSON
// payloads that have the PayloadField of c.
func (c Config) Extract(ctx context.Context, message any) context.Context {
	return c.extract(ctx, reflect.ValueOf(message))
}

// Link is [Link] with the propagator and PayloadField of c.
func (c Config) Link(message any) trace.Link {
	return c.link(context.Background(), reflect.ValueOf(message))
}

func (c *Config) link(ctx context.Context, message reflect.Value) trace.Link {
	return trace.Link{SpanContext: trace.SpanContextFromContext(c.extract(ctx, message))}
}

func (c *Config) extract(ctx context.Context, message reflect.Value) context.Context {
	carrier := propagation.MapCarrier{}
	c.collect(carrier, message)
	if len(carrier) == 0 {
		return ctx
	}
	return c.propagator().Extract(ctx, carrier)
}

// collect finds the fields of the trace context in a message, in the places
// that this package and others put them.
func (c *Config) collect(carrier propagation.MapCarrier, message reflect.Value) {
	for message.Kind() == reflect.Pointer || message.Kind() == reflect.Interface {
		message = message.Elem()
	}
	switch message.Kind() {
	case reflect.Map:
		collectText(carrier, message)
	case reflect.Struct:
		for _, inner := range [...]string{"SNS", "Kinesis"} { // of the records of Lambda events
			if v := fieldOf(message, inner); v.Kind() == reflect.Struct {
				message = v
			}
		}
		c.collectStruct(carrier, message)
	}
}

func (c *Config) collectStruct(carrier propagation.MapCarrier, message reflect.Value) {
	for _, name := range [...]string{"Detail", "Data"} {
		if payload := fieldOf(message, name); payload.Kind() == reflect.Slice && payload.Type().Elem().Kind() == reflect.Uint8 {
			for key, value := range payloadCarrier(payload.Bytes(), c.PayloadField) {
				carrier[key] = value
			}
		}
	}
	collectAttributes(carrier, fieldOf(message, "MessageAttributes"))
	if system := fieldOf(message, "Attributes"); has(system, traceAttribute) {
		key := reflect.ValueOf(traceAttribute).Convert(system.Type().Key())
		if header := textOf(system.MapIndex(key)); header != "" {
			carrier[traceHeader] = header
		}
	}
	if len(carrier) == 0 {
		collectNotification(carrier, textOf(fieldOf(message, "Body")))
	}
}

// collectText reads a map of strings.
func collectText(carrier propagation.MapCarrier, m reflect.Value) {
	if m.Type().Key().Kind() != reflect.String {
		return
	}
	for entries := m.MapRange(); entries.Next(); {
		key, value := entries.Key().String(), textOf(entries.Value())
		switch {
		case value == "":
		case key == traceAttribute:
			carrier[traceHeader] = value
		default:
			carrier[key] = value
		}
	}
}

// collectAttributes reads message attributes: structs with a StringValue, or
// objects with a Value, as aws-lambda-go has them of SNS.
func collectAttributes(carrier propagation.MapCarrier, attributes reflect.Value) {
	if attributes.Kind() != reflect.Map || attributes.Type().Key().Kind() != reflect.String {
		return
	}
	for entries := attributes.MapRange(); entries.Next(); {
		value := entries.Value()
		if value.Kind() == reflect.Interface {
			value = value.Elem()
		}
		s := ""
		switch value.Kind() {
		case reflect.Struct:
			s = textOf(fieldOf(value, "StringValue"))
		case reflect.Map:
			if object, ok := value.Interface().(map[string]any); ok {
				s, _ = object["Value"].(string)
			}
		default:
			s = textOf(value)
		}
		if s != "" {
			carrier[entries.Key().String()] = s
		}
	}
}

// collectNotification reads the envelope in which SNS puts what it delivers to
// a queue, unless set to deliver it raw.
//
// Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
func collectNotification(carrier propagation.MapCarrier, body string) {
	if len(body) == 0 || body[0] != '{' || !bytes.Contains([]byte(body), []byte(`"MessageAttributes"`)) {
		return
	}
	var envelope struct {
		Type              string
		MessageAttributes map[string]struct{ Type, Value string }
	}
	if json.Unmarshal([]byte(body), &envelope) != nil || envelope.Type != "Notification" {
		return
	}
	for name, attribute := range envelope.MessageAttributes {
		carrier[name] = attribute.Value
	}
}
