package localaws_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/updraft-otel/updraft/localaws"
)

// query runs a query of the last hour to its end.
func query(t *testing.T, c *cloudwatchlogs.Client, in cloudwatchlogs.StartQueryInput) *cloudwatchlogs.GetQueryResultsOutput {
	t.Helper()
	in.StartTime, in.EndTime = aws.Int64(testNow.Add(-time.Hour).Unix()), aws.Int64(testNow.Unix())
	started, err := c.StartQuery(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		out, err := c.GetQueryResults(t.Context(), &cloudwatchlogs.GetQueryResultsInput{QueryId: started.QueryId})
		if err != nil {
			t.Fatal(err)
		}
		if out.Status == types.QueryStatusComplete {
			return out
		}
	}
	t.Fatal("the query does not end")
	return nil
}

func rowTexts(rows [][]types.ResultField) string {
	var b strings.Builder
	for _, r := range rows {
		for _, f := range r {
			if *f.Field != "@ptr" {
				b.WriteString(*f.Field + "=" + *f.Value + " ")
			}
		}
		b.WriteString("| ")
	}
	return strings.TrimSpace(b.String())
}

func TestQueries(t *testing.T) {
	c := logsClient(startAt(t, localaws.Config{}))
	createStream(t, c, "a", "s")
	createStream(t, c, "b", "s")
	mustPut(t, c, "a", "s", event(2*time.Hour, "too early"), event(3*time.Minute, "one"), event(time.Minute, "three"))
	mustPut(t, c, "b", "s", event(2*time.Minute, "two"), event(0, "four"))

	out := query(t, c, cloudwatchlogs.StartQueryInput{LogGroupNames: []string{"a", "b"}, QueryString: aws.String("fields @log, @message")})
	const all = "@log=000000000000:b @message=four | @log=000000000000:a @message=three | @log=000000000000:b @message=two | @log=000000000000:a @message=one |"
	if got := rowTexts(out.Results); got != all {
		t.Errorf("got %s", got)
	}
	if s := out.Statistics; s.RecordsScanned != 4 || s.RecordsMatched != 4 || s.BytesScanned != 15 || s.LogGroupsScanned != 2 || s.ResultCount != 4 {
		t.Errorf("statistics: %+v", s)
	}
	out = query(t, c, cloudwatchlogs.StartQueryInput{
		LogGroupIdentifiers: []string{"arn:aws:logs:us-east-1:000000000000:log-group:a"}, QueryString: aws.String("fields @timestamp"), Limit: aws.Int32(1),
	})
	if got := rowTexts(out.Results); got != "@timestamp=2026-11-23 11:59:30.000 |" {
		t.Errorf("got %s", got)
	}
	record, err := c.GetLogRecord(t.Context(), &cloudwatchlogs.GetLogRecordInput{LogRecordPointer: out.Results[0][1].Value})
	if err != nil || record.LogRecord["@message"] != "three" {
		t.Errorf("record: %v, %v", record, err)
	}
}

func TestQueries_pages(t *testing.T) {
	c := logsClient(startAt(t, localaws.Config{}))
	createStream(t, c, "a", "s")
	mustPut(t, c, "a", "s", event(3*time.Minute, "one"), event(2*time.Minute, "two"), event(time.Minute, "three"))
	query(t, c, cloudwatchlogs.StartQueryInput{LogGroupName: aws.String("a"), QueryString: aws.String("fields @message")})
	query(t, c, cloudwatchlogs.StartQueryInput{LogGroupName: aws.String("a"), QueryString: aws.String("stats count(*)")})

	var got string
	list, err := c.DescribeQueries(t.Context(), &cloudwatchlogs.DescribeQueriesInput{MaxResults: aws.Int32(1)})
	if err != nil || len(list.Queries) != 1 || *list.Queries[0].QueryString != "stats count(*)" || list.NextToken == nil {
		t.Fatalf("first page: %+v, %v", list, err)
	}
	list, err = c.DescribeQueries(t.Context(), &cloudwatchlogs.DescribeQueriesInput{MaxResults: aws.Int32(1), NextToken: list.NextToken})
	if err != nil || len(list.Queries) != 1 || list.NextToken != nil {
		t.Fatalf("second page: %+v, %v", list, err)
	}
	in := &cloudwatchlogs.GetQueryResultsInput{QueryId: list.Queries[0].QueryId, MaxItems: aws.Int32(2)}
	for {
		out, err := c.GetQueryResults(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if got += rowTexts(out.Results) + " "; out.NextToken == nil {
			break
		}
		in.NextToken = out.NextToken
	}
	if got != "@message=three | @message=two | @message=one | " {
		t.Errorf("got %s", got)
	}
}

// What is wrong with a query is told with its place, in characters.
func TestQueries_compileError(t *testing.T) {
	c := logsClient(startAt(t, localaws.Config{}))
	createStream(t, c, "a", "s")
	f := func(query, part, text string) {
		t.Helper()
		_, err := c.StartQuery(t.Context(), &cloudwatchlogs.StartQueryInput{
			LogGroupName: aws.String("a"), QueryString: &query, StartTime: aws.Int64(1), EndTime: aws.Int64(2),
		})
		var malformed *types.MalformedQueryException
		if !errors.As(err, &malformed) || malformed.QueryCompileError == nil {
			t.Errorf("%s: got %v", query, err)
			return
		}
		e := malformed.QueryCompileError
		got := string([]rune(query)[*e.Location.StartCharOffset:*e.Location.EndCharOffset])
		if got != part || !strings.Contains(*e.Message, text) || *e.Message != malformed.ErrorMessage() {
			t.Errorf("%s: %q at %q, want %q at %q", query, *e.Message, got, text, part)
		}
	}
	f("fields @message | anomaly", "anomaly", "does not support the command anomaly")
	f("filter a = \"größer\" | fields ]", "]", "unexpected symbol found ]")
	f("stats count(*) |\n sort other", "other", "Unknown symbols found in or after stats: other")
	f("fields a |", "", "unexpected end of query")
	f("fields @message | filter strlen(a, b) > 1", "strlen(a, b)", "has 2 arguments")
}

func TestQueries_refused(t *testing.T) {
	c := logsClient(startAt(t, localaws.Config{}))
	createStream(t, c, "a", "s")
	f := func(change func(*cloudwatchlogs.StartQueryInput), code, text string) {
		t.Helper()
		in := &cloudwatchlogs.StartQueryInput{LogGroupName: aws.String("a"), QueryString: aws.String("fields @message"), StartTime: aws.Int64(1), EndTime: aws.Int64(2)}
		change(in)
		_, err := c.StartQuery(t.Context(), in)
		wantError(t, err, code, text)
	}
	const invalid = "InvalidParameterException"
	f(func(in *cloudwatchlogs.StartQueryInput) { in.QueryString = aws.String("fields @message | anomaly") }, "MalformedQueryException", "does not support the command anomaly")
	f(func(in *cloudwatchlogs.StartQueryInput) { in.QueryString = aws.String("fields ]") }, "MalformedQueryException", "unexpected symbol found ] at line 1 and position 8")
	f(func(in *cloudwatchlogs.StartQueryInput) {
		in.QueryString = aws.String("fields a #" + strings.Repeat("x", 9_991))
	}, invalid, "10000")
	f(func(in *cloudwatchlogs.StartQueryInput) { in.QueryLanguage = types.QueryLanguageSql }, invalid, "query language SQL")
	f(func(in *cloudwatchlogs.StartQueryInput) { in.Limit = aws.Int32(100_001) }, invalid, "100000")
	f(func(in *cloudwatchlogs.StartQueryInput) { in.EndTime = aws.Int64(0) }, invalid, "before its start")
	f(func(in *cloudwatchlogs.StartQueryInput) { in.LogGroupNames = []string{"a"} }, invalid, "Exactly one")
	f(func(in *cloudwatchlogs.StartQueryInput) { in.LogGroupName = nil }, invalid, "Exactly one")
	f(func(in *cloudwatchlogs.StartQueryInput) { in.LogGroupName, in.LogGroupNames = nil, make([]string, 51) }, invalid, "1 to 50")
	f(func(in *cloudwatchlogs.StartQueryInput) { in.LogGroupName = aws.String("none") }, "ResourceNotFoundException", "log group")

	_, err := c.GetQueryResults(t.Context(), &cloudwatchlogs.GetQueryResultsInput{QueryId: aws.String("none")})
	wantError(t, err, "ResourceNotFoundException", "query")
	_, err = c.StopQuery(t.Context(), &cloudwatchlogs.StopQueryInput{QueryId: aws.String("none")})
	wantError(t, err, "ResourceNotFoundException", "query")
	_, err = c.GetLogRecord(t.Context(), &cloudwatchlogs.GetLogRecordInput{LogRecordPointer: aws.String("none")})
	wantError(t, err, invalid, "logRecordPointer")
	_, err = c.DescribeQueries(t.Context(), &cloudwatchlogs.DescribeQueriesInput{MaxResults: aws.Int32(1001)})
	wantError(t, err, invalid, "maxResults")
}
