package agent_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/updraft-otel/updraft/agent"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestBackPressure has the exporters of OpenTelemetry's SDKs send into an agent whose queue is full, since X-Ray does not
// answer: each is told to come again, and when, as its protocol has it; once X-Ray is back every span arrives, and arrives once.
func TestBackPressure(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds: refused clients wait")
	}
	o := startOutage(t)
	var senders []*sender
	for name, addr := range map[string]string{"otlp receiver": o.grpc, "port 2000": o.xray} {
		s := &sender{name: "gRPC to the " + name}
		s.send = s.goSDK(otlptracegrpc.NewClient(otlptracegrpc.WithEndpoint(addr), otlptracegrpc.WithInsecure(),
			otlptracegrpc.WithDialOption(grpc.WithUnaryInterceptor(s.intercept)), otlptracegrpc.WithRetry(otlptracegrpc.RetryConfig(again)), otlptracegrpc.WithTimeout(clientPatience)))
		senders = append(senders, s)
	}
	for name, addr := range map[string]string{"otlp receiver": o.http, "port 2000": o.xray} {
		s := &sender{name: "HTTP to the " + name}
		s.send = s.goSDK(otlptracehttp.NewClient(otlptracehttp.WithEndpoint(s.proxy(t, addr)), otlptracehttp.WithInsecure(),
			otlptracehttp.WithRetry(otlptracehttp.RetryConfig(again)), otlptracehttp.WithTimeout(clientPatience)))
		senders = append(senders, s)
	}
	js := &sender{name: "OpenTelemetry JS"} // the last: it comes again five times at most
	js.send = nodeSDK(nodeEnv(t), js.proxy(t, o.http))
	senders = append(senders, js)

	t.Cleanup(func() {
		for _, s := range senders {
			if odd := s.odd.Load(); odd != nil {
				t.Errorf("%s: answered %s", s.name, *odd)
			}
		}
	})
	var all sync.WaitGroup
	ids := make([][]string, len(senders))
	refused := func(some ...*sender) {
		for _, s := range some {
			agenttest.Eventually(t, s.name+" is refused", func() bool { return s.refused.Load() > 0 })
		}
	}
	for i, s := range senders {
		if s == js {
			refused(senders[:i]...)
		}
		all.Go(func() { ids[i] = s.send(t) })
	}
	refused(js)
	o.down.Store(false)
	all.Wait()
	for i, s := range senders {
		if len(ids[i]) == 0 {
			t.Errorf("%s: nothing is sent", s.name)
		}
		agenttest.Eventually(t, "all spans by "+s.name, func() bool { return o.missing(ids[i]) == 0 })
		t.Logf("%s: refused %d times", s.name, s.refused.Load())
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for id, n := range o.seen {
		if n != 1 {
			t.Errorf("span %s arrived %d times", id, n)
		}
	}
}

// again leaves it to the agent when a client comes again.
var again = struct {
	Enabled         bool
	InitialInterval time.Duration
	MaxInterval     time.Duration
	MaxElapsedTime  time.Duration
}{true, time.Millisecond, time.Millisecond, clientPatience}

// An outage is an agent with room for two requests, in front of an X-Ray that is down until told otherwise.
type outage struct {
	grpc, http, xray string
	down             atomic.Bool
	mu               sync.Mutex
	seen             map[string]int // documents that X-Ray took, by id
}

func startOutage(t *testing.T) *outage {
	t.Helper()
	aws := agenttest.AWS(t, localaws.Config{})
	o := &outage{grpc: agenttest.FreeAddr(t), http: agenttest.FreeAddr(t), xray: agenttest.FreeAddr(t), seen: map[string]int{}}
	o.down.Store(true)
	aws.Control("PutTraceSegments", func(c *localaws.Call) *localaws.Fault {
		if o.down.Load() {
			return localaws.Unavailable()
		}
		var body struct{ TraceSegmentDocuments []string }
		if err := json.Unmarshal(c.Body, &body); err != nil {
			t.Errorf("%s: %v", c.Body, err)
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, text := range body.TraceSegmentDocuments {
			var d struct{ ID string }
			if err := json.Unmarshal([]byte(text), &d); err != nil {
				t.Errorf("%s: %v", text, err)
			}
			o.seen[d.ID]++
		}
		return nil
	})
	agenttest.Start(t, agent.Components, fmt.Sprintf(`
receivers:
  otlp: {protocols: {grpc: {endpoint: %q}, http: {endpoint: %q}}}
  awsxray: {endpoint: %q, proxy_server: {endpoint: %q}}
processors: {batch: {timeout: 10ms}}
exporters:
  awsxray:
    region: us-east-1
    sending_queue: {queue_size: 2, num_consumers: 1, batch: {flush_timeout: 10ms, min_size: 1}}
    retry_on_failure: {initial_interval: 20ms, max_interval: 100ms}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp, awsxray], processors: [batch], exporters: [awsxray]}}`, o.grpc, o.http, o.xray, o.xray))
	return o
}

func (o *outage) missing(ids []string) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range ids {
		if o.seen[id] == 0 {
			n++
		}
	}
	return n
}

// A sender sends spans and returns their ids. It counts the refusals that say when to come again; any other fails the test.
type sender struct {
	name    string
	send    func(*testing.T) []string
	refused atomic.Int64
	odd     atomic.Pointer[string]
}

// intercept looks at the answers of gRPC.
func (s *sender) intercept(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	err := invoke(ctx, method, req, reply, cc, opts...)
	if err == nil {
		return nil
	}
	told := status.Convert(err)
	for _, d := range told.Details() {
		info, ok := d.(*errdetails.RetryInfo)
		if ok && info.GetRetryDelay().AsDuration() > 0 && (told.Code() == codes.Unavailable || told.Code() == codes.ResourceExhausted) {
			s.refused.Add(1)
			return err
		}
	}
	text := told.String()
	s.odd.Store(&text)
	return err
}

// proxy stands before an OTLP/HTTP server, and looks at its answers. It returns its address.
func (s *sender) proxy(t *testing.T, addr string) string {
	t.Helper()
	srv := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", addr },
		ModifyResponse: func(resp *http.Response) error {
			after, err := strconv.Atoi(resp.Header.Get("Retry-After"))
			switch {
			case resp.StatusCode == http.StatusOK:
			case (resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable) && err == nil && after > 0:
				s.refused.Add(1)
			default:
				text := fmt.Sprintf("%s, Retry-After %q", resp.Status, resp.Header.Get("Retry-After"))
				s.odd.Store(&text)
			}
			return nil
		},
	})
	t.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "http://")
}

// goSDK sends by OpenTelemetry's SDK for Go, until a request was refused and then some.
func (s *sender) goSDK(client otlptrace.Client) func(*testing.T) []string {
	return func(t *testing.T) (ids []string) {
		exporter, err := otlptrace.New(t.Context(), client)
		if err != nil {
			t.Error(err)
			return nil
		}
		const batch, most = 10, 2000 // the SDK's queue holds 2048
		provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter, sdktrace.WithMaxExportBatchSize(batch), sdktrace.WithExportTimeout(clientPatience)))
		for more := 5 * batch; more > 0 && len(ids) < most; {
			if s.refused.Load() > 0 {
				more--
			} else if len(ids)%batch == 0 {
				<-time.After(time.Millisecond) // nothing to wait for: what is refused is refused at its time
			}
			_, span := provider.Tracer("test").Start(context.Background(), "GET /")
			span.End()
			ids = append(ids, span.SpanContext().SpanID().String())
		}
		if err := provider.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		return ids
	}
}

// nodeSDK sends by OpenTelemetry's SDK for Node over HTTP; over gRPC it does not come again.
func nodeSDK(env, addr string) func(*testing.T) []string {
	return func(t *testing.T) (ids []string) {
		out, err := runClient(t, []string{env, "OTEL_EXPORTER_OTLP_ENDPOINT=http://" + addr, "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"},
			"node", filepath.Join(clientsDir, "otel.cjs"), "10", "10")
		if err != nil {
			t.Errorf("node: %v\n%s", err, out)
			return nil
		}
		for line := range strings.Lines(out) {
			ids = append(ids, strings.Fields(line)[1:]...)
		}
		return ids
	}
}
