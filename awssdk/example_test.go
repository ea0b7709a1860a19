package awssdk_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/updraft-otel/updraft/awssdk"
)

func ExampleInstrument() {
	cfg := aws.Config{Region: "eu-west-1"} // or what config.LoadDefaultConfig returns
	awssdk.Instrument(&cfg, awssdk.Config{})
	// dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg) and so on trace their calls from here on.
	fmt.Println(len(cfg.APIOptions), "option")
	// Output: 1 option
}

func ExampleExtract() {
	// One message at a time: the handler's span continues the sender's trace.
	// message is what sqs.Client.ReceiveMessage or a Lambda event holds.
	message := struct{ Attributes map[string]string }{
		map[string]string{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
	}
	c := awssdk.Config{Propagator: propagation.TraceContext{}} // by default the global one
	ctx := c.Extract(context.Background(), message.Attributes)
	fmt.Println(trace.SpanContextFromContext(ctx).TraceID())
	// Output: 0af7651916cd43dd8448eb211c80319c
}

func ExampleLink() {
	// Several messages at once: one span, linked to all that sent them.
	type record struct{ Attributes map[string]string }
	batch := []record{{map[string]string{"AWSTraceHeader": "Root=1-674f0a1b-a2c3d4e5f60718293a4b5c6d;Parent=1122334455667788;Sampled=1"}}, {}}
	var links []trace.Link
	for _, r := range batch {
		links = append(links, awssdk.Link(r))
	}
	tracer := noop.NewTracerProvider().Tracer("worker")
	_, span := tracer.Start(context.Background(), "orders process", trace.WithSpanKind(trace.SpanKindConsumer), trace.WithLinks(links...))
	defer span.End()
	fmt.Println(len(links), "links")
	// Output: 2 links
}
