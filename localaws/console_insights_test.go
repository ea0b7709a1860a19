package localaws

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

const consoleTraceID = "1-6745d1a0-0123456789abcdef01234567"

// putShopLogs writes three events a group: now, and one and two minutes ago.
func putShopLogs(t *testing.T, srv *Server, groups ...string) (now time.Time) {
	t.Helper()
	now = time.Now().Truncate(time.Minute)
	client := cloudwatchlogs.NewFromConfig(sdkConfig(srv))
	for _, group := range groups {
		_, err := client.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group})
		if err == nil {
			_, err = client.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &group})
		}
		if err != nil {
			t.Fatal(err)
		}
		putLines(t, client, group, now,
			`{"level":"INFO","ms":10,"trace_id":"6745d1a00123456789abcdef01234567"}`, `{"level":"INFO","ms":12}`, `{"level":"ERROR","ms":30,"why":"late"}`)
	}
	return now
}

// putLines writes lines a minute apart, of which the last is the newest.
func putLines(t *testing.T, client *cloudwatchlogs.Client, group string, newest time.Time, lines ...string) {
	t.Helper()
	events := make([]logstypes.InputLogEvent, len(lines))
	for i := range lines {
		at := newest.Add(time.Duration(i-len(lines)+1) * time.Minute).UnixMilli()
		events[i] = logstypes.InputLogEvent{Timestamp: &at, Message: &lines[i]}
	}
	_, err := client.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: &group, LogStreamName: &group, LogEvents: events})
	if err != nil {
		t.Fatal(err)
	}
}

func TestConsole_insights(t *testing.T) {
	srv := startTest(t, Config{})
	now := putShopLogs(t, srv, "a", "b")
	api := srv.URL() + "/console/api/insights"
	ask := func(query string, more ...string) (out consoleQueryAnswer) {
		t.Helper()
		if status := getJSON(t, api+"?group=a&group=b&query="+url.QueryEscape(query)+strings.Join(more, ""), &out); status != http.StatusOK {
			t.Fatalf("%s: status %d", query, status)
		}
		return out
	}
	cells := func(out consoleQueryAnswer) string {
		var b strings.Builder
		for _, row := range out.Rows {
			for _, cell := range row.Cells {
				if cell == nil {
					b.WriteString("- ")
				} else {
					b.WriteString(*cell + " ")
				}
			}
			b.WriteString("| ")
		}
		return strings.TrimSpace(b.String())
	}
	out := ask(`filter ms < 20 | fields ms, why, trace_id`)
	const id = "6745d1a00123456789abcdef01234567"
	if got := cells(out); got != "12 - - | 12 - - | 10 - "+id+" | 10 - "+id+" |" {
		t.Errorf("rows: %s", got)
	}
	if out.Matched != 4 || out.Scanned != 6 || out.Stats || out.Limited || out.Rows[3].TraceID != consoleTraceID || out.Rows[0].TraceID != "" || out.Rows[0].Ptr == "" {
		t.Errorf("%+v", out)
	}
	if h := out.Histogram; h.Step != 5000 || h.Start != now.Add(-2*time.Minute).UnixMilli() || len(h.Counts) != 13 || h.Counts[0] != 2 || h.Counts[12] != 2 {
		t.Errorf("histogram: %+v", h)
	}
	out = ask(`stats count(*) as n by level, bin(1h) as t | sort n desc`)
	if out.Time != "t" || !slices.Equal(out.By, []string{"level"}) || !slices.Equal(out.Values, []string{"n"}) || !out.Stats || len(out.Rows) < 2 || out.Rows[0].Ptr != "" {
		t.Errorf("%+v", out)
	}
	start := now.Add(-time.Minute).UnixMilli()
	out = ask("fields level", fmt.Sprintf("&start=%d&end=%d&limit=3", start, now.UnixMilli()))
	if cells(out) != "ERROR | ERROR | INFO |" || !out.Limited || out.Scanned != 4 {
		t.Errorf("%+v", out)
	}
	var record struct {
		Event  consoleLogEvent
		Fields []struct{ Field, Value string }
	}
	getJSON(t, api+"/record?ptr="+out.Rows[0].Ptr, &record)
	if record.Event.Message != `{"level":"ERROR","ms":30,"why":"late"}` || len(record.Fields) != 3 || record.Fields[2].Value != "late" {
		t.Errorf("record: %+v", record)
	}
	if srv.Counts().Refused != 0 {
		t.Error("what is tried in the console is no refused call")
	}
}

func TestConsole_insightsRefused(t *testing.T) {
	srv := startTest(t, Config{})
	putShopLogs(t, srv, "a")
	f := func(path string, status int, text string) {
		t.Helper()
		var out struct{ Error string }
		if got := getJSON(t, srv.URL()+"/console/api/insights"+path, &out); got != status || !strings.Contains(out.Error, text) {
			t.Errorf("%s: %d %q, want %d %q", path, got, out.Error, status, text)
		}
	}
	f("?group=a&query=anomaly", http.StatusBadRequest, "does not support the command anomaly")
	f("?group=a", http.StatusBadRequest, "unexpected end of query")
	f("?query=limit+1", http.StatusBadRequest, "choose 1 to 50")
	f("?group=none&query=limit+1", http.StatusNotFound, "does not exist")
	f("?group=a&query=limit+1&start=x", http.StatusBadRequest, "start must be")
	f("?group=a&query="+strings.Repeat("x", 10_001), http.StatusBadRequest, "at most 10000 characters")
	f("/record?ptr=x", http.StatusBadRequest, "no @ptr")
	f("/record?ptr="+encodeToken("a\na\n"+logPos{1, 1}.String()), http.StatusNotFound, "not here any more")
}

func TestConsole_insightsEditor(t *testing.T) {
	srv := startTest(t, Config{})
	putShopLogs(t, srv, "a", "b")
	api := srv.URL() + "/console/api/insights/"
	check := func(query string, want consoleCheck) {
		t.Helper()
		var got consoleCheck
		if getJSON(t, api+"check?query="+url.QueryEscape(query), &got); got != want {
			t.Errorf("%s: %+v, want %+v", query, got, want)
		}
	}
	check("", consoleCheck{})
	check("fields a", consoleCheck{})
	check("# größer\nfields a |\n pattern", consoleCheck{"localaws does not support the command pattern", queryLocation{21, 28}})
	var fields struct{ Fields []consoleField }
	getJSON(t, api+"fields?group=a&group=b", &fields)
	var names []string
	for _, f := range fields.Fields {
		names = append(names, fmt.Sprint(f.Name, " ", f.Percent))
	}
	if got := strings.Join(names[6:], ", "); names[1] != "@message 100" || got != "level 100, ms 100, trace_id 33, why 33" {
		t.Errorf("fields: %v", names)
	}
	var words struct{ Words []struct{ Name, Kind string } }
	if getJSON(t, api+"words", &words); len(words.Words) < 50 || words.Words[0].Kind != "command" {
		t.Errorf("%d words", len(words.Words))
	}
	var streams struct{ Streams []consoleLogStream }
	if getJSON(t, srv.URL()+"/console/api/log-streams?group=a", &streams); len(streams.Streams) != 1 || streams.Streams[0].Events != 3 {
		t.Errorf("streams: %+v", streams)
	}
}

func TestTimeline(t *testing.T) {
	var times timeline
	all := logRange{start: firstPos, end: lastPos}
	if h := times.histogram(all, time.UnixMilli(0)); len(h.Counts) != 0 {
		t.Errorf("of nothing: %+v", h)
	}
	const day = int64(24 * time.Hour / time.Millisecond)
	for i := range 100_000 {
		times.add(int64(i) * day / 1000)
	}
	if len(times.counts) > timelineBins {
		t.Errorf("%d bins are kept", len(times.counts))
	}
	h := times.histogram(all, time.UnixMilli(0))
	sum := 0
	for _, n := range h.Counts {
		sum += n
	}
	if sum != 100_000 || len(h.Counts) > timelineBars+1 || h.Start > 0 || h.Step != 7*day {
		t.Errorf("%d events in %d bars of %d ms from %d", sum, len(h.Counts), h.Step, h.Start)
	}
	var one timeline
	one.add(5000)
	if h := one.histogram(logRange{start: logPos{at: 0}, end: lastPos}, time.UnixMilli(59_999)); h.Start != 0 || len(h.Counts) != 60 || h.Counts[5] != 1 {
		t.Errorf("until now: %+v", h)
	}
	if h := one.histogram(logRange{start: logPos{at: 0}, end: logPos{at: 10_000}}, time.UnixMilli(59_999)); len(h.Counts) != 10 {
		t.Errorf("until the end of the range: %+v", h)
	}
	var far timeline
	far.add(math.MinInt64 / 4)
	far.add(math.MaxInt64 / 4)
	if h := far.histogram(all, time.UnixMilli(0)); len(h.Counts) > timelineBins {
		t.Errorf("%d bars", len(h.Counts))
	}
}

func TestConsole_tail(t *testing.T) {
	srv := startTest(t, Config{})
	now := putShopLogs(t, srv, "a", "b")
	client := cloudwatchlogs.NewFromConfig(sdkConfig(srv))
	next := tailReader(t, srv, "?group=a&pattern="+url.QueryEscape(`{ $.level = "ERROR" }`))
	if name, _ := next(); name != "start" {
		t.Fatalf("first event is %s", name)
	}
	putLines(t, client, "b", now, `{"level":"ERROR"}`)
	putLines(t, client, "a", now, `{"level":"INFO"}`, `{"level":"ERROR","trace_id":"6745d1a00123456789abcdef01234567"}`)
	name, data := next()
	var got consoleTailLines
	if err := json.Unmarshal(data, &got); err != nil || name != "lines" {
		t.Fatalf("%s %s: %v", name, data, err)
	}
	if len(got.Events) != 1 || got.Events[0].Group != "a" || got.Events[0].Stream != "a" || got.Events[0].TraceID != consoleTraceID || got.Sampled {
		t.Errorf("%+v", got)
	}

	refused := func(query, text string) {
		t.Helper()
		name, data := tailReader(t, srv, query)()
		if name != "problem" || !strings.Contains(string(data), text) {
			t.Errorf("%s: %s %s, want %s", query, name, data, text)
		}
	}
	refused("", "choose 1 to 10 log groups")
	refused("?group=none", "does not exist")
	refused("?group=a&pattern=%7B", "Invalid filter pattern")
	refused("?group=a&group=b&stream=s", "if there is one log group")
	for range maxTailSessions - 1 {
		if name, _ := tailReader(t, srv, "?group=a")(); name != "start" {
			t.Errorf("session: %s", name)
		}
	}
	refused("?group=a", "15 sessions are open")
}

// tailReader opens a live tail of the console and reads its events one by one.
func tailReader(t *testing.T, srv *Server, query string) func() (name string, data []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL()+"/console/api/tail"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	lines := bufio.NewScanner(resp.Body)
	return func() (name string, data []byte) {
		for lines.Scan() {
			line := lines.Text()
			if text, ok := strings.CutPrefix(line, "event: "); ok {
				name = text
			}
			if text, ok := strings.CutPrefix(line, "data: "); ok {
				return name, []byte(text)
			}
		}
		t.Fatal("the stream has ended")
		return "", nil
	}
}
