package awsapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/updraft-otel/updraft/awsapi"
)

// service stands for X-Ray: it refuses the second document of the first call, and throttles the second call.
func service() *httptest.Server {
	calls := 0
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls > 1 {
			w.Header().Set("X-Amzn-ErrorType", "ThrottledException")
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_, _ = io.WriteString(w, `{"UnprocessedTraceSegments":[{"Id":"0000000000000002","ErrorCode":"InvalidName"}]}`)
	}))
}

func ExampleClient_PutTraceSegments() {
	xray := service()
	defer xray.Close()
	client, err := awsapi.New(awsapi.Config{
		Service:  awsapi.XRay,
		Region:   "us-east-1",
		Endpoint: xray.URL, // leave it out for AWS
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	docs := [][]byte{
		[]byte(`{"name":"shop","id":"0000000000000001"}`),
		[]byte(`{"name":"sh?p","id":"0000000000000002"}`),
	}
	for range 2 {
		refused, err := client.PutTraceSegments(context.Background(), len(docs), func(i int) []byte { return docs[i] })
		var e *awsapi.Error
		if errors.As(err, &e) {
			fmt.Println(e.Code, "- again:", e.Retryable(), "- after:", e.RetryAfter())
		}
		for _, r := range refused {
			fmt.Println("refused:", r.ID, r.ErrorCode)
		}
	}
	// Output:
	// refused: 0000000000000002 InvalidName
	// ThrottledException - again: true - after: 2s
}

func ExampleResolve() {
	cfg := aws.Config{Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}} // from config.LoadDefaultConfig
	settings, err := awsapi.Resolve(context.Background(), cfg, awsapi.Logs)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(settings.Endpoint, "by", settings.EndpointSource)
	// Output: https://logs.eu-west-1.amazonaws.com by region
}
