package localaws_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/localaws"
)

// startMetrics starts the library with metrics alone, on one road to srv.
func startMetrics(t *testing.T, srv *localaws.Server, exporter string) *updraft.Telemetry {
	t.Helper()
	for _, pair := range srv.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	c := updraft.Config{ServiceName: "shop", Traces: "none", Logs: "none", Metrics: exporter, Strict: true, NoGlobals: true}
	tel, err := c.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tel
}

// recordShop records what a shop would: 3 orders, 5 in stock and 2 out, and
// 1,000 durations spread evenly over a second.
func recordShop(t *testing.T, tel *updraft.Telemetry) {
	t.Helper()
	ctx, meter := t.Context(), tel.MeterProvider().Meter("shop")
	orders, err1 := meter.Int64Counter("orders")
	stock, err2 := meter.Int64UpDownCounter("stock")
	load, err3 := meter.Float64Gauge("load")
	duration, err4 := meter.Float64Histogram("duration", metric.WithUnit("s"))
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			t.Fatal(err)
		}
	}
	route := metric.WithAttributes(attribute.String("route", "/pay"))
	orders.Add(ctx, 3, route)
	stock.Add(ctx, 5, route)
	stock.Add(ctx, -2, route)
	load.Record(ctx, 0.75, route)
	for i := range 1000 {
		duration.Record(ctx, float64(i+1)/1000, route)
	}
}

// shopStatistics reads what CloudWatch makes of a metric of the shop over the last
// hour.
func shopStatistics(t *testing.T, srv *localaws.Server, name string, stats ...string) []float64 {
	t.Helper()
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(time.Now().Add(-time.Hour)), EndTime: aws.Time(time.Now().Add(time.Hour))}
	for i, stat := range stats {
		in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{
			Id: aws.String(fmt.Sprint("q", i)),
			MetricStat: &types.MetricStat{
				Period: aws.Int32(2 * 3600 * 24), Stat: aws.String(stat),
				Metric: &types.Metric{
					Namespace: aws.String("shop"), MetricName: &name, Dimensions: []types.Dimension{{Name: aws.String("route"), Value: aws.String("/pay")}},
				},
			},
		})
	}
	out, err := cloudwatchClient(srv).GetMetricData(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float64, len(stats))
	for i, r := range out.MetricDataResults {
		values[i] = math.NaN()
		if len(r.Values) == 1 {
			values[i] = r.Values[0]
		}
	}
	return values
}

// checkShop compares what CloudWatch tells with what recordShop recorded.
func checkShop(t *testing.T, srv *localaws.Server, tolerance float64) {
	t.Helper()
	f := func(name, stats string, want ...float64) {
		t.Helper()
		for i, got := range shopStatistics(t, srv, name, strings.Fields(stats)...) {
			if math.IsNaN(got) || math.Abs(got-want[i]) > tolerance*want[i] {
				t.Errorf("%s of %s: %v, want %v", strings.Fields(stats)[i], name, got, want[i])
			}
		}
	}
	f("orders", "Sum", 3)
	f("stock", "Maximum", 3)
	f("load", "Average", 0.75)
	f("duration", "SampleCount Sum Minimum Maximum p50 p90 p99", 1000, 500.5, 0.001, 1, 0.5, 0.9, 0.99)
}

// TestLibraryMetrics_putMetricData sends metrics through faults of every kind:
// they arrive once, and percentiles are right to one in a hundred.
func TestLibraryMetrics_putMetricData(t *testing.T) {
	f := func(name string, fault func(*localaws.Call) *localaws.Fault) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			srv, err := localaws.Start(t.Context(), localaws.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Control("PutMetricData", fault)()
			tel := startMetrics(t, srv, updraft.ExporterCloudWatch)
			recordShop(t, tel)
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkShop(t, srv, 0.01)
			if r := tel.Report().Signals[0]; r.Delivered != 4 || r.DroppedTotal() != 0 || srv.Counts().Refused != 0 {
				t.Errorf("%+v", r)
			}
		})
	}
	f("no fault", func(*localaws.Call) *localaws.Fault { return nil })
	f("throttled", func(c *localaws.Call) *localaws.Fault {
		if c.N < 3 {
			return localaws.Throttle()
		}
		return nil
	})
	f("failing", func(c *localaws.Call) *localaws.Fault {
		if c.N == 1 {
			return &localaws.Fault{StatusCode: 500, Code: "InternalServiceError"}
		}
		return nil
	})
	f("unavailable", func(c *localaws.Call) *localaws.Fault {
		if c.N == 1 {
			return localaws.Unavailable()
		}
		return nil
	})
}

// TestLibraryMetrics_emf sends the same as log events: CloudWatch makes the
// same metrics of them.
func TestLibraryMetrics_emf(t *testing.T) {
	f := func(name string, fault func(*localaws.Call) *localaws.Fault) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			srv, err := localaws.Start(t.Context(), localaws.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Control("PutLogEvents", fault)()
			tel := startMetrics(t, srv, updraft.ExporterEMF)
			recordShop(t, tel)
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkShop(t, srv, 0.01)
			r := tel.Report().Signals[0]
			if r.Delivered == 0 || r.Delivered != r.Accepted || r.DroppedTotal() != 0 || srv.Counts().Refused != 0 {
				t.Errorf("%+v, %+v", r, srv.Counts())
			}
			out, err := logsClient(srv).DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("/metrics/shop")})
			if err != nil || len(out.LogStreams) != 1 {
				t.Errorf("%+v, %v", out, err)
			}
		})
	}
	f("no fault", func(*localaws.Call) *localaws.Fault { return nil })
	f("throttled", func(c *localaws.Call) *localaws.Fault {
		if c.N < 4 {
			return localaws.Throttle()
		}
		return nil
	})
}

// TestLibraryMetrics_lambda: what a Lambda function writes to standard output,
// Lambda takes to CloudWatch Logs.
func TestLibraryMetrics_lambda(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
	var stdout bytes.Buffer
	tel, err := updraft.Config{ServiceName: "shop", Traces: "none", Logs: "none", Console: &stdout, Strict: true, NoGlobals: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	recordShop(t, tel)
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := logsClient(srv)
	group, stream := aws.String("/aws/lambda/f"), aws.String("s")
	if _, err := c.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}); err != nil {
		t.Fatal(err)
	}
	in := &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream}
	for line := range strings.Lines(stdout.String()) {
		in.LogEvents = append(in.LogEvents, logstypes.InputLogEvent{Message: aws.String(line), Timestamp: aws.Int64(time.Now().UnixMilli())})
	}
	if _, err := c.PutLogEvents(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	checkShop(t, srv, 0.01)
}

// TestLibraryMetrics_refused records while nobody listens yet.
func TestLibraryMetrics_refused(t *testing.T) {
	f := func(exporter string, orders func(t *testing.T, srv *localaws.Server) float64) {
		t.Helper()
		t.Run(exporter, func(t *testing.T) {
			closed, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address := closed.Addr().String()
			closed.Close()
			for name, value := range map[string]string{
				"AWS_ENDPOINT_URL": "http://" + address, "AWS_REGION": localaws.Region,
				"AWS_ACCESS_KEY_ID": localaws.AccessKeyID, "AWS_SECRET_ACCESS_KEY": localaws.SecretAccessKey,
				"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://" + address + "/v1/metrics", "AWS_SIGV4_SERVICE": "monitoring",
				"OTEL_METRIC_EXPORT_INTERVAL": "10",
			} {
				t.Setenv(name, value)
			}
			tel, err := updraft.Config{ServiceName: "shop", Traces: "none", Logs: "none", Metrics: exporter, Strict: true, NoGlobals: true}.Start(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			recordShop(t, tel)
			for deadline := time.Now().Add(10 * time.Second); tel.Report().Signals[0].LastError == ""; {
				if time.Now().After(deadline) {
					t.Fatalf("%+v: no error, though nobody listens", tel.Report().Signals[0])
				}
				<-time.After(time.Millisecond)
			}
			srv, err := localaws.Start(t.Context(), localaws.Config{Listen: address})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if err := tel.Shutdown(ctx); err != nil {
				t.Fatal(err)
			}
			if got := orders(t, srv); got != 3 {
				t.Errorf("%v orders, %+v", got, tel.Report().Signals[0])
			}
		})
	}
	f(updraft.ExporterCloudWatch, func(t *testing.T, srv *localaws.Server) float64 { return shopStatistics(t, srv, "orders", "Sum")[0] })
	f(updraft.ExporterEMF, func(t *testing.T, srv *localaws.Server) float64 { return shopStatistics(t, srv, "orders", "Sum")[0] })
	f(updraft.ExporterOTLP, func(t *testing.T, srv *localaws.Server) float64 { return promQL(t, srv, `{"orders"}`) })
}

// TestLibraryMetrics_poison: CloudWatch refuses each call that has a certain
// metric and does not say which one it is.
func TestLibraryMetrics_poison(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	calls := 0
	defer srv.Control("PutMetricData", func(c *localaws.Call) *localaws.Fault {
		mu.Lock()
		defer mu.Unlock()
		calls++
		if strings.Contains(string(c.Body), "poison") {
			return &localaws.Fault{StatusCode: 400, Code: "InvalidParameterValue", Message: "A metric of the request is not taken."}
		}
		return nil
	})()
	tel := startMetrics(t, srv, updraft.ExporterCloudWatch)
	recordShop(t, tel)
	counter, err := tel.MeterProvider().Meter("shop").Int64Counter("many")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1500 {
		name := fmt.Sprint("good", i)
		if i == 777 {
			name = "poison"
		}
		counter.Add(t.Context(), 1, metric.WithAttributes(attribute.String("name", name)))
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkShop(t, srv, 0.01)
	r := tel.Report().Signals[0]
	if r.Delivered != 1503 || r.Dropped["refused"] != 1 || !strings.Contains(r.LastError, "is not taken") || calls > 25 {
		t.Errorf("%d calls, %+v", calls, r)
	}
}
