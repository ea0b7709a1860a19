package statsd_test

import (
	"context"
	"fmt"
	"net"
	"testing"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/agent/receiver/statsd"
)

// TestReceiver_rates sends values whose sample rates end the process of the collector's own receiver.
func TestReceiver_rates(t *testing.T) {
	const values = 100
	for name, rate := range map[string]func(i int) string{
		"none":          func(int) string { return "1" },
		"in thirds":     func(int) string { return "0.3" },
		"several":       func(i int) string { return []string{"0.1", "0.3", "0.7", "0.9"}[i%4] },
		"next to none":  func(int) string { return "1e-320" },
		"no number":     func(int) string { return "NaN" },
		"some far away": func(i int) string { return []string{"5e-324", "0.3"}[i%2] },
	} {
		t.Run(name, func(t *testing.T) {
			sink, addr, stop := start(t, "udp")
			defer stop()
			conn, err := net.Dial("udp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			var datagram []byte
			for i := range values {
				datagram = fmt.Appendf(datagram, "latency:%d|ms|@%s\n", i+1, rate(i))
			}
			if _, err := conn.Write(datagram); err != nil {
				t.Fatal(err)
			}
			var lowest, highest float64 // of all intervals into which the values fell
			infinite := name == "next to none" || name == "some far away"
			agenttest.Eventually(t, "the values come", func() bool {
				all := summaries(sink)
				for i, dp := range all {
					q := dp.QuantileValues()
					if q.Len() != 6 || q.At(0).Quantile() != 0 || q.At(1).Quantile() != 0.1 || q.At(5).Quantile() != 1 {
						t.Fatalf("%d quantiles, the first %v, the last %v", q.Len(), q.At(0).Quantile(), q.At(q.Len()-1).Quantile())
					}
					if i == 0 {
						lowest = q.At(0).Value()
					}
					highest = q.At(5).Value()
				}
				return len(all) > 0 && (highest == values || infinite) // of an infinite sum every part is as much
			})
			if lowest != 1 && !infinite {
				t.Errorf("the lowest value is %v, want 1", lowest)
			}
		})
	}
}

// TestReceiver_connected ends a receiver whose client stays.
func TestReceiver_connected(t *testing.T) {
	sink, addr, stop := start(t, "tcp")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprint(conn, "latency:1|ms\n"); err != nil {
		t.Fatal(err)
	}
	agenttest.Eventually(t, "the value comes", func() bool { return len(summaries(sink)) > 0 })
	stop()
}

// start runs a receiver until stop is called.
func start(t *testing.T, transport string) (sink *consumertest.MetricsSink, addr string, stop func()) {
	t.Helper()
	factory := statsd.NewFactory()
	addr = agenttest.FreeAddr(t)
	cfg := factory.CreateDefaultConfig()
	keys := map[string]any{
		"endpoint": addr, "transport": transport, "aggregation_interval": "100ms",
		"timer_histogram_mapping": []any{map[string]any{"statsd_type": "timing", "observer_type": "summary"}},
	}
	if err := confmap.NewFromStringMap(keys).Unmarshal(cfg); err != nil {
		t.Fatal(err)
	}
	sink = new(consumertest.MetricsSink)
	r, err := factory.CreateMetrics(t.Context(), receivertest.NewNopSettings(factory.Type()), cfg, sink)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	return sink, addr, func() {
		if err := r.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}
}

// summaries are the points that came.
func summaries(sink *consumertest.MetricsSink) []pmetric.SummaryDataPoint {
	var list []pmetric.SummaryDataPoint
	for _, md := range sink.AllMetrics() {
		for _, rm := range md.ResourceMetrics().All() {
			for _, sm := range rm.ScopeMetrics().All() {
				for _, m := range sm.Metrics().All() {
					for _, dp := range m.Summary().DataPoints().All() {
						list = append(list, dp)
					}
				}
			}
		}
	}
	return list
}
