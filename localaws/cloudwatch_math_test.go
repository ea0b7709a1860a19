package localaws_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/updraft-otel/updraft/localaws"
)

func mathQuery(id, expression, label string) types.MetricDataQuery {
	q := types.MetricDataQuery{Id: &id, Expression: &expression}
	if label != "-" {
		q.Label = &label
	}
	return q
}

// hidden is a query that only others use.
func hidden(q types.MetricDataQuery) types.MetricDataQuery {
	q.ReturnData = aws.Bool(false)
	return q
}

func shopQuery(id, name, stat string, dimensions ...string) types.MetricDataQuery {
	m := &types.Metric{Namespace: aws.String("Shop"), MetricName: &name}
	for i := 0; i < len(dimensions); i += 2 {
		m.Dimensions = append(m.Dimensions, types.Dimension{Name: &dimensions[i], Value: &dimensions[i+1]})
	}
	return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{Metric: m, Period: aws.Int32(60), Stat: &stat}}
}

// askMetrics is the answer to queries over the last five minutes, oldest first, as
// id(label)=values of each.
func askMetrics(t *testing.T, c *cloudwatch.Client, queries ...types.MetricDataQuery) (string, error) {
	t.Helper()
	out, err := c.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(testNow.Add(-5 * time.Minute)), EndTime: aws.Time(testNow), ScanBy: types.ScanByTimestampAscending,
		MetricDataQueries: queries, LabelOptions: &types.LabelOptions{Timezone: aws.String("+0130")},
	})
	if err != nil {
		return "", err
	}
	var lines []string
	for _, r := range out.MetricDataResults {
		lines = append(lines, fmt.Sprintf("%s(%s)=%v", *r.Id, *r.Label, r.Values))
	}
	return strings.Join(lines, " "), nil
}

func TestGetMetricData_math(t *testing.T) {
	c := cloudwatchClient(startAt(t, localaws.Config{}))
	putMetrics(t, c, "Shop",
		datum("Errors", 3*time.Minute, 2), datum("Errors", 2*time.Minute, 1),
		datum("Requests", 3*time.Minute, 100), datum("Requests", 2*time.Minute, 50), datum("Requests", time.Minute, 10),
		datum("Latency", 2*time.Minute, 30, "Service", "web"), datum("Latency", 2*time.Minute, 20, "Service", "api"))

	f := func(want string, queries ...types.MetricDataQuery) {
		t.Helper()
		if got, err := askMetrics(t, c, queries...); err != nil || got != want {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
	}
	errors, requests := shopQuery("errors", "Errors", "Sum"), shopQuery("requests", "Requests", "Sum")
	f("rate(rate)=[2 2 0]", hidden(errors), hidden(requests), mathQuery("rate", "errors/requests*100", "-"))
	f("rate(Errors of all)=[2 2 0]", mathQuery("rate", "parts*100", "Errors of all"), hidden(errors), hidden(requests), hidden(mathQuery("parts", "errors/requests", "-")))
	f("e(Requests)=[99 49 9] e(Errors)=[1 0]", hidden(requests), hidden(errors), mathQuery("e", "METRICS()-1", ""))
	f("e(Less one: Requests)=[99 49 9] e(Less one: Errors)=[1 0]", hidden(requests), hidden(errors), mathQuery("e", "METRICS()-1", "Less one:"))
	f("f(f)=[0 0 2 1 0 0]", hidden(errors), mathQuery("f", "FILL(errors, 0)", "-"))
	f("t(t)=[7 7 7 7 7 7]", hidden(errors), mathQuery("t", "TIME_SERIES(7)", "-"))
	f("s(api)=[20] s(web)=[30]", mathQuery("s", `SEARCH('{Shop,Service} MetricName="Latency"', 'Average', 60)`, "-"))
	f("s(all)=[50]", mathQuery("s", `SUM(SEARCH('{Shop,Service} latency', 'Average', 60))`, "all"))
	f("s(none)=[]", mathQuery("s", `SUM(SEARCH('{Shop,Route} latency', 'Average', 60))`, "none"))

	f("l(Requests max 100 of 3, at 2026-11-23 13:27:00, 3m30s ago)=[100 50 10]",
		func() types.MetricDataQuery {
			q := shopQuery("l", "Requests", "Sum")
			q.Label = aws.String("${LABEL} max ${MAX} of ${DATAPOINT_COUNT}, at ${MAX_TIME}, ${MAX_TIME_RELATIVE} ago")
			return q
		}())
	f("s(us-east-1 Shop/Latency api Average 60 ${NOPE} ${)=[20] s(us-east-1 Shop/Latency web Average 60 ${NOPE} ${)=[30]",
		mathQuery("s", `SEARCH('{Shop,Service} latency', 'Average', 60)`,
			"${PROP('Region')} ${PROP('Namespace')}/${PROP('MetricName')} ${PROP('Dim.Service')} ${PROP('Stat')} ${PROP('Period')} ${NOPE} ${"))
	f("r(10..100 90 2m0s 160 53.333333333333336 2m0s)=[100 50 10]", func() types.MetricDataQuery {
		q := shopQuery("r", "Requests", "Sum")
		q.Label = aws.String("${MIN}..${MAX} ${MIN_MAX_RANGE} ${FIRST_LAST_TIME_RANGE} ${SUM} ${AVG} ${MIN_MAX_TIME_RANGE}")
		return q
	}())
}

func TestGetMetricData_mathRefused(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := cloudwatchClient(srv)
	f := func(rule, text string, queries ...types.MetricDataQuery) {
		t.Helper()
		_, err := askMetrics(t, c, queries...)
		wantError(t, err, "ValidationError", text)
		refusedBy(t, srv, rule)
	}
	m1 := shopQuery("m1", "Errors", "Sum")
	f("cloudwatch.expression", `Error in expression 'e': Unknown identifier "m1": no query has this id`, mathQuery("e", "m1*2", "-"))
	f("cloudwatch.expression", "Error in expression 'e': The result is a number", m1, mathQuery("e", "AVG(m1)", "-"))
	f("cloudwatch.expression", "Error in expression 'e2': Unexpected", m1, mathQuery("e2", "m1 m1", "-"))
	f("cloudwatch.expression", "in a circle", mathQuery("e1", "e2", "-"), mathQuery("e2", "e1", "-"))
	f("cloudwatch.expression", "in a circle", mathQuery("e1", "e1+1", "-"))
	f("cloudwatch.expression", "must be a metric, not the result", m1, mathQuery("e1", "m1*2", "-"), mathQuery("e2", "m1/PERIOD(e1)", "-"))
	f("cloudwatch.expression", `"p101" is not a valid statistic`, mathQuery("e1", "SEARCH('a', 'p101', 60)", "-"))
	f("cloudwatch.expression", "The period of SEARCH must be", mathQuery("e1", "SEARCH('a', 'Sum', 61)", "-"))
	f("cloudwatch.expression.unsupported", "localaws does not support it", mathQuery("q1", "SELECT AVG(Latency) FROM Shop", "-"))
	f("cloudwatch.expression.unsupported", "localaws does not support it", m1, mathQuery("e1", "ANOMALY_DETECTION_BAND(m1)", "-"))
	f("cloudwatch.expression.length", "shorter than 2049 characters", mathQuery("e1", strings.Repeat("1", 2049), "-"))
	other := m1
	other.AccountId = aws.String("123456789012")
	f("cloudwatch.query.account", "another account", other)
}

// Points beyond MaxDatapoints are cut off without a token where there is math.
func TestGetMetricData_mathPages(t *testing.T) {
	c := cloudwatchClient(startAt(t, localaws.Config{}))
	putMetrics(t, c, "Shop", datum("Errors", 3*time.Minute, 2), datum("Errors", 2*time.Minute, 1))
	out, err := c.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(testNow.Add(-5 * time.Minute)), EndTime: aws.Time(testNow), MaxDatapoints: aws.Int32(1),
		MetricDataQueries: []types.MetricDataQuery{hidden(shopQuery("m1", "Errors", "Sum")), mathQuery("e1", "m1*2", "-")},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := out.MetricDataResults[0]
	if out.NextToken != nil || r.StatusCode != types.StatusCodePartialData || fmt.Sprint(r.Values) != "[2]" {
		t.Errorf("token %v, %v, %v", out.NextToken, r.StatusCode, r.Values)
	}
}

func TestGetMetricData_searchFindsTooMuch(t *testing.T) {
	c := cloudwatchClient(startAt(t, localaws.Config{}))
	var data []types.MetricDatum
	for i := range 501 {
		data = append(data, datum("Latency", time.Minute, 1, "Host", fmt.Sprintf("h%03d", i)))
	}
	putMetrics(t, c, "Shop", data...)
	out, err := c.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(testNow.Add(-5 * time.Minute)), EndTime: aws.Time(testNow),
		MetricDataQueries: []types.MetricDataQuery{mathQuery("e1", "SEARCH('{Shop,Host} Latency', 'Sum', 60)", "-")},
	})
	if err != nil || len(out.MetricDataResults) != 500 || len(out.Messages) != 1 || *out.Messages[0].Code != "MaxMetricsExceeded" {
		t.Errorf("%v: %d results, %v", err, len(out.MetricDataResults), out.Messages)
	}
}
