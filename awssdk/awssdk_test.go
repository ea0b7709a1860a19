package awssdk_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/updraft-otel/updraft/awssdk"
)

// A headerPropagator writes X-Ray's header, as package xray does, and one more.
type headerPropagator struct{ header string }

func (p headerPropagator) Inject(_ context.Context, carrier propagation.TextMapCarrier) {
	carrier.Set("X-Amzn-Trace-Id", p.header)
	carrier.Set("more", "m")
}

func (p headerPropagator) Extract(ctx context.Context, _ propagation.TextMapCarrier) context.Context {
	return ctx
}

func (headerPropagator) Fields() []string { return []string{"X-Amzn-Trace-Id", "more"} }

// TestHeader: the header is added after signing, alone, and keeps the Lineage
// that the SDK sets inside Lambda.
func TestHeader(t *testing.T) {
	f := func(ours, before, want string) {
		t.Helper()
		var got http.Header
		c, _ := newClient(t, "Lambda", awssdk.Config{Propagator: headerPropagator{ours}}, func(w http.ResponseWriter, r *http.Request) {
			got = r.Header.Clone()
			_, _ = io.WriteString(w, "{}")
		})
		if before != "" {
			c.config.APIOptions = append(c.config.APIOptions, func(stack *middleware.Stack) error {
				return stack.Build.Add(setHeader(before), middleware.After)
			})
		}
		if err := c.do(t.Context(), "Invoke", struct{}{}, &struct{}{}); err != nil {
			t.Fatal(err)
		}
		if got.Get("X-Amzn-Trace-Id") != want || got.Get("More") != "" {
			t.Errorf("%q and %q: sent %v, want %q", ours, before, got, want)
		}
		if signed := got.Get("Signed"); before == "" && strings.Contains(signed, "trace") {
			t.Errorf("the header was there when %q was signed", signed)
		}
	}
	f("Root=1", "", "Root=1")
	f("", "Root=0", "Root=0")
	f("Root=1;Parent=2;Sampled=1", "Root=0;Parent=1;Sampled=0;Lineage=1:abc:0", "Root=1;Parent=2;Sampled=1;Lineage=1:abc:0")
	f("Root=1;Lineage=ours", "Root=0;Lineage=theirs", "Root=1;Lineage=ours")
	f("Root=1", "Root=0;Lineage=a;Self=b", "Root=1;Lineage=a")
}

// setHeader is what the SDK does inside Lambda.
func setHeader(value string) middleware.BuildMiddleware {
	return middleware.BuildMiddlewareFunc("RecursionDetection", func(
		ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler,
	) (middleware.BuildOutput, middleware.Metadata, error) {
		in.Request.(*smithyhttp.Request).Header.Set("X-Amzn-Trace-Id", value)
		return next.HandleBuild(ctx, in)
	})
}

// TestInstrument: copies of a Config are not touched, twice counts once, and
// nothing is traced that was not asked for.
func TestInstrument(t *testing.T) {
	awssdk.Instrument(nil, awssdk.Config{})
	spare := make([]func(*middleware.Stack) error, 0, 4)
	first := aws.Config{APIOptions: spare}
	second := first.Copy()
	awssdk.Instrument(&first, awssdk.Config{})
	if len(first.APIOptions) != 1 || len(second.APIOptions) != 0 || spare[:1][0] != nil {
		t.Errorf("%d and %d options", len(first.APIOptions), len(second.APIOptions))
	}
	c, recorder := newClient(t, "SQS", awssdk.Config{}, ok("{}"))
	awssdk.Instrument(&c.config, awssdk.Config{})
	if err := c.do(t.Context(), "ListQueues", struct{}{}, &struct{}{}); err != nil {
		t.Fatal(err)
	}
	if got := len(recorder.Ended()); got != 1 {
		t.Errorf("%d spans", got)
	}
}

// TestGlobals are read when the call is made.
func TestGlobals(t *testing.T) {
	provider, propagator := otel.GetTracerProvider(), otel.GetTextMapPropagator()
	t.Cleanup(func() { otel.SetTracerProvider(provider); otel.SetTextMapPropagator(propagator) })
	var header string
	c, _ := newClient(t, "SQS", awssdk.Config{}, func(w http.ResponseWriter, r *http.Request) {
		header = r.Header.Get("X-Amzn-Trace-Id")
		_, _ = io.WriteString(w, "{}")
	})
	c.config.APIOptions = nil
	awssdk.Instrument(&c.config, awssdk.Config{})
	recorder := tracetest.NewSpanRecorder()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)))
	otel.SetTextMapPropagator(headerPropagator{"Root=global"})
	if err := c.do(t.Context(), "ListQueues", struct{}{}, &struct{}{}); err != nil {
		t.Fatal(err)
	}
	if len(recorder.Ended()) != 1 || header != "Root=global" {
		t.Errorf("%d spans, header %q", len(recorder.Ended()), header)
	}
}

// TestOldClient: clients of before say late which service they call.
func TestOldClient(t *testing.T) {
	c, recorder := newClient(t, "SQS", awssdk.Config{}, ok("{}"))
	c.old = true
	if err := c.do(t.Context(), "ListQueues", struct{}{}, &struct{}{}); err != nil {
		t.Fatal(err)
	}
	spans := recorder.Ended()
	if len(spans) != 1 || spans[0].Name() != "SQS.ListQueues" || !slices.Contains(spans[0].Attributes(), attribute.String("aws.region", "eu-west-1")) {
		t.Errorf("%+v", spans)
	}
}

// TestShapes: fields of unexpected kinds are passed over.
func TestShapes(t *testing.T) {
	type odd struct {
		QueueUrl                []byte
		Entries                 int
		MessageBody             *int
		MessageAttributes       map[int]string
		MessageSystemAttributes map[string]int
		TableName               func() `json:"-"`
		RequestItems            map[int]int
		TransactItems           []int
		Records                 []string
		MessageAttributeNames   string
		AttributeNames          []int
		Data                    string
		Detail                  *string
		TopicArn                *string
		FunctionName            *string
		PartNumber              *string
		Limit                   float64
		ConsistentRead          int
		Messages                []map[string]string
		Inner                   struct{ TableName string }
	}
	type unset struct {
		QueueUrl, TopicArn, FunctionName, TableName, Message, MessageBody *string
		Entries                                                           []*odd
	}
	operations := map[string][]string{
		"SQS":             {"SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage"},
		"SNS":             {"Publish", "PublishBatch"},
		"EventBridge":     {"PutEvents"},
		"Kinesis":         {"PutRecord", "PutRecords"},
		"DynamoDB":        {"GetItem"},
		"S3":              {"PutObject"},
		"Lambda":          {"Invoke"},
		"Secrets Manager": {"GetSecretValue"},
		"SFN":             {"StartExecution"},
		"Bedrock Runtime": {"InvokeModel"},
		"New Service":     {"DoIt"},
		"":                {""},
	}
	for service, names := range operations {
		for _, name := range names {
			c, recorder := newClient(t, service, awssdk.Config{Propagator: headerPropagator{"Root=1"}, PayloadField: "trace"}, ok("{}"))
			inputs := []any{odd{}, &odd{}, &unset{Entries: []*odd{nil, {}}}, (*odd)(nil), nil, 7, "text", map[string]int{}}
			for _, input := range inputs {
				if err := c.do(t.Context(), name, input, &odd{}); err != nil {
					t.Errorf("%s.%s %T: %v", service, name, input, err)
				}
			}
			if got := len(recorder.Ended()); got != len(inputs) {
				t.Errorf("%s.%s: %d spans of %d calls", service, name, got, len(inputs))
			}
		}
	}
}

// TestMetrics: one measurement a call, whatever its attempts.
func TestMetrics(t *testing.T) {
	reader := metric.NewManualReader()
	provider := metric.NewMeterProvider(metric.WithReader(reader))
	n := 0
	c, _ := newClient(t, "SQS", awssdk.Config{MeterProvider: provider}, func(w http.ResponseWriter, _ *http.Request) {
		if n++; n > 1 {
			w.Header().Set("X-Amzn-Errortype", "ThrottlingException")
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = io.WriteString(w, "{}")
	})
	c.attempts = 3
	if err := c.do(t.Context(), "ListQueues", struct{}{}, &struct{}{}); err != nil {
		t.Fatal(err)
	}
	if err := c.do(t.Context(), "ListQueues", struct{}{}, &struct{}{}); err == nil {
		t.Fatal("no error")
	}
	var data metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &data); err != nil {
		t.Fatal(err)
	}
	m := data.ScopeMetrics[0].Metrics[0]
	var got []string
	for _, point := range m.Data.(metricdata.Histogram[float64]).DataPoints {
		got = append(got, fmt.Sprint(point.Count, " ", point.Attributes.Encoded(attribute.DefaultEncoder())))
	}
	slices.Sort(got)
	want := []string{
		"1 error.type=ThrottlingException,rpc.method=ListQueues,rpc.service=SQS,rpc.system.name=aws-api",
		"1 rpc.method=ListQueues,rpc.service=SQS,rpc.system.name=aws-api",
	}
	if m.Name != "rpc.client.call.duration" || m.Unit != "s" || !slices.Equal(got, want) {
		t.Errorf("%s in %s\n%s", m.Name, m.Unit, strings.Join(got, "\n"))
	}
}

// TestConcurrentSafe shares one configuration between many callers.
func TestConcurrentSafe(t *testing.T) {
	c, recorder := newClient(t, "SQS", awssdk.Config{Propagator: headerPropagator{"Root=1"}}, ok("{}"))
	input := &struct {
		QueueUrl, MessageBody string
		MessageAttributes     map[string]struct{ DataType, StringValue *string }
	}{QueueUrl: "https://sqs/1/q", MessageBody: "hello"}
	const callers, calls = 8, 20
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for i := range calls {
				operation := [...]string{"SendMessage", "ReceiveMessage", "ListQueues"}[i%3]
				if err := c.do(t.Context(), operation, input, &struct{ MessageId string }{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := len(recorder.Ended()); got != callers*calls || input.MessageAttributes != nil {
		t.Errorf("%d spans; the shared input has %v", got, input.MessageAttributes)
	}
}
