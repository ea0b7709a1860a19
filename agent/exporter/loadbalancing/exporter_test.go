package loadbalancing_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/updraft-otel/updraft/agent/exporter/loadbalancing"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
)

// A gateway is an OTLP server that keeps which traces it took.
type gateway struct {
	ptraceotlp.UnimplementedGRPCServer
	addr string
	stop func()

	mu     sync.Mutex
	traces map[pcommon.TraceID]int // spans
	answer error
	calls  int
}

func (g *gateway) Export(_ context.Context, req ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls++
	if g.answer != nil {
		return ptraceotlp.NewExportResponse(), g.answer
	}
	for _, rs := range req.Traces().ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				g.traces[span.TraceID()]++
			}
		}
	}
	return ptraceotlp.NewExportResponse(), nil
}

// set has the gateway answer so from now on.
func (g *gateway) set(answer error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answer = answer
}

func (g *gateway) has(id pcommon.TraceID) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.traces[id]
}

func (g *gateway) count() (traces, calls int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.traces), g.calls
}

// serve listens at addr, which may be ":0" on a loopback address.
func (g *gateway) serve(t *testing.T, addr string) {
	t.Helper()
	var l net.Listener
	agenttest.Eventually(t, "listen at "+addr, func() (ok bool) {
		var err error
		l, err = net.Listen("tcp", addr)
		return err == nil
	})
	s := grpc.NewServer()
	ptraceotlp.RegisterGRPCServer(s, g)
	go func() { _ = s.Serve(l) }()
	g.addr, g.stop = l.Addr().String(), s.Stop
	t.Cleanup(s.Stop)
}

func newGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{traces: map[pcommon.TraceID]int{}}
	g.serve(t, "127.0.0.1:0")
	return g
}

// start runs an exporter with these keys.
func start(t *testing.T, keys string) exporter.Traces {
	t.Helper()
	cfg, err := load(t, keys)
	if err != nil {
		t.Fatal(err)
	}
	factory := loadbalancing.NewFactory()
	e, err := factory.CreateTraces(t.Context(), exportertest.NewNopSettings(factory.Type()), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
	return e
}

// static are keys for gateways at these addresses.
func static(more string, gateways ...*gateway) string {
	addrs := ""
	for _, g := range gateways {
		addrs += fmt.Sprintf("%q, ", g.addr)
	}
	return fmt.Sprintf("protocol: {otlp: {timeout: 2s, tls: {insecure: true}}}\nresolver: {static: {hostnames: [%s]}}\n%s", addrs, more)
}

// What is not taken is told the caller, or waits and is tried again soon.
const (
	noQueue = "sending_queue: {enabled: false}\nretry_on_failure: {enabled: false}"
	queue   = "sending_queue: {queue_size: 100}\nretry_on_failure: {initial_interval: 10ms, max_interval: 50ms}"
)

// some makes spans of n traces, two of each, in two resources.
func some(n int) (ptrace.Traces, []pcommon.TraceID) {
	data := agenttest.Traces(n)
	again := data.ResourceSpans().AppendEmpty()
	data.ResourceSpans().At(0).CopyTo(again)
	ids := make([]pcommon.TraceID, 0, n)
	for _, span := range again.ScopeSpans().At(0).Spans().All() {
		span.SetSpanID(agenttest.SpanID())
		ids = append(ids, span.TraceID())
	}
	return data, ids
}

func consume(t *testing.T, e exporter.Traces, data ptrace.Traces) {
	t.Helper()
	if err := e.ConsumeTraces(t.Context(), data); err != nil {
		t.Fatal(err)
	}
}

// TestTraces_together brings all spans of a trace to one gateway, and each gateway its share.
func TestTraces_together(t *testing.T) {
	a, b, c := newGateway(t), newGateway(t), newGateway(t)
	e := start(t, static(noQueue, a, b, c))
	data, ids := some(600)
	consume(t, e, data)
	for _, id := range ids {
		if n := [3]int{a.has(id), b.has(id), c.has(id)}; n != [3]int{2, 0, 0} && n != [3]int{0, 2, 0} && n != [3]int{0, 0, 2} {
			t.Fatalf("spans of a trace are at %v, want both at one", n)
		}
	}
	for _, g := range []*gateway{a, b, c} {
		if traces, calls := g.count(); traces < 100 || calls != 1 {
			t.Errorf("%d traces in %d calls, want a share in one call", traces, calls)
		}
	}
}

// TestTraces_down has the share of a gateway that is gone sent to the others, and given back when it is there again.
func TestTraces_down(t *testing.T) {
	a, b := newGateway(t), newGateway(t)
	e := start(t, static(noQueue, a, b))
	data, ids := some(100)
	consume(t, e, data)
	mine, _ := a.count()
	if mine == 0 || mine == 100 {
		t.Fatalf("a has %d of 100 traces", mine)
	}
	a.stop()
	consume(t, e, data)
	for _, id := range ids {
		if a.has(id)+b.has(id) != 4 {
			t.Fatalf("a trace has %d spans at a and %d at b", a.has(id), b.has(id))
		}
	}
	if traces, _ := b.count(); traces != 100 {
		t.Fatalf("b has %d traces, want also those of a", traces)
	}
	a.serve(t, a.addr)
	agenttest.Eventually(t, "a has its share again", func() bool {
		data, ids := some(20)
		consume(t, e, data)
		for _, id := range ids {
			if a.has(id) > 0 {
				return true
			}
		}
		return false
	})
}

// TestTraces_stuck does the same with one that no longer answers.
func TestTraces_stuck(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and no call
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b := newGateway(t)
	keys := fmt.Sprintf("protocol: {otlp: {timeout: 200ms, tls: {insecure: true}}}\nresolver: {static: {hostnames: [%q, %q]}}\n%s", l.Addr(), b.addr, noQueue)
	data, _ := some(50)
	consume(t, start(t, keys), data)
	if traces, _ := b.count(); traces != 50 {
		t.Errorf("b has %d traces of 50", traces)
	}
}

// busy is what a gateway answers whose queue is full.
func busy(t *testing.T, wait time.Duration) error {
	t.Helper()
	s, err := status.New(codes.ResourceExhausted, "queue is full").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(wait)})
	if err != nil {
		t.Fatal(err)
	}
	return s.Err()
}

// TestTraces_busy has the share of a gateway that asks for time wait for it, and sends nothing twice.
func TestTraces_busy(t *testing.T) {
	a, b := newGateway(t), newGateway(t)
	a.set(busy(t, 20*time.Millisecond))
	e := start(t, static(queue, a, b))
	data, ids := some(100)
	consume(t, e, data)
	agenttest.Eventually(t, "a is asked again", func() bool { _, calls := a.count(); return calls >= 2 })
	a.set(nil)
	agenttest.Eventually(t, "all traces", func() bool {
		for _, id := range ids {
			if a.has(id)+b.has(id) == 0 {
				return false
			}
		}
		return true
	})
	for _, id := range ids {
		if a.has(id)+b.has(id) != 2 || a.has(id) == 1 {
			t.Fatalf("a trace has %d spans at a and %d at b", a.has(id), b.has(id))
		}
	}
	if _, calls := b.count(); calls != 1 {
		t.Errorf("b was called %d times although it took its share at once", calls)
	}
}

// TestTraces_refused loses what a gateway refuses for good, and nothing else.
func TestTraces_refused(t *testing.T) {
	a, b := newGateway(t), newGateway(t)
	a.set(status.Error(codes.InvalidArgument, "not that"))
	e := start(t, static(noQueue, a, b))
	data, ids := some(100)
	consume(t, e, data)
	_, calls := a.count()
	if traces, _ := b.count(); traces == 0 || traces == len(ids) || calls != 1 {
		t.Errorf("b has %d traces of %d, a was called %d times", traces, len(ids), calls)
	}
	b.set(status.Error(codes.InvalidArgument, "nor that"))
	if err := e.ConsumeTraces(t.Context(), data); !consumererror.IsPermanent(err) {
		t.Errorf("all refused: %v, want a permanent error", err)
	}
}

// TestTraces_nobody keeps what nobody takes, and delivers it when somebody does.
func TestTraces_nobody(t *testing.T) {
	a, b := newGateway(t), newGateway(t)
	a.stop()
	b.stop()
	without := start(t, static(noQueue, a, b))
	data, ids := some(50)
	for range 2 { // asked, and then passed over
		if err := without.ConsumeTraces(t.Context(), data); err == nil || consumererror.IsPermanent(err) {
			t.Fatalf("nobody is there: %v, want an error that is worth another try", err)
		} else if errors.As(err, new(consumererror.Traces)) {
			t.Fatalf("%v: all of it is to be tried again, not a part", err)
		}
	}
	e := start(t, static(queue, a, b))
	consume(t, e, data)
	b.serve(t, b.addr)
	agenttest.Eventually(t, "all traces at b", func() bool { traces, _ := b.count(); return traces == len(ids) })
}
