package bench

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // for the server to read it
	"google.golang.org/protobuf/proto"

	"github.com/updraft-otel/updraft/otlp"
)

// spansOfAllKinds has every field of a span and every kind of attribute.
func spansOfAllKinds(t *testing.T) []sdktrace.ReadOnlySpan {
	state, err := trace.ParseTraceState("vendor=x,other=y")
	if err != nil {
		t.Fatal(err)
	}
	context := func(n byte, remote bool) trace.SpanContext {
		return trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: trace.TraceID{1, n}, SpanID: trace.SpanID{2, n}, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: remote,
		})
	}
	attributes := []attribute.KeyValue{
		attribute.String("s", "é"), attribute.String("empty", ""), attribute.Bool("t", true), attribute.Bool("f", false),
		attribute.Int64("zero", 0), attribute.Int64("min", math.MinInt64), attribute.Float64("pi", math.Pi), attribute.Float64("nan", 0),
		attribute.StringSlice("ss", []string{"a", "", "c"}), attribute.BoolSlice("bs", []bool{true, false}),
		attribute.Int64Slice("is", []int64{0, -1, 1 << 40}), attribute.Float64Slice("fs", []float64{0, -1.5}),
		attribute.StringSlice("none", nil), attribute.ByteSlice("bytes", []byte{0, 255}),
		attribute.Slice("list", attribute.IntValue(1), attribute.SliceValue(attribute.StringValue("deep"))),
		attribute.Map("map", attribute.String("k", "v"), attribute.Map("inner", attribute.Bool("b", false))),
		attribute.String("long", string(bytes.Repeat([]byte("x"), 70_000))),
	}
	at := time.Unix(1_700_000_000, 123_456_789)
	res := resource.NewWithAttributes("https://example.com/resource", attribute.String("service.name", "shop"), attribute.Int("n", 1))
	var stubs tracetest.SpanStubs
	for i := range 12 {
		stub := tracetest.SpanStub{
			Name: "GET /", SpanContext: context(byte(i), false), Parent: context(byte(i+100), i%2 == 0), SpanKind: trace.SpanKind(i % 6),
			StartTime: at, EndTime: at.Add(time.Duration(i) * time.Millisecond), Attributes: attributes,
			Events: []sdktrace.Event{
				{Name: "exception", Time: at, Attributes: attributes, DroppedAttributeCount: 3}, {Name: "bare", Time: at},
			},
			Links:  []sdktrace.Link{{SpanContext: context(7, true), Attributes: attributes[:3], DroppedAttributeCount: 1}, {SpanContext: context(8, false)}},
			Status: sdktrace.Status{Code: codes.Code(i % 3), Description: "why"}, DroppedAttributes: i, DroppedEvents: i, DroppedLinks: i,
			Resource: res, InstrumentationScope: instrumentation.Scope{
				Name: string(rune('a' + i%3)), Version: "1", SchemaURL: "https://example.com/scope",
				Attributes: attribute.NewSet(attribute.String("k", "v"), attribute.Int("i", 0)),
			},
		}
		if i == 0 {
			stub.Parent = trace.SpanContext{}
		}
		stubs = append(stubs, stub)
	}
	return stubs.Snapshots()
}

// ours is the request that package otlp makes of spans.
func ours(spans []sdktrace.ReadOnlySpan) []byte {
	var items [][]byte
	for _, span := range spans {
		var s otlp.Span
		otlp.FromSpan(&s, span)
		items = append(items, otlp.AppendItem(nil, &s))
	}
	res := spans[0].Resource()
	key := otlp.AppendResource(nil, &otlp.Resource{Attributes: res.Attributes(), SchemaURL: res.SchemaURL()})
	return otlp.AppendTraces(nil, string(key), len(items), func(i int) []byte { return items[i] })
}

// TestOTLP_equalsSDK compares our request with that of the SDK's exporter, by
// protobuf's own library.
func TestOTLP_equalsSDK(t *testing.T) {
	spans := spansOfAllKinds(t)
	var theirs []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { theirs, _ = io.ReadAll(r.Body) }))
	defer server.Close()
	exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(server.URL+"/v1/traces"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(exporter.ExportSpans(t.Context(), spans), exporter.Shutdown(t.Context())); err != nil {
		t.Fatal(err)
	}
	var got, want collector.ExportTraceServiceRequest
	if err := errors.Join(proto.Unmarshal(ours(spans), &got), proto.Unmarshal(theirs, &want)); err != nil {
		t.Fatal(err)
	}
	if size := proto.Size(&got); size != len(ours(spans)) {
		t.Errorf("%d bytes, protobuf's library needs %d", len(ours(spans)), size)
	}
	// The one difference: the SDK's exporter leaves out the trace state of links.
	for _, scope := range got.ResourceSpans[0].ScopeSpans {
		for _, span := range scope.Spans {
			for _, link := range span.Links {
				if link.TraceState != "vendor=x,other=y" {
					t.Errorf("trace state of a link: %q", link.TraceState)
				}
				link.TraceState = ""
			}
		}
	}
	if !proto.Equal(&got, &want) {
		for i, scope := range want.ResourceSpans[0].ScopeSpans {
			for j, span := range scope.Spans {
				if other := got.ResourceSpans[0].ScopeSpans[i].Spans[j]; !proto.Equal(other, span) {
					t.Fatalf("scope %d, span %d:\ngot  %v\nwant %v", i, j, other, span)
				}
			}
		}
		t.Errorf("resource or scope:\ngot  %v\nwant %v", &got, &want)
	}
}

// service is a receiver on gRPC's own library.
type service struct {
	collector.UnimplementedTraceServiceServer
	got chan *collector.ExportTraceServiceRequest
}

func (s service) Export(_ context.Context, r *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	s.got <- r
	return &collector.ExportTraceServiceResponse{PartialSuccess: &collector.ExportTracePartialSuccess{RejectedSpans: 2, ErrorMessage: "two"}}, nil
}

func TestOTLP_gRPCServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := service{got: make(chan *collector.ExportTraceServiceRequest, 1)}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(1 << 20))
	collector.RegisterTraceServiceServer(server, s)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()

	var span otlp.Span
	otlp.FromSpan(&span, spansOfAllKinds(t)[0])
	item := otlp.AppendItem(nil, &span)
	for _, zip := range []bool{false, true} {
		client, err := otlp.New(otlp.Config{Endpoint: "http://" + listener.Addr().String(), Protocol: otlp.ProtocolGRPC, Gzip: zip})
		if err != nil {
			t.Fatal(err)
		}
		rejection, err := client.ExportTraces(t.Context(), "", 1, func(int) []byte { return item })
		if err != nil || rejection.Items != 2 || rejection.Message != "two" {
			t.Fatalf("gzip %v: %+v, %v", zip, rejection, err)
		}
		if r := <-s.got; r.ResourceSpans[0].ScopeSpans[0].Spans[0].Name != "GET /" {
			t.Errorf("gzip %v: %v", zip, r)
		}
		_, err = client.ExportTraces(t.Context(), "", 20, func(int) []byte { return item })
		var e *otlp.Error
		if !errors.As(err, &e) || e.Code != "RESOURCE_EXHAUSTED" || e.Retryable() || !e.Splittable() {
			t.Errorf("too large: %v", err)
		}
	}
}
