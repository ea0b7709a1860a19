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

// documentsToStdout is a metrics.Queue for documents; the usual one takes them
// to CloudWatch Logs.
type documentsToStdout struct{ toStdout }

func (documentsToStdout) Put(key string, _ time.Time, line []byte) error {
	fmt.Println(key, string(line))
	return nil
}

func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func ExampleNewEMFExporter() {
	exporter, err := metrics.NewEMFExporter(metrics.Config{
		Queue: documentsToStdout{}, Namespace: "shop", Key: "/metrics/shop", Now: noon,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = exporter.Export(context.Background(), &metricdata.ResourceMetrics{
		ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{
			Name: "queue.length", Unit: "{job}",
			Data: metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{{
				Attributes: attribute.NewSet(attribute.String("queue", "mail")), Time: noon(), Value: 8,
			}}},
		}}}},
	})
	// Output: /metrics/shop {"_aws":{"CloudWatchMetrics":[{"Namespace":"shop","Dimensions":[["queue"]],"Metrics":[{"Name":"queue.length","Unit":"Count"}]}],"Timestamp":1795435200000},"queue":"mail","queue.length":8}
}

// Points of one time with the same labels share a document, whoever measured
// them.
func ExampleNewEMFEncoder() {
	encoder, err := metrics.NewEMFEncoder(metrics.Config{Namespace: "shop", Now: noon})
	if err != nil {
		fmt.Println(err)
		return
	}
	labels := []metrics.Label{{Name: "route", Value: "/cart"}}
	encoder.Add(&metrics.Metric{Name: "in.flight"}, &metrics.Point{Time: noon(), Labels: labels, Value: 3})
	encoder.Add(&metrics.Metric{Name: "latency", Unit: "ms", Kind: metrics.KindHistogram}, &metrics.Point{
		Time: noon(), Labels: labels, Count: 3, Sum: 24, Min: 5, Max: 12, Bounds: []float64{10}, Buckets: []uint64{2, 1},
	})
	encoder.Lines(func(_ string, at time.Time, line []byte) {
		fmt.Println(at.Format(time.TimeOnly))
		fmt.Println(string(line))
	})
	// Output:
	// 12:00:00
	// {"_aws":{"CloudWatchMetrics":[{"Namespace":"shop","Dimensions":[["route"]],"Metrics":[{"Name":"in.flight"},{"Name":"latency","Unit":"Milliseconds"}]}],"Timestamp":1795435200000},"route":"/cart","in.flight":3,"latency":{"Values":[5,7,12],"Counts":[1,1,1],"Max":12,"Min":5,"Count":3,"Sum":24}}
}

// A total becomes its increase.
func ExampleNewDatumEncoder() {
	encoder, err := metrics.NewDatumEncoder(metrics.Config{Namespace: "shop", Now: noon}, func(namespace string, d *metrics.Datum) {
		fmt.Println(namespace, string(metrics.AppendDatumJSON(nil, d)))
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	orders := &metrics.Metric{Name: "orders", Kind: metrics.KindSum, Cumulative: true, Monotonic: true}
	for i, total := range []float64{5, 8} {
		encoder.Begin()
		encoder.Add(orders, &metrics.Point{Start: noon(), Time: noon().Add(time.Duration(i) * time.Minute), Value: total})
	}
	// Output:
	// shop {"MetricName":"orders","Timestamp":"2026-11-23T12:00:00Z","Value":5,"Unit":"None"}
	// shop {"MetricName":"orders","Timestamp":"2026-11-23T12:01:00Z","Value":3,"Unit":"None"}
}

func ExampleParseDeclarations() {
	declarations, err := metrics.ParseDeclarations([]byte(`
- metrics: [go.*]
  deny: true
- metrics: [http.server.*]
  dimensions: [[http.route], [http.route, http.response.status_code]]
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	encoder, err := metrics.NewEMFEncoder(metrics.Config{Namespace: "shop", Declarations: declarations, Now: noon})
	if err != nil {
		fmt.Println(err)
		return
	}
	labels := []metrics.Label{{Name: "http.route", Value: "/cart"}, {Name: "user.id", Value: "17"}}
	for _, name := range []string{"go.goroutine.count", "http.server.active_requests"} {
		encoder.Add(&metrics.Metric{Name: name}, &metrics.Point{Time: noon(), Labels: labels, Value: 9})
	}
	encoder.Lines(func(_ string, _ time.Time, line []byte) { fmt.Println(string(line)) })
	// Output: {"_aws":{"CloudWatchMetrics":[{"Namespace":"shop","Dimensions":[["http.route"]],"Metrics":[{"Name":"http.server.active_requests"}]}],"Timestamp":1795435200000},"http.route":"/cart","user.id":"17","http.server.active_requests":9}
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
