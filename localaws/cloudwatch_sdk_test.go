package localaws_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/updraft-otel/updraft/localaws"
	"github.com/updraft-otel/updraft/localaws/internal/metricstat"
)

// datum is a metric with a value, some time before testNow.
func datum(name string, ago time.Duration, value float64, dimensions ...string) types.MetricDatum {
	d := types.MetricDatum{MetricName: &name, Value: &value, Timestamp: aws.Time(testNow.Add(-ago)), Unit: types.StandardUnitMilliseconds}
	for i := 0; i < len(dimensions); i += 2 {
		d.Dimensions = append(d.Dimensions, types.Dimension{Name: &dimensions[i], Value: &dimensions[i+1]})
	}
	return d
}

func putMetrics(t *testing.T, c *cloudwatch.Client, namespace string, data ...types.MetricDatum) {
	t.Helper()
	if _, err := c.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: &namespace, MetricData: data}); err != nil {
		t.Fatal(err)
	}
}

func TestListMetrics(t *testing.T) {
	c := cloudwatchClient(startAt(t, localaws.Config{}))
	putMetrics(t, c, "Shop", datum("Latency", time.Minute, 1, "Service", "web"), datum("Latency", 4*time.Hour, 1, "Service", "api", "Route", "/x"))
	putMetrics(t, c, "Other", datum("Errors", time.Minute, 1))

	f := func(in cloudwatch.ListMetricsInput, want string) {
		t.Helper()
		out, err := c.ListMetrics(t.Context(), &in)
		if err != nil {
			t.Error(err)
			return
		}
		var got []string
		for _, m := range out.Metrics {
			text := *m.Namespace + "/" + *m.MetricName
			for _, d := range m.Dimensions {
				text += " " + *d.Name + "=" + *d.Value
			}
			got = append(got, text)
		}
		if text := strings.Join(got, ","); text != want {
			t.Errorf("got %s\nwant %s", text, want)
		}
	}
	const errors, api, web = "Other/Errors", "Shop/Latency Route=/x Service=api", "Shop/Latency Service=web"
	f(cloudwatch.ListMetricsInput{}, errors+","+api+","+web)
	f(cloudwatch.ListMetricsInput{Namespace: aws.String("Shop")}, api+","+web)
	f(cloudwatch.ListMetricsInput{MetricName: aws.String("Errors")}, errors)
	f(cloudwatch.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: aws.String("Service")}}}, api+","+web)
	f(cloudwatch.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: aws.String("Service"), Value: aws.String("web")}}}, web)
	f(cloudwatch.ListMetricsInput{RecentlyActive: types.RecentlyActivePt3h}, errors+","+web)
	f(cloudwatch.ListMetricsInput{Namespace: aws.String("Nope")}, "")
}

func TestListMetrics_pages(t *testing.T) {
	c := cloudwatchClient(startAt(t, localaws.Config{}))
	for part := range 2 {
		var data []types.MetricDatum
		for i := range 600 {
			data = append(data, datum(fmt.Sprintf("m%d-%03d", part, i), 0, 1))
		}
		putMetrics(t, c, "Many", data...)
	}
	var sizes []int
	for pages := cloudwatch.NewListMetricsPaginator(c, &cloudwatch.ListMetricsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.Metrics))
	}
	if fmt.Sprint(sizes) != "[500 500 200]" {
		t.Errorf("pages of %v", sizes)
	}
}

// statQuery asks for one statistic of Shop/Latency.
func statQuery(id, stat string, period int32) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
		Metric: &types.Metric{Namespace: aws.String("Shop"), MetricName: aws.String("Latency")}, Period: &period, Stat: &stat,
	}}
}

func TestGetMetricData(t *testing.T) {
	c := cloudwatchClient(startAt(t, localaws.Config{}))
	putMetrics(t, c, "Shop",
		datum("Latency", 10*time.Minute, 10), datum("Latency", 10*time.Minute, 30),
		types.MetricDatum{
			MetricName: aws.String("Latency"), Timestamp: aws.Time(testNow.Add(-5 * time.Minute)), Unit: types.StandardUnitMilliseconds,
			Values: []float64{1, 2, 100}, Counts: []float64{50, 49, 1},
		},
		types.MetricDatum{
			MetricName: aws.String("Latency"), Timestamp: aws.Time(testNow.Add(-2 * time.Minute)),
			StatisticValues: &types.StatisticSet{SampleCount: aws.Float64(4), Sum: aws.Float64(20), Minimum: aws.Float64(2), Maximum: aws.Float64(9)},
		})

	f := func(stat string, period int32, want string) {
		t.Helper()
		out, err := c.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
			StartTime: aws.Time(testNow.Add(-15 * time.Minute)), EndTime: aws.Time(testNow), ScanBy: types.ScanByTimestampAscending,
			MetricDataQueries: []types.MetricDataQuery{statQuery("m1", stat, period)},
		})
		if err != nil {
			t.Error(err)
			return
		}
		r := out.MetricDataResults[0]
		var got []string
		for i, at := range r.Timestamps {
			got = append(got, fmt.Sprintf("%s=%v", at.UTC().Format("15:04"), r.Values[i]))
		}
		if text := strings.Join(got, " "); text != want || r.StatusCode != types.StatusCodeComplete || *r.Id != "m1" || *r.Label != "Latency" {
			t.Errorf("%s: got %q, %v, want %q", stat, text, r.StatusCode, want)
		}
	}
	f("SampleCount", 60, "11:50=2 11:55=100 11:58=4")
	f("Sum", 60, "11:50=40 11:55=248 11:58=20")
	f("Average", 60, "11:50=20 11:55=2.48 11:58=5")
	f("Minimum", 60, "11:50=10 11:55=1 11:58=2")
	f("Maximum", 60, "11:50=30 11:55=100 11:58=9")
	f("p50", 60, "11:50=10 11:55=1")  // none of a statistic set
	f("p99", 60, "11:50=30 11:55=2")  //
	f("tm50", 60, "11:50=10 11:55=1") //
	f("p50", 300, "11:50=10")         // the statistic set is in the second five minutes
	f("PR(:1)", 60, "11:50=0 11:55=50")
	f("Sum", 900, "11:45=308")
	f("Sum", 10, "") // one minute is the least for regular resolution
}

func TestGetMetricData_pages(t *testing.T) {
	c := cloudwatchClient(startAt(t, localaws.Config{}))
	var data []types.MetricDatum
	for i := range 10 {
		data = append(data, datum("Latency", time.Duration(i)*time.Minute, float64(i)))
	}
	putMetrics(t, c, "Shop", data...)
	f := func(most int32, wantPages string) {
		t.Helper()
		in := &cloudwatch.GetMetricDataInput{
			StartTime: aws.Time(testNow.Add(-time.Hour)), EndTime: aws.Time(testNow), MaxDatapoints: &most,
			MetricDataQueries: []types.MetricDataQuery{statQuery("a", "Sum", 60), statQuery("b", "Maximum", 300)},
		}
		in.MetricDataQueries = append(in.MetricDataQueries, statQuery("hidden", "Sum", 60))
		in.MetricDataQueries[2].ReturnData = aws.Bool(false)
		var got []string
		for pages := cloudwatch.NewGetMetricDataPaginator(c, in); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			text := ""
			for _, r := range page.MetricDataResults {
				text += fmt.Sprintf("%s%d", *r.Id, len(r.Values))
				if r.StatusCode == types.StatusCodePartialData {
					text += "+"
				}
			}
			got = append(got, text)
		}
		if text := strings.Join(got, " "); text != wantPages {
			t.Errorf("pages of %d: got %s, want %s", most, text, wantPages)
		}
	}
	f(100, "a10b3")
	f(13, "a10b3")
	f(12, "a10b2+ b1")
	f(4, "a4+ a4+ a2b2+ b1")
}

func TestGetMetricData_order(t *testing.T) {
	c := cloudwatchClient(startAt(t, localaws.Config{}))
	putMetrics(t, c, "Shop", datum("Latency", 3*time.Minute, 3), datum("Latency", 2*time.Minute, 2))
	out, err := c.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(testNow.Add(-time.Hour)), EndTime: aws.Time(testNow),
		MetricDataQueries: []types.MetricDataQuery{statQuery("m", "Sum", 60)},
	})
	if err != nil || fmt.Sprint(out.MetricDataResults[0].Values) != "[2 3]" {
		t.Errorf("the newest is not first: %+v, %v", out, err)
	}
}

func TestGetMetricStatistics(t *testing.T) {
	c := cloudwatchClient(startAt(t, localaws.Config{}))
	for i := 1; i <= 100; i++ {
		putMetrics(t, c, "Shop", datum("Latency", 3*time.Minute, float64(i), "Service", "web"))
	}
	out, err := c.GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("Shop"), MetricName: aws.String("Latency"), Period: aws.Int32(60),
		Dimensions: []types.Dimension{{Name: aws.String("Service"), Value: aws.String("web")}},
		StartTime:  aws.Time(testNow.Add(-time.Hour)), EndTime: aws.Time(testNow),
		Statistics: []types.Statistic{"SampleCount", "Average", "Sum", "Minimum", "Maximum"},
	})
	if err != nil || len(out.Datapoints) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	d := out.Datapoints[0]
	if *d.SampleCount != 100 || *d.Average != 50.5 || *d.Sum != 5050 || *d.Minimum != 1 || *d.Maximum != 100 ||
		d.Unit != types.StandardUnitMilliseconds || !d.Timestamp.Equal(testNow.Add(-3*time.Minute).Truncate(time.Minute)) {
		t.Errorf("datapoint: %+v", d)
	}
	out, err = c.GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("Shop"), MetricName: aws.String("Latency"), Period: aws.Int32(3600),
		Dimensions: []types.Dimension{{Name: aws.String("Service"), Value: aws.String("web")}},
		StartTime:  aws.Time(testNow.Add(-time.Hour)), EndTime: aws.Time(testNow),
		ExtendedStatistics: []string{"p50", "p99.9"},
	})
	if err != nil || len(out.Datapoints) != 1 || fmt.Sprint(out.Datapoints[0].ExtendedStatistics) != "map[p50:50 p99.9:100]" {
		t.Errorf("%+v, %v", out, err)
	}
}

// Percentiles over the wire equal an exact computation.
func TestGetMetricData_percentiles(t *testing.T) {
	c := cloudwatchClient(startAt(t, localaws.Config{}))
	var want metricstat.Distribution
	for part := range 4 {
		d := types.MetricDatum{MetricName: aws.String("Latency"), Timestamp: aws.Time(testNow.Add(-time.Duration(part) * time.Minute))}
		for i := range 150 {
			value, count := math.Pow(1.05, float64(i*(part+1)%150)), float64(i%7+1)
			d.Values, d.Counts = append(d.Values, value), append(d.Counts, count)
			want.Add(value, count)
		}
		putMetrics(t, c, "Shop", d)
	}
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(testNow.Add(-time.Hour)), EndTime: aws.Time(testNow)}
	stats := []string{"p0", "p10", "p50", "p90", "p99", "p99.9", "p100", "tm90", "wm95", "TM(10%:90%)", "PR(5:50)", "IQM", "ts80", "TC(:100)"}
	for i, stat := range stats {
		in.MetricDataQueries = append(in.MetricDataQueries, statQuery(fmt.Sprintf("m%d", i), stat, 7200))
	}
	out, err := c.GetMetricData(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range out.MetricDataResults {
		s, err := metricstat.Parse(stats[i])
		if err != nil {
			t.Fatal(err)
		}
		if exact, _ := s.Of(&want); len(r.Values) != 1 || math.Abs(r.Values[0]-exact) > 1e-9*exact {
			t.Errorf("%s: got %v, want %v", stats[i], r.Values, exact)
		}
	}
}

// The SDK compresses requests from 10,240 bytes on.
func TestPutMetricData_gzip(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	var compressed atomic.Int64
	srv.Control("PutMetricData", func(call *localaws.Call) *localaws.Fault {
		if call.Header.Get("Content-Encoding") == "gzip" {
			compressed.Add(1)
		}
		return nil
	})
	var data []types.MetricDatum
	for i := range 500 {
		data = append(data, datum(fmt.Sprintf("metric-%d", i), 0, float64(i), "Service", "web"))
	}
	putMetrics(t, cloudwatchClient(srv), "Shop", data...)
	if n := srv.Counts().MetricDatums; n != 500 || compressed.Load() != 1 {
		t.Errorf("%d datums from %d compressed requests", n, compressed.Load())
	}
}

func TestPutMetricData_faultThenRight(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	stop := srv.Control("PutMetricData", func(*localaws.Call) *localaws.Fault { return localaws.Throttle() })
	c := cloudwatchClient(srv)
	_, err := c.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("Shop"), MetricData: []types.MetricDatum{datum("m", 0, 1)}})
	wantError(t, err, "Throttling", "Rate exceeded")
	stop()
	putMetrics(t, c, "Shop", datum("m", 0, 1))
	if resp, err := http.Get(srv.URL() + "/console/api/metrics"); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%v, %v", resp, err)
	}
}
