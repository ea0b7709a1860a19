package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	cwltypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/xray"

	"github.com/updraft-otel/updraft/localaws"
)

// sdk asks with the clients of the AWS SDK for Go.
type sdk struct {
	xray       *xray.Client
	cwl        *cloudwatchlogs.Client
	cloudwatch *cloudwatch.Client
}

var _ witness = (*sdk)(nil)

func newSDK(endpoint string) *sdk {
	cfg := aws.Config{
		Region:       localaws.Region,
		BaseEndpoint: aws.String(endpoint),
		HTTPClient:   &http.Client{Transport: wholeBodies{http.DefaultTransport}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: localaws.AccessKeyID, SecretAccessKey: localaws.SecretAccessKey}, nil
		}),
	}
	return &sdk{xray.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg), cloudwatch.NewFromConfig(cfg)}
}

// wholeBodies hands net/http each request's body as bytes in memory. The SDK
// closes its own when the answer arrives, and where the answer of a server on
// loopback is first, net/http fails on the closed body and closes the
// connection under the answer (smithy-go v1.28.9; one call in 1,000).
type wholeBodies struct{ next http.RoundTripper }

func (w wholeBodies) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		return w.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return w.next.RoundTrip(r)
}

func (s *sdk) traces(t *testing.T, from, to time.Time) []string {
	t.Helper()
	var ids []string
	pages := xray.NewGetTraceSummariesPaginator(s.xray, &xray.GetTraceSummariesInput{
		StartTime: &from, EndTime: &to, FilterExpression: aws.String(bothServices),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, summary := range page.TraceSummaries {
			ids = append(ids, *summary.Id)
		}
	}
	return ids
}

func (s *sdk) segments(t *testing.T, traceID string) []string {
	t.Helper()
	out, err := s.xray.BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{TraceIds: []string{traceID}})
	if err != nil {
		t.Fatal(err)
	}
	var documents []string
	for _, trace := range out.Traces {
		for _, segment := range trace.Segments {
			documents = append(documents, *segment.Document)
		}
	}
	return documents
}

func (s *sdk) graph(t *testing.T, from, to time.Time) []service {
	t.Helper()
	out, err := s.xray.GetServiceGraph(t.Context(), &xray.GetServiceGraphInput{StartTime: &from, EndTime: &to})
	if err != nil {
		t.Fatal(err)
	}
	names := map[int32]string{}
	for _, node := range out.Services {
		names[*node.ReferenceId] = aws.ToString(node.Name)
	}
	var graph []service
	for _, node := range out.Services {
		one := service{Name: aws.ToString(node.Name), Type: aws.ToString(node.Type)}
		for _, edge := range node.Edges {
			one.Calls = append(one.Calls, names[*edge.ReferenceId])
		}
		graph = append(graph, one)
	}
	return graph
}

func (s *sdk) logs(t *testing.T, group, pattern string) []string {
	t.Helper()
	var lines []string
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(s.cwl, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &group, FilterPattern: &pattern,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if _, ok := errors.AsType[*cwltypes.ResourceNotFoundException](err); ok {
			return nil // not yet
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range page.Events {
			lines = append(lines, *event.Message)
		}
	}
	return lines
}

func (s *sdk) list(t *testing.T, in *cloudwatch.ListMetricsInput) []cwtypes.Metric {
	t.Helper()
	var all []cwtypes.Metric
	for pages := cloudwatch.NewListMetricsPaginator(s.cloudwatch, in); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Metrics...)
	}
	return all
}

func (s *sdk) metrics(t *testing.T, namespace string) []string {
	t.Helper()
	var names []string
	for _, m := range s.list(t, &cloudwatch.ListMetricsInput{Namespace: &namespace}) {
		names = append(names, *m.MetricName)
	}
	return names
}

func (s *sdk) sum(t *testing.T, namespace, metric string, from, to time.Time) float64 {
	t.Helper()
	var queries []cwtypes.MetricDataQuery
	for i, m := range s.list(t, &cloudwatch.ListMetricsInput{Namespace: &namespace, MetricName: &metric}) {
		queries = append(queries, cwtypes.MetricDataQuery{
			Id:         aws.String(fmt.Sprintf("m%d", i)),
			MetricStat: &cwtypes.MetricStat{Metric: &m, Period: aws.Int32(60), Stat: aws.String("Sum")},
		})
	}
	if len(queries) == 0 {
		return 0
	}
	out, err := s.cloudwatch.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: &from, EndTime: &to, MetricDataQueries: queries,
	})
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, result := range out.MetricDataResults {
		for _, v := range result.Values {
			sum += v
		}
	}
	return sum
}
