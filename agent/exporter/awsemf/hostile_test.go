package awsemf_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/updraft-otel/updraft/agent/exporter/awsemf"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestExporter_hostile sends what CloudWatch does not take among what it does.
func TestExporter_hostile(t *testing.T) {
	for _, keys := range []string{"", "compat: true", "version: \"0\"", "eks_fargate_container_insights_enabled: true\nresource_to_telemetry_conversion: {enabled: true}\nparse_json_encoded_attr_values: [json]"} {
		t.Run(keys, func(t *testing.T) {
			aws := agenttest.AWS(t, localaws.Config{})
			deep := pcommon.NewMap()
			for in, i := deep.PutEmptySlice("deep"), 0; i < 45; i++ { // of 47 that the receiver takes
				in = in.AppendEmpty().SetEmptySlice()
			}
			huge := strings.Repeat("x", 2<<20)
			md := metric(t, "good", map[string]any{"service.name": "s", "receiver": 1}, gauge(1, nil))
			sm := md.ResourceMetrics().At(0).ScopeMetrics().At(0)
			add := func(name string, value float64, change func(pmetric.NumberDataPoint)) {
				m := sm.Metrics().AppendEmpty()
				m.SetName(name)
				gauge(value, nil)(m)
				dp := m.Gauge().DataPoints().AppendEmpty()
				dp.SetTimestamp(now())
				dp.SetDoubleValue(value)
				change(dp)
			}
			same := func(pmetric.NumberDataPoint) {}
			add("nan", math.NaN(), same)
			add("infinite", math.Inf(-1), same)
			add("large", 0x1p400, same)
			add("", 1, same)
			add("\x00\xff\u2028", 1, same)
			add("_aws", 1, same)
			add("Version", 1, same)
			add("good", 1, same) // again
			add("old", 1, func(dp pmetric.NumberDataPoint) {
				dp.SetTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(-15 * 24 * time.Hour)))
			})
			add("far", 1, func(dp pmetric.NumberDataPoint) { dp.SetTimestamp(math.MaxUint64) })
			add("labels", 1, func(dp pmetric.NumberDataPoint) {
				a := dp.Attributes()
				a.PutStr("huge", huge)
				a.PutStr("", "no name")
				a.PutStr("empty", "")
				a.PutStr("_aws", "{}")
				a.PutStr("labels", "the metric's own name")
				a.PutStr("json", strings.Repeat("[", 20_000))
				a.PutStr("Type", "Pod")
				a.PutStr("bad \xff", "\xff")
				a.PutStr("aws.emf.storage_resolution", "17")
				deep.CopyTo(a.PutEmptyMap("map"))
			})
			add("none", 1, func(dp pmetric.NumberDataPoint) { dp.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true)) })
			sm.Metrics().AppendEmpty().SetName("empty")
			h := sm.Metrics().AppendEmpty()
			h.SetName("histogram")
			for range 2 {
				dp := h.SetEmptyHistogram().DataPoints().AppendEmpty()
				dp.SetTimestamp(now())
				dp.SetCount(math.MaxUint64)
				dp.SetSum(math.Inf(1))
				dp.ExplicitBounds().FromRaw([]float64{3, 2, math.NaN()})
				dp.BucketCounts().FromRaw([]uint64{1})
			}
			e := sm.Metrics().AppendEmpty()
			e.SetName("exponential")
			dp := e.SetEmptyExponentialHistogram().DataPoints().AppendEmpty()
			dp.SetTimestamp(now())
			dp.SetScale(math.MinInt32)
			dp.Positive().SetOffset(math.MaxInt32)
			dp.Positive().BucketCounts().FromRaw([]uint64{1, 2})
			run(t, keys, md)
			nothingRefused(t, aws)
			found := slices.ContainsFunc(documents(t, aws, "/metrics/s"), func(d map[string]any) bool { return d["good"] == 1.0 })
			if !found {
				t.Error("the good point is lost")
			}
			labels := slices.ContainsFunc(documents(t, aws, "/metrics/s"), func(d map[string]any) bool { return d["labels"] == 1.0 })
			if !labels {
				t.Error("the point with hostile labels is lost")
			}
		})
	}
}

// TestExporter_deep gives the exporter values that are nested more deeply than OTLP's reader takes, as a processor can make them.
func TestExporter_deep(t *testing.T) {
	for _, keys := range []map[string]any{
		{}, {"compat": true}, {"version": "0"},
		{"resource_to_telemetry_conversion": map[string]any{"enabled": true}, "parse_json_encoded_attr_values": []any{"map"}},
	} {
		aws := agenttest.AWS(t, localaws.Config{})
		keys["sending_queue"] = map[string]any{"enabled": false}
		keys["log_group_name"], keys["log_stream_name"], keys["region"] = "/metrics/s", "deep", "us-east-1"
		factory := awsemf.NewFactory()
		e, _ := agenttest.StartExporter(t, factory, factory.CreateMetrics, keys)
		md := metric(t, "good", map[string]any{"service.name": "s"}, gauge(1, nil))
		rm := md.ResourceMetrics().At(0)
		for _, attributes := range []pcommon.Map{rm.Resource().Attributes(), rm.ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().At(0).Attributes()} {
			for in, i := attributes.PutEmptyMap("map").PutEmptySlice("deep"), 0; i < 5000; i++ {
				in = in.AppendEmpty().SetEmptySlice()
			}
		}
		if err := e.ConsumeMetrics(t.Context(), md); err != nil {
			t.Error(err)
		}
		nothingRefused(t, aws)
		if found := documents(t, aws, "/metrics/s"); len(found) != 1 || found[0]["good"] != 1.0 {
			t.Errorf("%v: %d documents", keys, len(found))
		}
	}
}

// TestExporter_forgedCarrier sends what looks like documents on their way back to the queue.
func TestExporter_forgedCarrier(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	md := metric(t, "m", map[string]any{"encoded AAAA": []byte("\x05other\x00\x02{}")}, gauge(1, nil))
	run(t, "", md)
	if got := stat(t, aws, "default", "m", "Sum"); got != 1 {
		t.Errorf("%v, want the point", got)
	}
}
