// Command lambda is a function behind API Gateway, traced: each invocation is a
// span within the trace that Lambda began, and has left the function when the
// answer does, for Lambda may freeze the process right after.
//
//	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build -tags lambda.norpc -o bootstrap ./lambda
//	zip function.zip bootstrap
//
// It runs on provided.al2023 with active tracing on and the policy
// deploy/iam/lambda-policy.json.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/updraft-otel/updraft"
)

// shutdownTime is less than the 300 ms that Lambda gives a function that has an
// internal extension, which WithEnableSIGTERM registers.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
const shutdownTime = 250 * time.Millisecond

func main() {
	ctx := context.Background()
	tel, err := updraft.Config{ServiceName: os.Getenv("AWS_LAMBDA_FUNCTION_NAME")}.Start(ctx)
	if err != nil { // with Config.Strict only
		fmt.Fprintln(os.Stderr, "lambda:", err)
		os.Exit(1)
	}
	lambda.StartWithOptions(traced(tel, hello), lambda.WithEnableSIGTERM(func() {
		ctx, cancel := context.WithTimeout(ctx, shutdownTime)
		defer cancel()
		_ = tel.Shutdown(ctx)
	}))
}

// hello is what the function is for.
func hello(_ context.Context, r events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	name := r.QueryStringParameters["name"]
	if name == "" {
		name = "Lambda"
	}
	return events.APIGatewayProxyResponse{
		StatusCode: http.StatusOK,
		Headers:    map[string]string{"Content-Type": "text/plain; charset=utf-8"},
		Body:       "Hello from " + name + "!",
	}, nil
}
