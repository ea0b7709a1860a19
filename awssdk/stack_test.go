package awssdk_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/updraft-otel/updraft/awssdk"
)

// A client calls as the SDK's generated clients do, with their middlewares in
// their order: tests with the real ones are localaws's, which has them.
type client struct {
	config   aws.Config
	service  string
	url      string
	http     smithyhttp.ClientDo
	attempts int
	old      bool // as clients were made before: a middleware says what is called
}

// do calls an operation with JSON both ways; the answer goes into output.
func (c *client) do(ctx context.Context, operation string, input, output any) error {
	stack := middleware.NewStack(operation, smithyhttp.NewStackRequest)
	ctx = middleware.ClearStackValues(ctx)
	metadata := awsmiddleware.RegisterServiceMetadata{ServiceID: c.service, OperationName: operation, Region: c.config.Region}
	retryer := retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = max(c.attempts, 1)
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
	add := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	if c.old {
		add(stack.Initialize.Add(&metadata, middleware.Before))
	} else {
		ctx = awsmiddleware.SetServiceID(ctx, c.service)
		ctx = awsmiddleware.SetOperationName(ctx, operation)
		ctx = awsmiddleware.SetRegion(ctx, c.config.Region)
	}
	add(stack.Serialize.Add(serializer{c.url}, middleware.After))
	add(stack.Finalize.Add(retry.NewAttemptMiddleware(retryer, smithyhttp.RequestCloner), middleware.After))
	add(stack.Finalize.Add(signer{}, middleware.After))
	add(stack.Deserialize.Add(&deserializer{output}, middleware.After))
	for _, option := range c.config.APIOptions {
		add(option(stack))
	}
	handler := middleware.DecorateHandler(smithyhttp.NewClientHandlerWithOptions(c.http), stack)
	_, _, err := handler.Handle(ctx, input)
	if err != nil {
		return &smithy.OperationError{ServiceID: c.service, OperationName: operation, Err: err}
	}
	return nil
}

type serializer struct{ url string }

func (serializer) ID() string { return "OperationSerializer" }

func (s serializer) HandleSerialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (
	middleware.SerializeOutput, middleware.Metadata, error,
) {
	body, err := json.Marshal(in.Parameters)
	if err != nil {
		return middleware.SerializeOutput{}, middleware.Metadata{}, err
	}
	request := in.Request.(*smithyhttp.Request)
	request.Method = http.MethodPost
	if request.URL, err = request.URL.Parse(s.url); err != nil {
		return middleware.SerializeOutput{}, middleware.Metadata{}, err
	}
	if request, err = request.SetStream(strings.NewReader(string(body))); err != nil {
		return middleware.SerializeOutput{}, middleware.Metadata{}, err
	}
	in.Request = request
	return next.HandleSerialize(ctx, in)
}

// signer notes which headers there were to sign.
type signer struct{}

func (signer) ID() string { return "Signing" }

func (signer) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	middleware.FinalizeOutput, middleware.Metadata, error,
) {
	request := in.Request.(*smithyhttp.Request)
	signed := "host"
	for name := range request.Header {
		signed += ";" + strings.ToLower(name)
	}
	request.Header.Set("Signed", signed)
	return next.HandleFinalize(ctx, in)
}

type deserializer struct{ output any }

func (*deserializer) ID() string { return "OperationDeserializer" }

func (d *deserializer) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error,
) {
	out, metadata, err := next.HandleDeserialize(ctx, in)
	if err != nil {
		return out, metadata, err
	}
	response := out.RawResponse.(*smithyhttp.Response)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return out, metadata, err
	}
	if response.StatusCode >= 300 {
		code := response.Header.Get("X-Amzn-Errortype")
		err = &smithyhttp.ResponseError{Response: response, Err: &smithy.GenericAPIError{Code: code, Message: string(body)}}
		return out, metadata, err
	}
	out.Result = d.output
	return out, metadata, json.Unmarshal(body, d.output)
}

// newClient is a client of a server that answers with handle, and what it traces.
func newClient(t testing.TB, service string, c awssdk.Config, handle http.HandlerFunc) (*client, *tracetest.SpanRecorder) {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	recorder := tracetest.NewSpanRecorder()
	if c.TracerProvider == nil {
		c.TracerProvider = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	}
	made := &client{config: aws.Config{Region: "eu-west-1"}, service: service, url: server.URL, http: server.Client()}
	awssdk.Instrument(&made.config, c)
	return made, recorder
}

func ok(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}
