package xray

import (
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

func TestGolden_span(t *testing.T) {
	f := golden(t, "span")

	f("server", server(
		attribute.String("http.request.method", "GET"), attribute.String("url.scheme", "http"),
		attribute.String("server.address", "shop.example.com"), attribute.Int("server.port", 8080),
		attribute.String("url.path", "/api/products"), attribute.String("url.query", "page=2"),
		attribute.String("client.address", "203.0.113.9"), attribute.String("network.peer.address", "10.0.0.4"),
		attribute.String("user_agent.original", "curl/8.5"), attribute.Int("http.response.status_code", 200),
		attribute.Int("http.response.body.size", 512), attribute.String("http.route", "/api/products"),
		attribute.StringSlice("aws.xray.annotations", []string{"tenant.id"}), attribute.String("tenant.id", "acme"),
	))
	f("server_old_conventions", server(
		attribute.String("http.method", "POST"), attribute.String("http.host", "shop.example.com"),
		attribute.String("http.scheme", "https"), attribute.String("http.target", "/api/orders?dry=1"),
		attribute.Int("http.status_code", 429), attribute.String("enduser.id", "u-17"),
	))
	f("client", client(
		attribute.String("http.request.method", "GET"), attribute.String("url.full", "http://user:secret@inventory:8081/stock?id=3"),
		attribute.String("server.address", "inventory"), attribute.Int("server.port", 8081), attribute.Int("http.response.status_code", 503),
	))
	f("database", client(
		attribute.String("db.system.name", "postgresql"), attribute.String("db.namespace", "shop"),
		attribute.String("server.address", "db.internal"), attribute.String("db.query.text", "SELECT * FROM stock WHERE id = $1"),
		attribute.String("db.operation.name", "SELECT"),
	))
	f("database_embedded", client(attribute.String("db.system.name", "sqlite"), attribute.String("db.namespace", "inventory")))
	f("aws_call", client(
		attribute.String("rpc.system.name", "aws-api"), attribute.String("rpc.method", "SQS/SendMessage"),
		attribute.String("aws.request_id", "r-1"), attribute.String("aws.region", "eu-central-1"),
		attribute.String("aws.sqs.queue.url", "https://sqs.eu-central-1.amazonaws.com/1/orders"),
	))

	internal := server(attribute.Int("items", 3), attribute.Float64("total", 12.5))
	internal.Kind, internal.ParentID, internal.Name = trace.SpanKindInternal, parentID, "price cart"
	f("internal", internal)

	worker := server()
	worker.Kind, worker.Name = trace.SpanKindInternal, "nightly clean-up"
	f("worker_root", worker)

	failed := server(attribute.String("http.request.method", "POST"), attribute.Int("http.response.status_code", 500))
	failed.Status, failed.StatusMessage = codes.Error, "payment failed"
	failed.Events = []Event{
		{Name: "charge", Time: start.Add(time.Millisecond), Attributes: []attribute.KeyValue{attribute.Int("attempt", 2)}},
		{Name: "exception", Time: start, Attributes: []attribute.KeyValue{
			attribute.String("exception.type", "*shop.CardError"), attribute.String("exception.message", "card refused"),
			attribute.String("exception.stacktrace", goStack),
		}},
	}
	failed.Links = []Link{{TraceID: traceID, SpanID: parentID, Attributes: []attribute.KeyValue{attribute.Bool("retry", true)}}}
	f("failed", failed)

	status := client()
	status.Status, status.StatusMessage = codes.Error, "dial tcp: connection refused"
	f("failed_without_event", status)

	progress := server()
	progress.End = time.Time{}
	f("in_progress", progress)

	f("hostile_names", &Segment{
		TraceID: traceID, SpanID: spanID, Name: "bad*name!? (é) \xff \"quoted\" \\ " + strings.Repeat("ü", 300), Start: start, End: start,
		Attributes: []attribute.KeyValue{attribute.String("k\"ey", "\x00\xfe<script>"), attribute.StringSlice("list", []string{"a", "b"})},
	})

	onECS := server()
	onECS.Resource = NewResource([]attribute.KeyValue{
		attribute.String("service.name", "shop"), attribute.String("cloud.provider", "aws"), attribute.String("cloud.platform", "aws_ecs"),
		attribute.String("aws.ecs.launchtype", "fargate"), attribute.String("aws.ecs.cluster.arn", "arn:aws:ecs:eu-central-1:1:cluster/c"),
		attribute.String("aws.ecs.task.arn", "arn:aws:ecs:eu-central-1:1:task/t"), attribute.String("container.name", "shop"),
	})
	f("ecs", onECS)
}

func TestGolden_kind(t *testing.T) {
	f := golden(t, "kind")
	for _, kind := range []trace.SpanKind{
		trace.SpanKindUnspecified, trace.SpanKindInternal, trace.SpanKindServer, trace.SpanKindClient, trace.SpanKindProducer, trace.SpanKindConsumer,
	} {
		f(kind.String()+" with a parent", with(spanOf(kind, "op"), func(s *Segment) { s.ParentID = parentID }))
		f(kind.String()+" without a parent", with(spanOf(kind, "op"), asRoot))
	}
	f("an unknown kind", spanOf(trace.SpanKind(99), "op"))
	f("user: enduser.id", serverOf("enduser.id", "u-17", "user.id", "not me"))
	f("user: user.id", serverOf("user.id", "u-18"))
	f("user: long", serverOf("enduser.id", strings.Repeat("ü", 251)))
	f("user: no text", serverOf("enduser.id", 17))
}

func TestGolden_time(t *testing.T) {
	f := golden(t, "time")
	at := func(start, end time.Time) *Segment {
		s := serverOf()
		s.Start, s.End = start, end
		return s
	}
	f("nanoseconds", at(time.Unix(1733233179, 1), time.Unix(1733233179, 999_999_999)))
	f("whole seconds", at(time.Unix(1733233179, 0), time.Unix(1733233180, 0)))
	f("another zone", at(start.In(time.FixedZone("", 3600)), start.Add(time.Second)))
	f("an end before the start", at(start, start.Add(-time.Second)))
	f("no end", at(start, time.Time{}))
	f("no start", at(time.Time{}, start))
	f("before 1970", at(time.Unix(-5, 5), time.Unix(-4, 0)))
	f("in progress", serverOf("aws.xray.inprogress", true))
	f("not in progress", serverOf("aws.xray.inprogress", false))
	f("in progress, no boolean", serverOf("aws.xray.inprogress", "true"))
	f("a trace id without a time", with(serverOf(), func(s *Segment) { s.TraceID = trace.TraceID{15: 1} }))
}
