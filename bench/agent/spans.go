package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

// perTrace is how many spans a trace has: a request served, a call made for it, a query, and work between.
const perTrace = 4

// traceRequest is a request of n spans as a service of a shop sends them, in OpenTelemetry's stable conventions.
func traceRequest(n int) ([]byte, error) {
	traces := ptrace.NewTraces()
	rs := traces.ResourceSpans().AppendEmpty()
	put(rs.Resource().Attributes(), "service.name", "orders", "service.version", "1.4.2", "deployment.environment.name", "prod",
		"cloud.provider", "aws", "cloud.platform", "aws_ecs", "cloud.region", "us-east-1", "aws.ecs.launchtype", "fargate",
		"telemetry.sdk.language", "go", "telemetry.sdk.name", "opentelemetry", "telemetry.sdk.version", "1.47.0")
	ss := rs.ScopeSpans().AppendEmpty()
	ss.Scope().SetName("go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp")
	now := time.Now()
	for i := range n {
		root := uint32(i - i%perTrace)
		span := ss.Spans().AppendEmpty()
		span.SetTraceID(traceID(now, root))
		span.SetSpanID(spanID(uint32(i)))
		if uint32(i) != root {
			span.SetParentSpanID(spanID(root))
		}
		begin := now.Add(time.Duration(i%perTrace)*time.Millisecond - 25*time.Millisecond)
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(begin))
		span.SetEndTimestamp(pcommon.NewTimestampFromTime(begin.Add(time.Duration(20-4*(i%perTrace)) * time.Millisecond)))
		kinds[i%perTrace](span, i)
	}
	return ptraceotlp.NewExportRequestFromTraces(traces).MarshalProto()
}

var kinds = [perTrace]func(ptrace.Span, int){served, called, queried, worked}

func served(span ptrace.Span, i int) {
	span.SetKind(ptrace.SpanKindServer)
	span.SetName("POST /orders/{id}")
	put(span.Attributes(), "http.request.method", "POST", "url.scheme", "https", "url.path", fmt.Sprintf("/orders/%d", i),
		"http.route", "/orders/{id}", "server.address", "orders.example.com", "client.address", "203.0.113.7",
		"network.protocol.version", "1.1", "user_agent.original", "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", "app.tenant", "blue")
	span.Attributes().PutInt("http.response.status_code", 200)
	span.Attributes().PutInt("server.port", 443)
	span.Status().SetCode(ptrace.StatusCodeOk)
}

func called(span ptrace.Span, i int) {
	span.SetKind(ptrace.SpanKindClient)
	span.SetName("GET")
	put(span.Attributes(), "http.request.method", "GET", "url.full", fmt.Sprintf("https://stock.example.com/items/%d?warehouse=3", i),
		"server.address", "stock.example.com", "network.protocol.version", "1.1")
	span.Attributes().PutInt("http.response.status_code", 200)
	span.Attributes().PutInt("server.port", 443)
}

func queried(span ptrace.Span, _ int) {
	span.SetKind(ptrace.SpanKindClient)
	span.SetName("SELECT orders")
	put(span.Attributes(), "db.system", "postgresql", "db.name", "shop", "db.user", "orders", "server.address", "db.example.com",
		"db.statement", "SELECT id, customer, total FROM orders WHERE id = $1 AND tenant = $2 LIMIT 1", "db.operation", "SELECT")
}

func worked(span ptrace.Span, i int) {
	span.SetKind(ptrace.SpanKindInternal)
	span.SetName("price")
	put(span.Attributes(), "app.tenant", "blue", "app.currency", "EUR")
	span.Attributes().PutInt("app.items", int64(i))
	span.Attributes().PutBool("app.cached", i%3 == 0)
	span.Attributes().PutDouble("app.total", 17.25*float64(i+1))
}

func put(m pcommon.Map, pairs ...string) {
	for pair := range slices.Chunk(pairs, 2) {
		m.PutStr(pair[0], pair[1])
	}
}

// traceID is one of X-Ray's kind, which begins with the time.
func traceID(now time.Time, n uint32) (id pcommon.TraceID) {
	binary.BigEndian.PutUint32(id[:], uint32(now.Unix()))
	binary.BigEndian.PutUint32(id[4:], n*2654435761) // looks random
	_, _ = hex.Decode(id[8:], []byte(traceMark))
	binary.BigEndian.PutUint32(id[12:], n)
	return id
}

func spanID(n uint32) (id pcommon.SpanID) {
	_, _ = hex.Decode(id[:], []byte(spanMark))
	binary.BigEndian.PutUint32(id[4:], n)
	return id
}
