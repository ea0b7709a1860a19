package metrics_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelmetric "go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/updraft-otel/updraft/metrics"
)

func ExampleAppendDatum() {
	body := metrics.AppendDatum(nil, &metrics.Datum{Name: "orders", Value: 3, Unit: "Count"})
	fmt.Printf("%x\n", body)
	// Output: a36a4d65747269634e616d65666f72646572736556616c7565fb400800000000000064556e697465436f756e74
}

func ExampleAppendDatumJSON() {
	line := metrics.AppendDatumJSON(nil, &metrics.Datum{
		Name:       "duration",
		Dimensions: []metrics.Dimension{{Name: "route", Value: "/cart"}},
		Time:       time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Values:     []float64{0.1, 0.4},
		Counts:     []float64{12, 1},
		Unit:       metrics.Unit("s"),
	})
	fmt.Println(string(line))
	// Output: {"MetricName":"duration","Dimensions":[{"Name":"route","Value":"/cart"}],"Timestamp":"2026-11-23T12:00:00Z","Values":[0.1,0.4],"Counts":[12,1],"Unit":"Seconds"}
}

// toStdout is a metrics.Queue; the usual one is an outbox.Queue.
type toStdout struct{}

func (toStdout) Put(namespace string, _ time.Time, body []byte) error {
	fmt.Println(namespace, len(body), "bytes")
	return nil
}
func (toStdout) Flush(context.Context) error    { return nil }
func (toStdout) Shutdown(context.Context) error { return nil }

func ExampleNewExporter() {
	exporter, err := metrics.NewExporter(metrics.Config{Queue: toStdout{}, Namespace: "shop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)))
	orders, _ := provider.Meter("shop/cart").Int64Counter("orders", otelmetric.WithUnit("{order}"))
	orders.Add(context.Background(), 1)
	_ = provider.Shutdown(context.Background())
	// Output: shop 65 bytes
}

func ExampleNewWriterExporter() {
	exporter, err := metrics.NewWriterExporter(os.Stdout, metrics.Config{
		Dimensions: []metrics.Dimension{{Name: "Service", Value: "shop"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = exporter.Export(context.Background(), &metricdata.ResourceMetrics{
		ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{
			Name: "queue.length", Unit: "{job}",
			Data: metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{{
				Attributes: attribute.NewSet(attribute.String("queue", "mail")),
				Time:       time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
				Value:      8,
			}}},
		}}}},
	})
	// Output: {"MetricName":"queue.length","Dimensions":[{"Name":"Service","Value":"shop"},{"Name":"queue","Value":"mail"}],"Timestamp":"2026-11-23T12:00:00Z","Value":8,"Unit":"Count"}
}

func ExampleUnit() {
	fmt.Println(metrics.Unit("ms"), metrics.Unit("By/s"), metrics.Unit("{request}"), metrics.Unit("Cel"))
	// Output: Milliseconds Bytes/Second Count None
}

func ExampleCleanValue() {
	fmt.Println(metrics.CleanValue("Köln"))
	// Output: K%C3%B6ln
}

func ExampleAppendEMF() {
	line := metrics.AppendEMF(nil, &metrics.Document{
		Time:       time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Namespace:  "shop",
		Dimensions: [][]string{{"route"}},
		Labels:     []metrics.Label{{Name: "route", Value: "/cart"}},
		Metrics:    []metrics.DocumentMetric{{Name: "latency", Value: 12.5, Unit: metrics.Unit("ms")}},
	})
	fmt.Println(string(line))
	// Output: {"_aws":{"CloudWatchMetrics":[{"Namespace":"shop","Dimensions":[["route"]],"Metrics":[{"Name":"latency","Unit":"Milliseconds"}]}],"Timestamp":1795435200000},"route":"/cart","latency":12.5}
}

func ExampleSplitter() {
	document := metrics.Document{
		Time:      time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Namespace: "shop",
		Metrics:   []metrics.DocumentMetric{{Name: "latency", Value: 12}, {Name: "latency", Value: 15}},
	}
	var splitter metrics.Splitter
	splitter.Lines(&document, func(line []byte) { fmt.Println(len(line), "bytes") })
	// Output:
	// 141 bytes
	// 141 bytes
}
