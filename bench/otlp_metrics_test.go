package bench

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/updraft-otel/updraft/otlp"
)

// numberPoints are points of one kind with all that a point can have.
func numberPoints[N int64 | float64](values ...N) []metricdata.DataPoint[N] {
	at := time.Unix(1_790_000_000, 123_456_789)
	var points []metricdata.DataPoint[N]
	for i, v := range values {
		points = append(points, metricdata.DataPoint[N]{
			Attributes: attribute.NewSet(attribute.String("s", "é"), attribute.Int("i", i), attribute.StringSlice("l", []string{"a", ""}), attribute.Bool("f", false)),
			StartTime:  at, Time: at.Add(time.Minute), Value: v,
			Exemplars: []metricdata.Exemplar[N]{
				{Time: at, Value: v, SpanID: []byte{1, 2, 3, 4, 5, 6, 7, 8}, TraceID: []byte("0123456789abcdef"), FilteredAttributes: []attribute.KeyValue{attribute.Float64("x", 0)}},
				{Time: at},
			},
		})
	}
	return append(points, metricdata.DataPoint[N]{Attributes: *attribute.EmptySet(), StartTime: at, Time: at})
}

func histogramPoints[N int64 | float64](v N) []metricdata.HistogramDataPoint[N] {
	p := numberPoints(v)[0]
	many := make([]uint64, 1000)
	bounds := make([]float64, 999)
	for i := range bounds {
		many[i], bounds[i] = uint64(i), float64(i)
	}
	return []metricdata.HistogramDataPoint[N]{
		{
			Attributes: p.Attributes, StartTime: p.StartTime, Time: p.Time, Exemplars: p.Exemplars, Count: 6, Sum: v,
			Bounds: []float64{-1, 0, math.MaxFloat64}, BucketCounts: []uint64{0, 1, 2, math.MaxUint32}, Min: metricdata.NewExtrema(-v), Max: metricdata.NewExtrema(v),
		},
		{Attributes: p.Attributes, StartTime: p.StartTime, Time: p.Time, Bounds: bounds, BucketCounts: many},
		{Attributes: p.Attributes, StartTime: p.StartTime, Time: p.Time, BucketCounts: []uint64{7}, Count: 7},
	}
}

func exponentialPoints[N int64 | float64](v N) []metricdata.ExponentialHistogramDataPoint[N] {
	p := numberPoints(v)[0]
	return []metricdata.ExponentialHistogramDataPoint[N]{
		{
			Attributes: p.Attributes, StartTime: p.StartTime, Time: p.Time, Exemplars: p.Exemplars, Count: 600, Sum: v, Scale: -10, ZeroCount: 3, ZeroThreshold: 1e-9,
			PositiveBucket: metricdata.ExponentialBucket{Offset: math.MaxInt32, Counts: []uint64{1, 0, 300, math.MaxUint64}},
			NegativeBucket: metricdata.ExponentialBucket{Offset: math.MinInt32, Counts: make([]uint64, 160)},
			Min:            metricdata.NewExtrema(v), Max: metricdata.NewExtrema(v),
		},
		{Attributes: p.Attributes, StartTime: p.StartTime, Time: p.Time, Scale: 20, PositiveBucket: metricdata.ExponentialBucket{Offset: -1, Counts: []uint64{1}}},
	}
}

// metricsOfAllKinds has every kind of data and every field of it.
func metricsOfAllKinds() *metricdata.ResourceMetrics {
	at := time.Unix(1_790_000_000, 5)
	scope := func(name string, metrics ...metricdata.Metrics) metricdata.ScopeMetrics {
		return metricdata.ScopeMetrics{Metrics: metrics, Scope: instrumentation.Scope{
			Name: name, Version: "1", SchemaURL: "https://example.com/scope", Attributes: attribute.NewSet(attribute.String("k", "v")),
		}}
	}
	of := func(name string, data metricdata.Aggregation) metricdata.Metrics {
		return metricdata.Metrics{Name: name, Description: "what " + name + " is", Unit: "{thing}", Data: data}
	}
	const delta, cumulative = metricdata.DeltaTemporality, metricdata.CumulativeTemporality
	return &metricdata.ResourceMetrics{
		Resource: resource.NewWithAttributes("https://example.com/resource", attribute.String("service.name", "shop"), attribute.Int("n", 1)),
		ScopeMetrics: []metricdata.ScopeMetrics{
			scope("numbers",
				of("gauge.int", metricdata.Gauge[int64]{DataPoints: numberPoints[int64](0, -1, math.MaxInt64, math.MinInt64)}),
				of("gauge.float", metricdata.Gauge[float64]{DataPoints: numberPoints(0, -1.5, math.Inf(1), math.MaxFloat64, math.SmallestNonzeroFloat64)}),
				of("sum.int", metricdata.Sum[int64]{DataPoints: numberPoints[int64](7), Temporality: delta, IsMonotonic: true}),
				of("sum.float", metricdata.Sum[float64]{DataPoints: numberPoints(7.25), Temporality: cumulative}),
				of("sum.total", metricdata.Sum[float64]{DataPoints: numberPoints(7.25), Temporality: cumulative, IsMonotonic: true})),
			scope("distributions",
				of("histogram.int", metricdata.Histogram[int64]{DataPoints: histogramPoints[int64](9), Temporality: delta}),
				of("histogram.float", metricdata.Histogram[float64]{DataPoints: histogramPoints(9.5), Temporality: cumulative}),
				of("exponential.int", metricdata.ExponentialHistogram[int64]{DataPoints: exponentialPoints[int64](9), Temporality: cumulative}),
				of("exponential.float", metricdata.ExponentialHistogram[float64]{DataPoints: exponentialPoints(9.5), Temporality: delta}),
				of("summary", metricdata.Summary{DataPoints: []metricdata.SummaryDataPoint{
					{
						Attributes: attribute.NewSet(attribute.String("a", "b")), StartTime: at, Time: at, Count: 9, Sum: 1.5,
						QuantileValues: []metricdata.QuantileValue{{Quantile: 0, Value: 0}, {Quantile: 0.99, Value: 7}, {Quantile: 1, Value: math.MaxFloat64}},
					},
					{StartTime: at, Time: at},
				}})),
		},
	}
}

func metricItems(rm *metricdata.ResourceMetrics) (key string, items [][]byte) {
	for _, item := range otlp.MetricItems(rm) {
		items = append(items, append([]byte(nil), item...))
	}
	return string(otlp.AppendResource(nil, &otlp.Resource{Attributes: rm.Resource.Attributes(), SchemaURL: rm.Resource.SchemaURL()})), items
}

func ourMetrics(rm *metricdata.ResourceMetrics) []byte {
	key, items := metricItems(rm)
	return otlp.AppendMetrics(nil, key, len(items), func(i int) []byte { return items[i] })
}

// TestOTLPMetrics_equalSDK compares our request with that of the SDK's
// exporter, by protobuf's own library.
func TestOTLPMetrics_equalSDK(t *testing.T) {
	rm := metricsOfAllKinds()
	var theirs []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { theirs, _ = io.ReadAll(r.Body) }))
	defer server.Close()
	exporter, err := otlpmetrichttp.New(t.Context(), otlpmetrichttp.WithEndpointURL(server.URL+"/v1/metrics"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(exporter.Export(t.Context(), rm), exporter.Shutdown(t.Context())); err != nil {
		t.Fatal(err)
	}
	body := ourMetrics(rm)
	var got, want collector.ExportMetricsServiceRequest
	if err := errors.Join(proto.Unmarshal(body, &got), proto.Unmarshal(theirs, &want)); err != nil {
		t.Fatal(err)
	}
	if size := proto.Size(&got); size != len(body) {
		t.Errorf("%d bytes, protobuf's library needs %d", len(body), size)
	}
	if proto.Equal(&got, &want) {
		return
	}
	for i, scope := range want.GetResourceMetrics()[0].GetScopeMetrics() {
		for j, metric := range scope.GetMetrics() {
			if other := got.GetResourceMetrics()[0].GetScopeMetrics()[i].GetMetrics()[j]; !proto.Equal(other, metric) {
				t.Fatalf("scope %d, metric %d:\ngot  %v\nwant %v", i, j, other, metric)
			}
		}
	}
	t.Errorf("resource or scope:\ngot  %v\nwant %v", &got, &want)
}

// TestOTLPMetrics_collector reads our request as the collector does.
func TestOTLPMetrics_collector(t *testing.T) {
	rm := metricsOfAllKinds()
	_, items := metricItems(rm)
	request := pmetricotlp.NewExportRequest()
	if err := request.UnmarshalProto(ourMetrics(rm)); err != nil {
		t.Fatal(err)
	}
	if got := request.Metrics().DataPointCount(); got != len(items) {
		t.Errorf("%d data points, want %d", got, len(items))
	}
	back, err := request.MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	var got, want collector.ExportMetricsServiceRequest
	if err := errors.Join(proto.Unmarshal(back, &got), proto.Unmarshal(ourMetrics(rm), &want)); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(&got, &want) {
		t.Error("what the collector reads and writes again differs")
	}
}

// metricsService is a receiver on gRPC's own library.
type metricsService struct {
	collector.UnimplementedMetricsServiceServer
	got chan *collector.ExportMetricsServiceRequest
}

func (s metricsService) Export(_ context.Context, r *collector.ExportMetricsServiceRequest) (*collector.ExportMetricsServiceResponse, error) {
	s.got <- r
	return &collector.ExportMetricsServiceResponse{PartialSuccess: &collector.ExportMetricsPartialSuccess{RejectedDataPoints: 2, ErrorMessage: "two"}}, nil
}

func TestOTLPMetrics_gRPCServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := metricsService{got: make(chan *collector.ExportMetricsServiceRequest, 1)}
	server := grpc.NewServer()
	collector.RegisterMetricsServiceServer(server, s)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()

	key, items := metricItems(metricsOfAllKinds())
	for _, zip := range []bool{false, true} {
		client, err := otlp.New(otlp.Config{Endpoint: "http://" + listener.Addr().String(), Protocol: otlp.ProtocolGRPC, Gzip: zip})
		if err != nil {
			t.Fatal(err)
		}
		rejection, err := client.ExportMetrics(t.Context(), key, len(items), func(i int) []byte { return items[i] })
		if err != nil || rejection.Items != 2 || rejection.Message != "two" {
			t.Fatalf("gzip %v: %+v, %v", zip, rejection, err)
		}
		if r := <-s.got; len(r.GetResourceMetrics()[0].GetScopeMetrics()) != 2 {
			t.Errorf("gzip %v: %v", zip, r)
		}
	}
}
