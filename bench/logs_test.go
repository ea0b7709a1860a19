package bench

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/logs"
	"github.com/updraft-otel/updraft/outbox"
)

// callCounter takes signed requests instead of a network.
type callCounter struct{ calls, bytes atomic.Int64 }

func (c *callCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256") {
		return nil, errors.New("not signed")
	}
	c.calls.Add(1)
	c.bytes.Add(r.ContentLength)
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil { // as http.Transport has it
		trace.GotConn(httptrace.GotConnInfo{})
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	_ = r.Body.Close()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
}

// logQueue is an outbox as updraft.Start makes it, ending in signed requests.
func logQueue(b *testing.B, peer http.RoundTripper, endpoint string, linger time.Duration) *outbox.Queue {
	client, err := awsapi.New(awsapi.Config{
		Service: awsapi.Logs, Region: "eu-central-1", Endpoint: endpoint, HTTPClient: &http.Client{Transport: peer},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
	if err != nil {
		b.Fatal(err)
	}
	queue, err := outbox.New(outbox.Config{
		Limits: outbox.Limits{
			Items: awsapi.MaxLogEvents, Bytes: awsapi.MaxLogBatchBytes, Overhead: awsapi.LogEventOverhead, Span: awsapi.LogSpan,
		},
		Linger: linger,
		Send: func(ctx context.Context, batch *outbox.Batch) error {
			group, stream := logs.SplitKey(batch.Key())
			_, err := client.PutEscapedLogEvents(ctx, group, stream, nil, batch.Len(), func(i int) (int64, []byte, bool) {
				return batch.UnixMilli(i), batch.Body(i), batch.Encoded(i)
			})
			return err
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	return queue
}

// cpu is the processor time of the process so far.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// logLine logs an event whose line has about 200 bytes.
func logLine(ctx context.Context, logger *slog.Logger) {
	logger.LogAttrs(ctx, slog.LevelInfo, "order placed", slog.String("id", "A-17"), slog.Int("items", 3), slog.Duration("took", 1500))
}

// BenchmarkLogs_updraft is the whole way of a line: slog to signed requests.
func BenchmarkLogs_updraft(b *testing.B) {
	peer := new(callCounter)
	benchLogs(b, logQueue(b, peer, "", 5*time.Second))
	b.ReportMetric(float64(peer.bytes.Load())/float64(b.N), "B/event")
}

// BenchmarkLogs_updraftToServer sends them to the server of the collector's exporter.
func BenchmarkLogs_updraftToServer(b *testing.B) {
	server := newLogServer(b)
	benchLogs(b, logQueue(b, http.DefaultTransport, server.URL, 5*time.Second))
	b.ReportMetric(float64(server.bytes.Load())/float64(b.N), "B/event")
}

func benchLogs(b *testing.B, queue *outbox.Queue) {
	handler, err := logs.NewLineHandler(logs.LineHandlerConfig{
		Config: logs.Config{Queue: queue, PutEscaped: queue.PutEncoded, Group: "/shop", Stream: "s"}, Scope: "github.com/example/shop/orders",
		Async: true,
	}, nil)
	if err != nil {
		b.Fatal(err)
	}
	logger := slog.New(handler)
	b.ReportAllocs()
	began := cpu(b)
	for n := 0; b.Loop(); n++ {
		logLine(b.Context(), logger)
		if n%20_000 == 0 { // the work is measured, not what a full queue refuses
			handler.Flush()
			if err := queue.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
	handler.Flush()
	if err := queue.Shutdown(b.Context()); err != nil {
		b.Fatal(err)
	}
	reportLogs(b, began)
	if s := queue.Stats(); s.Delivered != int64(b.N) {
		b.Errorf("%+v, want %d delivered", s, b.N)
	}
}

func reportLogs(b *testing.B, began time.Duration) {
	b.ReportMetric(float64(b.N)/(cpu(b)-began).Seconds(), "events/cpu-s")
}

// nothing is a handler that does nothing.
type nothing struct{}

func (nothing) Enabled(context.Context, slog.Level) bool  { return true }
func (nothing) Handle(context.Context, slog.Record) error { return nil }
func (n nothing) WithAttrs([]slog.Attr) slog.Handler      { return n }
func (n nothing) WithGroup(string) slog.Handler           { return n }

// BenchmarkLogs_slogAlone is what slog itself takes of the others.
func BenchmarkLogs_slogAlone(b *testing.B) {
	logger := slog.New(nothing{})
	b.ReportAllocs()
	began := cpu(b)
	for b.Loop() {
		logLine(b.Context(), logger)
	}
	reportLogs(b, began)
}

// BenchmarkLogs_jsonHandler is slog's own handler, to a file.
func BenchmarkLogs_jsonHandler(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	logger := slog.New(slog.NewJSONHandler(f, nil))
	b.ReportAllocs()
	began := cpu(b)
	for b.Loop() {
		logLine(b.Context(), logger)
	}
	reportLogs(b, began)
}

// What is sent where calls are counted.
const callLines, callSize = 1_000_000, 200

// BenchmarkLogs_calls counts the calls that a million lines of 200 bytes make,
// against the least possible.
func BenchmarkLogs_calls(b *testing.B) {
	line := []byte(strings.Repeat("x", callSize))
	var calls int64
	for b.Loop() {
		peer := new(callCounter)
		queue := logQueue(b, peer, "", 5*time.Second)
		for queued := 0; queued < callLines; queued++ {
			for queue.Put(logs.Key("g", "s"), time.Now(), line) != nil {
				if err := queue.Flush(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		}
		if err := queue.Shutdown(b.Context()); err != nil {
			b.Fatal(err)
		}
		calls = peer.calls.Load()
	}
	reportCalls(b, calls)
}

func reportCalls(b *testing.B, calls int64) {
	perCall := min(awsapi.MaxLogEvents, awsapi.MaxLogBatchBytes/(callSize+awsapi.LogEventOverhead))
	least := (callLines + perCall - 1) / perCall
	b.ReportMetric(float64(calls), "calls")
	b.ReportMetric(100*(float64(calls)/float64(least)-1), "%over")
}

// BenchmarkLogs_latency measures log calls one by one at 100,000 a second, with
// the network as it should be and away, and what slog, the clock and the
// machine do to them.
func BenchmarkLogs_latency(b *testing.B) {
	b.Run("slog alone", func(b *testing.B) { benchLatency(b, slog.New(nothing{})) })
	f := func(name string, peer http.RoundTripper) {
		b.Run(name, func(b *testing.B) {
			queue := logQueue(b, peer, "", time.Second)
			handler, err := logs.NewLineHandler(logs.LineHandlerConfig{
				Config: logs.Config{Queue: queue, PutEscaped: queue.PutEncoded, Group: "/shop", Stream: "s"}, Async: true,
			}, nil)
			if err != nil {
				b.Fatal(err)
			}
			benchLatency(b, slog.New(handler))
			handler.Flush()
			ctx, cancel := context.WithCancel(b.Context())
			cancel()
			_ = queue.Shutdown(ctx) // what is left goes nowhere
		})
	}
	f("network", new(callCounter))
	f("no network", away{})
}

func benchLatency(b *testing.B, logger *slog.Logger) {
	const each = 10 * time.Microsecond
	var histogram [1 << 16]int // of 10 ns each
	next := time.Now()
	for b.Loop() {
		for time.Until(next) > 0 { // a sleep is longer than this
		}
		next = next.Add(each)
		began := time.Now()
		logLine(b.Context(), logger)
		histogram[min(len(histogram)-1, int(time.Since(began)/10))]++
	}
	for _, p := range []struct {
		name  string
		share float64
	}{{"p50-ns", 0.5}, {"p99-ns", 0.99}, {"p99.9-ns", 0.999}} {
		seen, want := 0, int(p.share*float64(b.N))
		for i, n := range histogram {
			if seen += n; seen >= want {
				b.ReportMetric(float64(i*10), p.name)
				break
			}
		}
	}
}

// away is a network that is down.
type away struct{}

func (away) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("network is unreachable")
}
