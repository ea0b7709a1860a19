package awsxray

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"

	"github.com/updraft-otel/updraft/agent/internal/xraydoc"
)

const header = `{"format": "json", "version": 1}` + "\n"

func document(name string) string {
	return fmt.Sprintf(`{"name":%q,"id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","start_time":1478293361.271,"end_time":1478293361.449}`, name)
}

// running is a receiver that runs, and the pipeline behind it.
type running struct {
	t    *testing.T
	r    *xrayReceiver
	logs *observer.ObservedLogs
	udp  net.Conn
	tcp  string
}

func run(t *testing.T, next consumer.Traces, change func(*Config)) *running {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_REGION", "eu-west-1")
	f := NewFactory()
	cfg := f.CreateDefaultConfig().(*Config)
	cfg.Endpoint, cfg.ProxyServer.Endpoint = "127.0.0.1:0", "127.0.0.1:0"
	if change != nil {
		change(cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zap.InfoLevel)
	set := receivertest.NewNopSettings(Type)
	set.Logger = zap.New(core)
	got, err := f.CreateTraces(t.Context(), set, cfg, next)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	r := got.(*xrayReceiver)
	t.Cleanup(func() {
		if err := r.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	udp, err := net.Dial("udp", r.documents.socket.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = udp.Close() })
	out := &running{t: t, r: r, logs: logs, udp: udp}
	if r.tcp != nil {
		out.tcp = r.tcp.Addr().String()
	}
	return out
}

func (r *running) send(datagrams ...string) {
	r.t.Helper()
	for _, d := range datagrams {
		if _, err := r.udp.Write([]byte(d)); err != nil {
			r.t.Fatal(err)
		}
	}
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not happen", what)
		}
	}
}

func names(sink *consumertest.TracesSink) (all []string) {
	for _, td := range sink.AllTraces() {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					if xraydoc.IsVerbatim(ss.Scope()) {
						all = append(all, string(xraydoc.Verbatim(span)))
						continue
					}
					all = append(all, span.Name())
				}
			}
		}
	}
	slices.Sort(all) // several readers take what comes
	return all
}

func TestDatagrams(t *testing.T) {
	sink := &consumertest.TracesSink{}
	r := run(t, sink, nil)
	td := ptrace.NewTraces()
	td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetName("by otlp")
	request, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	r.send(
		header+document("one"),
		`{"version":1,"format":"JSON"}`+"\n"+document("two"),
		header+"T1S"+base64.StdEncoding.EncodeToString(request),
		header+"T1U"+base64.StdEncoding.EncodeToString(request),
	)
	waitFor(t, "all spans arrive", func() bool { return sink.SpanCount() == 3 })
	if got := strings.Join(names(sink), ","); got != "by otlp,one,two" {
		t.Errorf("got %s", got)
	}
}

// TestHostile: what is no document costs itself alone. The first four end the
// process of the collector's receiver.
func TestHostile(t *testing.T) {
	sink := &consumertest.TracesSink{}
	r := run(t, sink, nil)
	start := `{"name":"a","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","start_time":1,`
	hostile := []string{
		header + start + `"cause":{"exceptions":[{"message":"no id"}]}}`,
		header + start + `"subsegments":[{"id":"70de5b6f19ff9a0b","start_time":1}]}`,
		header + start + `"subsegments":[{"name":"s","id":"70de5b6f19ff9a0b"}]}`,
		header + strings.Replace(start, "de979", "de97900000000", 1) + `"x":1}`,
		"", "\n", header, `{"format":"json","version":2}` + "\n" + document("x"), "no newline", header + "{", header + "null",
		header + "T1S*", header + "T1S" + base64.StdEncoding.EncodeToString([]byte("x")),
		header + strings.Repeat("[", 60_000), header + `{"subsegments":` + strings.Repeat(`[{"subsegments":`, 3000),
		string(bytes.Repeat([]byte{0xff}, 65_000)),
	}
	r.send(hostile...)
	r.send(header + document("good"))
	waitFor(t, "the good document arrives", func() bool { return strings.Contains(strings.Join(names(sink), ","), "good") })
	if got := strings.Join(names(sink), ","); got != "a,a,a,good" { // three of them can be read
		t.Errorf("got %s", got)
	}
	if n := r.logs.FilterMessageSnippet("Loss begins").Len(); n != 1 {
		t.Errorf("%d lines say that documents are dropped", n)
	}
}

func TestVerbatim(t *testing.T) {
	sink := &consumertest.TracesSink{}
	r := run(t, sink, func(c *Config) { c.Verbatim = true })
	odd := `{"whatever": 1e400, "name": }`
	r.send(header+document("one"), header+odd, header+"T1Sxyz", header+"T1Uxyz")
	waitFor(t, "three documents arrive", func() bool { return sink.SpanCount() == 3 })
	if got := strings.Join(names(sink), "|"); got != "T1Sxyz|"+document("one")+"|"+odd {
		t.Errorf("got %s", got)
	}
}

// refusing is a pipeline that refuses some times.
type refusing struct {
	consumertest.TracesSink
	mu    sync.Mutex
	times int
	err   error
}

func (c *refusing) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times > 0 {
		c.times--
		return c.err
	}
	return c.TracesSink.ConsumeTraces(ctx, td)
}

func TestRefusedForNow(t *testing.T) {
	next := &refusing{times: 3, err: errors.New("sending queue is full")}
	r := run(t, next, nil)
	r.send(header + document("one"))
	waitFor(t, "the document arrives", func() bool { return next.SpanCount() == 1 })
	if n := r.r.documents.lost.total.Load(); n != 0 {
		t.Errorf("%d documents are called lost", n)
	}
}

func TestRefusedForGood(t *testing.T) {
	next := &refusing{times: 1, err: consumererror.NewPermanent(errors.New("bad"))}
	r := run(t, next, nil)
	r.send(header + document("one"))
	waitFor(t, "the document is counted", func() bool { return r.r.documents.lost.total.Load() == 1 })
	r.send(header + document("two"))
	waitFor(t, "the next document arrives", func() bool { return next.SpanCount() == 1 })
}

// TestPanic has the pipeline panic at one document: it is counted, and the next arrives.
func TestPanic(t *testing.T) {
	sink := &consumertest.TracesSink{}
	next, err := consumer.NewTraces(func(ctx context.Context, td ptrace.Traces) error {
		if td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Name() == "bad" {
			panic("bad")
		}
		return sink.ConsumeTraces(ctx, td)
	})
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, next, nil)
	r.send(header + document("bad"))
	waitFor(t, "the loss is told", func() bool { return r.logs.FilterMessageSnippet("Loss begins: requests").Len() == 1 })
	if told := fmt.Sprint(r.logs.FilterMessageSnippet("Loss begins: requests").All()[0].ContextMap()["error"]); !strings.Contains(told, "panic: bad") {
		t.Errorf("told %q", told)
	}
	r.send(header + document("good"))
	waitFor(t, "the next arrives", func() bool { return slices.Equal(names(sink), []string{"good"}) })
}

// TestFull: what comes while the pipeline takes nothing is kept up to the limit,
// and the rest counted.
func TestFull(t *testing.T) {
	next := &refusing{times: 1 << 30, err: errors.New("not now")}
	r := run(t, next, func(c *Config) { c.BufferMiB = 1 })
	const all = 100
	big := document(strings.Repeat("x", 60_000))
	sent := int64(0)
	for range all {
		r.send(header + big)
		sent++
		waitFor(t, "the datagram is read", func() bool {
			return r.r.documents.held.Load()/int64(len(big)+minBatch)+r.r.documents.lost.total.Load() == sent
		})
	}
	kept := r.r.documents.held.Load() / int64(len(big)+minBatch)
	if lost := r.r.documents.lost.total.Load(); lost+kept != all || lost == 0 {
		t.Errorf("%d kept, %d lost", kept, lost)
	}
	next.mu.Lock()
	next.times = 0
	next.mu.Unlock()
	waitFor(t, "what was kept arrives", func() bool { return int64(next.SpanCount()) == kept })
}

func TestShutdown(t *testing.T) {
	sink := &consumertest.TracesSink{}
	r := run(t, sink, nil)
	r.send(header + document("last"))
	waitFor(t, "the datagram is read", func() bool { return r.r.documents.held.Load() > 0 })
	if err := r.r.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if sink.SpanCount() != 1 {
		t.Error("shutdown lost what had come")
	}
}

func TestShutdown_deadline(t *testing.T) {
	next := &refusing{times: 1 << 30, err: errors.New("not now")}
	r := run(t, next, nil)
	r.send(header + document("last"))
	waitFor(t, "the datagram is read", func() bool { return r.r.documents.held.Load() > 0 })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.r.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n := r.r.documents.lost.total.Load(); n != 1 {
		t.Errorf("%d documents are called lost", n)
	}
}

// TestShutdown_noDeadline ends although the pipeline takes nothing and the collector sets no end.
func TestShutdown_noDeadline(t *testing.T) {
	next := &refusing{times: 1 << 30, err: errors.New("not now")}
	r := run(t, next, nil)
	r.r.patience = 100 * time.Millisecond
	r.send(header + document("last"))
	waitFor(t, "the datagram is read", func() bool { return r.r.documents.held.Load() > 0 })
	if err := r.r.Shutdown(context.WithoutCancel(t.Context())); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if n := r.r.documents.lost.total.Load(); n != 1 {
		t.Errorf("%d documents are called lost", n)
	}
}

// TestTCP_busy fills the port with requests that do not end: who sends OTLP meanwhile is told to come again, and is served once
// they have gone.
func TestTCP_busy(t *testing.T) {
	r := run(t, &refusing{}, nil)
	const size, all = 8 << 20, 128 << 20 // of a request, and of all together
	begun := append(fmt.Appendf(nil, "POST /TraceSegments HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", size), bytes.Repeat([]byte(" "), size-1)...)
	var stalled []net.Conn
	for range all / size {
		conn, err := net.Dial("tcp", r.tcp)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		stalled = append(stalled, conn)
		if _, err := conn.Write(begun); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := grpc.NewClient(r.tcp, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	export := func() error {
		td := ptrace.NewTraces()
		td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetName(strings.Repeat("x", 100))
		_, err := ptraceotlp.NewGRPCClient(conn).Export(t.Context(), ptraceotlp.NewExportRequestFromTraces(td))
		return err
	}
	var refused error
	waitFor(t, "gRPC is refused", func() bool {
		refused = export()
		return refused != nil
	})
	if status.Code(refused) != codes.Unavailable {
		t.Errorf("gRPC: %v", refused)
	}
	resp, err := http.Post("http://"+r.tcp+"/v1/traces", "application/json", strings.NewReader(`{"resourceSpans":[]}`+strings.Repeat(" ", 100)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("HTTP: %s %v", resp.Status, resp.Header)
	}
	for _, conn := range stalled {
		_ = conn.Close()
	}
	waitFor(t, "gRPC is served", func() bool { return export() == nil })
}

// TestTCP: one port answers samplers and takes OTLP, over gRPC and over HTTP.
func TestTCP(t *testing.T) {
	sink := &refusing{}
	xray := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential=AKIDEXAMPLE/") || !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/xray/aws4_request") {
			t.Errorf("Authorization: %s", r.Header.Get("Authorization"))
		}
		_, _ = io.WriteString(w, `{"SamplingRuleRecords":[]}`)
	}))
	t.Cleanup(xray.Close)
	r := run(t, sink, func(c *Config) { c.ProxyServer.AWSEndpoint = xray.URL })

	f := func(path, contentType, body string, code int, want string) {
		t.Helper()
		resp, err := http.Post("http://"+r.tcp+path, contentType, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != code || !strings.Contains(string(text), want) {
			t.Errorf("%s: %d %s, want %d %s", path, resp.StatusCode, text, code, want)
		}
	}
	f("/GetSamplingRules", "application/json", `{}`, http.StatusOK, "SamplingRuleRecords")
	f("/CreateGroup", "application/json", `{}`, http.StatusForbidden, "this port makes only")
	f("/v1/traces", "application/json", `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"json"}]}]}]}`, http.StatusOK, "{")
	f("/v1/traces", "application/json", `{`, http.StatusBadRequest, "no OTLP request")
	f("/v1/traces", "text/plain", `{`, http.StatusUnsupportedMediaType, "Content-Type")
	f("/v1/logs", "application/json", `{}`, http.StatusNotFound, "in no pipeline of logs")

	conn, err := grpc.NewClient(r.tcp, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	export := func() error {
		td := ptrace.NewTraces()
		td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetName("grpc")
		_, err := ptraceotlp.NewGRPCClient(conn).Export(t.Context(), ptraceotlp.NewExportRequestFromTraces(td))
		return err
	}
	if err := export(); err != nil {
		t.Error(err)
	}
	if got := strings.Join(names(&sink.TracesSink), ","); got != "grpc,json" {
		t.Errorf("got %s", got)
	}
	sink.times, sink.err = 1, errors.New("no room")
	s := status.Convert(export())
	if s.Code() != codes.Unavailable || len(s.Details()) != 1 {
		t.Errorf("the client is told %v", s)
	} else if _, ok := s.Details()[0].(*errdetails.RetryInfo); !ok {
		t.Errorf("the client is told %v", s.Details())
	}
	sink.times, sink.err = 1, exporterhelper.ErrQueueIsFull
	if got := status.Code(export()); got != codes.ResourceExhausted {
		t.Errorf("of a full queue the client is told %v", got)
	}
	sink.times, sink.err = 1, errors.New("no room")
	resp, err := http.Post("http://"+r.tcp+"/v1/traces", "application/json", strings.NewReader(`{}`))
	if err != nil || resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") != "1" {
		t.Errorf("%v, %v", resp, err)
	}
	_ = resp.Body.Close()
}

func TestConfig(t *testing.T) {
	f := func(want string, change func(*Config)) {
		t.Helper()
		cfg := defaultConfig()
		change(cfg)
		if err := confmap.Validate(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	f("transport", func(c *Config) { c.Transport = "tcp" })
	f("endpoint", func(c *Config) { c.Endpoint = "" })
	f("buffer_mib", func(c *Config) { c.BufferMiB = 0 })
	f("buffer_mib", func(c *Config) { c.BufferMiB = maxBufferMiB + 1 })
	f("service_name", func(c *Config) { c.ProxyServer.ServiceName = "s3" })
	if err := confmap.Validate(defaultConfig()); err != nil {
		t.Error(err)
	}
}

// TestTaken: who finds the port taken is told what to do.
func TestTaken(t *testing.T) {
	r := run(t, &consumertest.TracesSink{}, nil)
	f := NewFactory()
	cfg := f.CreateDefaultConfig().(*Config)
	cfg.Endpoint = r.r.documents.socket.LocalAddr().String()
	second, err := f.CreateTraces(t.Context(), receivertest.NewNopSettings(Type), cfg, consumertest.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Start(t.Context(), componenttest.NewNopHost()); err == nil || !strings.Contains(err.Error(), "stop the X-Ray daemon") {
		t.Errorf("error %v", err)
	}
	if err := second.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}
