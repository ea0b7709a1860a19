package agenttest

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"github.com/updraft-otel/updraft/localaws"
)

// Metrics makes a request of one counter with n series, by the attribute series, each of which has grown by value.
func Metrics(name string, n int, value int64) pmetric.Metrics {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "orders")
	m := rm.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName(name)
	sum := m.SetEmptySum()
	sum.SetIsMonotonic(true)
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
	now := time.Now()
	for i := range n {
		dp := sum.DataPoints().AppendEmpty()
		dp.SetStartTimestamp(pcommon.NewTimestampFromTime(now.Add(-time.Minute)))
		dp.SetTimestamp(pcommon.NewTimestampFromTime(now))
		dp.SetIntValue(value)
		dp.Attributes().PutInt("series", int64(i))
	}
	return md
}

// MetricsClient is an OTLP client over gRPC, as an SDK's, without a queue or a retry of its own.
func MetricsClient(t testing.TB, addr string) pmetricotlp.GRPCClient {
	t.Helper()
	return pmetricotlp.NewGRPCClient(Dial(t, addr))
}

// SendMetrics sends a request that must be accepted.
func SendMetrics(t testing.TB, c pmetricotlp.GRPCClient, md pmetric.Metrics) {
	t.Helper()
	resp, err := c.Export(t.Context(), pmetricotlp.NewExportRequestFromMetrics(md))
	if err != nil {
		t.Fatalf("export: %v", err)
	}
	if n := resp.PartialSuccess().RejectedDataPoints(); n > 0 {
		t.Fatalf("%d points rejected: %s", n, resp.PartialSuccess().ErrorMessage())
	}
}

// A Metric is one that CloudWatch has, by its dimensions.
type Metric struct {
	Namespace, MetricName string
	Dimensions            []struct{ Name, Value string }
}

// Names are the names of the metric's dimensions, in their order.
func (m *Metric) Names() []string {
	names := []string{}
	for _, d := range m.Dimensions {
		names = append(names, d.Name)
	}
	slices.Sort(names)
	return names
}

// ListMetrics are the metrics that CloudWatch has in a namespace, by a name, or by any where it is empty.
func ListMetrics(t testing.TB, srv *localaws.Server, namespace, name string) []Metric {
	t.Helper()
	var all []Metric
	in := map[string]any{"Namespace": namespace}
	if name != "" {
		in["MetricName"] = name
	}
	for {
		var out struct {
			Metrics   []Metric
			NextToken string
		}
		cloudWatch(t, srv, "ListMetrics", in, &out)
		all = append(all, out.Metrics...)
		if out.NextToken == "" {
			return all
		}
		in["NextToken"] = out.NextToken
	}
}

// MetricStat is a statistic, as "Sum" or "p99", of a metric over the last two weeks, in one number: the sum of what its
// minutes have for counts and sums, else the last of them. It is not ok where there is none.
func MetricStat(t testing.TB, srv *localaws.Server, m Metric, stat string) (value float64, ok bool) {
	t.Helper()
	dimensions := []map[string]string{}
	for _, d := range m.Dimensions {
		dimensions = append(dimensions, map[string]string{"Name": d.Name, "Value": d.Value})
	}
	now := time.Now()
	var out struct {
		MetricDataResults []struct{ Values []float64 }
	}
	cloudWatch(t, srv, "GetMetricData", map[string]any{
		"StartTime": now.Add(-14 * 24 * time.Hour).Unix(), "EndTime": now.Add(2 * time.Hour).Unix(),
		"MetricDataQueries": []any{map[string]any{"Id": "q", "MetricStat": map[string]any{
			"Metric": map[string]any{"Namespace": m.Namespace, "MetricName": m.MetricName, "Dimensions": dimensions},
			"Period": 60, "Stat": stat,
		}}},
	}, &out)
	if len(out.MetricDataResults) == 0 || len(out.MetricDataResults[0].Values) == 0 {
		return 0, false
	}
	values := out.MetricDataResults[0].Values
	if stat != "Sum" && stat != "SampleCount" {
		return values[0], true
	}
	for _, v := range values {
		value += v
	}
	return value, true
}

// cloudWatch makes a call of CloudWatch, which must work.
func cloudWatch(t testing.TB, srv *localaws.Server, operation string, in, out any) {
	t.Helper()
	if status := call(t, srv, "monitoring", "application/x-amz-json-1.0", "GraniteServiceVersion20100801."+operation, in, out); status != http.StatusOK {
		t.Fatalf("%s: status %d", operation, status)
	}
}
