package otlp

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

func metricOf(name string, data metricdata.Aggregation) metricdata.Metrics {
	return metricdata.Metrics{Name: name, Data: data}
}

func gauge(values ...int64) metricdata.Gauge[int64] {
	var g metricdata.Gauge[int64]
	for _, v := range values {
		g.DataPoints = append(g.DataPoints, metricdata.DataPoint[int64]{Value: v})
	}
	return g
}

func itemsOf(rm *metricdata.ResourceMetrics) [][]byte {
	var items [][]byte
	for _, item := range MetricItems(rm) {
		items = append(items, append([]byte(nil), item...))
	}
	return items
}

func metricsRequest(items [][]byte) []byte {
	return AppendMetrics(nil, "", len(items), func(i int) []byte { return items[i] })
}

func TestAppendMetrics_bytes(t *testing.T) {
	// By hand, from the definitions of opentelemetry-proto.
	const want = "0a4e" + // resource_metrics
		"124c" + // scope_metrics
		"0a06" + "0a016e" + "120176" + // scope n v
		"1242" + // metric
		"0a0161" + "120164" + "1a0173" + // name, description, unit
		"3a37" + // sum
		"0a31" + // data point
		"110100000000000000" + "190200000000000000" + // start, time
		"31ffffffffffffffff" + // as_int -1
		"2a09" + "31" + "0000000000000000" + // exemplar as_int 0
		"3a09" + "0a0161" + "1204" + "18ffff03" + // a: 65535
		"1001" + "1801" // delta, monotonic
	rm := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{
		Scope: instrumentation.Scope{Name: "n", Version: "v"},
		Metrics: []metricdata.Metrics{{Name: "a", Description: "d", Unit: "s", Data: metricdata.Sum[int64]{
			Temporality: metricdata.DeltaTemporality, IsMonotonic: true,
			DataPoints: []metricdata.DataPoint[int64]{{
				StartTime: time.Unix(0, 1), Time: time.Unix(0, 2), Value: -1,
				Exemplars:  []metricdata.Exemplar[int64]{{}},
				Attributes: attribute.NewSet(attribute.Int("a", 65535)),
			}},
		}}},
	}}}
	if got := hex.EncodeToString(metricsRequest(itemsOf(rm))); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestAppendMetrics_groups sends points in an order of their own, as a queue
// does that takes them from several exports.
func TestAppendMetrics_groups(t *testing.T) {
	f := func(points, want string) { // of each: scope, metric, value
		t.Helper()
		var items [][]byte
		for p := range strings.FieldsSeq(points) {
			rm := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{
				Scope:   instrumentation.Scope{Name: p[:1]},
				Metrics: []metricdata.Metrics{metricOf(p[1:2], gauge(int64(p[2]-'0')))},
			}}}
			items = append(items, itemsOf(rm)...)
		}
		var got strings.Builder
		for _, sm := range fields(t, fields(t, metricsRequest(items), 1)[0], 2) {
			fmt.Fprintf(&got, "%s(", fields(t, fields(t, sm, 1)[0], 1)[0])
			for _, m := range fields(t, sm, 2) {
				got.Write(fields(t, m, 1)[0])
				for _, p := range fields(t, fields(t, m, dataGauge)[0], 1) {
					for v := range eachField(p) {
						fmt.Fprint(&got, v.varint)
					}
				}
			}
			got.WriteString(")")
		}
		if got.String() != want {
			t.Errorf("%s: got %s, want %s", points, got.String(), want)
		}
	}
	f("Aa1", "A(a1)")
	f("Aa1 Aa2 Aa3", "A(a123)")
	f("Aa1 Ab2 Aa3", "A(a13b2)")
	f("Aa1 Ba2 Aa3 Bb4 Ab5", "A(a13b5)B(a2b4)")
}

// TestAppendMetrics_noItems: what is no item makes no broken request.
func TestAppendMetrics_noItems(t *testing.T) {
	for _, item := range []string{"", "\x05", "\x00\x05ab", "\x00\x01\x07", "\xff\xff\xff"} {
		body := metricsRequest([][]byte{[]byte(item), []byte(item)})
		if n := len(fields(t, fields(t, fields(t, body, 1)[0], 2)[0], 2)); n != 1 {
			t.Errorf("%q: %d metrics", item, n)
		}
	}
}

// memory is a queue that keeps what it gets.
type memory struct {
	keys  []string
	items [][]byte
	err   error
}

func (q *memory) Put(key string, _ time.Time, item []byte) error {
	q.keys, q.items = append(q.keys, key), append(q.items, append([]byte(nil), item...))
	return q.err
}
func (*memory) Flush(context.Context) error    { return nil }
func (*memory) Shutdown(context.Context) error { return nil }

func TestMetricExporter_limits(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	labels := func(n int, value string) attribute.Set {
		var kvs []attribute.KeyValue
		for i := range n {
			kvs = append(kvs, attribute.String(fmt.Sprintf("k%03d", i), value))
		}
		return attribute.NewSet(kvs...)
	}
	f := func(name, want string, age time.Duration, point attribute.Set) {
		t.Helper()
		for _, cloudWatch := range []bool{true, false} {
			q := &memory{}
			e, err := NewMetricExporter(MetricConfig{Queue: q, CloudWatch: cloudWatch, Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			g := gauge(1)
			g.DataPoints[0].Time, g.DataPoints[0].Attributes = now.Add(-age), point
			rm := &metricdata.ResourceMetrics{
				Resource: resource.NewSchemaless(attribute.String("r", "v"), attribute.Int("n", 1)),
				ScopeMetrics: []metricdata.ScopeMetrics{{
					Scope:   instrumentation.Scope{Name: "s", Attributes: attribute.NewSet(attribute.Bool("b", true))},
					Metrics: []metricdata.Metrics{metricOf("m", g)},
				}},
			}
			if err := e.Export(t.Context(), rm); err != nil {
				t.Fatal(err)
			}
			dropped := e.Dropped()
			if want == "" || !cloudWatch {
				if len(q.items) != 1 || len(dropped) != 0 {
					t.Errorf("%s: %d items, dropped %v", name, len(q.items), dropped)
				}
			} else if len(q.items) != 0 || dropped[want] != 1 {
				t.Errorf("%s: %d items, dropped %v", name, len(q.items), dropped)
			}
		}
	}
	f("147 of 150 labels", "", 0, labels(147, "v"))
	f("148 of 150 labels", DropLabels, 0, labels(148, "v"))
	f("40 KB", DropLabelBytes, 0, labels(40, strings.Repeat("x", 1000)))
	f("39 KB", "", 0, labels(39, strings.Repeat("x", 1000)))
	f("list of 40 KB", DropLabelBytes, 0, attribute.NewSet(attribute.StringSlice("l", []string{strings.Repeat("x", 40_000)})))
	f("14 days", "", MaxMetricsPointAge, labels(1, "v"))
	f("older", DropTooOld, MaxMetricsPointAge+time.Second, labels(1, "v"))
	f("10 minutes ahead", "", -MaxMetricsPointFuture, labels(1, "v"))
	f("further", DropTooNew, -MaxMetricsPointFuture-time.Second, labels(1, "v"))
}

func TestMetricExporter_closed(t *testing.T) {
	q := &memory{}
	e, err := NewMetricExporter(MetricConfig{Queue: q})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewMetricExporter(MetricConfig{}); err == nil {
		t.Error("no queue, no error")
	}
	for range 2 {
		if err := e.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	rm := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{metricOf("m", gauge(1, 2))}}}}
	if err := e.Export(t.Context(), rm); err == nil || len(q.items) != 0 || e.Dropped()[DropClosed] != 2 {
		t.Errorf("%v, %d items, %v", err, len(q.items), e.Dropped())
	}
}

func TestMetricExporter_noAllocation(t *testing.T) {
	e, err := NewMetricExporter(MetricConfig{Queue: discard{}, CloudWatch: true})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	h := metricdata.ExponentialHistogram[float64]{}
	g := metricdata.Gauge[int64]{}
	for i := range 100 {
		set := attribute.NewSet(attribute.String("http.route", "/api"), attribute.Int("i", i))
		h.DataPoints = append(h.DataPoints, metricdata.ExponentialHistogramDataPoint[float64]{
			Time: now, Attributes: set, Count: 3, Scale: -1, Min: metricdata.NewExtrema(1.5), Max: metricdata.NewExtrema(2.5),
			PositiveBucket: metricdata.ExponentialBucket{Offset: -3, Counts: []uint64{1, 0, 300}},
		})
		g.DataPoints = append(g.DataPoints, metricdata.DataPoint[int64]{Time: now, Attributes: set, Value: 7})
	}
	rm := &metricdata.ResourceMetrics{Resource: resource.Empty(), ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{metricOf("h", h), metricOf("g", g)}}}}
	allocs := testing.AllocsPerRun(20, func() {
		if err := e.Export(context.Background(), rm); err != nil {
			t.Error(err)
		}
	})
	if allocs > 2 { // of 200 points: one closure
		t.Errorf("%v allocations an export", allocs)
	}
}

type discard struct{}

func (discard) Put(string, time.Time, []byte) error { return nil }
func (discard) Flush(context.Context) error         { return nil }
func (discard) Shutdown(context.Context) error      { return nil }

func TestMetricsSelectors(t *testing.T) {
	f := func(preference, histogram, want string) {
		t.Helper()
		vars := map[string]string{envTemporality: preference, envHistogram: histogram}
		temporality, aggregation, err := MetricsSelectors(func(name string) string { return vars[name] })
		var got strings.Builder
		if err != nil {
			got.WriteString(err.Error())
		}
		if temporality != nil {
			for _, kind := range []sdkmetric.InstrumentKind{
				sdkmetric.InstrumentKindCounter, sdkmetric.InstrumentKindUpDownCounter, sdkmetric.InstrumentKindHistogram, sdkmetric.InstrumentKindObservableCounter,
			} {
				got.WriteByte(temporality(kind).String()[0])
			}
		}
		if aggregation != nil {
			fmt.Fprintf(&got, " %T", aggregation(sdkmetric.InstrumentKindHistogram))
			if c := aggregation(sdkmetric.InstrumentKindCounter); c != (sdkmetric.AggregationSum{}) {
				t.Errorf("a counter as %T", c)
			}
		}
		if got.String() != want {
			t.Errorf("%q %q: got %q, want %q", preference, histogram, got.String(), want)
		}
	}
	f("", "", "")
	f("cumulative", "", "CCCC")
	f("Delta", "", "DCDD")
	f("lowmemory", "", "DCDC")
	f("", "explicit_bucket_histogram", " metric.AggregationExplicitBucketHistogram")
	f("", "base2_exponential_bucket_histogram", " metric.AggregationBase2ExponentialHistogram")
	f("both", "", envTemporality+`="both": want cumulative, delta or lowmemory`)
	f("", "linear", envHistogram+`="linear": want explicit_bucket_histogram or base2_exponential_bucket_histogram`)
}

func TestExportMetrics(t *testing.T) {
	items := itemsOf(&metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{metricOf("m", gauge(1, math.MinInt64))}}}})
	f := func(protocol, contentType, answer, path string, want Rejection) {
		t.Helper()
		url, got := peer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			if protocol == ProtocolGRPC {
				w.Header().Set("Trailer", "Grpc-Status")
				answer = "\x00\x00\x00\x00" + string(rune(len(answer))) + answer
			}
			_, _ = w.Write([]byte(answer))
			w.Header().Set("Grpc-Status", "0")
		})
		c, err := New(Config{Endpoint: url + "/v1/metrics", Protocol: protocol})
		if err != nil {
			t.Fatal(err)
		}
		rejection, err := c.ExportMetrics(t.Context(), "", len(items), func(i int) []byte { return items[i] })
		if err != nil || rejection != want {
			t.Errorf("%s: %+v, %v", protocol, rejection, err)
		}
		if r := <-got; r.URL.Path != path || !strings.Contains(string(r.body), string(metricsRequest(items))) {
			t.Errorf("%s: path %s, %x", protocol, r.URL.Path, r.body)
		}
	}
	f(ProtocolHTTP, "application/x-protobuf", "\x0a\x07\x08\x02\x12\x03two", "/v1/metrics", Rejection{2, "two"})
	f(ProtocolHTTP, "application/json", `{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"three"}}`, "/v1/metrics", Rejection{3, "three"})
	f(ProtocolGRPC, "application/grpc", "\x0a\x07\x08\x02\x12\x03two", grpcMetrics, Rejection{2, "two"})
}

func FuzzAppendMetrics(f *testing.F) {
	f.Add([]byte("\x00\x04\x05\x00\x0a\x01a"), []byte("\x01x\x00p"))
	f.Fuzz(func(_ *testing.T, a, b []byte) {
		items := [][]byte{a, b, a}
		AppendMetrics(nil, "", len(items), func(i int) []byte { return items[i] })
	})
}

func BenchmarkMetricItems(b *testing.B) {
	h := metricdata.Histogram[float64]{Temporality: metricdata.DeltaTemporality}
	for i := range 100 {
		h.DataPoints = append(h.DataPoints, metricdata.HistogramDataPoint[float64]{
			Attributes: attribute.NewSet(attribute.String("http.request.method", "GET"), attribute.String("http.route", "/api/products"), attribute.Int("i", i)),
			Time:       time.Now(), StartTime: time.Now(), Count: 10, Sum: 3, Bounds: make([]float64, 14), BucketCounts: make([]uint64, 15),
		})
	}
	rm := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{metricOf("http.server.request.duration", h)}}}}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		for range MetricItems(rm) {
			n++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/point")
}
