package localaws

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// failCLI calls the AWS CLI and wants it to fail with a text.
func failCLI(t *testing.T, cli string, srv *Server, want string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), cli, append([]string{"--endpoint-url", srv.URL()}, args...)...)
	cmd.Env = append(os.Environ(), srv.Env()...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err == nil || !strings.Contains(stderr.String(), want) {
		t.Errorf("%s %s: got %v, %s, want %s", cli, strings.Join(args, " "), err, stderr.String(), want)
	}
}

func TestLogs_cli(t *testing.T) {
	for _, cli := range awsCLIs(t) {
		t.Run(filepath.Dir(cli), func(t *testing.T) {
			t.Parallel()
			testLogsCLI(t, cli)
		})
	}
}

func testLogsCLI(t *testing.T, cli string) {
	srv := startTest(t, Config{})
	now := time.Now().UnixMilli()
	runCLI(t, cli, srv, nil, "logs", "create-log-group", "--log-group-name", "/shop/web")
	runCLI(t, cli, srv, nil, "logs", "create-log-stream", "--log-group-name", "/shop/web", "--log-stream-name", "s")
	runCLI(t, cli, srv, nil, "logs", "put-log-events", "--log-group-name", "/shop/web", "--log-stream-name", "s", "--log-events",
		fmt.Sprintf(`[{"timestamp":%d,"message":"{\"level\":\"ERROR\",\"n\":1}"},{"timestamp":%d,"message":"fine"}]`, now-1, now))

	var filtered struct {
		Events []struct {
			LogStreamName, Message, EventID string
			Timestamp                       int64
		}
	}
	runCLI(t, cli, srv, &filtered, "logs", "filter-log-events", "--log-group-name", "/shop/web", "--filter-pattern", `{ $.level = "ERROR" }`)
	if e := filtered.Events; len(e) != 1 || e[0].Message != `{"level":"ERROR","n":1}` || e[0].Timestamp != now-1 || e[0].LogStreamName != "s" {
		t.Errorf("filter-log-events: %+v", e)
	}
	var got struct {
		Events           []struct{ Message string }
		NextForwardToken string
	}
	runCLI(t, cli, srv, &got, "logs", "get-log-events", "--log-group-name", "/shop/web", "--log-stream-name", "s", "--start-from-head")
	if e := got.Events; len(e) != 2 || e[1].Message != "fine" || !strings.HasPrefix(got.NextForwardToken, "f/") {
		t.Errorf("get-log-events: %+v", got)
	}
	var groups struct {
		LogGroups []struct {
			LogGroupName string
			StoredBytes  int64
		}
	}
	runCLI(t, cli, srv, &groups, "logs", "describe-log-groups", "--log-group-name-prefix", "/shop")
	if g := groups.LogGroups; len(g) != 1 || g[0].LogGroupName != "/shop/web" || g[0].StoredBytes == 0 {
		t.Errorf("describe-log-groups: %+v", g)
	}
	var streams struct {
		LogStreams []struct {
			LogStreamName      string
			LastEventTimestamp int64
		}
	}
	runCLI(t, cli, srv, &streams, "logs", "describe-log-streams", "--log-group-name", "/shop/web")
	if s := streams.LogStreams; len(s) != 1 || s[0].LogStreamName != "s" || s[0].LastEventTimestamp != now {
		t.Errorf("describe-log-streams: %+v", s)
	}
	if strings.HasPrefix(cli, "/usr/bin/") { // version 1 has no tail
		tailCLI(t, cli, srv)
	}
	runCLI(t, cli, srv, nil, "logs", "put-retention-policy", "--log-group-name", "/shop/web", "--retention-in-days", "7")
	runCLI(t, cli, srv, nil, "logs", "tag-resource", "--resource-arn", logARN("/shop/web"), "--tags", "team=shop")
	var tags struct{ Tags map[string]string }
	runCLI(t, cli, srv, &tags, "logs", "list-tags-for-resource", "--resource-arn", logARN("/shop/web"))
	if tags.Tags["team"] != "shop" {
		t.Errorf("list-tags-for-resource: %+v", tags)
	}
	failCLI(t, cli, srv, "(InvalidParameterException)", "logs", "put-retention-policy", "--log-group-name", "/shop/web", "--retention-in-days", "8")
	runCLI(t, cli, srv, nil, "logs", "delete-log-stream", "--log-group-name", "/shop/web", "--log-stream-name", "s")
	runCLI(t, cli, srv, &filtered, "logs", "filter-log-events", "--log-group-name", "/shop/web")
	if len(filtered.Events) != 0 {
		t.Errorf("after delete-log-stream: %+v", filtered)
	}
	failCLI(t, cli, srv, "An error occurred (InvalidParameterException) when calling the FilterLogEvents operation: Invalid filter pattern: Invalid character(s) in term 'a-b'",
		"logs", "filter-log-events", "--log-group-name", "/shop/web", "--filter-pattern", "a-b")
	failCLI(t, cli, srv, "(ResourceNotFoundException)", "logs", "filter-log-events", "--log-group-name", "nope")
}

// tailCLI follows a group until an event comes that is put meanwhile.
func tailCLI(t *testing.T, cli string, srv *Server) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), cli, "--endpoint-url", srv.URL(), "logs", "tail", "/shop/web", "--follow", "--format", "short")
	cmd.Env = append(os.Environ(), append(srv.Env(), "PYTHONUNBUFFERED=1")...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	want := "fine"
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if !strings.Contains(lines.Text(), want) {
			continue
		}
		if want == "followed" {
			return
		}
		want = "followed"
		runCLI(t, cli, srv, nil, "logs", "put-log-events", "--log-group-name", "/shop/web", "--log-stream-name", "s", "--log-events",
			fmt.Sprintf(`[{"timestamp":%d,"message":"followed"}]`, time.Now().UnixMilli()))
	}
	t.Errorf("logs tail --follow ended without %q", want)
}

func TestCloudWatch_cli(t *testing.T) {
	for _, cli := range awsCLIs(t) {
		t.Run(filepath.Dir(cli), func(t *testing.T) {
			t.Parallel()
			testCloudWatchCLI(t, cli)
		})
	}
}

func testCloudWatchCLI(t *testing.T, cli string) {
	srv := startTest(t, Config{})
	at := time.Now().Add(-2 * time.Minute).UTC().Truncate(time.Minute)
	stamp := at.Format(time.RFC3339)
	start, end := at.Add(-time.Hour).Format(time.RFC3339), at.Add(time.Minute).Format(time.RFC3339)
	runCLI(t, cli, srv, nil, "cloudwatch", "put-metric-data", "--namespace", "Shop", "--metric-name", "Orders", "--value", "2",
		"--unit", "Count", "--timestamp", stamp, "--dimensions", "Service=web,Stage=prod")
	runCLI(t, cli, srv, nil, "cloudwatch", "put-metric-data", "--namespace", "Shop", "--metric-data", fmt.Sprintf(
		`[{"MetricName":"Orders","Dimensions":[{"Name":"Service","Value":"web"},{"Name":"Stage","Value":"prod"}],"Timestamp":%q,"Values":[1,4],"Counts":[2,1],"Unit":"Count"}]`, stamp))

	var list struct {
		Metrics []struct {
			Namespace, MetricName string
			Dimensions            []struct{ Name, Value string }
		}
	}
	runCLI(t, cli, srv, &list, "cloudwatch", "list-metrics", "--namespace", "Shop", "--dimensions", "Name=Stage,Value=prod")
	if m := list.Metrics; len(m) != 1 || m[0].MetricName != "Orders" || len(m[0].Dimensions) != 2 || m[0].Dimensions[0].Value != "web" {
		t.Errorf("list-metrics: %+v", m)
	}
	var data struct {
		MetricDataResults []struct {
			ID, Label, StatusCode string
			Values                []float64
			Timestamps            []any
		}
	}
	const metric = `"Metric":{"Namespace":"Shop","MetricName":"Orders","Dimensions":[{"Name":"Stage","Value":"prod"},{"Name":"Service","Value":"web"}]},"Period":60`
	runCLI(t, cli, srv, &data, "cloudwatch", "get-metric-data", "--start-time", start, "--end-time", end, "--metric-data-queries",
		`[{"Id":"s","MetricStat":{`+metric+`,"Stat":"Sum"}},{"Id":"p","MetricStat":{`+metric+`,"Stat":"p50"}}]`)
	if r := data.MetricDataResults; len(r) != 2 || fmt.Sprint(r[0].Values, r[1].Values) != "[8] [1]" || r[0].StatusCode != "Complete" || len(r[0].Timestamps) != 1 {
		t.Errorf("get-metric-data: %+v", r)
	}
	var statistics struct {
		Datapoints []struct {
			Timestamp          any
			Average            float64
			Unit               string
			ExtendedStatistics map[string]float64
		}
	}
	args := []string{"cloudwatch", "get-metric-statistics", "--namespace", "Shop", "--metric-name", "Orders", "--period", strconv.Itoa(minuteResolution),
		"--start-time", start, "--end-time", end, "--dimensions", "Name=Service,Value=web", "Name=Stage,Value=prod"}
	runCLI(t, cli, srv, &statistics, append(args, "--statistics", "Average")...)
	if d := statistics.Datapoints; len(d) != 1 || d[0].Average != 2 || d[0].Unit != "Count" {
		t.Errorf("get-metric-statistics: %+v", d)
	}
	runCLI(t, cli, srv, &statistics, append(args, "--extended-statistics", "p99")...)
	if d := statistics.Datapoints; len(d) != 1 || d[0].ExtendedStatistics["p99"] != 4 {
		t.Errorf("get-metric-statistics: %+v", d)
	}
	failCLI(t, cli, srv, "An error occurred (InvalidParameterValue) when calling the PutMetricData operation: The parameter MetricData.member.1.Unit must be a value in the set [ Seconds,",
		"cloudwatch", "put-metric-data", "--namespace", "Shop", "--metric-data", `[{"MetricName":"m","Value":1,"Unit":"seconds"}]`)
	failCLI(t, cli, srv, "(InvalidParameterValue) when calling the PutMetricData operation: The value NaN for parameter MetricData.member.1.Value is invalid.",
		"cloudwatch", "put-metric-data", "--namespace", "Shop", "--metric-name", "m", "--value", "NaN")
	failCLI(t, cli, srv, "(InvalidParameterCombination) when calling the GetMetricStatistics operation: You have requested up to",
		"cloudwatch", "get-metric-statistics", "--namespace", "Shop", "--metric-name", "Orders", "--period", "1", "--start-time", start, "--end-time", end, "--statistics", "Sum")
}
