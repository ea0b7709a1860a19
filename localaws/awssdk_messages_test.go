package localaws_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
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

const topicARN = "arn:aws:sns:eu-west-1:123456789012:orders"

func snsAnswer(operation, result string) answer {
	return answer{200, map[string][]string{"Content-Type": {"text/xml"}, "X-Amzn-Requestid": {"N1"}},
		"<" + operation + `Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><` + operation + "Result>" + result +
			"</" + operation + "Result><ResponseMetadata><RequestId>N1</RequestId></ResponseMetadata></" + operation + "Response>"}
}

// attributeNames are those of the message under prefix in SNS's form.
func attributeNames(t testing.TB, form url.Values, prefix string) map[string]string {
	t.Helper()
	names := make(map[string]string)
	for i := 1; form.Has(fmt.Sprint(prefix, i, ".Name")); i++ {
		at := fmt.Sprint(prefix, i)
		if form.Get(at+".Value.DataType") != "String" {
			t.Errorf("%s is of type %q", at, form.Get(at+".Value.DataType"))
		}
		names[form.Get(at+".Name")] = form.Get(at + ".Value.StringValue")
	}
	return names
}

func TestAWSSDK_sns(t *testing.T) {
	f := func(input sns.PublishInput, destination, want string) {
		t.Helper()
		s := newService(t, snsAnswer("Publish", "<MessageId>n-1</MessageId>"))
		cfg, recorder := traced(t, s, awssdk.Config{})
		input.Message = aws.String("hello")
		if _, err := sns.NewFromConfig(cfg).Publish(t.Context(), &input); err != nil {
			t.Fatal(err)
		}
		form, err := url.ParseQuery(string(s.last(t).body))
		if err != nil {
			t.Fatal(err)
		}
		got := attributeNames(t, form, "MessageAttributes.entry.")
		span := only(t, recorder)
		if keysOf(got) != want || want != "" && got["traceparent"] != traceparent(span) {
			t.Errorf("attributes %v, want %q", got, want)
		}
		m := attributeMap(span.Attributes())
		if span.SpanKind() != trace.SpanKindProducer || m["messaging.message.id"] != "n-1" || fmt.Sprint(m["messaging.destination.name"]) != destination {
			t.Errorf("%s %v", span.SpanKind(), m)
		}
		if s.last(t).header.Get("X-Amzn-Trace-Id") != carried(span) {
			t.Error("SNS gets no X-Ray header to hand on")
		}
		for key, value := range m {
			if strings.Contains(fmt.Sprint(value), "+491") {
				t.Errorf("%s holds a phone number", key)
			}
		}
	}
	f(sns.PublishInput{TopicArn: aws.String(topicARN)}, "orders", "traceparent")
	f(sns.PublishInput{TargetArn: aws.String(topicARN)}, "orders", "traceparent")
	f(sns.PublishInput{TargetArn: aws.String("arn:aws:sns:eu-west-1:123456789012:endpoint/GCM/app/1")}, "<nil>", "")
	f(sns.PublishInput{PhoneNumber: aws.String("+4917012345")}, "<nil>", "")
}

func TestAWSSDK_snsBatch(t *testing.T) {
	s := newService(t, snsAnswer("PublishBatch", "<Successful></Successful><Failed></Failed>"))
	cfg, recorder := traced(t, s, awssdk.Config{})
	_, err := sns.NewFromConfig(cfg).PublishBatch(t.Context(), &sns.PublishBatchInput{TopicArn: aws.String(topicARN),
		PublishBatchRequestEntries: []snstypes.PublishBatchRequestEntry{
			{Id: aws.String("1"), Message: aws.String("a")}, {Id: aws.String("2"), Message: aws.String("b")}}})
	if err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(string(s.last(t).body))
	if err != nil {
		t.Fatal(err)
	}
	span := only(t, recorder)
	for _, i := range []string{"1", "2"} {
		got := attributeNames(t, form, "PublishBatchRequestEntries.member."+i+".MessageAttributes.entry.")
		if len(got) != 1 || got["traceparent"] != traceparent(span) {
			t.Errorf("entry %s has %v", i, got)
		}
	}
	if m := attributeMap(span.Attributes()); m["aws.sns.topic.arn"] != topicARN || m["messaging.batch.message_count"] != int64(2) {
		t.Errorf("attributes %v", m)
	}
}

func TestAWSSDK_eventBridge(t *testing.T) {
	f := func(c awssdk.Config, detail, want string) {
		t.Helper()
		s := newService(t, answer{200, nil, `{"FailedEntryCount":1,"Entries":[{"EventId":"e"},{"ErrorCode":"InternalFailure"}]}`})
		cfg, recorder := traced(t, s, c)
		entries := []eventtypes.PutEventsRequestEntry{
			{Source: aws.String("shop"), DetailType: aws.String("order"), Detail: aws.String(detail), EventBusName: aws.String("orders")},
			{Source: aws.String("shop"), DetailType: aws.String("order"), Detail: aws.String(detail), EventBusName: aws.String("orders"), TraceHeader: aws.String("mine")},
		}
		before := slices.Clone(entries)
		if _, err := eventbridge.NewFromConfig(cfg).PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: entries}); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(entries, before) {
			t.Error("the caller's entries changed")
		}
		span := only(t, recorder)
		if m := attributeMap(span.Attributes()); span.SpanKind() != trace.SpanKindProducer || m["aws.batch.failed_count"] != int64(1) ||
			m["messaging.destination.name"] != "orders" || m["messaging.batch.message_count"] != int64(2) {
			t.Errorf("%s %v", span.SpanKind(), m)
		}
		var sent struct {
			Entries []struct{ Detail, TraceHeader string }
		}
		s.into(t, &sent)
		want = strings.NewReplacer("TRACEPARENT", traceparent(span), "XRAY", carried(span)).Replace(want)
		if got := sent.Entries[0]; got.TraceHeader != carried(span) || got.Detail != want {
			t.Errorf("sent %+v, want detail %s", got, want)
		}
		if got := sent.Entries[1]; got.TraceHeader != "mine" || got.Detail != detail {
			t.Errorf("the caller's own trace header became %+v", got)
		}
	}
	f(awssdk.Config{}, `{"id":1}`, `{"id":1}`)
	f(awssdk.Config{PayloadField: "trace"}, `{ "id" : 10000000000000000001 } `, `{ "id" : 10000000000000000001 ,"trace":{"X-Amzn-Trace-Id":"XRAY","traceparent":"TRACEPARENT"}} `)
	f(awssdk.Config{PayloadField: "trace"}, `{}`, `{"trace":{"X-Amzn-Trace-Id":"XRAY","traceparent":"TRACEPARENT"}}`)
	f(awssdk.Config{PayloadField: "trace"}, `{"trace":1}`, `{"trace":1}`)
	f(awssdk.Config{PayloadField: "trace"}, `[{}]`, `[{}]`)
	large := `{"x":"` + strings.Repeat("x", 256<<10) + `"}`
	f(awssdk.Config{PayloadField: "trace"}, large, large)
}

func TestAWSSDK_kinesis(t *testing.T) {
	f := func(c awssdk.Config, kind trace.SpanKind, data, want string) {
		t.Helper()
		s := newService(t, answer{200, nil, `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"}]}`})
		s.answers[0].header = map[string][]string{"Content-Type": {"application/x-amz-json-1.1"}}
		cfg, recorder := traced(t, s, c)
		payload := []byte(data)
		_, err := kinesis.NewFromConfig(cfg).PutRecords(t.Context(), &kinesis.PutRecordsInput{
			StreamARN: aws.String("arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"),
			Records:   []kinesistypes.PutRecordsRequestEntry{{Data: payload, PartitionKey: aws.String("k")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if string(payload) != data {
			t.Error("the caller's data changed")
		}
		span := only(t, recorder)
		if m := attributeMap(span.Attributes()); span.SpanKind() != kind || m["aws.kinesis.stream_name"] != "clicks" || m["aws.batch.failed_count"] != nil {
			t.Errorf("%s %v", span.SpanKind(), m)
		}
		var sent struct{ Records []struct{ Data []byte } }
		s.into(t, &sent)
		want = strings.NewReplacer("TRACEPARENT", traceparent(span), "XRAY", carried(span)).Replace(want)
		if got := string(sent.Records[0].Data); got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
		if c.PayloadField != "" && want != data {
			c.Propagator = propagation.TraceContext{}
			if got := c.Link(struct{ Data []byte }{sent.Records[0].Data}).SpanContext; got.SpanID() != span.SpanContext().SpanID() {
				t.Errorf("linked to %v", got)
			}
		}
	}
	f(awssdk.Config{}, trace.SpanKindClient, `{"id":1}`, `{"id":1}`)
	f(awssdk.Config{PayloadField: "trace"}, trace.SpanKindProducer, `{"id":1}`, `{"id":1,"trace":{"X-Amzn-Trace-Id":"XRAY","traceparent":"TRACEPARENT"}}`)
	f(awssdk.Config{PayloadField: "trace"}, trace.SpanKindProducer, "\x00\x01}", "\x00\x01}")
}
