package appsignals

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdkresource "go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// service is a traced program: what it records and what it exports.
type service struct {
	provider *sdktrace.TracerProvider
	reader   *sdkmetric.ManualReader
	exported *tracetest.InMemoryExporter
}

func newService(t *testing.T, c Config, sampler sdktrace.Sampler) *service {
	t.Helper()
	s := &service{
		reader: sdkmetric.NewManualReader(sdkmetric.WithTemporalitySelector(
			func(sdkmetric.InstrumentKind) metricdata.Temporality { return metricdata.DeltaTemporality })),
		exported: tracetest.NewInMemoryExporter(),
	}
	c.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(s.reader))
	c.Next = []sdktrace.SpanProcessor{sdktrace.NewSimpleSpanProcessor(s.exported)}
	p, err := NewProcessor(c)
	if err != nil {
		t.Fatal(err)
	}
	s.provider = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p), sdktrace.WithSampler(AlwaysRecord(sampler)),
		sdktrace.WithResource(sdkresource.NewSchemaless(attribute.String("service.name", "shop"))))
	t.Cleanup(func() { _ = s.provider.Shutdown(context.Background()) })
	return s
}

// metrics are the lines "Name{attributes} count sum" of what was recorded;
// of latencies without the sum.
func (s *service) metrics(t *testing.T) []string {
	t.Helper()
	var rm metricdata.ResourceMetrics
	if err := s.reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			name := scope.Scope.Name + "/" + m.Name + m.Unit
			switch data := m.Data.(type) {
			case metricdata.Histogram[int64]:
				for _, p := range data.DataPoints {
					lines = append(lines, fmt.Sprintf("%s{%s} %d %d", name, encode(p.Attributes), p.Count, p.Sum))
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					lines = append(lines, fmt.Sprintf("%s{%s} %d", name, encode(p.Attributes), p.Count))
				}
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func encode(set attribute.Set) string {
	var parts []string
	for _, kv := range set.ToSlice() {
		parts = append(parts, strings.TrimPrefix(string(kv.Key), "aws.")+"="+kv.Value.String())
	}
	return strings.Join(parts, ",")
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// TestProcessor_service serves requests, calls a table for each, and samples
// none of them.
func TestProcessor_service(t *testing.T) {
	s := newService(t, Config{Environment: "prod"}, sdktrace.NeverSample())
	tracer := s.provider.Tracer("test")
	mux := http.NewServeMux()
	traced := func(h http.HandlerFunc) http.Handler {
		return otelhttp.NewHandler(h, "shop", otelhttp.WithTracerProvider(s.provider), otelhttp.WithMeterProvider(sdkmetric.NewMeterProvider()))
	}
	mux.Handle("/", traced(http.NotFound))
	mux.Handle("GET /cart/{id}", traced(func(w http.ResponseWriter, r *http.Request) {
		ctx, work := tracer.Start(r.Context(), "load cart")
		_, call := tracer.Start(ctx, "DynamoDB.GetItem", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs(
			"rpc.system", "aws-api", "rpc.service", "DynamoDB", "rpc.method", "GetItem", "aws.dynamodb.table_names", []string{"carts"})...))
		if r.PathValue("id") == "broken" {
			call.SetStatus(codes.Error, "ThrottlingException")
			w.WriteHeader(http.StatusBadGateway)
		}
		call.End()
		work.End()
	}))
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, path := range []string{"/cart/1", "/cart/2", "/cart/broken", "/nothing/here"} {
		response, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
	}
	server.Close()

	dependency := "local.environment=prod,local.operation=GET /cart/{id},local.service=shop,remote.operation=GetItem," +
		"remote.resource.cfn.primary.identifier=carts,remote.resource.identifier=carts,remote.resource.type=AWS::DynamoDB::Table," +
		"remote.service=AWS::DynamoDB,span.kind=CLIENT"
	cart := "local.environment=prod,local.operation=GET /cart/{id},local.service=shop,span.kind=LOCAL_ROOT"
	lost := "local.environment=prod,local.operation=GET /,local.service=shop,span.kind=LOCAL_ROOT"
	wantLines(t, s.metrics(t),
		Scope+"/Error{"+cart+"} 3 0", Scope+"/Error{"+dependency+"} 3 0", Scope+"/Error{"+lost+"} 1 1",
		Scope+"/Fault{"+cart+"} 3 1", Scope+"/Fault{"+dependency+"} 3 1", Scope+"/Fault{"+lost+"} 1 0",
		Scope+"/LatencyMilliseconds{"+cart+"} 3", Scope+"/LatencyMilliseconds{"+dependency+"} 3", Scope+"/LatencyMilliseconds{"+lost+"} 1")
	if n := len(s.exported.GetSpans()); n != 0 {
		t.Errorf("%d spans were exported of a trace that was not sampled", n)
	}
	wantLines(t, s.metrics(t)) // nothing since
}

func TestProcessor_spans(t *testing.T) {
	s := newService(t, Config{RemoteEnvironment: "live"}, sdktrace.AlwaysSample())
	tracer := s.provider.Tracer("test")
	f := func(kind trace.SpanKind, kvs []attribute.KeyValue, want string) {
		t.Helper()
		s.exported.Reset()
		_, span := tracer.Start(t.Context(), "nightly", trace.WithSpanKind(kind), trace.WithAttributes(kvs...))
		span.End()
		spans := s.exported.GetSpans()
		if len(spans) != 1 {
			t.Fatalf("%d spans", len(spans))
		}
		if got := encode(attribute.NewSet(spans[0].Attributes...)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	f(trace.SpanKindServer, attrs("http.response.status_code", 200),
		"local.operation=nightly,local.service=shop,span.kind=LOCAL_ROOT,http.response.status_code=200")
	f(trace.SpanKindInternal, nil, "local.operation=InternalOperation,local.service=shop,span.kind=LOCAL_ROOT")
	f(trace.SpanKindClient, attrs("peer.service", "payments"),
		"local.operation=InternalOperation,local.service=shop,remote.operation=UnknownRemoteOperation,remote.service=payments,"+
			"span.kind=LOCAL_ROOT,peer.service=payments")
	f(trace.SpanKindClient, attrs("rpc.system", "aws-api", "rpc.service", "Lambda", "rpc.method", "Invoke", "aws.lambda.function.name", "charge"),
		"lambda.function.name=charge,local.operation=InternalOperation,local.service=shop,remote.environment=lambda:live,remote.operation=Invoke,"+
			"remote.service=charge,span.kind=LOCAL_ROOT,rpc.method=Invoke,rpc.service=Lambda,rpc.system=aws-api")
	f(trace.SpanKindClient, attrs("db.system", "mysql", "db.user", "reader", "server.address", "db"),
		"local.operation=InternalOperation,local.service=shop,remote.db.user=reader,remote.operation=UnknownRemoteOperation,"+
			"remote.resource.cfn.primary.identifier=db,remote.resource.identifier=db,remote.resource.type=DB::Connection,"+
			"remote.service=mysql,span.kind=LOCAL_ROOT,db.system=mysql,db.user=reader,server.address=db")
}

func TestProcessor_metadataService(t *testing.T) {
	s := newService(t, Config{}, sdktrace.AlwaysSample())
	ctx, root := s.provider.Tracer("test").Start(t.Context(), "start", trace.WithSpanKind(trace.SpanKindServer))
	_, call := s.provider.Tracer("test").Start(ctx, "GET", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attrs("http.request.method", "GET", "url.full", "http://169.254.169.254/latest")...))
	call.End()
	root.End()
	for _, line := range s.metrics(t) {
		if strings.Contains(line, "remote") {
			t.Errorf("measured: %s", line)
		}
	}
	if n := len(s.exported.GetSpans()); n != 2 {
		t.Errorf("%d spans", n)
	}
}

func TestProcessor_inherits(t *testing.T) {
	s := newService(t, Config{}, sdktrace.AlwaysSample())
	tracer := s.provider.Tracer("test")
	ctx, root := tracer.Start(t.Context(), "POST /order", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attrs("cloud.resource_id", "alias")...))
	by, hand := tracer.Start(ctx, "by hand", trace.WithAttributes(attrs(keyRemoteService, "printer", keyRemoteOperation, "Print")...))
	_, printing := tracer.Start(by, "print", trace.WithSpanKind(trace.SpanKindClient))
	printing.End()
	hand.End()
	in, call := tracer.Start(ctx, "SQS.ReceiveMessage", trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(attrs("rpc.system", "aws-api")...))
	_, process := tracer.Start(in, "process", trace.WithSpanKind(trace.SpanKindConsumer))
	process.SetAttributes(attrs("messaging.operation.type", "process")...)
	process.End()
	call.End()
	root.End()

	got := map[string]attribute.Set{}
	for _, span := range s.exported.GetSpans() {
		got[span.Name] = attribute.NewSet(span.Attributes...)
	}
	f := func(span string, key attribute.Key, want string) {
		t.Helper()
		set := got[span]
		if v, _ := set.Value(key); v.String() != want {
			t.Errorf("%s: %s is %q, want %q", span, key, v.String(), want)
		}
	}
	f("print", keyRemoteService, "printer")
	f("print", keyRemoteOperation, "Print")
	f("print", keyLocalOperation, "POST /order")
	f("print", keyResourceID, "alias")
	f("print", keySDKDescendant, "")
	f("process", keySDKDescendant, "true")
	f("process", keyConsumerParent, kindConsumer)
	f("process", keyRemoteService, "") // it became no dependency
	f("process", keyLocalOperation, "POST /order")
	f("by hand", keySpanKind, "")
}

func TestProcessor_lambda(t *testing.T) {
	s := newService(t, Config{Function: "resize"}, sdktrace.NeverSample())
	ctx, root := s.provider.Tracer("test").Start(t.Context(), "resize", trace.WithSpanKind(trace.SpanKindServer))
	_, call := s.provider.Tracer("test").Start(ctx, "GET", trace.WithSpanKind(trace.SpanKindClient))
	attributes := attribute.NewSet(call.(sdktrace.ReadOnlySpan).Attributes()...)
	if got := encode(attributes); got != "local.operation=resize/FunctionHandler,trace.flag.sampled=false" {
		t.Error(got)
	}
	call.End()
	root.End()
}

// TestProcessor_concurrent has children begin while their parent changes.
func TestProcessor_concurrent(t *testing.T) {
	s := newService(t, Config{}, sdktrace.AlwaysSample())
	tracer := s.provider.Tracer("test")
	ctx, root := tracer.Start(t.Context(), "GET /", trace.WithSpanKind(trace.SpanKindServer))
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for range 50 {
				root.SetAttributes(attribute.Int("n", i))
				_, call := tracer.Start(ctx, "call", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs("peer.service", "p")...))
				call.End()
			}
		})
	}
	wait.Wait()
	root.End()
	if got := s.metrics(t); len(got) != 6 || !strings.HasSuffix(got[0], " 400 0") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

func TestAlwaysRecord(t *testing.T) {
	f := func(sampler sdktrace.Sampler, want sdktrace.SamplingDecision) {
		t.Helper()
		if got := AlwaysRecord(sampler).ShouldSample(sdktrace.SamplingParameters{ParentContext: t.Context()}).Decision; got != want {
			t.Errorf("%s: %v", sampler.Description(), got)
		}
	}
	f(sdktrace.NeverSample(), sdktrace.RecordOnly)
	f(sdktrace.AlwaysSample(), sdktrace.RecordAndSample)
	f(sdktrace.TraceIDRatioBased(0), sdktrace.RecordOnly)
	if got := AlwaysRecord(sdktrace.NeverSample()).Description(); got != "AlwaysRecord{AlwaysOffSampler}" {
		t.Error(got)
	}
}

// discard is a span processor that does nothing.
type discard struct{ sdktrace.SpanProcessor }

func (discard) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (discard) OnEnd(sdktrace.ReadOnlySpan)                     {}

func benchProcessor(b testing.TB) (*Processor, sdktrace.ReadOnlySpan) {
	p, err := NewProcessor(Config{Environment: "prod", MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))})
	if err != nil {
		b.Fatal(err)
	}
	span := spanOf(trace.SpanKindClient, "DynamoDB.GetItem", false, attrs(keyLocalOperation, "GET /cart/{id}", "rpc.system", "aws-api",
		"rpc.service", "DynamoDB", "rpc.method", "GetItem", "aws.dynamodb.table_names", []string{"carts"}, "http.response.status_code", 200,
		"server.address", "dynamodb.eu-west-1.amazonaws.com", "cloud.region", "eu-west-1", "aws.request_id", "ABC"))
	return p, span
}

func BenchmarkProcessor(b *testing.B) {
	p, span := benchProcessor(b)
	b.Run("measure", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.OnEnd(span)
		}
	})
	p.next = []sdktrace.SpanProcessor{discard{}}
	b.Run("measure and hand on", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.OnEnd(span)
		}
	})
}

// TestProcessor_allocations holds what measuring a span costs.
func TestProcessor_allocations(t *testing.T) {
	p, span := benchProcessor(t)
	p.OnEnd(span)
	if n := testing.AllocsPerRun(100, func() { p.OnEnd(span) }); n > 8 {
		t.Errorf("%v allocations a span", n)
	}
}

func ExampleProcessor() {
	reader := sdkmetric.NewManualReader()
	processor, err := NewProcessor(Config{MeterProvider: sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))})
	if err != nil {
		fmt.Println(err)
		return
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSampler(AlwaysRecord(sdktrace.TraceIDRatioBased(0.01))), // 1 % are exported, all are measured
		sdktrace.WithSpanProcessor(processor))
	_, span := provider.Tracer("shop").Start(context.Background(), "GET /cart", trace.WithSpanKind(trace.SpanKindServer))
	span.End(trace.WithTimestamp(time.Now()))

	var recorded metricdata.ResourceMetrics
	_ = reader.Collect(context.Background(), &recorded)
	for _, m := range recorded.ScopeMetrics[0].Metrics {
		fmt.Println(m.Name)
	}
	// Output:
	// Latency
	// Error
	// Fault
}
