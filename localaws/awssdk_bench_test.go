package localaws_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/updraft-otel/updraft/awssdk"
	"github.com/updraft-otel/updraft/xray"
)

// An offline client answers every call at once.
type offline struct{}

func (offline) Do(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: requestID("R1"), Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

// BenchmarkAWSSDK is what tracing adds to calls of the real clients.
func BenchmarkAWSSDK(b *testing.B) {
	plain := aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""), HTTPClient: offline{}}
	traced := plain.Copy()
	awssdk.Instrument(&traced, awssdk.Config{
		TracerProvider: sdktrace.NewTracerProvider(),
		Propagator:     propagation.NewCompositeTextMapPropagator(propagation.Baggage{}, xray.Propagator{}, propagation.TraceContext{}),
	})
	for _, c := range []struct {
		name   string
		config aws.Config
	}{{"plain", plain}, {"traced", traced}} {
		table := dynamodb.NewFromConfig(c.config)
		b.Run("GetItem/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := table.GetItem(b.Context(), &dynamodb.GetItemInput{TableName: aws.String("orders"), Key: orderKey}); err != nil {
					b.Fatal(err)
				}
			}
		})
		queue := sqs.NewFromConfig(c.config, func(o *sqs.Options) { o.DisableMessageChecksumValidation = true })
		b.Run("SendMessage/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := queue.SendMessage(b.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(queueURL), MessageBody: aws.String("hello")}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
