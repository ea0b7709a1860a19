package localaws_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/updraft-otel/updraft/localaws"
)

// A clock is the time of a server that a test sets.
type clock struct{ nanos atomic.Int64 }

// newClock begins at a whole minute.
func newClock() *clock {
	c := new(clock)
	c.nanos.Store(testNow.Truncate(time.Minute).UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.nanos.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.nanos.Add(int64(d)) }

func latencyAlarm(name string) *cloudwatch.PutMetricAlarmInput {
	return &cloudwatch.PutMetricAlarmInput{
		AlarmName: &name, Namespace: aws.String("Shop"), MetricName: aws.String("Latency"), Statistic: types.StatisticMaximum,
		Period: aws.Int32(60), EvaluationPeriods: aws.Int32(2), Threshold: aws.Float64(100),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
	}
}

func putAlarm(t *testing.T, c *cloudwatch.Client, in *cloudwatch.PutMetricAlarmInput) {
	t.Helper()
	if _, err := c.PutMetricAlarm(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func describeAlarm(t *testing.T, c *cloudwatch.Client, name string) types.MetricAlarm {
	t.Helper()
	out, err := c.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
	if err != nil || len(out.MetricAlarms) != 1 {
		t.Fatalf("%v: %+v", err, out)
	}
	return out.MetricAlarms[0]
}

// putNow puts a value of Shop/Latency at the clock's time.
func putNow(t *testing.T, c *cloudwatch.Client, at *clock, value float64) {
	t.Helper()
	putMetrics(t, c, "Shop", types.MetricDatum{MetricName: aws.String("Latency"), Value: &value, Timestamp: aws.Time(at.now())})
}

// An alarm goes through its states as the clock goes on, whether anyone looks or
// not, and its history tells when.
func TestAlarm_states(t *testing.T) {
	at := newClock()
	c := cloudwatchClient(startAt(t, localaws.Config{Now: at.now}))
	putAlarm(t, c, latencyAlarm("slow"))
	a := describeAlarm(t, c, "slow")
	if a.StateValue != types.StateValueInsufficientData || *a.StateReason != "Unchecked: Initial alarm creation" ||
		*a.AlarmArn != "arn:aws:cloudwatch:us-east-1:000000000000:alarm:slow" || !*a.ActionsEnabled || a.OKActions == nil {
		t.Errorf("as created: %+v", a)
	}
	begin := at.now()
	values := []float64{50, 60, 150, 160, 170, 80} // in minutes 0 to 5
	for _, v := range values {
		putNow(t, c, at, v)
		at.advance(time.Minute)
	}
	at.advance(30 * time.Minute) // nobody looks, no data comes
	a = describeAlarm(t, c, "slow")
	if a.StateValue != types.StateValueInsufficientData || *a.StateReason != "Insufficient Data: 2 datapoints were unknown." {
		t.Errorf("in the end: %v, %s", a.StateValue, *a.StateReason)
	}
	out, err := c.DescribeAlarmHistory(t.Context(), &cloudwatch.DescribeAlarmHistoryInput{
		AlarmName: aws.String("slow"), HistoryItemType: types.HistoryItemTypeStateUpdate, ScanBy: types.ScanByTimestampAscending,
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range out.AlarmHistoryItems {
		got = append(got, fmt.Sprintf("%v %s", h.Timestamp.Sub(begin), strings.TrimPrefix(*h.HistorySummary, "Alarm updated from ")))
	}
	// Minutes 2 and 3, the first two that breach, are whole at 4m0s, and 5, which does
	// not, at 6m0s. Four minutes later nothing is left of the four that are looked at.
	want := "1m0s INSUFFICIENT_DATA to OK,4m0s OK to ALARM,6m0s ALARM to OK,10m0s OK to INSUFFICIENT_DATA"
	if text := strings.Join(got, ","); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if data := *out.AlarmHistoryItems[1].HistoryData; !strings.Contains(data, `"stateReason":"Threshold Crossed: 2 datapoints [160.0 (23/11/26 12:03:00), 150.0 (23/11/26 12:02:00)] were greater than the threshold (100.0)."`) ||
		!strings.Contains(data, `"recentDatapoints":[150,160]`) {
		t.Errorf("history data: %s", data)
	}
}

// Data that comes for a time that was evaluated already changes nothing of it.
func TestAlarm_lateData(t *testing.T) {
	at := newClock()
	c := cloudwatchClient(startAt(t, localaws.Config{Now: at.now}))
	in := latencyAlarm("slow")
	in.EvaluationPeriods, in.TreatMissingData = aws.Int32(1), aws.String("notBreaching")
	putAlarm(t, c, in)
	late := at.now()
	at.advance(10 * time.Minute)
	putMetrics(t, c, "Shop", types.MetricDatum{MetricName: aws.String("Latency"), Value: aws.Float64(500), Timestamp: &late})
	at.advance(10 * time.Minute)
	if a := describeAlarm(t, c, "slow"); a.StateValue != types.StateValueOk {
		t.Errorf("%v: %s", a.StateValue, *a.StateReason)
	}
}

func TestAlarm_math(t *testing.T) {
	at := newClock()
	c := cloudwatchClient(startAt(t, localaws.Config{Now: at.now}))
	putAlarm(t, c, &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("errors"), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(5),
		ComparisonOperator: types.ComparisonOperatorGreaterThanOrEqualToThreshold,
		Metrics: []types.MetricDataQuery{
			hidden(shopQuery("errors", "Errors", "Sum")), hidden(shopQuery("requests", "Requests", "Sum")),
			mathQuery("rate", "errors / requests * 100", "Error rate"),
		},
	})
	datumAt := func(name string, value float64) types.MetricDatum {
		return types.MetricDatum{MetricName: &name, Value: &value, Timestamp: aws.Time(at.now())}
	}
	putMetrics(t, c, "Shop", datumAt("Errors", 6), datumAt("Requests", 100))
	at.advance(time.Minute)
	a := describeAlarm(t, c, "errors")
	if a.StateValue != types.StateValueAlarm || *a.StateReason != "Threshold Crossed: 1 datapoint [6.0 (23/11/26 12:00:00)] was greater than or equal to the threshold (5.0)." ||
		len(a.Metrics) != 3 || a.MetricName != nil {
		t.Errorf("%v: %s; %+v", a.StateValue, *a.StateReason, a.Metrics)
	}
}

// A period under a minute is evaluated every ten seconds.
func TestAlarm_highResolution(t *testing.T) {
	at := newClock()
	c := cloudwatchClient(startAt(t, localaws.Config{Now: at.now}))
	in := latencyAlarm("slow")
	in.Period, in.EvaluationPeriods = aws.Int32(10), aws.Int32(1)
	putAlarm(t, c, in)
	putMetrics(t, c, "Shop", types.MetricDatum{MetricName: aws.String("Latency"), Value: aws.Float64(500), Timestamp: aws.Time(at.now()), StorageResolution: aws.Int32(1)})
	at.advance(10 * time.Second)
	if a := describeAlarm(t, c, "slow"); a.StateValue != types.StateValueAlarm || !a.StateUpdatedTimestamp.Equal(at.now()) {
		t.Errorf("%v at %v: %s", a.StateValue, a.StateUpdatedTimestamp, *a.StateReason)
	}
}

func TestAlarm_lowSamples(t *testing.T) {
	at := newClock()
	c := cloudwatchClient(startAt(t, localaws.Config{Now: at.now}))
	in := latencyAlarm("slow")
	in.Statistic, in.ExtendedStatistic, in.EvaluationPeriods = "", aws.String("p90"), aws.Int32(1)
	in.EvaluateLowSampleCountPercentile = aws.String("ignore")
	putAlarm(t, c, in)
	f := func(count float64, want types.StateValue) {
		t.Helper()
		putMetrics(t, c, "Shop", types.MetricDatum{MetricName: aws.String("Latency"), Values: []float64{500}, Counts: []float64{count}, Timestamp: aws.Time(at.now())})
		at.advance(time.Minute)
		if a := describeAlarm(t, c, "slow"); a.StateValue != want {
			t.Errorf("%v samples: %v, want %v", count, a.StateValue, want)
		}
	}
	f(99, types.StateValueInsufficientData)
	f(100, types.StateValueAlarm)
}

func TestSetAlarmState(t *testing.T) {
	at := newClock()
	srv := startAt(t, localaws.Config{Now: at.now})
	c := cloudwatchClient(srv)
	putAlarm(t, c, latencyAlarm("slow"))
	at.advance(10 * time.Second)
	set := func(name, data string) error {
		in := &cloudwatch.SetAlarmStateInput{AlarmName: &name, StateValue: types.StateValueAlarm, StateReason: aws.String("drill")}
		if data != "" {
			in.StateReasonData = &data
		}
		_, err := c.SetAlarmState(t.Context(), in)
		return err
	}
	if err := set("slow", `{"who":"me"}`); err != nil {
		t.Fatal(err)
	}
	if a := describeAlarm(t, c, "slow"); a.StateValue != types.StateValueAlarm || *a.StateReason != "drill" || *a.StateReasonData != `{"who":"me"}` {
		t.Errorf("as set: %+v", a)
	}
	at.advance(time.Minute)
	if a := describeAlarm(t, c, "slow"); a.StateValue != types.StateValueInsufficientData {
		t.Errorf("after the next evaluation: %v", a.StateValue)
	}
	wantError(t, set("nope", ""), "ResourceNotFound", "nope does not exist")
	wantError(t, set("slow", "{"), "InvalidFormat", "not valid JSON")
}

func TestDescribeAlarms(t *testing.T) {
	at := newClock()
	c := cloudwatchClient(startAt(t, localaws.Config{Now: at.now}))
	for i := range 120 {
		in := latencyAlarm(fmt.Sprintf("web-%03d", i))
		in.AlarmActions = []string{"arn:aws:sns:us-east-1:000000000000:a"}
		putAlarm(t, c, in)
	}
	other := latencyAlarm("api")
	other.ActionsEnabled, other.Dimensions = aws.Bool(false), []types.Dimension{{Name: aws.String("Service"), Value: aws.String("api")}}
	putAlarm(t, c, other)
	f := func(in cloudwatch.DescribeAlarmsInput, want string) {
		t.Helper()
		var sizes []int
		for pages := cloudwatch.NewDescribeAlarmsPaginator(c, &in); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			sizes = append(sizes, len(page.MetricAlarms))
		}
		if text := fmt.Sprint(sizes); text != want {
			t.Errorf("got %s, want %s", text, want)
		}
	}
	f(cloudwatch.DescribeAlarmsInput{}, "[50 50 21]")
	f(cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(100)}, "[100 21]")
	f(cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("web-00")}, "[10]")
	f(cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"api", "nope"}}, "[1]")
	f(cloudwatch.DescribeAlarmsInput{StateValue: types.StateValueOk}, "[0]")
	f(cloudwatch.DescribeAlarmsInput{ActionPrefix: aws.String("arn:aws:sns:"), MaxRecords: aws.Int32(100)}, "[100 20]")
	f(cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm}}, "[0]")

	forMetric := func(want int, dimensions ...types.Dimension) {
		t.Helper()
		out, err := c.DescribeAlarmsForMetric(t.Context(), &cloudwatch.DescribeAlarmsForMetricInput{
			Namespace: aws.String("Shop"), MetricName: aws.String("Latency"), Dimensions: dimensions, Statistic: types.StatisticMaximum,
		})
		if err != nil || len(out.MetricAlarms) != want {
			t.Errorf("%v: %d alarms, want %d", err, len(out.MetricAlarms), want)
		}
	}
	forMetric(120)
	forMetric(1, other.Dimensions...)

	if _, err := c.EnableAlarmActions(t.Context(), &cloudwatch.EnableAlarmActionsInput{AlarmNames: []string{"api", "nope"}}); err != nil || !*describeAlarm(t, c, "api").ActionsEnabled {
		t.Error("api's actions are not enabled", err)
	}
	if _, err := c.DisableAlarmActions(t.Context(), &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{"web-000"}}); err != nil || *describeAlarm(t, c, "web-000").ActionsEnabled {
		t.Error("web-000's actions are enabled", err)
	}
	if _, err := c.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"api", "nope", "web-000"}}); err != nil {
		t.Error(err)
	}
	f(cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"api", "web-000", "web-001"}}, "[1]")
	history, err := c.DescribeAlarmHistory(t.Context(), &cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String("api"), MaxRecords: aws.Int32(2)})
	if err != nil || len(history.AlarmHistoryItems) != 2 || *history.AlarmHistoryItems[0].HistorySummary != `Alarm "api" deleted` || history.NextToken == nil {
		t.Errorf("%v: %+v", err, history)
	}
}

func TestPutMetricAlarm_limits(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := cloudwatchClient(srv)
	type input = cloudwatch.PutMetricAlarmInput
	f := func(rule, text string, change func(*input)) {
		t.Helper()
		in := latencyAlarm("a")
		change(in)
		_, err := c.PutMetricAlarm(t.Context(), in)
		if rule == "" {
			if err != nil {
				t.Error(err)
			}
			return
		}
		wantError(t, err, "ValidationError", text)
		refusedBy(t, srv, rule)
	}
	good := func(change func(*input)) { t.Helper(); f("", "", change) }
	math := func(queries ...types.MetricDataQuery) func(*input) {
		return func(in *input) {
			in.Namespace, in.MetricName, in.Statistic, in.Period = nil, nil, "", nil
			in.Metrics = queries
		}
	}
	good(func(in *input) { in.AlarmName = aws.String(strings.Repeat("n", 255)) })
	f("cloudwatch.alarm.length", "less than or equal to 255", func(in *input) { in.AlarmName = aws.String(strings.Repeat("n", 256)) })
	f("cloudwatch.alarm.name", "control characters", func(in *input) { in.AlarmName = aws.String("a\nb") })
	f("cloudwatch.alarm.length", "less than or equal to 1024", func(in *input) { in.AlarmDescription = aws.String(strings.Repeat("d", 1025)) })
	actions := func(n int, arn string) func(*input) {
		return func(in *input) { in.AlarmActions = slices.Repeat([]string{arn}, n) }
	}
	good(actions(5, "arn:aws:sns:us-east-1:000000000000:a"))
	f("cloudwatch.alarm.actions", "length less than or equal to 5", actions(6, "arn:aws:sns:us-east-1:000000000000:a"))
	f("cloudwatch.alarm.arn", "Invalid arn syntax: topic", actions(1, "topic"))
	f("cloudwatch.alarm.required", "Threshold must not be null", func(in *input) { in.Threshold = nil })
	f("cloudwatch.alarm.required", "MetricName must not be null", func(in *input) { in.MetricName = nil })
	f("cloudwatch.alarm.required", "EvaluationPeriods must not be null", func(in *input) { in.EvaluationPeriods = nil })
	f("cloudwatch.alarm.least", "greater than or equal to 1", func(in *input) { in.EvaluationPeriods = aws.Int32(0) })
	f("cloudwatch.alarm.datapoints", "DatapointsToAlarm must be less than or equal to EvaluationPeriods", func(in *input) { in.DatapointsToAlarm = aws.Int32(3) })
	f("cloudwatch.alarm.enum", "breaching, notBreaching, ignore, missing", func(in *input) { in.TreatMissingData = aws.String("Missing") })
	f("cloudwatch.alarm.enum", "evaluate, ignore", func(in *input) { in.EvaluateLowSampleCountPercentile = aws.String("x") })
	f("cloudwatch.alarm.unsupported", "localaws does not support anomaly detection", func(in *input) { in.ComparisonOperator = types.ComparisonOperatorLessThanLowerThreshold })
	f("cloudwatch.alarm.unsupported", "localaws does not support anomaly detection", func(in *input) { in.ThresholdMetricId = aws.String("t1") })
	f("cloudwatch.alarm.statistic", "Exactly one of", func(in *input) { in.ExtendedStatistic = aws.String("p99") })
	f("cloudwatch.alarm.extended", "p101", func(in *input) { in.Statistic, in.ExtendedStatistic = "", aws.String("p101") })
	periods := func(period, n int32) func(*input) {
		return func(in *input) { in.Period, in.EvaluationPeriods = &period, &n }
	}
	for _, p := range []int32{10, 20, 30, 60, 3600, 604800} {
		good(periods(p, 1))
	}
	for _, p := range []int32{1, 5, 15, 90} {
		f("cloudwatch.alarm.period", "multiple of 60", periods(p, 1))
	}
	good(periods(60, 1440))
	f("cloudwatch.alarm.day", "EvaluationPeriods * Period must be <= 86400", periods(60, 1441))
	good(periods(3600, 168))
	f("cloudwatch.alarm.week", "EvaluationPeriods * Period must be <= 604800", periods(3600, 169))

	m1 := hidden(shopQuery("m1", "Errors", "Sum"))
	good(math(m1, mathQuery("e1", "m1*2", "-")))
	good(math(shopQuery("m1", "Errors", "Sum")))
	f("cloudwatch.alarm.either", "Statistic should not be set if list of Metrics is set.", func(in *input) {
		math(m1, mathQuery("e1", "m1*2", "-"))(in)
		in.Statistic = types.StatisticSum
	})
	f("cloudwatch.alarm.return", "Exactly one element of the metrics list should return data.", math(m1, hidden(mathQuery("e1", "m1*2", "-"))))
	f("cloudwatch.alarm.return", "Exactly one element", math(shopQuery("m1", "Errors", "Sum"), mathQuery("e1", "m1*2", "-")))
	f("cloudwatch.alarm.search", "SEARCH is not supported on Metric Alarms.", math(func() types.MetricDataQuery {
		q := mathQuery("e1", "SUM(SEARCH('a', 'Sum', 60))", "-")
		q.Period = aws.Int32(60)
		return q
	}()))
	f("cloudwatch.expression", "single time series", math(m1, mathQuery("e1", "[m1, m1]", "-")))
	f("cloudwatch.expression", "Unknown identifier", math(m1, mathQuery("e1", "m2", "-")))
	f("cloudwatch.alarm.required", "Metrics.Period must not be null", math(mathQuery("e1", "TIME_SERIES(1)", "-")))
	other := hidden(shopQuery("m2", "Errors", "Sum"))
	other.MetricStat.Period = aws.Int32(300)
	f("cloudwatch.alarm.one-period", "same period", math(m1, other, mathQuery("e1", "m1+m2", "-")))
	var eleven []types.MetricDataQuery
	for i := range 11 {
		eleven = append(eleven, hidden(shopQuery(fmt.Sprintf("m%d", i), "Errors", "Sum")))
	}
	f("cloudwatch.alarm.metrics", "10 metrics", math(append(eleven, mathQuery("e1", "m1", "-"))...))

	_, err := c.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("a"), AlarmNames: []string{"a"}})
	wantError(t, err, "ValidationError", "AlarmNamePrefix cannot be specified")
	_, err = c.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(101)})
	wantError(t, err, "ValidationError", "between 1 and 100")
	_, err = c.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{NextToken: aws.String("!")})
	wantError(t, err, "InvalidNextToken", "")
}

// Alarms, their states and their history are there after a restart.
func TestAlarm_restart(t *testing.T) {
	at := newClock()
	dir := t.TempDir()
	srv := startAt(t, localaws.Config{Now: at.now, DataDir: dir})
	c := cloudwatchClient(srv)
	putAlarm(t, c, latencyAlarm("slow"))
	putAlarm(t, c, latencyAlarm("gone"))
	for _, v := range []float64{150, 160} {
		putNow(t, c, at, v)
		at.advance(time.Minute)
	}
	before := describeAlarm(t, c, "slow")
	if before.StateValue != types.StateValueAlarm {
		t.Fatal(before.StateValue, *before.StateReason)
	}
	if _, err := c.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"gone"}}); err != nil {
		t.Fatal(err)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	c = cloudwatchClient(startAt(t, localaws.Config{Now: at.now, DataDir: dir}))
	out, err := c.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{})
	if err != nil || len(out.MetricAlarms) != 1 {
		t.Fatalf("%v: %+v", err, out)
	}
	if a := out.MetricAlarms[0]; a.StateValue != before.StateValue || *a.StateReason != *before.StateReason || !a.StateUpdatedTimestamp.Equal(*before.StateUpdatedTimestamp) {
		t.Errorf("got %+v\nwant %+v", a, before)
	}
	history, err := c.DescribeAlarmHistory(t.Context(), &cloudwatch.DescribeAlarmHistoryInput{})
	if err != nil || len(history.AlarmHistoryItems) != 5 {
		t.Errorf("%v: %d items", err, len(history.AlarmHistoryItems))
	}
}
