package updraft_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/metrics"
)

func ExampleStart() {
	ctx := context.Background()
	tel, err := updraft.Start(ctx)
	if err != nil { // with Config.Strict only
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }()

	http.Handle("/", updraft.HTTPHandler(http.NotFoundHandler(), "shop"))
	tel.Logger().InfoContext(ctx, "started")
}

func ExampleConfig_Start() {
	ctx := context.Background()
	tel, err := updraft.Config{
		ServiceName: "shop",
		Traces:      updraft.ExporterNone, // an application without an AWS account
		Metrics:     updraft.ExporterNone,
		Logs:        updraft.ExporterConsole,
		Console:     os.Stdout,
		Strict:      true,
	}.Start(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := tel.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}
	for _, choice := range tel.Report().Choices[:2] {
		fmt.Println(choice.Setting, "is", choice.Value, "from", choice.Source)
	}
	// Output:
	// service.name is shop from argument
	// traces is none from argument
}

func ExampleTelemetry_Report() {
	tel, err := updraft.Config{Traces: "console", Metrics: "none", Logs: "none", Console: new(discard)}.Start(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	_, span := tel.TracerProvider().Tracer("example").Start(context.Background(), "work")
	span.End()
	_ = tel.Shutdown(context.Background())
	for _, signal := range tel.Report().Signals {
		fmt.Printf("%s: %d accepted, %d delivered, %d dropped\n", signal.Signal, signal.Accepted, signal.Delivered, signal.DroppedTotal())
	}
	// Output:
	// traces: 1 accepted, 1 delivered, 0 dropped
}

type discard struct{}

func (*discard) Write(p []byte) (int, error) { return len(p), nil }

func ExampleHTTPClient() {
	server := httptest.NewServer(updraft.HTTPHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, "in stock")
	}), "inventory"))
	defer server.Close()
	response, err := updraft.HTTPClient().Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	fmt.Println(response.Status)
	// Output:
	// 200 OK
}

// Metrics as log events on standard output, from which CloudWatch makes metrics
// where something takes the output to CloudWatch Logs, as in Lambda.
func ExampleConfig_Start_metrics() {
	tel, err := updraft.Config{
		ServiceName: "shop",
		Traces:      updraft.ExporterNone,
		Metrics:     updraft.ExporterEMF,
		EMF:         "stdout",
		Logs:        updraft.ExporterNone,
		Console:     new(discard), // os.Stdout is the default
		MetricSettings: metrics.Config{Declarations: []metrics.Declaration{
			{Metrics: []string{"orders"}, DenyAttributes: []string{"user.*"}},
		}},
	}.Start(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	orders, err := tel.MeterProvider().Meter("shop").Int64Counter("orders")
	if err != nil {
		fmt.Println(err)
		return
	}
	orders.Add(context.Background(), 1)
	_ = tel.Shutdown(context.Background())
	for _, signal := range tel.Report().Signals {
		fmt.Printf("%s by %s: %d delivered\n", signal.Signal, signal.Exporter, signal.Delivered)
	}
	// Output:
	// metrics by awsemf: 1 delivered
}

func ExampleTelemetry_Metrics() {
	ctx := context.Background()
	var console bytes.Buffer
	tel, err := updraft.Config{ServiceName: "shop", Traces: updraft.ExporterNone, Logs: updraft.ExporterNone,
		Metrics: updraft.ExporterConsole, Console: &console}.Start(ctx) // to look at; the default is CloudWatch
	if err != nil {
		fmt.Println(err)
		return
	}
	tel.Metrics().Put("Orders", 1, metrics.Count, metrics.D("Service", "shop"))
	_ = tel.Shutdown(ctx)

	before, _, _ := strings.Cut(console.String(), `,"Timestamp"`)
	fmt.Println(before)
	// Output: {"MetricName":"Orders","Dimensions":[{"Name":"Service","Value":"shop"}]
}

func ExampleTelemetry_EMF() {
	ctx := context.Background()
	var console bytes.Buffer
	tel, err := updraft.Config{ServiceName: "shop", Traces: updraft.ExporterNone, Logs: updraft.ExporterNone,
		Metrics: updraft.ExporterEMF, EMF: "stdout", Console: &console}.Start(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	m := tel.EMF().With(metrics.D("Page", "pay"))
	m.Set("customer", "A-17") // to search for; as a dimension it would be a metric for each customer
	m.Put("Orders", 1, metrics.Count)
	_ = m.Close()
	_ = tel.Shutdown(ctx)

	_, after, _ := strings.Cut(console.String(), `"Timestamp":`)
	_, after, _ = strings.Cut(after, "},")
	fmt.Print(after)
	// Output: "Page":"pay","customer":"A-17","Orders":1}
}
