package awssdk_test

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/awssdk"
)

const (
	parentHeader = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	parentSpan   = "b7ad6b7169203331"
)

// Messages as aws-lambda-go has them.
type (
	sqsRecord struct {
		Body              string                  `json:"body"`
		Attributes        map[string]string       `json:"attributes"`
		MessageAttributes map[string]sqsAttribute `json:"messageAttributes"`
	}
	sqsAttribute struct {
		StringValue *string `json:"stringValue"`
		BinaryValue []byte  `json:"binaryValue"`
		DataType    string  `json:"dataType"`
	}
	snsRecord struct {
		EventSource string
		SNS         snsEntity
	}
	snsEntity struct {
		MessageAttributes map[string]any
		Message           string
	}
	kinesisRecord struct{ Kinesis struct{ Data []byte } }
	event         struct{ Detail json.RawMessage }
)

// headerReader records what a propagator of X-Ray's header is given.
type headerReader struct{ got *string }

func (headerReader) Inject(context.Context, propagation.TextMapCarrier) {}

func (p headerReader) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	*p.got = carrier.Get("X-Amzn-Trace-Id")
	return ctx
}

func (headerReader) Fields() []string { return []string{"X-Amzn-Trace-Id"} }

func TestExtract(t *testing.T) {
	c := awssdk.Config{Propagator: propagation.TraceContext{}, PayloadField: "trace"}
	value := parentHeader
	f := func(name string, message any, found bool) {
		t.Helper()
		got := trace.SpanContextFromContext(c.Extract(t.Context(), message))
		if got.IsValid() != found || found && (got.SpanID().String() != parentSpan || !got.IsRemote() || !got.IsSampled()) {
			t.Errorf("%s: %v", name, got)
		}
		if link := c.Link(message); link.SpanContext.IsValid() != found {
			t.Errorf("%s: linked to %v", name, link.SpanContext)
		}
	}
	attributes := map[string]sqsAttribute{"traceparent": {StringValue: &value, DataType: "String"}}
	f("a record of SQS", sqsRecord{MessageAttributes: attributes}, true)
	f("a pointer to it", &sqsRecord{MessageAttributes: attributes}, true)
	f("of SNS", snsRecord{SNS: snsEntity{MessageAttributes: map[string]any{"traceparent": map[string]any{"Type": "String", "Value": value}}}}, true)
	f("of SNS through SQS", sqsRecord{Body: `{"Type":"Notification","Message":"m","MessageAttributes":{"traceparent":{"Type":"String","Value":"` + value + `"}}}`}, true)
	f("some other JSON", sqsRecord{Body: `{"MessageAttributes":{"traceparent":{"Type":"String","Value":"` + value + `"}}}`}, false)
	kinesis := kinesisRecord{}
	kinesis.Kinesis.Data = []byte(`{"id":1,"trace":{"traceparent":"` + value + `"}}`)
	f("of Kinesis", kinesis, true)
	f("an event", event{json.RawMessage(`{"trace":{"traceparent":"` + value + `"}}`)}, true)
	f("an event without", event{json.RawMessage(`{"trace":[1]}`)}, false)
	f("a map", map[string]string{"traceparent": value}, true)
	for _, nothing := range []any{
		nil, 7, "text", sqsRecord{}, (*sqsRecord)(nil), map[int]string{1: value}, map[string]int{"traceparent": 1}, struct{}{}, []string{value},
		struct{ Attributes map[int]int }{map[int]int{1: 2}}, struct{ MessageAttributes []int }{[]int{1}},
		struct{ *sqsRecord }{}, snsRecord{SNS: snsEntity{MessageAttributes: map[string]any{"traceparent": nil, "a": 1, "b": []any{}}}},
	} {
		f("nothing", nothing, false)
	}

	var header string
	x := awssdk.Config{Propagator: headerReader{&header}}
	x.Extract(t.Context(), sqsRecord{Attributes: map[string]string{"AWSTraceHeader": "Root=1", "SentTimestamp": "2"}})
	if header != "Root=1" {
		t.Errorf("X-Ray's header is %q", header)
	}
	x.Extract(t.Context(), map[string]string{"AWSTraceHeader": "Root=2"})
	if header != "Root=2" {
		t.Errorf("X-Ray's header is %q", header)
	}
}

// FuzzPayload puts context into what it is told is an event: the result holds
// what was there, and the context besides; or nothing was done.
func FuzzPayload(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1}`, ` { "a" : {"b":[1e400]} } `, `{"trace":1}`, `[]`, `{"a":1}}`, "}", `{"a":"}"`, "{\"\xff\":1}", `{"a":1,"a":2}`, "null"} {
		f.Add(seed, "trace")
	}
	f.Fuzz(func(t *testing.T, detail, name string) {
		if name == "" {
			t.Skip()
		}
		type entry struct{ Detail, TraceHeader *string }
		var sent struct{ Entries []entry }
		c, _ := newClient(t, "EventBridge", awssdk.Config{Propagator: headerPropagator{"Root=1"}, PayloadField: name}, ok("{}"))
		c.http = roundTripper{&sent}
		if err := c.do(t.Context(), "PutEvents", &struct{ Entries []entry }{[]entry{{Detail: &detail}}}, &struct{}{}); err != nil {
			t.Skip()
		}
		var before, after map[string]any
		if json.Unmarshal([]byte(detail), &before) != nil || sent.Entries[0].Detail == nil {
			return
		}
		if err := json.Unmarshal([]byte(*sent.Entries[0].Detail), &after); err != nil {
			t.Fatalf("%q became %q: %v", detail, *sent.Entries[0].Detail, err)
		}
		for key, value := range before {
			if !reflect.DeepEqual(after[key], value) {
				t.Errorf("%q became %q", detail, *sent.Entries[0].Detail)
			}
		}
		if len(after) > len(before)+1 {
			t.Errorf("%q became %q", detail, *sent.Entries[0].Detail)
		}
	})
}

// FuzzExtract reads messages that anybody may have sent.
func FuzzExtract(f *testing.F) {
	f.Add(`{"Type":"Notification","MessageAttributes":{"traceparent":{"Type":"String","Value":"`+parentHeader+`"}}}`, "traceparent", parentHeader)
	f.Add(`{"MessageAttributes":[]}`, "", "")
	f.Fuzz(func(_ *testing.T, body, name, value string) {
		c := awssdk.Config{Propagator: propagation.TraceContext{}, PayloadField: name}
		c.Link(sqsRecord{Body: body})
		c.Link(sqsRecord{Body: body, MessageAttributes: map[string]sqsAttribute{name: {StringValue: &value}}, Attributes: map[string]string{name: value}})
		c.Link(event{json.RawMessage(body)})
		c.Link(map[string]string{name: value})
	})
}
