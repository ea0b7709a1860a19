package agenttest

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

// Traces makes a request of n ordinary server spans, each a trace of its own.
func Traces(n int) ptrace.Traces {
	traces := ptrace.NewTraces()
	rs := traces.ResourceSpans().AppendEmpty()
	resource := rs.Resource().Attributes()
	resource.PutStr("service.name", "orders")
	resource.PutStr("service.version", "1.4.2")
	resource.PutStr("cloud.provider", "aws")
	resource.PutStr("cloud.platform", "aws_ecs")
	resource.PutStr("telemetry.sdk.language", "go")
	ss := rs.ScopeSpans().AppendEmpty()
	ss.Scope().SetName("test")
	spans := ss.Spans()
	spans.EnsureCapacity(n)
	now := time.Now()
	for range n {
		span := spans.AppendEmpty()
		span.SetTraceID(TraceID(now))
		span.SetSpanID(SpanID())
		span.SetKind(ptrace.SpanKindServer)
		span.SetName("GET /orders/{id}")
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(now.Add(-25 * time.Millisecond)))
		span.SetEndTimestamp(pcommon.NewTimestampFromTime(now))
		a := span.Attributes()
		a.PutStr("http.request.method", "GET")
		a.PutStr("url.scheme", "https")
		a.PutStr("server.address", "orders.example.com")
		a.PutStr("url.path", "/orders/17")
		a.PutStr("http.route", "/orders/{id}")
		a.PutInt("http.response.status_code", 200)
		a.PutStr("user_agent.original", "curl/8.9.1")
		a.PutStr("client.address", "203.0.113.7")
		a.PutStr("tenant", "blue")
	}
	return traces
}

// TraceID is a trace id of X-Ray's kind.
func TraceID(now time.Time) pcommon.TraceID {
	var id pcommon.TraceID
	binary.BigEndian.PutUint32(id[:4], uint32(now.Unix()))
	binary.BigEndian.PutUint32(id[4:], rand.Uint32())
	binary.BigEndian.PutUint64(id[8:], rand.Uint64())
	return id
}

// SpanID is a random span id.
func SpanID() pcommon.SpanID {
	var id pcommon.SpanID
	binary.BigEndian.PutUint64(id[:], rand.Uint64()|1)
	return id
}

// Client is an OTLP client over gRPC, as an SDK's, without a queue or a retry of its own.
func Client(t testing.TB, addr string) ptraceotlp.GRPCClient {
	t.Helper()
	return ptraceotlp.NewGRPCClient(Dial(t, addr))
}

// Send sends a request that must be accepted.
func Send(t testing.TB, c ptraceotlp.GRPCClient, traces ptrace.Traces) {
	t.Helper()
	resp, err := c.Export(t.Context(), ptraceotlp.NewExportRequestFromTraces(traces))
	if err != nil {
		t.Fatalf("export: %v", err)
	}
	if n := resp.PartialSuccess().RejectedSpans(); n > 0 {
		t.Fatalf("%d spans rejected: %s", n, resp.PartialSuccess().ErrorMessage())
	}
}
