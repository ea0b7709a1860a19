package otlp_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/updraft-otel/updraft/otlp"
)

// Log records to a collector, one request by hand.
func ExampleClient_ExportLogs() {
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println(r.Method, r.URL.Path, r.Header.Get("Content-Type"), len(body) > 0)
	}))
	defer collector.Close()
	client, err := otlp.New(otlp.Config{Endpoint: collector.URL + "/v1/logs"})
	if err != nil {
		fmt.Println(err)
		return
	}
	resource := otlp.AppendResource(nil, &otlp.Resource{Attributes: []attribute.KeyValue{attribute.String("service.name", "shop")}})
	item := otlp.AppendLogItem(nil, &otlp.LogRecord{Time: time.Now(), Severity: 9, Body: attribute.StringValue("order placed")})
	rejection, err := client.ExportLogs(context.Background(), string(resource), 1, func(int) []byte { return item })
	fmt.Println(rejection.Items, err)
	// Output:
	// POST /v1/logs application/x-protobuf true
	// 0 <nil>
}

// Metrics to a collector, one request by hand.
func ExampleClient_ExportMetrics() {
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println(r.Method, r.URL.Path, len(body) > 0)
	}))
	defer collector.Close()
	client, err := otlp.New(otlp.Config{Endpoint: collector.URL + "/v1/metrics"})
	if err != nil {
		fmt.Println(err)
		return
	}
	metrics := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{
		{Name: "orders", Unit: "{order}", Data: metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{{Time: time.Now(), Value: 7}, {Time: time.Now(), Value: 8}}}},
	}}}}
	var items [][]byte
	for _, item := range otlp.MetricItems(metrics) {
		items = append(items, append([]byte(nil), item...))
	}
	rejection, err := client.ExportMetrics(context.Background(), "", len(items), func(i int) []byte { return items[i] })
	fmt.Println(len(items), rejection.Items, err)
	// Output:
	// POST /v1/metrics true
	// 2 0 <nil>
}

// printer is a queue that prints what it gets; package outbox has a real one.
type printer struct{}

func (printer) Put(_ string, _ time.Time, item []byte) error {
	fmt.Println("a data point:", len(item) > 0)
	return nil
}
func (printer) Flush(context.Context) error    { return nil }
func (printer) Shutdown(context.Context) error { return nil }

// The exporter behind an SDK's reader, with what the environment says of
// temporality and histograms.
func ExampleNewMetricExporter() {
	temporality, aggregation, err := otlp.MetricsSelectors(os.Getenv)
	if err != nil {
		fmt.Println(err)
		return
	}
	exporter, err := otlp.NewMetricExporter(otlp.MetricConfig{Queue: printer{}, Temporality: temporality, Aggregation: aggregation})
	if err != nil {
		fmt.Println(err)
		return
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)))
	orders, err := provider.Meter("shop").Int64Counter("orders")
	if err != nil {
		fmt.Println(err)
		return
	}
	orders.Add(context.Background(), 1)
	fmt.Println(provider.Shutdown(context.Background()))
	// Output:
	// a data point: true
	// <nil>
}
