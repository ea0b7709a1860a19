package localaws_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"

	"github.com/updraft-otel/updraft/localaws"
)

// testNow is the clock of the servers in these tests.
var testNow = time.Date(2026, 11, 23, 12, 0, 30, 0, time.UTC)

// startAt starts a server whose clock stands still, but for the signatures:
// those are made by the real clock, so they are not checked.
func startAt(t *testing.T, cfg localaws.Config) *localaws.Server {
	t.Helper()
	cfg.NoAuth = true
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return testNow }
	}
	srv, err := localaws.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	return srv
}

func sdkConfig(srv *localaws.Server) aws.Config {
	return aws.Config{
		Region:           localaws.Region,
		BaseEndpoint:     aws.String(srv.URL()),
		Credentials:      credentials.NewStaticCredentialsProvider(localaws.AccessKeyID, localaws.SecretAccessKey, ""),
		RetryMaxAttempts: 1,
		HTTPClient:       localaws.SDKClient(),
	}
}

func logsClient(srv *localaws.Server) *cloudwatchlogs.Client {
	return cloudwatchlogs.NewFromConfig(sdkConfig(srv))
}

func cloudwatchClient(srv *localaws.Server) *cloudwatch.Client {
	return cloudwatch.NewFromConfig(sdkConfig(srv))
}

// wantError checks the code and a part of the text of AWS's error.
func wantError(t *testing.T, err error, code, text string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), text) {
		t.Errorf("got %v, want %s with %q", err, code, text)
	}
}

func createStream(t *testing.T, c *cloudwatchlogs.Client, group, stream string) {
	t.Helper()
	_, err := c.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group})
	var exists *logstypes.ResourceAlreadyExistsException
	if err != nil && !errors.As(err, &exists) {
		t.Fatal(err)
	}
	_, err = c.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &stream})
	if err != nil {
		t.Fatal(err)
	}
}

// event is a log event some time before testNow.
func event(ago time.Duration, message string) logstypes.InputLogEvent {
	return logstypes.InputLogEvent{Timestamp: aws.Int64(testNow.Add(-ago).UnixMilli()), Message: &message}
}

func put(ctx context.Context, c *cloudwatchlogs.Client, group, stream string, events ...logstypes.InputLogEvent) (*cloudwatchlogs.PutLogEventsOutput, error) {
	return c.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: &group, LogStreamName: &stream, LogEvents: append([]logstypes.InputLogEvent{}, events...)})
}

func mustPut(t *testing.T, c *cloudwatchlogs.Client, group, stream string, events ...logstypes.InputLogEvent) {
	t.Helper()
	if _, err := put(t.Context(), c, group, stream, events...); err != nil {
		t.Fatal(err)
	}
}

func TestFilterLogEvents(t *testing.T) {
	c := logsClient(startAt(t, localaws.Config{}))
	createStream(t, c, "/shop/web", "a")
	createStream(t, c, "/shop/web", "b")
	mustPut(t, c, "/shop/web", "a", event(5*time.Minute, "one ERROR"), event(3*time.Minute, "three ok"), event(time.Minute, "five ERROR"))
	mustPut(t, c, "/shop/web", "b", event(4*time.Minute, "two ok"), event(2*time.Minute, `{"level":"ERROR","n":4}`))

	f := func(in cloudwatchlogs.FilterLogEventsInput, want string) {
		t.Helper()
		in.LogGroupName = aws.String("/shop/web")
		var got []string
		pages := cloudwatchlogs.NewFilterLogEventsPaginator(c, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			if in.Limit != nil && len(page.Events) > int(*in.Limit) {
				t.Errorf("%d events on a page of %d", len(page.Events), *in.Limit)
			}
			for _, e := range page.Events {
				got = append(got, *e.LogStreamName+":"+*e.Message)
				if len(*e.EventId) != 56 || *e.IngestionTime != testNow.UnixMilli() {
					t.Errorf("event id %q, ingestion %d", *e.EventId, *e.IngestionTime)
				}
			}
		}
		if text := strings.Join(got, "|"); text != want {
			t.Errorf("got %s\nwant %s", text, want)
		}
	}
	const all = `a:one ERROR|b:two ok|a:three ok|b:{"level":"ERROR","n":4}|a:five ERROR`
	millis := func(ago time.Duration) *int64 { return aws.Int64(testNow.Add(-ago).UnixMilli()) }
	f(cloudwatchlogs.FilterLogEventsInput{}, all)
	for limit := range int32(6) {
		f(cloudwatchlogs.FilterLogEventsInput{Limit: aws.Int32(limit + 1)}, all)
	}
	f(cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String("ERROR")}, `a:one ERROR|b:{"level":"ERROR","n":4}|a:five ERROR`)
	f(cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String("ERROR"), Limit: aws.Int32(1)}, `a:one ERROR|b:{"level":"ERROR","n":4}|a:five ERROR`)
	f(cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String(`{ $.level = "ERROR" && $.n > 3 }`)}, `b:{"level":"ERROR","n":4}`)
	f(cloudwatchlogs.FilterLogEventsInput{LogStreamNames: []string{"b"}}, `b:two ok|b:{"level":"ERROR","n":4}`)
	f(cloudwatchlogs.FilterLogEventsInput{LogStreamNamePrefix: aws.String("a")}, `a:one ERROR|a:three ok|a:five ERROR`)
	f(cloudwatchlogs.FilterLogEventsInput{StartTime: millis(4 * time.Minute), EndTime: millis(3 * time.Minute)}, `b:two ok|a:three ok`)
	f(cloudwatchlogs.FilterLogEventsInput{LogGroupIdentifier: nil, EndTime: millis(6 * time.Minute)}, ``)
}

func TestGetLogEvents(t *testing.T) {
	c := logsClient(startAt(t, localaws.Config{}))
	createStream(t, c, "g", "s")
	get := func(in cloudwatchlogs.GetLogEventsInput) *cloudwatchlogs.GetLogEventsOutput {
		t.Helper()
		in.LogGroupName, in.LogStreamName = aws.String("g"), aws.String("s")
		out, err := c.GetLogEvents(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	text := func(out *cloudwatchlogs.GetLogEventsOutput) string {
		var list []string
		for _, e := range out.Events {
			list = append(list, *e.Message)
		}
		return strings.Join(list, "")
	}
	f := func(title string, out *cloudwatchlogs.GetLogEventsOutput, want string) {
		t.Helper()
		if got := text(out); got != want {
			t.Errorf("%s: got %q, want %q", title, got, want)
		}
	}
	empty := get(cloudwatchlogs.GetLogEventsInput{StartFromHead: aws.Bool(true)})
	f("empty stream", empty, "")

	for i, letter := range "abcdefg" { // g is the newest
		mustPut(t, c, "g", "s", event(time.Duration(7-i)*time.Minute, string(letter)))
	}
	f("after an empty page", get(cloudwatchlogs.GetLogEventsInput{StartFromHead: aws.Bool(true), NextToken: empty.NextForwardToken}), "abcdefg")
	f("the latest by default", get(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(3)}), "efg")

	first := get(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(3), StartFromHead: aws.Bool(true)})
	f("from the head", first, "abc")
	second := get(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(3), StartFromHead: aws.Bool(true), NextToken: first.NextForwardToken})
	f("forward", second, "def")
	f("back again", get(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(3), NextToken: second.NextBackwardToken}), "abc")
	third := get(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(3), StartFromHead: aws.Bool(true), NextToken: second.NextForwardToken})
	f("the last page", third, "g")
	end := get(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(3), StartFromHead: aws.Bool(true), NextToken: third.NextForwardToken})
	f("the end", end, "")
	if *end.NextForwardToken != *third.NextForwardToken {
		t.Errorf("the token changes at the end: %s, %s", *third.NextForwardToken, *end.NextForwardToken)
	}
	f("back from the end", get(cloudwatchlogs.GetLogEventsInput{Limit: aws.Int32(2), NextToken: end.NextBackwardToken}), "fg")
	begin := get(cloudwatchlogs.GetLogEventsInput{NextToken: first.NextBackwardToken})
	f("before the beginning", begin, "")
	if *begin.NextBackwardToken != *first.NextBackwardToken {
		t.Errorf("the token changes at the beginning")
	}
	mustPut(t, c, "g", "s", event(0, "h"))
	f("what came since", get(cloudwatchlogs.GetLogEventsInput{StartFromHead: aws.Bool(true), NextToken: end.NextForwardToken}), "h")
	f("a range, its end excluded", get(cloudwatchlogs.GetLogEventsInput{
		StartTime: aws.Int64(testNow.Add(-6 * time.Minute).UnixMilli()), EndTime: aws.Int64(testNow.Add(-4 * time.Minute).UnixMilli()),
	}), "bc")

	_, err := c.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s"), NextToken: aws.String("x")})
	wantError(t, err, "InvalidParameterException", "The specified nextToken is invalid.")
	_, err = c.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("nope")})
	wantError(t, err, "ResourceNotFoundException", "The specified log stream does not exist.")
	_, err = c.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("nope"), LogStreamName: aws.String("s")})
	wantError(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
}

func TestDescribeLogs(t *testing.T) {
	c := logsClient(startAt(t, localaws.Config{}))
	for i := range 60 {
		createStream(t, c, "/shop/web", fmt.Sprintf("s%02d", i))
	}
	createStream(t, c, "/shop/api", "one")
	mustPut(t, c, "/shop/web", "s07", event(time.Hour, "old"), event(time.Minute, "new"))

	streams := func(in cloudwatchlogs.DescribeLogStreamsInput) (names []string, pages int) {
		t.Helper()
		in.LogGroupName = aws.String("/shop/web")
		for p := cloudwatchlogs.NewDescribeLogStreamsPaginator(c, &in); p.HasMorePages(); pages++ {
			page, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page.LogStreams {
				names = append(names, *s.LogStreamName)
			}
		}
		return names, pages
	}
	names, pages := streams(cloudwatchlogs.DescribeLogStreamsInput{})
	if len(names) != 60 || pages != 2 || names[0] != "s00" || names[59] != "s59" {
		t.Errorf("%d streams on %d pages: %v", len(names), pages, names)
	}
	names, _ = streams(cloudwatchlogs.DescribeLogStreamsInput{LogStreamNamePrefix: aws.String("s1"), Descending: aws.Bool(true)})
	if len(names) != 10 || names[0] != "s19" {
		t.Errorf("by prefix: %v", names)
	}
	out, err := c.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{
		LogGroupIdentifier: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:/shop/web:*"),
		OrderBy:            logstypes.OrderByLastEventTime, Descending: aws.Bool(true), Limit: aws.Int32(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	s := out.LogStreams[0]
	if *s.LogStreamName != "s07" || *s.FirstEventTimestamp != testNow.Add(-time.Hour).UnixMilli() ||
		*s.LastEventTimestamp != testNow.Add(-time.Minute).UnixMilli() || *s.LastIngestionTime != testNow.UnixMilli() {
		t.Errorf("latest stream: %+v", s)
	}

	groups, err := c.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePattern: aws.String("web")})
	if err != nil {
		t.Fatal(err)
	}
	if g := groups.LogGroups; len(g) != 1 || *g[0].LogGroupName != "/shop/web" || *g[0].StoredBytes != 6+2*26 ||
		*g[0].Arn != "arn:aws:logs:us-east-1:000000000000:log-group:/shop/web:*" || g[0].LogGroupClass != "STANDARD" {
		t.Errorf("groups: %+v", g)
	}
	_, err = c.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{
		LogGroupName: aws.String("/shop/web"), OrderBy: logstypes.OrderByLastEventTime, LogStreamNamePrefix: aws.String("s"),
	})
	wantError(t, err, "InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.")
}
