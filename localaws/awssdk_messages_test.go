package localaws_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/awssdk"
	"github.com/updraft-otel/updraft/xray"
)

const queueURL = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"

// wireMessage is a message as SQS's JSON protocol has it.
type wireMessage struct {
	Id                      string
	MessageBody             string
	MessageAttributes       map[string]wireAttribute
	MessageSystemAttributes map[string]wireAttribute
}

type wireAttribute struct{ DataType, StringValue string }

func (m wireMessage) attributes() string { return keysOf(m.MessageAttributes) }

func keysOf[V any](m map[string]V) string { return strings.Join(slices.Sorted(maps.Keys(m)), " ") }

func TestAWSSDK_sqs(t *testing.T) {
	s := newService(t, answer{200, requestID("Q1"), `{"MessageId":"m-1","MD5OfMessageBody":"5d41402abc4b2a76b9719d911017c592"}`})
	cfg, recorder := traced(t, s, awssdk.Config{})
	input := &sqs.SendMessageInput{
		QueueUrl: aws.String(queueURL), MessageBody: aws.String("hello"),
		MessageAttributes: map[string]sqstypes.MessageAttributeValue{"mine": {DataType: aws.String("String"), StringValue: aws.String("x")}},
	}
	before := *input
	attributes := maps.Clone(input.MessageAttributes)
	ctx := withBaggage(t)
	if _, err := sqs.NewFromConfig(cfg).SendMessage(ctx, input); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*input, before) || !reflect.DeepEqual(input.MessageAttributes, attributes) {
		t.Errorf("the caller's input became %+v", input)
	}
	span := only(t, recorder)
	if span.Name() != "SQS.SendMessage" || span.SpanKind() != trace.SpanKindProducer {
		t.Errorf("%s, %s", span.Name(), span.SpanKind())
	}
	checkAttributes(t, span.Attributes(),
		"rpc.system=aws-api", "rpc.system.name=aws-api", "rpc.service=SQS", "rpc.method=SendMessage",
		"aws.region=eu-west-1", "cloud.region=eu-west-1",
		"messaging.system=aws_sqs", "messaging.operation.name=SendMessage", "messaging.operation.type=send",
		"aws.sqs.queue.url="+queueURL, "aws.queue_url="+queueURL, "messaging.destination.name=orders", "messaging.message.id=m-1",
		"http.request.method=POST", "http.response.status_code=200", "url.full=*", "server.address=*", "server.port=*",
		"aws.request_id=Q1", "aws.request.attempts=1")
	var sent wireMessage
	s.into(t, &sent)
	if got := sent.attributes(); got != "baggage mine traceparent" {
		t.Errorf("attributes %q", got)
	}
	if got := sent.MessageAttributes["traceparent"]; got != (wireAttribute{"String", traceparent(span)}) {
		t.Errorf("traceparent %+v", got)
	}
	if got := sent.MessageSystemAttributes; len(got) != 1 || got["AWSTraceHeader"] != (wireAttribute{"String", carried(span)}) {
		t.Errorf("system attributes %+v", got)
	}
}

func withBaggage(t testing.TB) context.Context {
	t.Helper()
	bag, err := baggage.Parse("tenant=7")
	if err != nil {
		t.Fatal(err)
	}
	return baggage.ContextWithBaggage(t.Context(), bag)
}

// TestAWSSDK_sqsRoom: context goes along only where it fits.
func TestAWSSDK_sqsRoom(t *testing.T) {
	value := func(s string) sqstypes.MessageAttributeValue {
		return sqstypes.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(s)}
	}
	some := func(n int) map[string]sqstypes.MessageAttributeValue {
		m := make(map[string]sqstypes.MessageAttributeValue)
		for i := range n {
			m[fmt.Sprint("a", i)] = value("v")
		}
		return m
	}
	const limit = 256 << 10
	traceparentSize := len("traceparent") + len("String") + 55
	f := func(name string, c awssdk.Config, input sqs.SendMessageInput, attributes int, system string) {
		t.Helper()
		s := newService(t, answer{200, nil, `{"MessageId":"m-1"}`})
		cfg, recorder := traced(t, s, c)
		client := sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.DisableMessageChecksumValidation = true })
		input.QueueUrl = aws.String(queueURL)
		if _, err := client.SendMessage(t.Context(), &input); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var sent wireMessage
		s.into(t, &sent)
		if len(sent.MessageAttributes) != attributes {
			t.Errorf("%s: attributes %q, want %d", name, sent.attributes(), attributes)
		}
		if system == "ours" {
			system = carried(only(t, recorder))
		}
		if got := sent.MessageSystemAttributes["AWSTraceHeader"].StringValue; got != system {
			t.Errorf("%s: AWSTraceHeader %q, want %q", name, got, system)
		}
	}
	body := aws.String("hello")
	f("nine attributes", awssdk.Config{}, sqs.SendMessageInput{MessageBody: body, MessageAttributes: some(9)}, 10, "ours")
	f("ten attributes", awssdk.Config{}, sqs.SendMessageInput{MessageBody: body, MessageAttributes: some(10)}, 10, "ours")
	f("just fits", awssdk.Config{}, sqs.SendMessageInput{MessageBody: aws.String(strings.Repeat("x", limit-traceparentSize))}, 1, "ours")
	f("one byte too many", awssdk.Config{}, sqs.SendMessageInput{MessageBody: aws.String(strings.Repeat("x", limit-traceparentSize+1))}, 0, "ours")
	f("attributes count", awssdk.Config{}, sqs.SendMessageInput{MessageBody: aws.String(strings.Repeat("x", limit-traceparentSize)), MessageAttributes: some(1)}, 1, "ours")
	f("larger than that", awssdk.Config{}, sqs.SendMessageInput{MessageBody: aws.String(strings.Repeat("x", 1<<20))}, 0, "ours")
	f("switched off", awssdk.Config{NoMessageAttributes: true}, sqs.SendMessageInput{MessageBody: body}, 0, "ours")
	f("X-Ray alone", awssdk.Config{Propagator: xray.Propagator{}}, sqs.SendMessageInput{MessageBody: body}, 0, "ours")
	f("W3C alone", awssdk.Config{Propagator: propagation.TraceContext{}}, sqs.SendMessageInput{MessageBody: body}, 1, "")
	f("nothing", awssdk.Config{Propagator: propagation.NewCompositeTextMapPropagator()}, sqs.SendMessageInput{MessageBody: body}, 0, "")
	f("the caller's traceparent", awssdk.Config{}, sqs.SendMessageInput{MessageBody: body,
		MessageAttributes: map[string]sqstypes.MessageAttributeValue{"traceparent": value("mine")}}, 1, "")
	f("the caller's X-Ray header", awssdk.Config{}, sqs.SendMessageInput{MessageBody: body,
		MessageSystemAttributes: map[string]sqstypes.MessageSystemAttributeValue{
			"AWSTraceHeader": {DataType: aws.String("String"), StringValue: aws.String("mine")}}}, 0, "mine")
}

func TestAWSSDK_sqsBatch(t *testing.T) {
	s := newService(t, answer{200, nil, `{"Successful":[],"Failed":[{"Id":"2","Code":"InternalError","SenderFault":false}]}`})
	cfg, recorder := traced(t, s, awssdk.Config{})
	big := strings.Repeat("x", 256<<10-120)
	entries := []sqstypes.SendMessageBatchRequestEntry{
		{Id: aws.String("1"), MessageBody: aws.String("a")},
		{Id: aws.String("2"), MessageBody: aws.String(big)},
		{Id: aws.String("3"), MessageBody: aws.String("c"), MessageAttributes: map[string]sqstypes.MessageAttributeValue{
			"traceparent": {DataType: aws.String("String"), StringValue: aws.String("mine")}}},
	}
	before := slices.Clone(entries)
	client := sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.DisableMessageChecksumValidation = true })
	if _, err := client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: aws.String(queueURL), Entries: entries}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(entries, before) {
		t.Error("the caller's entries changed")
	}
	span := only(t, recorder)
	if m := attributeMap(span.Attributes()); m["messaging.batch.message_count"] != int64(3) || m["aws.batch.failed_count"] != int64(1) {
		t.Errorf("attributes %v", m)
	}
	var sent struct{ Entries []wireMessage }
	s.into(t, &sent)
	// The first takes the room that there is; the second has none left; the third is the caller's.
	for i, want := range []string{"traceparent", "", "traceparent"} {
		if got := sent.Entries[i].attributes(); got != want {
			t.Errorf("entry %d has attributes %q, want %q", i+1, got, want)
		}
	}
	for i, want := range []string{carried(span), carried(span), ""} {
		if got := sent.Entries[i].MessageSystemAttributes["AWSTraceHeader"].StringValue; got != want {
			t.Errorf("entry %d has AWSTraceHeader %q, want %q", i+1, got, want)
		}
	}
}

// TestAWSSDK_sqsReceive sends, receives, and continues the trace.
func TestAWSSDK_sqsReceive(t *testing.T) {
	s := newService(t, answer{200, nil, `{"MessageId":"m-1"}`})
	cfg, recorder := traced(t, s, awssdk.Config{})
	client := sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.DisableMessageChecksumValidation = true })
	if _, err := client.SendMessage(withBaggage(t), &sqs.SendMessageInput{QueueUrl: aws.String(queueURL), MessageBody: aws.String("hello")}); err != nil {
		t.Fatal(err)
	}
	var sent wireMessage
	s.into(t, &sent)
	sender := only(t, recorder).SpanContext()

	stored, err := json.Marshal(map[string]any{"Messages": []any{
		map[string]any{"MessageId": "m-1", "Body": "hello", "MessageAttributes": sent.MessageAttributes,
			"Attributes": map[string]string{"AWSTraceHeader": sent.MessageSystemAttributes["AWSTraceHeader"].StringValue}},
		map[string]any{"MessageId": "m-2", "Body": "untraced"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.answers = []answer{{200, nil, string(stored)}}
	input := &sqs.ReceiveMessageInput{QueueUrl: aws.String(queueURL), MessageAttributeNames: []string{"mine"}}
	received, err := client.ReceiveMessage(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	var asked struct{ MessageSystemAttributeNames, AttributeNames, MessageAttributeNames []string }
	s.into(t, &asked)
	if slices.Sort(asked.MessageAttributeNames); fmt.Sprint(asked) != "{[AWSTraceHeader] [] [baggage mine traceparent tracestate]}" {
		t.Errorf("asked for %v", asked)
	}
	if fmt.Sprint(input.MessageAttributeNames, input.MessageSystemAttributeNames) != "[mine] []" {
		t.Errorf("the caller's input became %+v", input)
	}
	span := recorder.Ended()[1]
	if span.SpanKind() != trace.SpanKindClient || len(span.Links()) != 1 || span.Links()[0].SpanContext.SpanID() != sender.SpanID() {
		t.Errorf("%s with links %v, want one to %v", span.SpanKind(), span.Links(), sender)
	}
	c := awssdk.Config{Propagator: propagation.NewCompositeTextMapPropagator(propagation.Baggage{}, xray.Propagator{}, propagation.TraceContext{})}
	ctx := c.Extract(t.Context(), received.Messages[0])
	if got := trace.SpanContextFromContext(ctx); got.TraceID() != sender.TraceID() || got.SpanID() != sender.SpanID() || !got.IsRemote() || !got.IsSampled() {
		t.Errorf("continued from %v, want %v", got, sender)
	}
	if got := baggage.FromContext(ctx).Member("tenant").Value(); got != "7" {
		t.Errorf("baggage %q", got)
	}
	x := awssdk.Config{Propagator: xray.Propagator{}}
	if got := x.Link(&received.Messages[0]).SpanContext; got.SpanID() != sender.SpanID() {
		t.Errorf("linked to %v by X-Ray's header, want %v", got, sender)
	}
	if got := c.Link(received.Messages[1]).SpanContext; got.IsValid() {
		t.Errorf("linked to %v, although the message carries nothing", got)
	}
}

// TestAWSSDK_sqsReceiveAsks does not ask twice, and asks where the caller does.
func TestAWSSDK_sqsReceiveAsks(t *testing.T) {
	f := func(input sqs.ReceiveMessageInput, want string) {
		t.Helper()
		s := newService(t, answer{200, nil, `{}`})
		cfg, _ := traced(t, s, awssdk.Config{Propagator: propagation.NewCompositeTextMapPropagator(xray.Propagator{}, propagation.Baggage{})})
		input.QueueUrl = aws.String(queueURL)
		if _, err := sqs.NewFromConfig(cfg).ReceiveMessage(t.Context(), &input); err != nil {
			t.Fatal(err)
		}
		var asked struct{ MessageSystemAttributeNames, AttributeNames, MessageAttributeNames []string }
		s.into(t, &asked)
		if got := fmt.Sprint(asked); got != want {
			t.Errorf("asked for %s, want %s", got, want)
		}
	}
	f(sqs.ReceiveMessageInput{}, "{[AWSTraceHeader] [] [baggage]}")
	f(sqs.ReceiveMessageInput{MessageAttributeNames: []string{"All"}}, "{[AWSTraceHeader] [] [All]}")
	f(sqs.ReceiveMessageInput{MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{"All"}}, "{[All] [] [baggage]}")
	f(sqs.ReceiveMessageInput{MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{"SentTimestamp"}}, "{[SentTimestamp AWSTraceHeader] [] [baggage]}")
	f(sqs.ReceiveMessageInput{AttributeNames: []sqstypes.QueueAttributeName{"SentTimestamp"}}, "{[] [SentTimestamp AWSTraceHeader] [baggage]}") //nolint:staticcheck // deprecated, and in use
	f(sqs.ReceiveMessageInput{AttributeNames: []sqstypes.QueueAttributeName{"All"}}, "{[] [All] [baggage]}")                                    //nolint:staticcheck // deprecated, and in use
}
