package localaws_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/updraft-otel/updraft/localaws"
)

// The whole way, the SDK's client included: signed, over loopback, stored.

func benchServer(b *testing.B) *localaws.Server {
	b.Helper()
	srv, err := localaws.Start(b.Context(), localaws.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := srv.Close(); err != nil {
			b.Error(err)
		}
	})
	return srv
}

func benchStream(b *testing.B, c *cloudwatchlogs.Client) {
	b.Helper()
	if _, err := c.CreateLogGroup(b.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")}); err != nil {
		b.Fatal(err)
	}
	if _, err := c.CreateLogStream(b.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s")}); err != nil {
		b.Fatal(err)
	}
}

func benchEvents(n int) []logstypes.InputLogEvent {
	events := make([]logstypes.InputLogEvent, n)
	now := time.Now().UnixMilli()
	for i := range events {
		events[i] = logstypes.InputLogEvent{Timestamp: &now, Message: aws.String(fmt.Sprintf(
			`{"severity":"INFO","body":"order placed","n":%d,"trace_id":"%032x","service":"shop"}`, i, i/4+1))}
	}
	return events
}

func BenchmarkPutLogEvents(b *testing.B) {
	c := logsClient(benchServer(b))
	benchStream(b, c)
	events := benchEvents(5000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := put(b.Context(), c, "g", "s", events...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
}

func BenchmarkFilterLogEvents_json(b *testing.B) {
	c := logsClient(benchServer(b))
	benchStream(b, c)
	for range 20 {
		if _, err := put(b.Context(), c, "g", "s", benchEvents(5000)...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		out, err := c.FilterLogEvents(b.Context(), &cloudwatchlogs.FilterLogEventsInput{
			LogGroupName: aws.String("g"), FilterPattern: aws.String(`{ $.n = 4711 && $.service = "shop" }`),
		})
		if err != nil || len(out.Events) != 20 {
			b.Fatal(len(out.Events), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*100_000), "ns/event")
}

func BenchmarkPutMetricData(b *testing.B) {
	c := cloudwatchClient(benchServer(b))
	var data []types.MetricDatum
	for i := range 1000 {
		d := datum("Latency", 0, float64(i), "Route", fmt.Sprint(i%50))
		d.Timestamp = aws.Time(time.Now())
		data = append(data, d)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.PutMetricData(b.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("Shop"), MetricData: data}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(data)), "ns/datum")
}
