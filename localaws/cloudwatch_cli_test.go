package localaws

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The AWS CLIs of this machine write, compute, watch and draw metrics; they speak
// awsJson1.0 and awsQuery.
func TestCloudWatchMath_cli(t *testing.T) {
	for _, cli := range awsCLIs(t) {
		t.Run(filepath.Dir(cli), func(t *testing.T) {
			t.Parallel()
			testCloudWatchMathCLI(t, cli)
		})
	}
}

func testCloudWatchMathCLI(t *testing.T, cli string) {
	srv := startTest(t, Config{})
	at := time.Now().Add(-2 * time.Minute).UTC()
	iso := func(t time.Time) string { return t.Format(time.RFC3339) }
	runCLI(t, cli, srv, nil, "cloudwatch", "put-metric-data", "--namespace", "Shop", "--metric-data", fmt.Sprintf(
		`[{"MetricName":"Errors","Value":6,"Timestamp":%q},{"MetricName":"Requests","Values":[1,2],"Counts":[40,30],"Unit":"Count","Timestamp":%q}]`, iso(at), iso(at)))

	var data struct {
		MetricDataResults []struct {
			ID     string `json:"Id"`
			Label  string
			Values []float64
		}
	}
	runCLI(t, cli, srv, &data, "cloudwatch", "get-metric-data", "--start-time", iso(at.Add(-time.Minute)), "--end-time", iso(time.Now()), "--metric-data-queries", `[
		{"Id":"errors","MetricStat":{"Metric":{"Namespace":"Shop","MetricName":"Errors"},"Period":60,"Stat":"Sum"},"ReturnData":false},
		{"Id":"requests","MetricStat":{"Metric":{"Namespace":"Shop","MetricName":"Requests"},"Period":60,"Stat":"Sum"},"ReturnData":false},
		{"Id":"rate","Expression":"errors / requests * 100","Label":"Errors, ${LAST} %"},
		{"Id":"p90","MetricStat":{"Metric":{"Namespace":"Shop","MetricName":"Requests"},"Period":60,"Stat":"p90"}}]`)
	if got := fmt.Sprint(data.MetricDataResults); got != "[{rate Errors, 6 % [6]} {p90 Requests [2]}]" {
		t.Errorf("get-metric-data: %s", got)
	}
	failCLI(t, cli, srv, "localaws does not support it", "cloudwatch", "get-metric-data", "--start-time", iso(at), "--end-time", iso(time.Now()),
		"--metric-data-queries", `[{"Id":"q","Expression":"SELECT AVG(Errors) FROM Shop"}]`)

	var drawn struct{ MetricWidgetImage string }
	runCLI(t, cli, srv, &drawn, "cloudwatch", "get-metric-widget-image", "--metric-widget", `{"metrics":[["Shop","Requests"]],"period":60,"width":300,"height":200}`)
	image, err := base64.StdEncoding.DecodeString(drawn.MetricWidgetImage)
	if err != nil {
		t.Fatal(err)
	}
	if img, err := png.Decode(bytes.NewReader(image)); err != nil || img.Bounds().Dx() != 300 {
		t.Errorf("get-metric-widget-image: %v", err)
	}

	runCLI(t, cli, srv, nil, "cloudwatch", "put-metric-alarm", "--alarm-name", "errors", "--namespace", "Shop", "--metric-name", "Errors", "--statistic", "Sum",
		"--period", "60", "--evaluation-periods", "1", "--threshold", "5", "--comparison-operator", "GreaterThanThreshold", "--treat-missing-data", "ignore",
		"--alarm-actions", "arn:aws:sns:us-east-1:000000000000:alarms")
	type alarms struct {
		MetricAlarms []struct{ AlarmName, AlarmArn, StateValue, StateReason, TreatMissingData string }
	}
	var watched alarms
	deadline := time.Now().Add(30 * time.Second)
	for watched.MetricAlarms == nil || watched.MetricAlarms[0].StateValue != "ALARM" {
		if time.Now().After(deadline) {
			t.Fatalf("describe-alarms: %+v", watched)
		}
		watched = alarms{}
		runCLI(t, cli, srv, &watched, "cloudwatch", "describe-alarms", "--alarm-name-prefix", "err")
	}
	if a := watched.MetricAlarms[0]; a.AlarmArn != "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors" || a.TreatMissingData != "ignore" ||
		!strings.HasPrefix(a.StateReason, "Threshold Crossed: 1 datapoint [6.0 (") {
		t.Errorf("describe-alarms: %+v", a)
	}
	var history struct {
		AlarmHistoryItems []struct{ HistorySummary string }
	}
	runCLI(t, cli, srv, &history, "cloudwatch", "describe-alarm-history", "--alarm-name", "errors")
	if got := fmt.Sprint(history.AlarmHistoryItems); got != `[{Alarm updated from INSUFFICIENT_DATA to ALARM} {Alarm "errors" created}]` {
		t.Errorf("describe-alarm-history: %s", got)
	}
	failCLI(t, cli, srv, "ResourceNotFound", "cloudwatch", "set-alarm-state", "--alarm-name", "nope", "--state-value", "OK", "--state-reason", "drill")
	runCLI(t, cli, srv, nil, "cloudwatch", "delete-alarms", "--alarm-names", "errors")
}

// boto3 does the same over awsJson1.0.
func TestCloudWatchMath_boto3(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("no python3 on PATH; make test installs it")
	}
	const script = `
import sys, time, datetime
try:
    import boto3
except ImportError:
    print("no boto3"); sys.exit()
cw = boto3.client("cloudwatch", endpoint_url=sys.argv[1])
now = datetime.datetime.now(datetime.timezone.utc)
at = now - datetime.timedelta(minutes=2)
cw.put_metric_data(Namespace="Shop", MetricData=[
    {"MetricName": "Latency", "Dimensions": [{"Name": "Service", "Value": s}], "Values": [10.0 * i for i in range(1, 101)], "Timestamp": at}
    for s in ("web", "api")])
answer = cw.get_metric_data(StartTime=now - datetime.timedelta(minutes=10), EndTime=now, LabelOptions={"Timezone": "+0200"}, MetricDataQueries=[
    {"Id": "all", "Expression": "SEARCH('{Shop,Service} MetricName=\"Latency\"', 'p90', 60)", "Label": "p90 of ${PROP('Dim.Service')}"},
    {"Id": "sum", "Expression": "SUM(all)", "Label": "both"}])
for r in sorted(answer["MetricDataResults"], key=lambda r: r["Label"]):
    print(r["Id"], r["Label"], [float(v) for v in r["Values"]], r["StatusCode"])
stats = cw.get_metric_statistics(Namespace="Shop", MetricName="Latency", Dimensions=[{"Name": "Service", "Value": "web"}],
    StartTime=now - datetime.timedelta(minutes=10), EndTime=now, Period=60, ExtendedStatistics=["p99", "TM(10%:90%)"])
print(sorted((k, float(v)) for k, v in stats["Datapoints"][0]["ExtendedStatistics"].items()))
image = cw.get_metric_widget_image(MetricWidget='{"metrics": [["Shop", "Latency", "Service", "web"]]}')["MetricWidgetImage"]
print(image[:4])
cw.put_metric_alarm(AlarmName="slow", EvaluationPeriods=3, DatapointsToAlarm=1, Threshold=500.0, ComparisonOperator="GreaterThanThreshold", Metrics=[
    {"Id": "m1", "MetricStat": {"Metric": {"Namespace": "Shop", "MetricName": "Latency", "Dimensions": [{"Name": "Service", "Value": "web"}]}, "Period": 60, "Stat": "p90"}, "ReturnData": False},
    {"Id": "e1", "Expression": "m1 + 1"}])
cw.get_waiter("alarm_exists").wait(AlarmNames=["slow"])
for _ in range(300):
    alarm = cw.describe_alarms(AlarmNames=["slow"])["MetricAlarms"][0]
    if alarm["StateValue"] != "INSUFFICIENT_DATA":
        break
    time.sleep(0.1)
print(alarm["StateValue"], alarm["Metrics"][1]["Expression"])
try:
    cw.set_alarm_state(AlarmName="nope", StateValue="OK", StateReason="drill")
except cw.exceptions.ResourceNotFound as e:
    print(e.response["Error"]["Code"])
`
	srv := startTest(t, Config{})
	cmd := exec.CommandContext(t.Context(), python, "-c", script, srv.URL())
	cmd.Env = append(os.Environ(), srv.Env()...)
	text, err := cmd.CombinedOutput()
	const want = `sum both [1800.0] Complete
all p90 of api [900.0] Complete
all p90 of web [900.0] Complete
[('TM(10%:90%)', 505.0), ('p99', 990.0)]
b'\x89PNG'
ALARM m1 + 1
ResourceNotFound`
	switch got := strings.TrimSpace(string(text)); {
	case got == "no boto3":
		t.Skip("this Python has no boto3")
	case err != nil || got != want:
		t.Errorf("%v, got:\n%s\nwant:\n%s", err, got, want)
	}
}
