package awsemf_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/updraft-otel/updraft/agent/exporter/awsemf"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// at is an agent with the exporter and these keys, that listens there.
func at(listen, keys string) agenttest.Pipeline {
	return agenttest.Pipeline{Exporter: awsemf.NewFactory(), Signal: "metrics", Listen: listen, Keys: keys}
}

// run sends requests through an agent with these keys and ends it, so that all is at AWS.
func run(t *testing.T, keys string, requests ...pmetric.Metrics) *agenttest.Agent {
	t.Helper()
	listen := agenttest.FreeAddr(t)
	agent := at(listen, keys).Start(t)
	client := agenttest.MetricsClient(t, listen)
	for _, md := range requests {
		agenttest.SendMetrics(t, client, md)
	}
	if err := agent.Stop(); err != nil {
		t.Fatal(err)
	}
	return agent
}

// metric makes a request of one metric, whose resource and points have these attributes.
func metric(t *testing.T, name string, resource map[string]any, fill func(pmetric.Metric)) pmetric.Metrics {
	t.Helper()
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	if err := rm.Resource().Attributes().FromRaw(resource); err != nil {
		t.Fatal(err)
	}
	m := rm.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName(name)
	fill(m)
	return md
}

func now() pcommon.Timestamp { return pcommon.NewTimestampFromTime(time.Now()) }

// gauge makes the points of a gauge: one for each set of attributes.
func gauge(value float64, attributes ...map[string]any) func(pmetric.Metric) {
	return func(m pmetric.Metric) {
		m.SetEmptyGauge()
		for _, set := range attributes {
			dp := m.Gauge().DataPoints().AppendEmpty()
			dp.SetTimestamp(now())
			dp.SetDoubleValue(value)
			_ = dp.Attributes().FromRaw(set)
		}
	}
}

// documents are the documents in a log group, as JSON.
func documents(t *testing.T, aws *localaws.Server, group string) []map[string]any {
	t.Helper()
	var list []map[string]any
	for _, e := range agenttest.LogEvents(t, aws, group) {
		var d map[string]any
		if err := json.Unmarshal([]byte(e.Message), &d); err != nil {
			t.Fatalf("%v in %s", err, e.Message)
		}
		list = append(list, d)
	}
	return list
}

// nothingRefused fails the test if AWS has refused something.
func nothingRefused(t *testing.T, aws *localaws.Server) {
	t.Helper()
	if refused := aws.Refused(); len(refused) > 0 {
		t.Errorf("%d times refused, as %+v", len(refused), refused[0])
	}
}

// stat is a statistic of the one metric of this name whose dimensions have these names.
func stat(t *testing.T, aws *localaws.Server, namespace, name, which string, dimensions ...string) float64 {
	t.Helper()
	for _, m := range agenttest.ListMetrics(t, aws, namespace, name) {
		if !slices.Equal(m.Names(), dimensions) {
			continue
		}
		value, ok := agenttest.MetricStat(t, aws, m, which)
		if !ok {
			t.Errorf("%s of %s %v: no value", which, name, dimensions)
		}
		return value
	}
	t.Errorf("there is no metric %s %s by %q; there are %+v", namespace, name, dimensions, agenttest.ListMetrics(t, aws, namespace, ""))
	return 0
}

// TestExporter_percentiles reads back what a histogram was, by CloudWatch's own statistics.
func TestExporter_percentiles(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	run(t, "dimension_rollup_option: NoDimensionRollup", metric(t, "latency", map[string]any{"service.name": "web", "service.namespace": "shop"}, func(m pmetric.Metric) {
		m.SetUnit("ms")
		h := m.SetEmptyHistogram()
		h.SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
		dp := h.DataPoints().AppendEmpty()
		dp.SetTimestamp(now())
		dp.Attributes().PutStr("route", "/pay")
		dp.ExplicitBounds().FromRaw([]float64{10, 20, 50, 100, 500})
		dp.BucketCounts().FromRaw([]uint64{0, 50, 40, 9, 1, 0})
		dp.SetCount(100)
		dp.SetSum(2500)
		dp.SetMin(11)
		dp.SetMax(400)
	}))
	nothingRefused(t, aws)
	f := func(which string, low, high float64) {
		t.Helper()
		if got := stat(t, aws, "shop/web", "latency", which, "route"); got < low || got > high {
			t.Errorf("%s is %v, want %v to %v", which, got, low, high)
		}
	}
	f("SampleCount", 100, 100)
	f("Sum", 2499.9, 2500.1)
	f("Minimum", 11, 11)
	f("Maximum", 400, 400)
	f("p50", 10, 20)
	f("p90", 20, 50)
	f("p99", 50, 100)
}

// TestExporter_totals sends totals, of which increases are made, also where a call fails in between.
func TestExporter_totals(t *testing.T) {
	f := func(name, keys string, events int, want float64) {
		t.Run(name, func(t *testing.T) {
			aws := agenttest.AWS(t, localaws.Config{})
			first := true
			aws.Control("PutLogEvents", func(*localaws.Call) *localaws.Fault {
				if first {
					first = false
					return localaws.Unavailable()
				}
				return nil
			})
			began := time.Now().Add(-time.Hour) // before the agent
			var requests []pmetric.Metrics
			for i := range 5 {
				requests = append(requests, metric(t, "requests", nil, func(m pmetric.Metric) {
					sum := m.SetEmptySum()
					sum.SetIsMonotonic(true)
					sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
					dp := sum.DataPoints().AppendEmpty()
					dp.SetStartTimestamp(pcommon.NewTimestampFromTime(began))
					dp.SetTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(time.Duration(i-5) * time.Second)))
					dp.SetIntValue(int64(100 + 10*i))
				}))
			}
			listen := agenttest.FreeAddr(t)
			at(listen, "max_retries: 1\nretry_on_failure: {initial_interval: 20ms}\nsending_queue: {batch: {flush_timeout: 1ms, min_size: 1}}\n"+keys).Start(t)
			client := agenttest.MetricsClient(t, listen)
			for _, md := range requests {
				agenttest.SendMetrics(t, client, md)
			}
			agenttest.Eventually(t, "every document at AWS", func() bool { return aws.Counts().LogEvents >= events })
			nothingRefused(t, aws)
			agenttest.Eventually(t, fmt.Sprint("a sum of ", want), func() bool {
				list := agenttest.ListMetrics(t, aws, "default", "requests")
				if len(list) == 0 {
					return false
				}
				got, _ := agenttest.MetricStat(t, aws, list[0], "Sum")
				return got == want
			})
		})
	}
	f("increases", "", 4, 40)
	f("compat", "compat: true", 4, 40)
	f("first total", "retain_initial_value_of_delta_metric: true", 5, 140)
	f("compat, first total", "compat: true\nretain_initial_value_of_delta_metric: true", 5, 140)
}

// TestExporter_limits sends more metrics than a directive takes, and more dimensions than a set.
func TestExporter_limits(t *testing.T) {
	for _, compat := range []bool{false, true} {
		t.Run(fmt.Sprint("compat ", compat), func(t *testing.T) {
			aws := agenttest.AWS(t, localaws.Config{})
			many := map[string]any{}
			for i := range 40 {
				many[fmt.Sprintf("d%02d", i)] = "x"
			}
			md := metric(t, "m000", nil, gauge(1, map[string]any{"a": "b"}))
			for i := 1; i < 250; i++ {
				m := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().AppendEmpty()
				m.SetName(fmt.Sprintf("m%03d", i))
				md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().CopyTo(m.SetEmptyGauge())
			}
			run(t, fmt.Sprint("dimension_rollup_option: NoDimensionRollup\ncompat: ", compat), md, metric(t, "wide", nil, gauge(2, many)))
			nothingRefused(t, aws)
			if n := len(agenttest.ListMetrics(t, aws, "default", "")); n != 251 {
				t.Errorf("CloudWatch has %d metrics, want 251", n)
			}
			for _, m := range agenttest.ListMetrics(t, aws, "default", "wide") {
				if len(m.Dimensions) != 30 {
					t.Errorf("%d dimensions, want the 30 that CloudWatch takes", len(m.Dimensions))
				}
			}
			wide := documents(t, aws, "/metrics/default")
			if last := wide[len(wide)-1]; !slices.ContainsFunc(wide, func(d map[string]any) bool { return d["d39"] == "x" }) {
				t.Errorf("the dimensions beyond are not to be searched for: %v", last)
			}
		})
	}
}

// TestExporter_faults has CloudWatch Logs throttle and fail; every point arrives once.
func TestExporter_faults(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	aws.Control("PutLogEvents", func(*localaws.Call) *localaws.Fault {
		switch p := rand.Float64(); {
		case p < 0.3:
			return localaws.Throttle()
		case p < 0.4:
			return localaws.Unavailable()
		}
		return nil
	})
	listen := agenttest.FreeAddr(t)
	at(listen, `
log_stream_name: s-{series}-{TaskId}
sending_queue: {batch: {flush_timeout: 10ms, min_size: 500}}
retry_on_failure: {initial_interval: 20ms}
dimension_rollup_option: NoDimensionRollup`).Start(t)
	client := agenttest.MetricsClient(t, listen)
	const requests, series = 20, 200
	for range requests {
		agenttest.SendMetrics(t, client, agenttest.Metrics("requests", series, 3))
	}
	agenttest.Eventually(t, "every document at AWS", func() bool { return aws.Counts().LogEvents >= requests*series })
	total := 0.0
	for _, d := range documents(t, aws, "/metrics/orders") {
		total += d["requests"].(float64)
	}
	if total != requests*series*3 {
		t.Errorf("%v, want %v", total, requests*series*3)
	}
}

// TestExporter_farAway has calls for one stream run beside each other, so that the way to AWS does not bound the rate.
func TestExporter_farAway(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	var running, most atomic.Int64
	aws.Control("PutLogEvents", func(*localaws.Call) *localaws.Fault {
		now := running.Add(1)
		for before := most.Load(); now > before && !most.CompareAndSwap(before, now); before = most.Load() {
		}
		time.AfterFunc(100*time.Millisecond, func() { running.Add(-1) })
		return &localaws.Fault{Delay: 100 * time.Millisecond}
	})
	const points = 120 // of 20 KB each, so that they need several calls
	var sets []map[string]any
	for i := range points {
		set := map[string]any{"series": i}
		for k := range 20 {
			set[fmt.Sprint("label", k)] = strings.Repeat("x", 1000)
		}
		sets = append(sets, set)
	}
	run(t, "dimension_rollup_option: NoDimensionRollup", metric(t, "requests", nil, gauge(1, sets...)))
	nothingRefused(t, aws)
	if n := aws.Counts().LogEvents; n != points {
		t.Errorf("%d documents at AWS, want %d", n, points)
	}
	if most.Load() < 2 {
		t.Errorf("%d call at a time, want several", most.Load())
	}
}

// TestExporter_queueOnDisk ends an agent while AWS is away; the next one delivers what the first had accepted.
func TestExporter_queueOnDisk(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	away := aws.Control("PutLogEvents", func(*localaws.Call) *localaws.Fault { return localaws.Unavailable() })
	listen := agenttest.FreeAddr(t)
	pipeline := at(listen, "sending_queue: {storage: file_storage}")
	pipeline.Storage = t.TempDir()
	first := pipeline.Start(t)
	client := agenttest.MetricsClient(t, listen)
	for range 10 {
		agenttest.SendMetrics(t, client, agenttest.Metrics("requests", 10, 1))
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if n := aws.Counts().LogEvents; n != 0 {
		t.Fatalf("%d events at AWS while it is away", n)
	}
	away()
	pipeline.Start(t)
	agenttest.Eventually(t, "all at AWS", func() bool { return aws.Counts().LogEvents == 100 })
}
