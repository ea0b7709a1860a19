package localaws_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sdkxray "github.com/aws/aws-sdk-go-v2/service/xray"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/awssdk"
	"github.com/updraft-otel/updraft/localaws"
	"github.com/updraft-otel/updraft/xray"
)

// answerByTarget plays all services at once: what a call is for stands in its
// header or path.
func answerByTarget(w http.ResponseWriter, r *http.Request) {
	target := r.Header.Get("X-Amz-Target")
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	body := "{}"
	switch {
	case target == "DynamoDB_20120810.PutItem":
		w.WriteHeader(http.StatusBadRequest)
		body = `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"too fast"}`
	case target != "", strings.Contains(r.URL.Path, "/functions/"):
	case r.Method == http.MethodPut:
		w.Header().Set("Content-Type", "application/xml")
		body = ""
	default: // SNS, in a form
		w.Header().Set("Content-Type", "text/xml")
		body = snsAnswer("Publish", "<MessageId>n-1</MessageId>").body
	}
	_, _ = io.WriteString(w, body)
}

// TestAWSSDK_graph sends spans of AWS calls through the library to X-Ray and
// reads with the X-Ray SDK, itself traced, which nodes are drawn of them.
func TestAWSSDK_graph(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	tel := startLibrary(t, srv)
	services := newService(t)
	services.Config.Handler = http.HandlerFunc(answerByTarget)
	cfg := aws.Config{
		Region:       localaws.Region,
		Credentials:  credentials.NewStaticCredentialsProvider(localaws.AccessKeyID, localaws.SecretAccessKey, ""),
		BaseEndpoint: aws.String(services.URL),
		HTTPClient:   localaws.SDKClient(),
		Retryer:      quickRetryer,
	}
	awssdk.Instrument(&cfg, awssdk.Config{TracerProvider: tel.TracerProvider(), Propagator: xray.Propagator{}})
	begun := time.Now()
	ctx, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "GET /checkout", trace.WithSpanKind(trace.SpanKindServer))
	callAll(t, ctx, cfg)
	span.End()

	reader := sdkxray.NewFromConfig(cfg, func(o *sdkxray.Options) { o.BaseEndpoint = aws.String(srv.URL()) })
	// The server checks the signature: the header that tracing adds does not touch it.
	if _, err := reader.GetServiceGraph(ctx, &sdkxray.GetServiceGraphInput{StartTime: aws.Time(begun), EndTime: aws.Time(time.Now())}); err != nil {
		t.Fatal(err)
	}
	stop, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := tel.Shutdown(stop); err != nil {
		t.Fatal(err)
	}
	graph, err := reader.GetServiceGraph(t.Context(), &sdkxray.GetServiceGraphInput{
		StartTime: aws.Time(begun.Add(-time.Second)), EndTime: aws.Time(time.Now().Add(time.Second))})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range graph.Services {
		line := fmt.Sprintf("%s %s", aws.ToString(s.Name), aws.ToString(s.Type))
		if s.SummaryStatistics != nil && s.SummaryStatistics.ErrorStatistics != nil {
			line += fmt.Sprintf(" %d throttled of %d", aws.ToInt64(s.SummaryStatistics.ErrorStatistics.ThrottleCount), aws.ToInt64(s.SummaryStatistics.TotalCount))
		}
		got = append(got, line)
	}
	slices.Sort(got)
	want := []string{
		"SNS AWS::SNS 0 throttled of 1",
		"XRay AWS::XRay 0 throttled of 1",
		"checkout AWS::Lambda::Function 0 throttled of 1",
		"https://sqs.eu-west-1.amazonaws.com/123456789012/orders AWS::SQS::Queue 0 throttled of 2",
		"orders AWS::DynamoDB::Table 1 throttled of 2",
		"receipts AWS::S3::Bucket 0 throttled of 1",
		"under-test  0 throttled of 1",
		"under-test client",
	}
	if !slices.Equal(got, want) {
		t.Errorf("nodes\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// callAll makes one call of each service, and a second one that fails.
func callAll(t *testing.T, ctx context.Context, cfg aws.Config) { //nolint:revive // t first, as in helpers
	t.Helper()
	check := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	table := dynamodb.NewFromConfig(cfg)
	check(table.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("orders"), Key: orderKey}))
	if _, err := table.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("orders"), Item: orderKey}); err == nil {
		t.Error("not throttled")
	}
	queue := sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.DisableMessageChecksumValidation = true })
	check(queue.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String(queueURL), MessageBody: aws.String("hello")}))
	check(queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(queueURL)}))
	check(sns.NewFromConfig(cfg).Publish(ctx, &sns.PublishInput{TopicArn: aws.String(topicARN), Message: aws.String("hello")}))
	check(lambda.NewFromConfig(cfg).Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String("checkout")}))
	bucket := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	check(bucket.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("receipts"), Key: aws.String("1"), Body: strings.NewReader("x")}))
}
