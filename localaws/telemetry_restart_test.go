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

// What was acknowledged is there after a restart, and can be added to.
func TestDataDir_logsAndMetrics(t *testing.T) {
	cfg := localaws.Config{DataDir: t.TempDir(), NoAuth: true, Now: func() time.Time { return testNow }}
	for round := range 3 {
		srv, err := localaws.Start(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		logs, metrics := logsClient(srv), cloudwatchClient(srv)
		if round == 0 {
			if _, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{
				LogGroupName: aws.String("empty"), LogGroupClass: logstypes.LogGroupClassInfrequentAccess,
			}); err != nil {
				t.Fatal(err)
			}
			createStream(t, logs, "g", "s")
		}
		mustPut(t, logs, "g", "s", event(time.Minute, fmt.Sprint("round ", round)))
		putMetrics(t, metrics, "Shop", datum("Latency", 5*time.Minute, float64(round+1)), types.MetricDatum{
			MetricName: aws.String("Latency"), Timestamp: aws.Time(testNow.Add(-10 * time.Minute)), Values: []float64{0.1, 7}, Counts: []float64{3, 1},
		})
		checkRound(t, logs, metrics, round)
		if err := srv.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func checkRound(t *testing.T, logs *cloudwatchlogs.Client, metrics *cloudwatch.Client, round int) {
	t.Helper()
	events, err := logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s")})
	if err != nil || len(events.Events) != round+1 || *events.Events[round].Message != fmt.Sprint("round ", round) {
		t.Fatalf("round %d: %+v, %v", round, events, err)
	}
	groups, err := logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil || len(groups.LogGroups) != 2 || groups.LogGroups[0].LogGroupClass != logstypes.LogGroupClassInfrequentAccess ||
		*groups.LogGroups[1].CreationTime != testNow.UnixMilli() {
		t.Fatalf("round %d: %+v, %v", round, groups, err)
	}
	out, err := metrics.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(testNow.Add(-time.Hour)), EndTime: aws.Time(testNow), ScanBy: types.ScanByTimestampAscending,
		MetricDataQueries: []types.MetricDataQuery{statQuery("n", "SampleCount", 60), statQuery("p", "p99", 60)},
	})
	want := fmt.Sprintf("[%d %d] [7 %d]", 4*(round+1), round+1, round+1)
	if err != nil || fmt.Sprint(out.MetricDataResults[0].Values, out.MetricDataResults[1].Values) != want {
		t.Fatalf("round %d: %+v, %v, want %s", round, out, err, want)
	}
}
