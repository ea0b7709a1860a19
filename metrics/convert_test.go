package metrics

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// A sdkEncoder takes an SDK's metrics to datums, a JSON line each.
type sdkEncoder struct {
	*converter
	data   *DatumEncoder
	source sdkPoints
	lines  []string
}

func testConverter(t *testing.T, c Config) *sdkEncoder {
	t.Helper()
	if c.Now == nil {
		c.Now = datumTime
	}
	e := &sdkEncoder{}
	data, err := NewDatumEncoder(c, func(_ string, d *Datum) { e.lines = append(e.lines, string(AppendDatumJSON(nil, d))) })
	if err != nil {
		t.Fatal(err)
	}
	e.data, e.converter, e.source.add = data, data.points, data.Add
	return e
}

// one is an export of one metric.
func one(name, unit string, data metricdata.Aggregation) *metricdata.ResourceMetrics {
	return &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{
		Metrics: []metricdata.Metrics{{Name: name, Unit: unit, Data: data}},
	}}}
}

// converted is every datum of rm, a JSON line each.
func converted(c *sdkEncoder, rm *metricdata.ResourceMetrics) []string {
	c.lines = nil
	c.data.Begin()
	c.source.each(rm)
	return c.lines
}

func point(v float64, kvs ...attribute.KeyValue) metricdata.DataPoint[float64] {
	return metricdata.DataPoint[float64]{Attributes: attribute.NewSet(kvs...), Time: datumTime(), Value: v}
}

func TestConvert_golden(t *testing.T) {
	attrs := attribute.NewSet(attribute.String("route", "/cart"), attribute.Int("status", 200))
	at := datumTime()
	rm := &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{
		{Name: "gauge", Unit: "By", Data: metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{{Time: at, Value: 5}}}},
		{Name: "gauge.float", Unit: "%", Data: metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{{Attributes: attrs, Value: 0.5}}}},
		{Name: "counter", Unit: "{order}", Data: metricdata.Sum[int64]{
			Temporality: metricdata.DeltaTemporality, IsMonotonic: true,
			DataPoints: []metricdata.DataPoint[int64]{{Attributes: attrs, Time: at, Value: 3}},
		}},
		{Name: "updown", Data: metricdata.Sum[float64]{
			Temporality: metricdata.CumulativeTemporality,
			DataPoints:  []metricdata.DataPoint[float64]{{Time: at, Value: -2}},
		}},
		{Name: "histogram", Unit: "ms", Data: metricdata.Histogram[int64]{
			Temporality: metricdata.DeltaTemporality,
			DataPoints: []metricdata.HistogramDataPoint[int64]{{Time: at, Count: 0, Bounds: []float64{10}, BucketCounts: []uint64{0, 0}}, {
				Attributes: attrs, Time: at, Count: 3, Sum: 33, Bounds: []float64{10, 20}, BucketCounts: []uint64{1, 2, 0},
				Min: metricdata.NewExtrema[int64](4), Max: metricdata.NewExtrema[int64](17),
			}},
		}},
		{Name: "exponential", Unit: "s", Data: metricdata.ExponentialHistogram[float64]{
			Temporality: metricdata.DeltaTemporality,
			DataPoints: []metricdata.ExponentialHistogramDataPoint[float64]{{
				Time: at, Count: 4, Sum: 9, Scale: 0, ZeroCount: 1,
				PositiveBucket: metricdata.ExponentialBucket{Offset: 0, Counts: []uint64{1, 2}},
			}},
		}},
	}}}}
	c := testConverter(t, Config{Dimensions: []Dimension{{"Service", "shop"}}, Resolution: HighResolution})
	golden(t, "convert", []byte("["+strings.Join(converted(c, rm), ",")+"]"))
	if len(c.dropped) != 0 {
		t.Errorf("dropped %v", c.dropped)
	}
}

func TestConvert_dropped(t *testing.T) {
	f := func(rm *metricdata.ResourceMetrics, lines int, want map[string]int64) {
		t.Helper()
		c := testConverter(t, Config{})
		if got := converted(c, rm); len(got) != lines || !maps.Equal(c.dropped, want) {
			t.Errorf("got %q, dropped %v, want %v", got, c.dropped, want)
		}
	}
	gauge := func(vs ...float64) metricdata.Gauge[float64] {
		var g metricdata.Gauge[float64]
		for _, v := range vs {
			g.DataPoints = append(g.DataPoints, point(v))
		}
		return g
	}
	f(one("m", "", gauge(math.NaN(), math.Inf(1), math.Inf(-1), 1)), 1, map[string]int64{DropNotFinite: 3})
	f(one("m", "", gauge(MaxValue, -MaxValue, 2*MaxValue, -2*MaxValue)), 2, map[string]int64{DropOutOfRange: 2})
	f(one(" ", "", gauge(1, 2)), 0, map[string]int64{DropNoName: 2})
	f(one("m", "", metricdata.Summary{DataPoints: make([]metricdata.SummaryDataPoint, 3)}), 0, map[string]int64{})
	f(one("m", "", nil), 0, map[string]int64{})
	f(one("m", "", metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{
		{Time: datumTime().Add(-MaxAge)}, {Time: datumTime().Add(MaxAhead)}, {Time: datumTime().Add(-MaxAge + time.Hour)},
	}}), 1, map[string]int64{DropTooOld: 1, DropTooNew: 1})
	f(one("m", "", metricdata.Histogram[float64]{
		Temporality: metricdata.DeltaTemporality,
		DataPoints:  []metricdata.HistogramDataPoint[float64]{*within(histogram(1, floats(1), 1, 1), 0.5, 1e300)},
	}), 1, map[string]int64{DropOutOfRange: 1})
}

func TestConvert_dimensions(t *testing.T) {
	f := func(name string, c Config, kvs []attribute.KeyValue, want []Dimension, cut int64) {
		t.Helper()
		conv := testConverter(t, c)
		var got []Dimension
		lines := converted(conv, one("m", "", metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{point(1, kvs...)}}))
		var d struct{ Dimensions []Dimension }
		if err := json.Unmarshal([]byte(lines[0]), &d); err == nil {
			got = d.Dimensions
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || conv.dropped[DropDimensionLimit] != cut {
			t.Errorf("%s: got %v, want %v; %d cut", name, got, want, conv.dropped[DropDimensionLimit])
		}
	}
	fixed := Config{Dimensions: []Dimension{{"Service", "shop"}, {"Empty", ""}}}
	f("none", Config{}, nil, nil, 0)
	f("by name", fixed, []attribute.KeyValue{attribute.Int("b", 2), attribute.Bool("a", true)},
		[]Dimension{{"Service", "shop"}, {"a", "true"}, {"b", "2"}}, 0)
	f("repaired", Config{}, []attribute.KeyValue{attribute.String("ort", "Köln"), attribute.StringSlice("s", []string{"x"})},
		[]Dimension{{"ort", "K%C3%B6ln"}, {"s", `["x"]`}}, 0)
	f("without value", Config{}, []attribute.KeyValue{attribute.String("a", ""), attribute.String("b", " ")}, nil, 0)
	f("fixed one wins", fixed, []attribute.KeyValue{attribute.String("Service", "other")}, []Dimension{{"Service", "shop"}}, 0)
	f("filter", Config{Attributes: func(k attribute.Key) bool { return k == "a" }},
		[]attribute.KeyValue{attribute.Int("a", 1), attribute.Int("b", 2)}, []Dimension{{"a", "1"}}, 0)
	var many []attribute.KeyValue
	kept := []Dimension{{"Service", "shop"}}
	for i := range 40 {
		many = append(many, attribute.Int(fmt.Sprintf("k%02d", i), i))
		if i < MaxDimensions-1 {
			kept = append(kept, Dimension{fmt.Sprintf("k%02d", i), fmt.Sprint(i)})
		}
	}
	f("too many", fixed, many, kept, 11)
}

func TestConvert_totals(t *testing.T) {
	now := datumTime()
	c := testConverter(t, Config{Now: func() time.Time { return now }})
	start := datumTime()
	f := func(name string, started time.Time, total float64, want string) {
		t.Helper()
		p := point(total, attribute.String("k", "v"))
		p.StartTime = started
		lines := converted(c, one("m", "", metricdata.Sum[float64]{
			Temporality: metricdata.CumulativeTemporality, IsMonotonic: true, DataPoints: []metricdata.DataPoint[float64]{p},
		}))
		got := ""
		if len(lines) == 1 {
			var d struct{ Value json.Number }
			_ = json.Unmarshal([]byte(lines[0]), &d)
			got = d.Value.String()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	f("older than the exporter", start.Add(-time.Hour), 100, "")
	f("increase", start.Add(-time.Hour), 130, "30")
	f("no increase", start.Add(-time.Hour), 130, "0")
	f("fell", start.Add(-time.Hour), 7, "7")
	f("began anew", start.Add(time.Minute), 9, "9")
	now = now.Add(SeriesMemory)
	converted(c, one("other", "", nil))
	if len(c.instruments) != 0 || len(c.sets) != 0 {
		t.Errorf("%d metrics that are gone are still known", len(c.instruments))
	}
	f("new, younger than the exporter", start.Add(time.Minute), 4, "4")
}

// TestConvert_retainFirst sends a total that began before the encoder as it is.
func TestConvert_retainFirst(t *testing.T) {
	f := func(retain bool, want int) {
		t.Helper()
		c := testConverter(t, Config{RetainFirst: retain})
		p := point(7)
		p.StartTime = datumTime().Add(-time.Hour)
		lines := converted(c, one("m", "", metricdata.Sum[float64]{
			Temporality: metricdata.CumulativeTemporality, IsMonotonic: true, DataPoints: []metricdata.DataPoint[float64]{p},
		}))
		if len(lines) != want {
			t.Errorf("%v with RetainFirst %v", lines, retain)
		}
	}
	f(false, 0)
	f(true, 1)
}

func TestConvert_histogramTotals(t *testing.T) {
	c := testConverter(t, Config{})
	f := func(name string, p *metricdata.HistogramDataPoint[float64], want string) {
		t.Helper()
		p.StartTime, p.Time = datumTime(), datumTime()
		lines := converted(c, one("m", "", metricdata.Histogram[float64]{
			Temporality: metricdata.CumulativeTemporality, DataPoints: []metricdata.HistogramDataPoint[float64]{*p},
		}))
		got := strings.Join(lines, "\n")
		_, got, _ = strings.Cut(got, `"Values":`)
		got, _, _ = strings.Cut(got, `,"Unit"`)
		if got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	f("first", within(histogram(4, floats(2, 10), 1, 1, 0), 1, 3), `[1,3],"Counts":[1,1]`)
	f("more", within(histogram(4+10, floats(2, 10), 1, 3, 0), 1, 6), `[5],"Counts":[2]`)
	f("nothing new", within(histogram(4+10, floats(2, 10), 1, 3, 0), 1, 6), ``)
	f("began anew", within(histogram(1, floats(2, 10), 1, 0, 0), 1, 1), `[1],"Counts":[1]`)
	f("other bounds", histogram(4, floats(3), 2, 0), `[2],"Counts":[2]`)
}
