package logsender_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/agent/internal/callstats"
	"github.com/updraft-otel/updraft/agent/internal/logsender"
	"github.com/updraft-otel/updraft/agent/internal/pace"
	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/localaws"
)

// newSender sends to the AWS of this test.
func newSender(t *testing.T, group awsapi.LogGroupSettings, attempts int) *logsender.Sender {
	t.Helper()
	settings := awsclient.Settings{Region: "us-east-1"}
	client, err := settings.Client(t.Context(), awsapi.Logs, "test")
	if err != nil {
		t.Fatal(err)
	}
	limit := pace.New(0)
	set := exporter.Settings{ID: component.MustNewID("test"), TelemetrySettings: component.TelemetrySettings{Logger: zap.NewNop(), MeterProvider: noop.NewMeterProvider()}}
	stats, err := callstats.New(set, callstats.Words{Service: "CloudWatch Logs", Operation: "PutLogEvents", Documents: "events", Items: "log_records"}, limit)
	if err != nil {
		t.Fatal(err)
	}
	return logsender.New(logsender.Config{Client: client, Group: group, Limit: limit, Stats: stats, Logger: zap.NewNop(), Attempts: attempts})
}

// messages are the events of a stream in the order CloudWatch Logs has them.
func messages(t *testing.T, srv *localaws.Server, group, stream string) []string {
	t.Helper()
	var list []string
	for _, e := range agenttest.LogEvents(t, srv, group) {
		if e.Stream == stream {
			list = append(list, e.Message)
		}
	}
	return list
}

func numbers(from, to int) []int {
	var list []int
	for i := from; i < to; i++ {
		list = append(list, i)
	}
	return list
}

// TestPush_createsAndSorts sends to two streams of a group that does not exist, backwards in time.
func TestPush_createsAndSorts(t *testing.T) {
	srv := agenttest.AWS(t, localaws.Config{})
	sender := newSender(t, awsapi.LogGroupSettings{RetentionDays: 30, Class: "STANDARD", Tags: map[string]string{"team": "shop"}}, 1)
	push := sender.Begin(t.Context())
	now := time.Now()
	for i := range 100 {
		push.Add("/shop: web", fmt.Sprint("s:", i%2), now.Add(-time.Duration(i)*time.Second), i, fmt.Append(nil, "event ", i))
	}
	if r := push.Finish(); r.Err != nil || len(r.Again) > 0 || len(r.Refused) > 0 {
		t.Fatalf("%+v", r)
	}
	got := messages(t, srv, "/shop__web", "s_1")
	if len(got) != 50 || got[0] != "event 99" || got[49] != "event 1" {
		t.Errorf("%d events: %q", len(got), got)
	}
	var out struct {
		LogGroups []struct{ RetentionInDays int }
	}
	agenttest.LogsCall(t, srv, "DescribeLogGroups", map[string]any{}, &out)
	if len(out.LogGroups) != 1 || out.LogGroups[0].RetentionInDays != 30 {
		t.Errorf("groups %+v, want one that keeps 30 days", out.LogGroups)
	}
	var tags struct{ Tags map[string]string }
	agenttest.LogsCall(t, srv, "ListTagsForResource", map[string]any{"resourceArn": "arn:aws:logs:us-east-1:" + localaws.AccountID + ":log-group:/shop__web"}, &tags)
	if tags.Tags["team"] != "shop" {
		t.Errorf("tags %v", tags.Tags)
	}
}

// TestPush_limits goes over each limit of a call; CloudWatch Logs refuses nothing, and there is no call too many.
func TestPush_limits(t *testing.T) {
	f := func(name string, calls int64, add func(p *logsender.Push)) {
		t.Run(name, func(t *testing.T) {
			srv := agenttest.AWS(t, localaws.Config{})
			sender := newSender(t, awsapi.LogGroupSettings{}, 1)
			first := sender.Begin(t.Context())
			first.Add("g", "s", time.Now(), 0, []byte("creates the stream"))
			first.Finish()
			before := srv.Counts().Requests
			p := sender.Begin(t.Context())
			add(p)
			if r := p.Finish(); r.Err != nil || len(r.Refused) > 0 {
				t.Fatalf("%+v", r)
			}
			if n := srv.Counts().Requests - before; n != calls {
				t.Errorf("%d calls, want %d", n, calls)
			}
		})
	}
	now := time.Now()
	f("10,000 events", 2, func(p *logsender.Push) {
		for i := range awsapi.MaxLogEvents + 1 {
			p.Add("g", "s", now, i, []byte("x"))
		}
	})
	f("1 MiB, overhead included", 3, func(p *logsender.Push) {
		half := []byte(strings.Repeat("x", awsapi.MaxLogBatchBytes/2-awsapi.LogEventOverhead))
		for i := range 5 {
			p.Add("g", "s", now, i, half)
		}
	})
	f("the largest event", 2, func(p *logsender.Push) {
		p.Add("g", "s", now, 0, []byte(strings.Repeat("x", awsapi.MaxLogEventBytes)))
		p.Add("g", "s", now, 1, []byte("x"))
	})
	f("24 hours", 2, func(p *logsender.Push) {
		p.Add("g", "s", now, 0, []byte("new"))
		p.Add("g", "s", now.Add(-awsapi.LogSpan), 1, []byte("old"))
		p.Add("g", "s", now.Add(-awsapi.LogSpan-time.Millisecond), 2, []byte("older"))
	})
}

// TestPush_escaped counts of an escaped event what it means, up to the last byte of an event and of a call.
func TestPush_escaped(t *testing.T) {
	srv := agenttest.AWS(t, localaws.Config{})
	sender := newSender(t, awsapi.LogGroupSettings{}, 1)
	sender.Escaped = true
	quotes := func(n int) []byte { return []byte(strings.Repeat(`\"`, n)) }
	now := time.Now()
	p := sender.Begin(t.Context())
	p.Add("g", "s", now, 0, []byte(`say \"\\ü\"`))
	p.Finish()
	before := srv.Counts().Requests
	p = sender.Begin(t.Context())
	p.Add("g", "s", now, 0, quotes(awsapi.MaxLogEventBytes+1))
	p.Add("g", "s", now, 1, quotes(awsapi.MaxLogEventBytes))
	for i := range 2 {
		p.Add("g", "s", now, 2+i, quotes(awsapi.MaxLogBatchBytes/2-awsapi.LogEventOverhead))
	}
	if r := p.Finish(); r.Err != nil || !slices.Equal(r.Refused, []int{0}) {
		t.Errorf("%+v", r)
	}
	if n := srv.Counts().Requests - before; n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
	if list := messages(t, srv, "g", "s"); len(list) != 4 || list[0] != `say "\ü"` {
		t.Errorf("%d events, the first is %.20s", len(list), list[0])
	}
}

// TestPush_rejected has CloudWatch Logs leave out what is too old, too new or expired, and has what it never takes not sent.
func TestPush_rejected(t *testing.T) {
	srv := agenttest.AWS(t, localaws.Config{})
	sender := newSender(t, awsapi.LogGroupSettings{RetentionDays: 7}, 1)
	push := sender.Begin(t.Context())
	now := time.Now()
	day := 24 * time.Hour
	for i, at := range []time.Time{now, now.Add(-15 * day), now.Add(3 * time.Hour), now.Add(-8 * day), now.Add(-time.Hour), time.Unix(-1, 0), now, now} {
		message := fmt.Append(nil, "event ", i)
		switch i {
		case 6:
			message = nil
		case 7:
			message = make([]byte, awsapi.MaxLogEventBytes+1)
		}
		push.Add("g", "s", at, i, message)
	}
	r := push.Finish()
	if want := []int{1, 2, 3, 5, 6, 7}; !slices.Equal(r.Refused, want) || len(r.Again) > 0 {
		t.Errorf("refused %v, again %v; want %v refused", r.Refused, r.Again, want)
	}
	if err := r.Error(8, nil); err != nil {
		t.Errorf("error %v though some were taken", err)
	}
	if got := messages(t, srv, "g", "s"); len(got) != 2 || got[0] != "event 4" || got[1] != "event 0" {
		t.Errorf("events %q", got)
	}
	only := sender.Begin(t.Context())
	only.Add("g", "s", now.Add(-15*day), 0, []byte("x"))
	if err := only.Finish().Error(1, nil); !consumererror.IsPermanent(err) {
		t.Errorf("error %v, want a permanent one", err)
	}
}

// TestPush_poison has CloudWatch Logs refuse every call that holds a certain event: it alone is refused.
func TestPush_poison(t *testing.T) {
	srv := agenttest.AWS(t, localaws.Config{})
	srv.Control("PutLogEvents", func(c *localaws.Call) *localaws.Fault {
		if strings.Contains(string(c.Body), "poison") {
			return &localaws.Fault{StatusCode: http.StatusBadRequest, Code: "InvalidParameterException"}
		}
		return nil
	})
	push := newSender(t, awsapi.LogGroupSettings{}, 1).Begin(t.Context())
	for i := range 1000 {
		message := fmt.Append(nil, "event ", i)
		if i == 0 || i == 617 {
			message = []byte("poison")
		}
		push.Add("g", "s", time.Now(), i, message)
	}
	r := push.Finish()
	if !slices.Equal(r.Refused, []int{0, 617}) || len(r.Again) > 0 {
		t.Errorf("refused %v, again %v", r.Refused, r.Again)
	}
	if n := srv.Counts().LogEvents; n != 998 {
		t.Errorf("%d events, want 998", n)
	}
}

// TestPush_nothingTaken ends the search for a poison when every call is refused.
func TestPush_nothingTaken(t *testing.T) {
	srv := agenttest.AWS(t, localaws.Config{})
	srv.Control("PutLogEvents", func(*localaws.Call) *localaws.Fault {
		return &localaws.Fault{StatusCode: http.StatusBadRequest, Code: "InvalidParameterException"}
	})
	push := newSender(t, awsapi.LogGroupSettings{}, 1).Begin(t.Context())
	for i := range 5000 {
		push.Add("g", "s", time.Now(), i, []byte("x"))
	}
	if r := push.Finish(); len(r.Refused) != 5000 || len(r.Again) > 0 {
		t.Errorf("%d refused, %d again", len(r.Refused), len(r.Again))
	}
	if n := srv.Counts().Requests; n > 1000 {
		t.Errorf("%d calls", n)
	}
}

// TestPush_again gives back what is throttled, and what stands behind it in the same stream, and no more.
func TestPush_again(t *testing.T) {
	srv := agenttest.AWS(t, localaws.Config{})
	sender := newSender(t, awsapi.LogGroupSettings{}, 1)
	var throttled atomic.Bool
	throttled.Store(true)
	srv.Control("PutLogEvents", func(c *localaws.Call) *localaws.Fault {
		if throttled.Load() && strings.Contains(string(c.Body), `"bad"`) && strings.Contains(string(c.Body), "event 1") {
			f := localaws.Throttle()
			f.RetryAfter = 7 * time.Second
			return f
		}
		return nil
	})
	add := func(again []int) *logsender.Result {
		p := sender.Begin(t.Context())
		for _, i := range again {
			stream := "good"
			if i > 0 {
				stream = "bad"
			}
			p.Add("g", stream, time.Now().Add(time.Duration(i-3)*20*time.Hour), i, fmt.Append(nil, "event ", i)) // a call each
		}
		return p.Finish()
	}
	r := add(numbers(0, 4))
	if !slices.Equal(r.Again, []int{1, 2, 3}) || r.Delay != 7*time.Second || len(r.Refused) > 0 {
		t.Fatalf("%+v", r)
	}
	var named []int
	err := r.Error(4, func(err error, again []int) error {
		named = again
		return err
	})
	var e *awsapi.Error
	if !errors.As(err, &e) || !e.Throttled() || !slices.Equal(named, r.Again) {
		t.Errorf("error %v of %v", err, named)
	}
	if srv.Counts().LogEvents != 1 {
		t.Errorf("%d events, want the one of the other stream", srv.Counts().LogEvents)
	}
}

// TestPush_order has pushes meet at one stream: it gets them one after the other, in the order they came.
func TestPush_order(t *testing.T) {
	srv := agenttest.AWS(t, localaws.Config{})
	sender := newSender(t, awsapi.LogGroupSettings{}, 1)
	var running, most atomic.Int64
	srv.Control("PutLogEvents", func(*localaws.Call) *localaws.Fault {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		<-time.After(2 * time.Millisecond)
		return nil
	})
	done := make(chan *logsender.Result)
	for i := range 20 {
		p := sender.Begin(t.Context())
		p.Add("g", "s", time.Now(), i, []byte("x"))
		go func() { done <- p.Finish() }()
	}
	for range 20 {
		if r := <-done; r.Err != nil {
			t.Error(r.Err)
		}
	}
	if most.Load() != 1 {
		t.Errorf("%d calls to one stream at a time", most.Load())
	}
	// A push whose time is up does not wait for its turn.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := sender.Begin(ctx)
	p.Add("g", "s", time.Now(), 0, []byte("x"))
	if r := p.Finish(); len(r.Again) != 1 {
		t.Errorf("%+v", r)
	}
}

// TestPush_faults throttles a fifth of all calls, of creating ones too, and fails some: with a queue's patience all events
// arrive, once each but for those whose answer was lost.
func TestPush_faults(t *testing.T) {
	srv := agenttest.AWS(t, localaws.Config{})
	srv.Control("", func(c *localaws.Call) *localaws.Fault {
		switch {
		case c.N%5 == 1:
			return localaws.Throttle()
		case c.N%23 == 2:
			return localaws.Unavailable()
		}
		return nil
	})
	sender := newSender(t, awsapi.LogGroupSettings{RetentionDays: 1}, 2)
	left := numbers(0, 3000)
	for tries := 0; len(left) > 0; tries++ {
		if tries > 100 {
			t.Fatalf("%d events left", len(left))
		}
		p := sender.Begin(t.Context())
		for _, i := range left {
			p.Add(fmt.Sprint("group-", i%3), fmt.Sprint("stream-", i%7), time.Now(), i, fmt.Append(nil, "event ", i))
		}
		r := p.Finish()
		if len(r.Refused) > 0 {
			t.Fatalf("refused: %v", r.Refusal)
		}
		left = r.Again
		<-time.After(r.Delay)
	}
	if n := srv.Counts().LogEvents; n != 3000 {
		t.Errorf("%d events, want 3000", n)
	}
}

// TestPush_copiesNothing adds a megabyte of messages, for which there is memory already.
func TestPush_copiesNothing(t *testing.T) {
	agenttest.AWS(t, localaws.Config{})
	push := newSender(t, awsapi.LogGroupSettings{}, 1).Begin(t.Context())
	message, now := make([]byte, 100_000), time.Now()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range 10 {
		push.Add("g", "s", now, i, message)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > uint64(len(message)) {
		t.Errorf("%d bytes for 10 events of %d", n, len(message))
	}
}

// TestPush_manyStreams sends to as many streams as a request may name, without a goroutine for each.
func TestPush_manyStreams(t *testing.T) {
	asked := make(chan struct{}, 1)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case asked <- struct{}{}:
		default:
		}
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer silent.Close()
	agenttest.AWS(t, localaws.Config{})
	t.Setenv("AWS_ENDPOINT_URL", silent.URL)
	sender := newSender(t, awsapi.LogGroupSettings{}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	push := sender.Begin(ctx)
	const streams = 20_000
	for i := range streams {
		push.Add("g", fmt.Sprint("s", i), time.Now(), i, []byte("x"))
	}
	before := runtime.NumGoroutine()
	done := make(chan *logsender.Result)
	go func() { done <- push.Finish() }()
	<-asked
	for end := time.After(time.Second / 2); ; runtime.Gosched() {
		if n := runtime.NumGoroutine() - before; n > 1000 {
			t.Errorf("%d goroutines for %d streams", n, streams)
			break
		}
		select {
		case <-end:
		default:
			continue
		}
		break
	}
	cancel()
	if r := <-done; len(r.Again) != streams {
		t.Errorf("%d events are to be tried again, want all", len(r.Again))
	}
}

// TestPush_panic has every call panic, for want of a client: the events are refused, and no call stays open.
func TestPush_panic(t *testing.T) {
	sender := newSender(t, awsapi.LogGroupSettings{}, 1)
	sender.Client = nil
	for range 20 { // more than calls may run at a time
		push := sender.Begin(t.Context())
		for i := range 3 {
			push.Add("g", fmt.Sprint("stream ", i), time.Now(), i, []byte("x"))
		}
		r := push.Finish()
		if !slices.Equal(r.Refused, numbers(0, 3)) || len(r.Again) > 0 || !strings.Contains(fmt.Sprint(r.Refusal), "panic") {
			t.Fatalf("%+v", r)
		}
	}
	if n := sender.Limit.Running(); n != 0 {
		t.Errorf("%d calls run", n)
	}
}
