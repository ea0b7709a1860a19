package localaws_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/localaws"
	"github.com/updraft-otel/updraft/metrics"
)

// TestLibrary_handMetrics reads back what was put by hand, by either way to
// CloudWatch.
func TestLibrary_handMetrics(t *testing.T) {
	for _, exporter := range []string{"cloudwatch", "awsemf"} {
		t.Run(exporter, func(t *testing.T) {
			srv, err := localaws.Start(t.Context(), localaws.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Close()
			tel := startMetrics(t, srv, exporter)
			route := metrics.D("route", "/pay")
			for i := range 1000 {
				tel.Metrics().Put("orders", float64(i%3), metrics.Count, route)
				tel.Metrics().Put("duration", 1+float64(i)/1000, metrics.Seconds, route)
			}
			tel.Metrics().PutHighResolution("queue", 7, "", route)
			tel.Metrics().Put("bad", math.NaN(), "", route)
			tel.Metrics().Put("bad", 1, "Parsecs", route)
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			f := func(name string, within float64, stat string, want float64) {
				t.Helper()
				if got := shopStatistics(t, srv, name, stat); len(got) != 1 || math.Abs(got[0]-want) > within {
					t.Errorf("%s of %s: %v, want %v", stat, name, got, want)
				}
			}
			f("orders", 0, "SampleCount", 1000)
			f("orders", 0, "Sum", 999)
			f("duration", 1e-9, "Minimum", 1)
			f("duration", 1e-9, "Maximum", 1.999)
			f("duration", 1e-6, "Sum", 1499.5)
			f("duration", 0.015, "p50", 1.5)
			f("duration", 0.02, "p99", 1.99)
			f("queue", 0, "Sum", 7)
			if report := tel.Report().String(); !strings.Contains(report, "dropped 1 (bad_unit)") || !strings.Contains(report, "dropped 1 (not_finite)") {
				t.Error(report)
			}
		})
	}
}

// TestLibrary_requests reads back a request's document: as metrics, and as a
// line of the application's log stream.
func TestLibrary_requests(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	for _, pair := range srv.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	tel, err := updraft.Config{ServiceName: "shop", Traces: "none", LogGroup: "/app/shop", LogStream: "one", Strict: true, NoGlobals: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		request := tel.EMF().With(metrics.D("route", "/pay")).Set("customer", fmt.Sprint("c-", i))
		request.Put("latency", float64(i), metrics.Milliseconds).Put("latency", float64(i), metrics.Milliseconds).Put("items", 2, metrics.Count)
		if err := request.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := shopStatistics(t, srv, "latency", "SampleCount", "Sum", "Maximum"); fmt.Sprint(got) != "[20 90 9]" {
		t.Errorf("latency: %v", got)
	}
	if got := shopStatistics(t, srv, "items", "Sum"); fmt.Sprint(got) != "[20]" {
		t.Errorf("items: %v", got)
	}
	client := logsClient(srv)
	events, err := client.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("/app/shop"), LogStreamName: aws.String("one")})
	if err != nil || len(events.Events) != 10 || !strings.Contains(*events.Events[3].Message, `"customer":"c-3"`) {
		t.Errorf("%v %v", events, err)
	}
}
