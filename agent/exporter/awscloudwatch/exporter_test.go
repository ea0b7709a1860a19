package awscloudwatch_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/updraft-otel/updraft/agent/exporter/awscloudwatch"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// A rig is an exporter alone, without a queue, with what it says about itself.
type rig struct {
	exporter.Metrics
	*agenttest.Rig
}

// newRig starts an exporter to the namespace Shop with these keys.
func newRig(t testing.TB, keys map[string]any) *rig {
	t.Helper()
	all := map[string]any{
		"region": "us-east-1", "namespace": "Shop", "sending_queue": map[string]any{"enabled": false},
		"retry_on_failure": map[string]any{"initial_interval": "10ms", "max_interval": "50ms"},
	}
	maps.Copy(all, keys)
	factory := awscloudwatch.NewFactory()
	e, r := agenttest.StartExporter(t, factory, factory.CreateMetrics, all)
	return &rig{e, r}
}

// sums are the sums of a counter's series, by their dimension series.
func sums(t *testing.T, aws *localaws.Server, name string) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	for _, m := range agenttest.ListMetrics(t, aws, "Shop", name) {
		value, _ := agenttest.MetricStat(t, aws, m, "Sum")
		for _, d := range m.Dimensions {
			if d.Name == "series" {
				all[d.Value] += value
			}
		}
	}
	return all
}

func TestExporter_delivers(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	r := newRig(t, nil)
	if err := r.ConsumeMetrics(t.Context(), agenttest.Metrics("orders", 2500, 3)); err != nil {
		t.Fatal(err)
	}
	if c := aws.Counts(); c.MetricDatums != 2500 || c.Requests != 3 {
		t.Errorf("%d datums in %d calls, want 2500 in 3", c.MetricDatums, c.Requests)
	}
	if refused := aws.Refused(); len(refused) > 0 {
		t.Errorf("refused: %+v", refused[0])
	}
	if counts := r.Counted(t, "sent_datums"); counts[""] != 2500 {
		t.Errorf("sent: %v", counts)
	}
}

// TestExporter_totals sends totals while calls are throttled, fail or have their answers lost: increases are right all the
// same, since a point is encoded once. One whose answer was lost may count twice.
func TestExporter_totals(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	aws.Control("PutMetricData", func(*localaws.Call) *localaws.Fault {
		switch p := rand.Float64(); {
		case p < 0.30:
			return localaws.Throttle()
		case p < 0.40:
			return localaws.Unavailable()
		}
		return nil
	})
	r := newRig(t, map[string]any{"max_retries": 1})
	const series, rounds = 3000, 4
	began := time.Now().Add(-time.Minute)
	for round := range rounds + 1 {
		md := agenttest.Metrics("total", series, int64(10*round))
		sum := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum()
		sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		for _, dp := range sum.DataPoints().All() {
			dp.SetStartTimestamp(pcommon.NewTimestampFromTime(began))
			dp.SetTimestamp(pcommon.NewTimestampFromTime(began.Add(time.Duration(round+1) * time.Second)))
		}
		if err := r.ConsumeMetrics(t.Context(), md); err != nil {
			t.Fatal(err)
		}
	}
	all := sums(t, aws, "total")
	if len(all) != series {
		t.Errorf("%d series, want %d", len(all), series)
	}
	for name, sum := range all {
		if sum != 10*rounds {
			t.Errorf("series %s has %v, want %d", name, sum, 10*rounds)
			break
		}
	}
	if counts := r.Counted(t, "retried_datums"); counts[""] == 0 {
		t.Error("nothing was tried again")
	}
}

func TestExporter_outage(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	up := time.Now().Add(time.Second)
	aws.Control("", func(*localaws.Call) *localaws.Fault {
		if time.Now().Before(up) {
			return localaws.Unavailable()
		}
		return nil
	})
	r := newRig(t, nil)
	if err := r.ConsumeMetrics(t.Context(), agenttest.Metrics("orders", 5000, 1)); err != nil {
		t.Fatal(err)
	}
	if n := aws.Counts().MetricDatums; n != 5000 {
		t.Errorf("%d datums, want 5000", n)
	}
}

// TestExporter_poison has CloudWatch refuse every call that holds a certain datum, with and without its number.
func TestExporter_poison(t *testing.T) {
	for name, message := range map[string]string{"named": "The value x for parameter MetricData.member.%d.Value is invalid.", "not named": "invalid %d"} {
		t.Run(name, func(t *testing.T) {
			aws := agenttest.AWS(t, localaws.Config{})
			aws.Control("PutMetricData", func(c *localaws.Call) *localaws.Fault {
				at := strings.Index(string(c.Body), "poison")
				if at < 0 {
					return nil
				}
				number := strings.Count(string(c.Body[:at]), "MetricName")
				return &localaws.Fault{StatusCode: http.StatusBadRequest, Code: "InvalidParameterValue", Message: fmt.Sprintf(message, number)}
			})
			r := newRig(t, nil)
			md := agenttest.Metrics("orders", 900, 1)
			points := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints()
			for _, i := range []int{0, 500} {
				points.At(i).Attributes().PutStr("series", "poison")
				points.At(i).Attributes().PutInt("number", int64(i))
			}
			if err := r.ConsumeMetrics(t.Context(), md); err != nil {
				t.Fatal(err)
			}
			if n := aws.Counts().MetricDatums; n != 898 {
				t.Errorf("%d datums, want 898", n)
			}
			if counts := r.Counted(t, "refused_datums"); counts["InvalidParameterValue"] != 2 {
				t.Errorf("refused: %v", counts)
			}
			if n := r.Lines.FilterMessageSnippet("Loss begins").Len(); n != 1 {
				t.Errorf("%d lines about the beginning of the loss, want 1", n)
			}
			t.Logf("%d calls", aws.Counts().Requests)
		})
	}
}

// TestExporter_nothingTaken ends the search for a poison when every call is refused.
func TestExporter_nothingTaken(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	aws.Control("PutMetricData", func(*localaws.Call) *localaws.Fault {
		return &localaws.Fault{StatusCode: http.StatusBadRequest, Code: "InvalidParameterValue"}
	})
	r := newRig(t, nil)
	if err := r.ConsumeMetrics(t.Context(), agenttest.Metrics("orders", 1000, 1)); !consumererror.IsPermanent(err) {
		t.Errorf("error %v, want a permanent one", err)
	}
	if n := aws.Counts().Requests; n > 300 {
		t.Errorf("%d calls", n)
	}
}

// TestExporter_keys holds what the keys make of a metric.
func TestExporter_keys(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	f := func(namespace string, keys map[string]any, want ...string) {
		t.Helper()
		md := agenttest.Metrics("orders", 1, 1)
		md.ResourceMetrics().At(0).Resource().Attributes().PutStr("service.namespace", "eu")
		if err := newRig(t, keys).ConsumeMetrics(t.Context(), md); err != nil {
			t.Error(err)
			return
		}
		list := agenttest.ListMetrics(t, aws, namespace, "orders")
		var sets []string
		for _, m := range list {
			sets = append(sets, strings.Join(m.Names(), ","))
		}
		slices.Sort(sets)
		if !slices.Equal(sets, want) {
			t.Errorf("%s: dimension sets %q, want %q", namespace, sets, want)
		}
	}
	f("eu/orders", map[string]any{"namespace": ""}, "series")
	f("A", map[string]any{"namespace": "A", "dimensions": map[string]any{"cluster": "blue"}}, "cluster,series")
	f("B", map[string]any{"namespace": "B", "resource_dimensions": []any{"service.name"}}, "series,service.name")
	f("C", map[string]any{"namespace": "C", "resource_dimensions": []any{"*"}}, "series,service.name,service.namespace")
	f("D", map[string]any{"namespace": "D", "metric_declarations": []any{map[string]any{"metrics": []any{"ord*"}, "dimensions": []any{[]any{}, []any{"series"}}}}}, "", "series")
	f("E", map[string]any{"namespace": "E", "declared_only": true})
}

// TestExporter_hostile sends points of all sorts between ordinary ones: those arrive.
func TestExporter_hostile(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	r := newRig(t, map[string]any{"resource_dimensions": []any{"*"}})
	hostile := map[string]func(rm pmetric.ResourceMetrics, m pmetric.Metric){
		"no data": func(_ pmetric.ResourceMetrics, m pmetric.Metric) { m.SetEmptyGauge() },
		"no name": func(_ pmetric.ResourceMetrics, m pmetric.Metric) { m.SetName("") },
		"numbers that are none": func(_ pmetric.ResourceMetrics, m pmetric.Metric) {
			for _, v := range []float64{math.NaN(), math.Inf(1), math.MaxFloat64} {
				m.Sum().DataPoints().AppendEmpty().SetDoubleValue(v)
			}
		},
		"times that are none": func(_ pmetric.ResourceMetrics, m pmetric.Metric) {
			m.Sum().DataPoints().At(0).SetTimestamp(math.MaxUint64)
			m.Sum().DataPoints().AppendEmpty().SetTimestamp(1)
		},
		"a thousand levels": func(rm pmetric.ResourceMetrics, m pmetric.Metric) {
			for _, at := range []pcommon.Value{rm.Resource().Attributes().PutEmpty("deep"), m.Sum().DataPoints().At(0).Attributes().PutEmpty("deep")} {
				for range 500 {
					at = at.SetEmptySlice().AppendEmpty().SetEmptyMap().PutEmpty("a")
				}
			}
		},
		"names that are none": func(rm pmetric.ResourceMetrics, m pmetric.Metric) {
			m.SetName("\xff\x00:")
			rm.Resource().Attributes().PutStr("\xfe", "\xc3\x28")
			m.Sum().DataPoints().At(0).Attributes().PutStr(strings.Repeat("x", 1000), strings.Repeat("y", 1<<20))
			m.Sum().DataPoints().At(0).Attributes().PutStr("", "")
		},
		"a histogram that is wrong": func(_ pmetric.ResourceMetrics, m pmetric.Metric) {
			dp := m.SetEmptyHistogram().DataPoints().AppendEmpty()
			dp.SetTimestamp(pcommon.NewTimestampFromTime(time.Now()))
			dp.SetCount(math.MaxUint64)
			dp.BucketCounts().FromRaw([]uint64{1, math.MaxUint64, 3})
			dp.ExplicitBounds().FromRaw([]float64{math.Inf(1), math.NaN(), 1, 2, 3})
		},
		"a hundred thousand buckets": func(_ pmetric.ResourceMetrics, m pmetric.Metric) {
			dp := m.SetEmptyExponentialHistogram().DataPoints().AppendEmpty()
			dp.SetTimestamp(pcommon.NewTimestampFromTime(time.Now()))
			dp.SetScale(math.MinInt32)
			dp.Positive().SetOffset(math.MaxInt32)
			dp.Positive().BucketCounts().FromRaw(slices.Repeat([]uint64{1}, 100_000))
		},
	}
	for name, spoil := range hostile {
		before := len(agenttest.ListMetrics(t, aws, "Shop", "good "+name))
		md := agenttest.Metrics("good "+name, 2, 1)
		bad := agenttest.Metrics("bad", 1, 1).ResourceMetrics().At(0)
		spoil(bad, bad.ScopeMetrics().At(0).Metrics().At(0))
		bad.CopyTo(md.ResourceMetrics().AppendEmpty())
		if err := r.ConsumeMetrics(t.Context(), md); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(agenttest.ListMetrics(t, aws, "Shop", "good "+name)) - before; n != 2 {
			t.Errorf("%s: %d good metrics at AWS, want 2", name, n)
		}
	}
	if refused := aws.Refused(); len(refused) > 0 {
		t.Errorf("AWS refuses %+v", refused[0])
	}
}

// TestExporter_parallel sends far away: calls run beside each other.
func TestExporter_parallel(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	var running, most atomic.Int64
	aws.Control("PutMetricData", func(*localaws.Call) *localaws.Fault {
		most.Store(max(most.Load(), running.Add(1)))
		<-time.After(20 * time.Millisecond)
		running.Add(-1)
		return nil
	})
	f := func(workers, want int64) {
		t.Helper()
		most.Store(0)
		if err := newRig(t, map[string]any{"num_workers": workers}).ConsumeMetrics(t.Context(), agenttest.Metrics("orders", 6000, 1)); err != nil {
			t.Fatal(err)
		}
		if n := most.Load(); n > want || want > 1 && n < 2 {
			t.Errorf("%d calls at a time with %d workers", n, workers)
		}
	}
	f(1, 1)
	f(6, 6)
}
