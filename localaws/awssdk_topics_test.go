package localaws_test

import (
	"fmt"
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
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/awssdk"
)

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
