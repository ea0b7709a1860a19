package localaws_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/awssdk"
)

// quickRetryer tries three times with a pause that tests can wait for.
func quickRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 2 * time.Millisecond, nil })
	})
}

var orderKey = map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "1"}}

func TestAWSSDK_dynamoDB(t *testing.T) {
	s := newService(t, answer{200, requestID("REQ1"), `{"Item":{"id":{"S":"1"}}}`})
	cfg, recorder := traced(t, s, awssdk.Config{})
	_, err := dynamodb.NewFromConfig(cfg).GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName:      aws.String("orders"),
		Key:            orderKey,
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	span := only(t, recorder)
	if span.Name() != "DynamoDB.GetItem" || span.SpanKind() != trace.SpanKindClient || span.Status().Code != codes.Unset {
		t.Errorf("%s, %s, %v", span.Name(), span.SpanKind(), span.Status())
	}
	checkAttributes(t, span.Attributes(),
		"rpc.system=aws-api", "rpc.system.name=aws-api", "rpc.service=DynamoDB", "rpc.method=GetItem",
		"aws.region=eu-west-1", "cloud.region=eu-west-1",
		"db.system.name=aws.dynamodb", "db.operation.name=GetItem",
		`aws.dynamodb.table_names=["orders"]`, "aws.dynamodb.consistent_read=true",
		"http.request.method=POST", "http.response.status_code=200",
		"url.full="+s.URL+"/", "server.address=127.0.0.1", "server.port=*",
		"aws.request_id=REQ1", "aws.request.attempts=1")
	if got := s.last(t).header.Get("X-Amzn-Trace-Id"); got != carried(span) {
		t.Errorf("X-Amzn-Trace-Id %q, want %q", got, carried(span))
	}
	if got := s.last(t).header.Get("Traceparent"); got != "" {
		t.Errorf("traceparent %q goes to AWS, which does not read it", got)
	}
}

// TestAWSSDK_dynamoDBTables reads the tables of calls that name several.
func TestAWSSDK_dynamoDBTables(t *testing.T) {
	f := func(want string, call func(context.Context, *dynamodb.Client) error) {
		t.Helper()
		s := newService(t, answer{200, nil, `{}`})
		cfg, recorder := traced(t, s, awssdk.Config{})
		if err := call(t.Context(), dynamodb.NewFromConfig(cfg)); err != nil {
			t.Fatal(err)
		}
		for _, kv := range only(t, recorder).Attributes() {
			if kv.Key == "aws.dynamodb.table_names" {
				if got := strings.Join(kv.Value.AsStringSlice(), " "); got != want {
					t.Errorf("tables %q, want %q", got, want)
				}
				return
			}
		}
		t.Error("no tables")
	}
	key := orderKey
	f("a b", func(ctx context.Context, c *dynamodb.Client) error {
		keys := types.KeysAndAttributes{Keys: []map[string]types.AttributeValue{key}}
		_, err := c.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"b": keys, "a": keys}})
		return err
	})
	f("carts orders", func(ctx context.Context, c *dynamodb.Client) error {
		_, err := c.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Put: &types.Put{TableName: aws.String("orders"), Item: key}},
			{Delete: &types.Delete{TableName: aws.String("carts"), Key: key}},
			{Update: &types.Update{TableName: aws.String("orders"), Key: key, UpdateExpression: aws.String("x")}},
		}})
		return err
	})
	f("orders", func(ctx context.Context, c *dynamodb.Client) error {
		_, err := c.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("arn:aws:dynamodb:eu-west-1:123456789012:table/orders")})
		return err
	})
}

// TestAWSSDK_retries: one span, an event for each failed attempt.
func TestAWSSDK_retries(t *testing.T) {
	s := newService(t,
		answer{500, requestID("A1"), `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"try again"}`},
		answer{400, requestID("A2"), `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"too fast"}`},
		answer{200, requestID("A3"), `{"TableNames":["a","b"]}`})
	cfg, recorder := traced(t, s, awssdk.Config{})
	if _, err := dynamodb.NewFromConfig(cfg).ListTables(t.Context(), &dynamodb.ListTablesInput{Limit: aws.Int32(7)}); err != nil {
		t.Fatal(err)
	}
	span := only(t, recorder)
	checkAttributes(t, span.Attributes(),
		"rpc.system=aws-api", "rpc.system.name=aws-api", "rpc.service=DynamoDB", "rpc.method=ListTables",
		"aws.region=eu-west-1", "cloud.region=eu-west-1", "db.system.name=aws.dynamodb", "db.operation.name=ListTables",
		"aws.dynamodb.limit=7", "aws.dynamodb.table_count=2",
		"http.request.method=POST", "http.response.status_code=200", "url.full=*", "server.address=*", "server.port=*",
		"aws.request_id=A3", "aws.request.attempts=3")
	events := span.Events()
	if len(events) != 2 || span.Status().Code != codes.Unset {
		t.Fatalf("events %v, status %v", events, span.Status())
	}
	checkAttributes(t, events[0].Attributes, "http.response.status_code=500", "aws.http.error_message=try again",
		"error.type=InternalServerError", "aws.request.attempt=1", "aws.request_id=A1", "aws.request.retry_delay=*")
	checkAttributes(t, events[1].Attributes, "http.response.status_code=400", "aws.http.error_message=too fast",
		"error.type=ProvisionedThroughputExceededException", "aws.request.attempt=2", "aws.request_id=A2", "aws.request.retry_delay=*")
	for _, kv := range events[1].Attributes {
		if kv.Key == "aws.request.retry_delay" && (kv.Value.AsFloat64() < 0.002 || kv.Value.AsFloat64() > 10) {
			t.Errorf("a pause of 2 ms is told as %v s", kv.Value.AsFloat64())
		}
	}
	for i, r := range s.requests {
		if r.header.Get("X-Amzn-Trace-Id") != carried(span) {
			t.Errorf("attempt %d carries %q", i+1, r.header.Get("X-Amzn-Trace-Id"))
		}
	}
}

// TestAWSSDK_fails: the failed attempts, and one exception.
func TestAWSSDK_fails(t *testing.T) {
	f := func(name string, a answer, code, message string, events int) {
		t.Helper()
		s := newService(t, a)
		cfg, recorder := traced(t, s, awssdk.Config{})
		_, err := dynamodb.NewFromConfig(cfg).DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("t")})
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		span := only(t, recorder)
		if len(span.Events()) != events {
			t.Fatalf("%s: events %v, want %d", name, span.Events(), events)
		}
		for i, e := range span.Events() {
			if want := i == events-1; (e.Name == "exception") != want {
				t.Errorf("%s: event %d is %q", name, i, e.Name)
			}
		}
		checkAttributes(t, span.Events()[events-1].Attributes, "exception.type="+code, "exception.message="+message)
		if span.Status().Code != codes.Error || span.Status().Description != message {
			t.Errorf("%s: status %v", name, span.Status())
		}
		found := false
		for _, kv := range span.Attributes() {
			found = found || kv.Key == "error.type" && kv.Value.AsString() == code
		}
		if !found {
			t.Errorf("%s: error.type is not %q in %v", name, code, span.Attributes())
		}
	}
	f("its own fault", answer{400, requestID("R"), `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no such table"}`},
		"ResourceNotFoundException", "no such table", 1)
	f("throttled", answer{400, requestID("R"), `{"__type":"com.amazon.coral.availability#ThrottlingException","message":"slow down"}`},
		"ThrottlingException", "slow down", 3)
	f("broken", answer{500, requestID("R"), `{"__type":"InternalServerError","message":"oh"}`}, "InternalServerError", "oh", 3)
}

// TestAWSSDK_unreachable has no response at all.
func TestAWSSDK_unreachable(t *testing.T) {
	s := newService(t, answer{200, nil, "{}"})
	cfg, recorder := traced(t, s, awssdk.Config{})
	s.Close()
	if _, err := dynamodb.NewFromConfig(cfg).ListTables(t.Context(), &dynamodb.ListTablesInput{}); err == nil {
		t.Fatal("no error")
	}
	span := only(t, recorder)
	events := span.Events()
	if len(events) != 3 || events[2].Name != "exception" || span.Status().Code != codes.Error {
		t.Fatalf("events %v, status %v", events, span.Status())
	}
	checkAttributes(t, events[0].Attributes, "aws.http.error_message=*", "error.type=*", "aws.request.attempt=1", "aws.request.retry_delay=*")
}

// TestAWSSDK_cancelled between two attempts tells of both: the attempt that
// failed, and why there was no other.
func TestAWSSDK_cancelled(t *testing.T) {
	s := newService(t, answer{500, nil, `{"__type":"InternalServerError","message":"oh"}`})
	cfg, recorder := traced(t, s, awssdk.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { cancel(); return time.Hour, nil })
		})
	}
	_, err := dynamodb.NewFromConfig(cfg).ListTables(ctx, &dynamodb.ListTablesInput{})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	span := only(t, recorder)
	events := span.Events()
	if len(events) != 2 || events[0].Name != "HTTP request failure" || events[1].Name != "exception" {
		t.Fatalf("events %v", events)
	}
	checkAttributes(t, events[0].Attributes, "http.response.status_code=500", "aws.http.error_message=oh", "error.type=InternalServerError", "aws.request.attempt=1")
	checkAttributes(t, events[1].Attributes, "exception.type=canceled", "exception.message=*")
}

func TestAWSSDK_s3(t *testing.T) {
	header := http.Header{"X-Amz-Request-Id": {"S3REQ"}, "X-Amz-Id-2": {"EXTENDED"}, "Content-Type": {"application/xml"}}
	s := newService(t, answer{200, header, ""}, answer{304, header, ""}, answer{404, header,
		`<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>`})
	cfg, recorder := traced(t, s, awssdk.Config{})
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("a key"), Body: strings.NewReader("x")}); err != nil {
		t.Fatal(err)
	}
	span := only(t, recorder)
	checkAttributes(t, span.Attributes(),
		"rpc.system=aws-api", "rpc.system.name=aws-api", "rpc.service=S3", "rpc.method=PutObject",
		"aws.region=eu-west-1", "cloud.region=eu-west-1", "aws.s3.bucket=b", "aws.s3.key=a key",
		"http.request.method=PUT", "http.response.status_code=200",
		"url.full="+s.URL+"/b/a%20key", "server.address=127.0.0.1", "server.port=*",
		"aws.request_id=S3REQ", "aws.extended_request_id=EXTENDED", "aws.request.attempts=1")

	_, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k"), IfNoneMatch: aws.String("e")})
	if err == nil {
		t.Fatal("the SDK returns 304 as an error")
	}
	if span := recorder.Ended()[1]; span.Status().Code != codes.Unset || len(span.Events()) != 0 {
		t.Errorf("an object that has not changed is told as %v, %v", span.Status(), span.Events())
	}
	_, err = client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
	if err == nil {
		t.Fatal("no error")
	}
	if span := recorder.Ended()[2]; span.Status().Code != codes.Error || span.Status().Description != "The specified key does not exist." {
		t.Errorf("status %v", span.Status())
	}
}

func TestAWSSDK_lambda(t *testing.T) {
	s := newService(t, answer{200, http.Header{"X-Amzn-Requestid": {"L1"}, "X-Amz-Function-Error": {"Unhandled"}}, `{"errorMessage":"no"}`})
	cfg, recorder := traced(t, s, awssdk.Config{})
	_, err := lambda.NewFromConfig(cfg).Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String("arn:aws:lambda:eu-west-1:123456789012:function:checkout:live"), Payload: []byte(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	span := only(t, recorder)
	attributes, err := json.Marshal(attributeMap(span.Attributes()))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"aws.lambda.function.name":"checkout"`, `"aws.lambda.function.error":"Unhandled"`, `"rpc.service":"Lambda"`, `"rpc.method":"Invoke"`} {
		if !strings.Contains(string(attributes), want) {
			t.Errorf("no %s in %s", want, attributes)
		}
	}
}
