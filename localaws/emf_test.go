package localaws_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/updraft-otel/updraft/localaws"
)

// statistics of a metric over the last hour: count, sum, minimum, maximum.
func statistics(t *testing.T, c *cloudwatch.Client, namespace, name string, dimensions ...string) string {
	t.Helper()
	in := &cloudwatch.GetMetricStatisticsInput{
		Namespace: &namespace, MetricName: &name, Period: aws.Int32(3600),
		StartTime: aws.Time(testNow.Add(-time.Hour).Truncate(time.Hour)), EndTime: aws.Time(testNow.Add(time.Hour)),
		Statistics: []types.Statistic{types.StatisticSampleCount, types.StatisticSum, types.StatisticMinimum, types.StatisticMaximum},
	}
	for _, d := range dimensions {
		k, v, _ := strings.Cut(d, "=")
		in.Dimensions = append(in.Dimensions, types.Dimension{Name: &k, Value: &v})
	}
	out, err := c.GetMetricStatistics(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Datapoints) != 1 {
		return fmt.Sprint(len(out.Datapoints), " points")
	}
	p := out.Datapoints[0]
	return fmt.Sprint(*p.SampleCount, *p.Sum, *p.Minimum, *p.Maximum, " ", p.Unit)
}

// emf is an event with one directive and further members.
func emf(directive, members string) string {
	return fmt.Sprintf(`{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[%s]},%s}`, testNow.UnixMilli(), directive, members)
}

func TestEMF(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	logs, metrics := logsClient(srv), cloudwatchClient(srv)
	createStream(t, logs, "g", "s")
	f := func(message, want, name string, dimensions ...string) {
		t.Helper()
		mustPut(t, logs, "g", "s", event(0, message))
		if got := statistics(t, metrics, "Shop", name, dimensions...); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	const two = `{"Namespace":"Shop","Dimensions":[["Service"],["Service","Stage"],[]],"Metrics":[{"Name":"%s","Unit":"Milliseconds"}]}`
	members := `"Service":"web","Stage":"prod","note":{"deep":[1]}`
	f(emf(fmt.Sprintf(two, "One"), `"One":3,`+members), "1 3 3 3 Milliseconds", "One", "Service=web")
	f(emf(fmt.Sprintf(two, "Two"), `"Two":[1,2,6],`+members), "3 9 1 6 Milliseconds", "Two", "Service=web", "Stage=prod")
	f(emf(fmt.Sprintf(two, "Three"), `"Three":[],`+members), "0 points", "Three")
	f(emf(fmt.Sprintf(two, "Set"), `"Set":{"Max":9,"Min":1,"Count":4,"Sum":20},`+members), "4 20 1 9 Milliseconds", "Set")
	f(emf(fmt.Sprintf(two, "Hist"), `"Hist":{"Values":[1,4],"Counts":[2,3],"Max":9,"Min":0,"Count":5,"Sum":14},`+members), "5 14 1 4 Milliseconds", "Hist")
	f(emf(`{"Namespace":"Shop","Dimensions":[[]],"Metrics":[{"Name":"Many"}]}`, `"Many":[1`+strings.Repeat(",1", 99)+`]`), "100 100 1 1 None", "Many")
	f(`{"note":{"_aws":{"CloudWatchMetrics":[]}}}`, "0 points", "None")
	if n := srv.Counts().Refused; n != 0 {
		t.Errorf("%d are refused: %+v", n, srv.Refused())
	}
}

func TestEMF_refused(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	logs, metrics := logsClient(srv), cloudwatchClient(srv)
	createStream(t, logs, "g", "s")
	f := func(rule, directive, members string) {
		t.Helper()
		before := srv.Counts()
		mustPut(t, logs, "g", "s", event(0, emf(directive, members)))
		refusedBy(t, srv, rule)
		if n := srv.Counts(); n.LogEvents != before.LogEvents+1 || n.Refused != before.Refused+1 {
			t.Errorf("%s: %+v", rule, n)
		}
	}
	one := func(dimensions, metric string) string {
		return `{"Namespace":"Bad","Dimensions":` + dimensions + `,"Metrics":[` + metric + `]}`
	}
	list := func(n int, text string) string { return strings.TrimSuffix(strings.Repeat(text+",", n), ",") }
	const m = `{"Name":"m"}`
	f("logs.emf.metrics", one("[[]]", list(101, m)), `"m":1`)
	var keys, values []string
	for i := range 31 {
		keys, values = append(keys, fmt.Sprintf("%q", fmt.Sprint("k", i))), append(values, fmt.Sprintf(`"k%d":"v"`, i))
	}
	f("logs.emf.dimensions", one("[["+strings.Join(keys, ",")+"]]", m), `"m":1,`+strings.Join(values, ","))
	f("logs.emf.dimension-sets", one("[]", m), `"m":1`)
	f("logs.emf.key", one(`[["`+strings.Repeat("k", 251)+`"]]`, m), `"m":1`)
	f("logs.emf.target", one(`[["k"]]`, m), `"m":1`)
	f("logs.emf.target", one(`[[]]`, m), `"n":1`)
	f("logs.emf.dimension-value", one(`[["k"]]`, m), `"m":1,"k":7`)
	f("logs.emf.dimension-value", one(`[["k"]]`, m), `"m":1,"k":"`+strings.Repeat("v", 1025)+`"`)
	f("logs.emf.namespace", `{"Dimensions":[[]],"Metrics":[]}`, `"m":1`)
	f("logs.emf.name", one(`[[]]`, `{"Unit":"Count"}`), `"m":1`)
	f("logs.emf.unit", one(`[[]]`, `{"Name":"m","Unit":"ms"}`), `"m":1`)
	f("logs.emf.resolution", one(`[[]]`, `{"Name":"m","StorageResolution":5}`), `"m":1`)
	f("logs.emf.value", one(`[[]]`, m), `"m":"1"`)
	f("logs.emf.value", one(`[[]]`, m), `"m":1e200`)
	f("logs.emf.value", one(`[[]]`, m), `"m":[1,null]`)
	f("logs.emf.value", one(`[[]]`, m), `"m":{"Values":[1],"Counts":[]}`)
	f("logs.emf.values", one(`[[]]`, m), `"m":[`+list(101, "1")+`]`)
	f("logs.emf.metadata", `7`, `"m":1`)
	const invalid = 18
	if got := statistics(t, metrics, "AWS/Logs", "EMFValidationErrors", "LogGroupName=g"); got != fmt.Sprintf("%d %d 1 1 Count", invalid, invalid) {
		t.Errorf("EMFValidationErrors: %s", got)
	}
	mustPut(t, logs, "g", "s", event(0, `INFO `+emf(one("[[]]", m), `"m":1`)))
	refusedBy(t, srv, "logs.emf.json")
	if got := statistics(t, metrics, "AWS/Logs", "EMFParsingErrors", "LogGroupName=g"); got != "1 1 1 1 Count" {
		t.Errorf("EMFParsingErrors: %s", got)
	}
	mustPut(t, logs, "g", "s", event(0, `{"_aws":{"Timestamp":17,"CloudWatchMetrics":[]}}`))
	refusedBy(t, srv, "logs.emf.timestamp")
	if got := statistics(t, metrics, "Bad", "m"); got != "0 points" {
		t.Errorf("a refused directive made metrics: %s", got)
	}
	mustPut(t, logs, "g", "s", event(0, emf(one(`[["k"]]`, m)+`,`+one(`[[]]`, m), `"m":1`)))
	if got := statistics(t, metrics, "Bad", "m"); got != "1 1 1 1 None" {
		t.Errorf("the second directive: %s", got)
	}
}

// A group of another class takes the event and makes no metric.
func TestEMF_class(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	logs := logsClient(srv)
	if _, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: aws.String("ia"), LogGroupClass: logstypes.LogGroupClassInfrequentAccess,
	}); err != nil {
		t.Fatal(err)
	}
	createStream(t, logs, "ia", "s")
	mustPut(t, logs, "ia", "s", event(0, emf(`{"Namespace":"N","Dimensions":[[]],"Metrics":[{"Name":"m"}]}`, `"m":1`)))
	refusedBy(t, srv, "logs.emf.class")
	if n := srv.Counts(); n.Metrics != 0 || n.LogEvents != 1 {
		t.Errorf("%+v", n)
	}
}
