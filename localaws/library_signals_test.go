package localaws_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdkxray "github.com/aws/aws-sdk-go-v2/service/xray"
	"go.opentelemetry.io/otel/trace"

	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"

	"github.com/updraft-otel/updraft/awssdk"
	"github.com/updraft-otel/updraft/localaws"
	"github.com/updraft-otel/updraft/xray"
)

// cloudWatchAgent takes the metrics of Application Signals.
type cloudWatchAgent struct {
	*httptest.Server
	mu     sync.Mutex
	points []string // "metric attributes count"
}

func newCloudWatchAgent(t *testing.T) *cloudWatchAgent {
	a := new(cloudWatchAgent)
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var request colmetrics.ExportMetricsServiceRequest
		if err := proto.Unmarshal(body, &request); err != nil || r.URL.Path != "/v1/metrics" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, resource := range request.ResourceMetrics {
			for _, scope := range resource.ScopeMetrics {
				for _, m := range scope.Metrics {
					a.take(t, scope.Scope.Name, m)
				}
			}
		}
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *cloudWatchAgent) take(t *testing.T, scope string, m *metricspb.Metric) {
	h := m.GetExponentialHistogram()
	if h == nil || h.AggregationTemporality != metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA || scope != "AwsSpanMetricsProcessor" {
		t.Errorf("%s: %v", scope, m)
		return
	}
	for _, p := range h.DataPoints {
		var attributes []string
		for _, kv := range p.Attributes {
			attributes = append(attributes, strings.TrimPrefix(kv.Key, "aws.")+"="+kv.Value.GetStringValue())
		}
		slices.Sort(attributes)
		a.points = append(a.points, fmt.Sprintf("%s %s: %d, sum %v", m.Name, strings.Join(attributes, " "), p.Count, p.GetSum()))
	}
}

// TestLibrary_applicationSignals makes real calls with the AWS SDK: the agent gets
// metrics of all, and X-Ray draws the nodes it draws without.
func TestLibrary_applicationSignals(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	agent := newCloudWatchAgent(t)
	t.Setenv("OTEL_AWS_APPLICATION_SIGNALS_ENABLED", "true")
	t.Setenv("OTEL_AWS_APPLICATION_SIGNALS_EXPORTER_ENDPOINT", agent.URL+"/v1/metrics")
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
	stop, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := tel.Shutdown(stop); err != nil {
		t.Fatal(err)
	}
	checkNodes(t, srv, begun)

	// PutItem is throttled, with 400.
	queue, topic := "https://sqs.eu-west-1.amazonaws.com/123456789012/orders", "arn:aws:sns:eu-west-1:123456789012:orders"
	var got []string
	for _, p := range agent.points {
		if text, ok := strings.CutPrefix(p, "Error local.operation=GET /checkout local.service=under-test "); ok {
			got = append(got, text)
		}
	}
	slices.Sort(got)
	want := []string{
		"remote.environment=lambda:default remote.operation=Invoke remote.service=checkout span.kind=CLIENT: 1, sum 0",
		"remote.operation=GetItem " + calledResource("AWS::DynamoDB", "Table", "orders", "orders") + " span.kind=CLIENT: 1, sum 0",
		"remote.operation=Publish remote.resource.account.id=123456789012 " + calledResource("AWS::SNS", "Topic", "orders", topic) + " span.kind=PRODUCER: 1, sum 0",
		"remote.operation=PutItem " + calledResource("AWS::DynamoDB", "Table", "orders", "orders") + " span.kind=CLIENT: 1, sum 1",
		"remote.operation=PutObject " + calledResource("AWS::S3", "Bucket", "receipts", "receipts") + " span.kind=CLIENT: 1, sum 0",
		"remote.operation=ReceiveMessage remote.resource.account.id=123456789012 " + calledResource("AWS::SQS", "Queue", "orders", queue) + " span.kind=CLIENT: 1, sum 0",
		"remote.operation=SendMessage remote.resource.account.id=123456789012 " + calledResource("AWS::SQS", "Queue", "orders", queue) + " span.kind=PRODUCER: 1, sum 0",
		"span.kind=LOCAL_ROOT: 1, sum 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("errors\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	if n := len(agent.points); n != 3*len(want) {
		t.Errorf("%d points, want Error, Fault and Latency of %d", n, len(want))
	}
}

// calledResource is the middle of the attributes of a call to AWS; where the
// account is known, so is the region.
func calledResource(service, kind, identifier, primary string) string {
	region := ""
	if primary != identifier {
		region = "remote.resource.region=eu-west-1 "
	}
	return fmt.Sprintf("remote.resource.cfn.primary.identifier=%s remote.resource.identifier=%s %sremote.resource.type=%s::%s remote.service=%s",
		primary, identifier, region, service, kind, service)
}

// checkNodes wants the nodes that X-Ray draws of callAll.
func checkNodes(t *testing.T, srv *localaws.Server, begun time.Time) {
	t.Helper()
	reader := sdkxray.NewFromConfig(sdkConfig(srv))
	graph, err := reader.GetServiceGraph(t.Context(), &sdkxray.GetServiceGraphInput{
		StartTime: aws.Time(begun.Add(-time.Second)), EndTime: aws.Time(time.Now().Add(time.Second))})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range graph.Services {
		got = append(got, fmt.Sprintf("%s %s", aws.ToString(s.Name), aws.ToString(s.Type)))
	}
	slices.Sort(got)
	want := []string{
		"SNS AWS::SNS",
		"checkout AWS::Lambda::Function",
		"https://sqs.eu-west-1.amazonaws.com/123456789012/orders AWS::SQS::Queue",
		"orders AWS::DynamoDB::Table",
		"receipts AWS::S3::Bucket",
		"under-test ",
		"under-test client",
	}
	if !slices.Equal(got, want) {
		t.Errorf("nodes\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}
