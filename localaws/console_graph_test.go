package localaws

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/updraft-otel/updraft/localaws/internal/tsmem"
)

func TestConsole_graph(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 30, 0, time.UTC)
	srv := startTest(t, Config{Now: func() time.Time { return now }})
	addMetrics(srv.metrics, now, testDatum("A", now.Add(-time.Minute), 4, 60), testDatum("A", now, 6, 60), testDatum("B", now, 2, 60))
	f := func(queries string, status int, want string) {
		t.Helper()
		var got struct {
			graphAnswer
			Error string
		}
		if s := getJSON(t, srv.URL()+"/console/api/metrics/graph?queries="+url.QueryEscape(queries), &got); s != status {
			t.Errorf("%s: status %d, %s", queries, s, got.Error)
		}
		var lines []string
		for _, l := range got.Lines {
			lines = append(lines, fmt.Sprint(l.ID, " ", l.Label, " ", l.Values))
		}
		if text := strings.Join(lines, "; ") + got.Error; !strings.Contains(text, want) {
			t.Errorf("%s: got %s, want %s", queries, text, want)
		}
	}
	stat := func(id, name, stat string) string {
		return fmt.Sprintf(`{"Id":%q,"MetricStat":{"Metric":{"Namespace":"N","MetricName":%q},"Period":60,"Stat":%q}}`, id, name, stat)
	}
	f("["+stat("m1", "A", "Sum")+"]", 200, "m1 A [4 6]")
	f("["+stat("m1", "A", "p99")+","+stat("m2", "B", "Average")+`,{"Id":"e1","Expression":"m1*2","Label":"twice"}]`, 200, "m2 B [2]; e1 twice [8 12]")
	f("["+stat("m1", "A", "nope")+"]", 400, "Stat")
	f(`[{"Id":"e1","Expression":"m1 +"}]`, 400, "Error in expression")
	f("[]", 400, "from 1 to 500 queries")
	f("{", 400, "MetricDataQuery")
	if n := len(srv.Refused()); n != 0 {
		t.Errorf("the console's own mistakes are %d refusals", n)
	}
}

func TestConsole_documents(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	srv := startTest(t, Config{})
	line := func(route string, at time.Time) string {
		return fmt.Sprintf(`{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["Route"]],"Metrics":[{"Name":"T"}]}]},"Route":%q,"T":1}`, at.UnixMilli(), route)
	}
	srv.logs.createGroup(&logGroup{name: "g", class: classStandard})
	messages := []string{line("/a", now), line("/b", now), line("/a", now.Add(time.Minute)), "T of /a"}
	b := &logBatch{group: "g", stream: "s", ingested: now.UnixMilli(), messages: messages}
	for range messages {
		b.at = append(b.at, now.Add(-time.Minute).UnixMilli())
	}
	srv.logs.add(b)
	var got struct {
		Events []consoleLogEvent
		Total  int
	}
	query := fmt.Sprintf("namespace=N&name=T&dimension=Route%%3D/a&start=%d&end=%d", now.UnixMilli(), now.UnixMilli()+60_000)
	if s := getJSON(t, srv.URL()+"/console/api/metrics/documents?"+query, &got); s != 200 || got.Total != 1 || got.Events[0].Message != messages[0] || got.Events[0].Group != "g" {
		t.Errorf("status %d, documents %+v; want that of /a at the time", s, got)
	}
	if s := getJSON(t, srv.URL()+"/console/api/metrics/documents?namespace=N&name=T", &got); s != 400 {
		t.Errorf("without a range the status is %d", s)
	}
}

func TestConsole_cardinality(t *testing.T) {
	srv := startTest(t, Config{})
	now := time.Now()
	for route := range 3 {
		for user := range 20 {
			d := testDatum("Latency", now, 1, 60)
			route, user := fmt.Sprint("/", route), fmt.Sprint("u", user)
			names := [2]string{"Route", "User"}
			d.Dimensions = []metricDimension{{&names[0], &route}, {&names[1], &user}}
			addMetrics(srv.metrics, now, d)
		}
	}
	addMetrics(srv.metrics, now, testDatum("Errors", now, 1, 60))
	var got struct {
		Namespaces []namespaceCost
		Series     int
		Cost       float64
	}
	getJSON(t, srv.URL()+"/console/api/metrics/cardinality", &got)
	if len(got.Namespaces) != 1 || got.Series != 61 {
		t.Fatalf("got %+v", got)
	}
	n := got.Namespaces[0]
	if text := fmt.Sprintf("%.2f %s %d %.2f", got.Cost, n.Names[0].Name, n.Names[0].Series, n.Names[0].Cost); text != "15.30 Latency 60 15.30" {
		t.Errorf("cost and the dearest name are %s", text) // ten metrics are free
	}
	if d := n.Dimensions; len(d) != 2 || d[0].Name != "User" || d[0].Values != 20 || d[0].Series != 60 || d[0].Saved != 57 || d[1].Saved != 40 || len(d[0].Sample) != maxSampleValues {
		t.Errorf("dimensions are %+v", d)
	}
}

func TestMetricPrice(t *testing.T) {
	f := func(metrics int, want float64) {
		t.Helper()
		if got := customMetricPrice.cost(metrics); fmt.Sprintf("%.2f", got) != fmt.Sprintf("%.2f", want) {
			t.Errorf("%d metrics cost %v, want %v", metrics, got, want)
		}
	}
	f(0, 0)
	f(10, 0)
	f(11, 0.3)
	f(10_010, 3000)
	f(10_011, 3000.1)
	f(1_000_010, 3000+24_000+37_500)
	f(1_000_011, 64_500.02)
}

func TestConsole_alarms(t *testing.T) {
	srv := startTest(t, Config{})
	if _, err := cloudwatch.NewFromConfig(sdkConfig(srv)).PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("slow"), Namespace: aws.String("N"), MetricName: aws.String("Latency"), Period: aws.Int32(60), ExtendedStatistic: aws.String("p99"),
		EvaluationPeriods: aws.Int32(2), Threshold: aws.Float64(5), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
	}); err != nil {
		t.Fatal(err)
	}
	var got struct{ Alarms []consoleAlarm }
	getJSON(t, srv.URL()+"/console/api/alarms", &got)
	if len(got.Alarms) != 1 || got.Alarms[0].Name != "slow" || got.Alarms[0].State == "" || len(got.Alarms[0].Queries) != 1 || got.Alarms[0].Queries[0].MetricStat == nil || len(got.Alarms[0].History) == 0 {
		t.Errorf("alarms are %+v", got.Alarms)
	}
}

func TestConsole_promql(t *testing.T) {
	srv := startTest(t, Config{})
	now := time.Now()
	srv.otlp.store.Append(labels.FromStrings("__name__", "a.b", "__type__", "Gauge", "path", "/"), tsmem.Sample{T: now.UnixMilli(), F: 3})
	var names struct{ Metrics []otlpName }
	getJSON(t, srv.URL()+"/console/api/metrics/otlp", &names)
	if fmt.Sprint(names.Metrics) != "[{a.b Gauge   1 [path]}]" {
		t.Errorf("names are %v", names.Metrics)
	}
	f := func(query string, status int, resultType string) {
		t.Helper()
		var got struct {
			Data  struct{ ResultType string }
			Error string
		}
		if s := getJSON(t, srv.URL()+"/console/api/promql?"+query, &got); s != status || got.Data.ResultType != resultType || (status != 200) != (got.Error != "") {
			t.Errorf("%s: %d %+v, want %d %s", query, s, got, status, resultType)
		}
	}
	f("query="+url.QueryEscape(`{"a.b"}`), 200, "vector")
	f("step=60&query="+url.QueryEscape(`{"a.b"}`), 200, "matrix")
	f("query="+url.QueryEscape(`{path="/"}`), 400, "")
	f("query=a.b", 400, "")
}
