package awssdk_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/updraft-otel/updraft/awssdk"
)

// A roundTripper answers without a network, and decodes what was sent.
type roundTripper struct{ into any }

func (r roundTripper) Do(request *http.Request) (*http.Response, error) {
	if r.into != nil {
		if err := json.NewDecoder(request.Body).Decode(r.into); err != nil {
			return nil, err
		}
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"X-Amzn-Requestid": {"79b9da39-b7ae-508a-a6bc-864b2829c622"}},
		Body:       io.NopCloser(strings.NewReader("{}")),
	}, nil
}

type benchInput struct {
	QueueUrl, MessageBody   *string
	MessageAttributes       map[string]benchAttribute
	MessageSystemAttributes map[string]benchAttribute
}

type benchAttribute struct{ DataType, StringValue *string }

// allocations are what one call costs with and without being traced.
func allocations(t testing.TB, service, operation string, input any, c *awssdk.Config) float64 {
	t.Helper()
	made := &client{service: service, url: "http://127.0.0.1/", http: roundTripper{}}
	if c != nil {
		awssdk.Instrument(&made.config, *c)
	}
	made.config.Region = "eu-west-1"
	output := &struct{}{}
	return testing.AllocsPerRun(200, func() {
		if err := made.do(t.Context(), operation, input, output); err != nil {
			t.Error(err)
		}
	})
}

// Bounds on what tracing adds to a call, which by itself makes hundreds of
// allocations: an SDK's span with its attributes for one that is recorded.
const (
	maxRecorded   = 40
	maxUnrecorded = 16
	maxMessage    = 30 // more, for a message that carries context
)

func TestAllocations(t *testing.T) {
	provider := sdktrace.NewTracerProvider()
	w3c := propagation.TraceContext{}
	table, queue, body := "orders", "https://sqs.eu-west-1.amazonaws.com/1/orders", "hello"
	get := &struct{ TableName *string }{&table}
	send := &benchInput{QueueUrl: &queue, MessageBody: &body}
	f := func(name, service, operation string, input any, c awssdk.Config, limit float64) {
		t.Helper()
		added := allocations(t, service, operation, input, &c) - allocations(t, service, operation, input, nil)
		t.Logf("%s: %.0f more", name, added)
		if added > limit {
			t.Errorf("%s: %.0f allocations more, want at most %.0f", name, added, limit)
		}
	}
	f("a call", "DynamoDB", "GetItem", get, awssdk.Config{TracerProvider: provider, Propagator: w3c}, maxRecorded)
	f("one that is not recorded", "DynamoDB", "GetItem", get, awssdk.Config{TracerProvider: noop.NewTracerProvider(), Propagator: w3c}, maxUnrecorded)
	f("a message", "SQS", "SendMessage", send, awssdk.Config{TracerProvider: provider, Propagator: w3c}, maxRecorded+maxMessage)
}

func BenchmarkCall(b *testing.B) {
	provider := sdktrace.NewTracerProvider()
	table, queue, body := "orders", "https://sqs.eu-west-1.amazonaws.com/1/orders", "hello"
	f := func(name, service, operation string, input any, traced bool) {
		b.Run(name, func(b *testing.B) {
			c := &client{service: service, url: "http://127.0.0.1/", http: roundTripper{}}
			c.config.Region = "eu-west-1"
			if traced {
				awssdk.Instrument(&c.config, awssdk.Config{TracerProvider: provider, Propagator: propagation.TraceContext{}})
			}
			output := &struct{}{}
			b.ReportAllocs()
			for b.Loop() {
				if err := c.do(b.Context(), operation, input, output); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	get, send := &struct{ TableName *string }{&table}, &benchInput{QueueUrl: &queue, MessageBody: &body}
	f("GetItem/plain", "DynamoDB", "GetItem", get, false)
	f("GetItem/traced", "DynamoDB", "GetItem", get, true)
	f("SendMessage/plain", "SQS", "SendMessage", send, false)
	f("SendMessage/traced", "SQS", "SendMessage", send, true)
}
