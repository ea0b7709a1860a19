package metrics_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/updraft-otel/updraft/metrics"
)

func ExampleRecorder() {
	recorder, err := metrics.NewRecorder(metrics.RecorderConfig{
		Namespace: "shop",
		Outputs:   []metrics.Output{{Queue: metrics.Lines(os.Stdout), Format: metrics.JSONDatums}}, // an outbox.Queue wants Datums
		Now:       func() time.Time { return time.Date(2026, 11, 25, 12, 0, 59, 0, time.UTC) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, items := range []float64{2, 1, 2} {
		recorder.Put("Items", items, metrics.Count, metrics.D("Service", "shop"))
	}
	_ = recorder.Shutdown(context.Background())
	// Output: {"MetricName":"Items","Dimensions":[{"Name":"Service","Value":"shop"}],"Timestamp":"2026-11-25T12:00:00Z","Values":[1,2],"Counts":[1,2],"Unit":"Count"}
}

func ExampleEMF() {
	emf, err := metrics.NewEMF(metrics.EMFConfig{
		Queue: metrics.Lines(os.Stdout), Namespace: "shop",
		Now: func() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	request := emf.With(metrics.D("Service", "cart"))
	request.Put("Latency", 12.5, metrics.Milliseconds)
	request.Set("customer", "A-17") // to search for; no dimension
	_ = request.Close()
	// Output: {"_aws":{"CloudWatchMetrics":[{"Namespace":"shop","Dimensions":[["Service"]],"Metrics":[{"Name":"Latency","Unit":"Milliseconds"}]}],"Timestamp":1795608000000},"Service":"cart","customer":"A-17","Latency":12.5}
}
