package bench

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/updraft-otel/updraft/awssdk"
)

// TestAWSSDK_collector gives the spans of AWS calls to the collector's
// exporter: it has to know them as such, and what they are about.
func TestAWSSDK_collector(t *testing.T) {
	f := func(service, operation string, input any, code string, want string) {
		t.Helper()
		span := tracedCall(t, service, operation, input, code)
		var d struct {
			Name, Namespace        string
			Error, Fault, Throttle bool
			AWS                    struct {
				Operation string   `json:"operation"`
				Region    string   `json:"region"`
				RequestID string   `json:"request_id"`
				QueueURL  string   `json:"queue_url"`
				Table     string   `json:"table_name"`
				Tables    []string `json:"table_names"`
			}
			HTTP struct {
				Request  struct{ Method, URL string }
				Response struct{ Status int }
			}
			Cause struct {
				Exceptions []struct{ Type, Message string }
			}
		}
		documents := newXRayCollector(t, settings{}).export(t, tracesOf(span))
		if len(documents) != 1 {
			t.Fatalf("%d documents", len(documents))
		}
		if err := json.Unmarshal([]byte(documents[0]), &d); err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(want, " & ") {
			if !strings.Contains(string(got), part) {
				t.Errorf("%s.%s: no %s in\n%s", service, operation, part, got)
			}
		}
	}
	queue, table := "https://sqs.eu-west-1.amazonaws.com/1/orders", "orders"
	f("SQS", "SendMessage", &struct{ QueueUrl *string }{&queue}, "",
		`"Name":"SQS","Namespace":"aws","Error":false,"Fault":false & "operation":"SendMessage","region":"eu-west-1","request_id":"R1","queue_url":"`+queue+
			`" & "HTTP":{"Request":{"Method":"POST","URL":"https://aws.example/"},"Response":{"Status":200}}`)
	f("DynamoDB", "GetItem", &struct{ TableName *string }{&table}, "ValidationException",
		`"Name":"DynamoDB","Namespace":"aws","Error":true,"Fault":false & "operation":"GetItem" & "table_name":"orders","table_names":null & {"Type":"ValidationException","Message":"no"}`)
	f("DynamoDB", "BatchGetItem", &struct{ RequestItems map[string]int }{map[string]int{"b": 1, "a": 1}}, "",
		`"table_name":"","table_names":["a","b"]`)
}

// tracedCall is the span of a call; code is the AWS error it fails with, if any.
func tracedCall(t *testing.T, service, operation string, input any, code string) sdktrace.ReadOnlySpan {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	stack := middleware.NewStack(operation, smithyhttp.NewStackRequest)
	err := errors.Join(
		stack.Serialize.Add(middleware.SerializeMiddlewareFunc("url", func(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (
			middleware.SerializeOutput, middleware.Metadata, error,
		) {
			request := in.Request.(*smithyhttp.Request)
			request.Method, request.URL = http.MethodPost, &url.URL{Scheme: "https", Host: "aws.example", Path: "/"}
			return next.HandleSerialize(ctx, in)
		}), middleware.After),
		stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("error", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
			middleware.DeserializeOutput, middleware.Metadata, error,
		) {
			out, metadata, err := next.HandleDeserialize(ctx, in)
			if err == nil && code != "" {
				err = &smithy.GenericAPIError{Code: code, Message: "no"}
			}
			return out, metadata, err
		}), middleware.After),
		awssdk.Middleware(awssdk.Config{TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))})(stack),
	)
	if err != nil {
		t.Fatal(err)
	}
	status := http.StatusOK
	if code != "" {
		status = http.StatusBadRequest
	}
	ctx := awsmiddleware.SetRegion(awsmiddleware.SetOperationName(awsmiddleware.SetServiceID(t.Context(), service), operation), "eu-west-1")
	handler := middleware.DecorateHandler(smithyhttp.NewClientHandlerWithOptions(answering(status)), stack)
	if _, _, err := handler.Handle(ctx, input); (err != nil) != (code != "") {
		t.Fatal(err)
	}
	return recorder.Ended()[0]
}

// answering is an HTTP client whose answers have this status.
type answering int

func (status answering) Do(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: int(status), Header: http.Header{"X-Amzn-Requestid": {"R1"}}, Body: io.NopCloser(strings.NewReader(""))}, nil
}

// tracesOf is a span as the collector has it, inside another.
func tracesOf(span sdktrace.ReadOnlySpan) ptrace.Traces {
	traces := ptrace.NewTraces()
	to := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	to.SetTraceID(pcommon.TraceID(span.SpanContext().TraceID()))
	to.SetSpanID(pcommon.SpanID(span.SpanContext().SpanID()))
	to.SetParentSpanID(pcommon.SpanID{1})
	to.SetName(span.Name())
	to.SetKind(ptrace.SpanKind(span.SpanKind())) // in the same order, and numbered alike
	to.SetStartTimestamp(pcommon.NewTimestampFromTime(span.StartTime()))
	to.SetEndTimestamp(pcommon.NewTimestampFromTime(span.EndTime()))
	if span.Status().Code == codes.Error {
		to.Status().SetCode(ptrace.StatusCodeError)
	}
	put := func(to pcommon.Map, attributes []attribute.KeyValue) {
		for _, kv := range attributes {
			switch kv.Value.Type() {
			case attribute.INT64:
				to.PutInt(string(kv.Key), kv.Value.AsInt64())
			case attribute.STRINGSLICE:
				list := to.PutEmptySlice(string(kv.Key))
				for s := range slices.Values(kv.Value.AsStringSlice()) {
					list.AppendEmpty().SetStr(s)
				}
			default:
				to.PutStr(string(kv.Key), kv.Value.String())
			}
		}
	}
	put(to.Attributes(), span.Attributes())
	for _, e := range span.Events() {
		event := to.Events().AppendEmpty()
		event.SetName(e.Name)
		event.SetTimestamp(pcommon.NewTimestampFromTime(e.Time))
		put(event.Attributes(), e.Attributes)
	}
	return traces
}
