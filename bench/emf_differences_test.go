package bench

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsemfexporter"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// The tests of the TestEMFDifference group show, on the same input, what the
// collector's exporter does and what ours does: one for each line of
// docs/metrics-mapping.md.

// An emfPair is the two exporters with the same settings.
type emfPair struct {
	t     *testing.T
	peer  *emfCollector
	twin  *emfTwin
	began time.Time
	at    time.Time
}

// newEMFPair makes a pair without roll-ups; ours with Compat or without.
func newEMFPair(t *testing.T, compat bool, set func(*awsemfexporter.Config)) *emfPair {
	t.Helper()
	peer := newEMFCollector(t, func(c *awsemfexporter.Config) {
		c.Namespace, c.DimensionRollupOption = "shop", "NoDimensionRollup"
		if set != nil {
			set(c)
		}
	})
	p := &emfPair{t: t, peer: peer, twin: newEMFTwin(t, peer.config, compat)}
	p.began = time.Now() // after ours, which then counts a total from its start
	p.at = p.began.Truncate(time.Second)
	return p
}

// export returns what the two make of one metric, or of several.
func (p *emfPair) export(fill ...func(pmetric.Metric)) (theirs, ours []map[string]any) {
	p.t.Helper()
	md := pmetric.NewMetrics()
	list := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics()
	for _, f := range fill {
		m := list.AppendEmpty()
		m.SetName("m")
		f(m)
	}
	return p.exportAll(md)
}

func (p *emfPair) exportAll(md pmetric.Metrics) (theirs, ours []map[string]any) {
	p.t.Helper()
	lines := p.twin.export(md)
	for _, line := range p.peer.export(p.t, md) {
		theirs = append(theirs, readEMF(p.t, line))
	}
	for _, line := range lines {
		ours = append(ours, readEMF(p.t, line))
	}
	return theirs, ours
}

// is compares one thing of documents with what it should be.
func (p *emfPair) is(what string, got any, want string) {
	p.t.Helper()
	if s := fmt.Sprint(got); s != want {
		p.t.Errorf("%s: got %s, want %s", what, s, want)
	}
}

// valuesOf is a member of each document that has it.
func valuesOf(documents []map[string]any, name string) []any {
	var list []any
	for _, d := range documents {
		if v, ok := d[name]; ok {
			list = append(list, v)
		}
	}
	return list
}

// one is the only document's set of numbers for the metric m.
func (p *emfPair) one(documents []map[string]any) map[string]any {
	p.t.Helper()
	if len(documents) != 1 {
		p.t.Fatalf("%d documents, want one: %s", len(documents), text(documents))
	}
	set, ok := documents[0]["m"].(map[string]any)
	if !ok {
		p.t.Fatalf("no set of numbers: %s", text(documents))
	}
	return set
}

// number fills a point.
func (p *emfPair) number(dp pmetric.NumberDataPoint, start time.Time, v float64) {
	dp.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
	dp.SetTimestamp(pcommon.NewTimestampFromTime(p.at))
	dp.SetDoubleValue(v)
}

func (p *emfPair) sum(start time.Time, monotonic bool, v float64) func(pmetric.Metric) {
	return func(m pmetric.Metric) {
		sum := m.SetEmptySum()
		sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		sum.SetIsMonotonic(monotonic)
		p.number(sum.DataPoints().AppendEmpty(), start, v)
	}
}

func (p *emfPair) gauge(name string, v float64, labels ...string) func(pmetric.Metric) {
	return func(m pmetric.Metric) {
		m.SetName(name)
		dp := m.SetEmptyGauge().DataPoints().AppendEmpty()
		p.number(dp, p.began, v)
		for i := 0; i+1 < len(labels); i += 2 {
			dp.Attributes().PutStr(labels[i], labels[i+1])
		}
	}
}

func TestEMFDifference_upDownCounter(t *testing.T) {
	p := newEMFPair(t, false, nil)
	for i, f := range []struct {
		total        float64
		theirs, ours string
	}{{10, "[]", "[10]"}, {12, "[2]", "[12]"}, {7, "[7]", "[7]"}} {
		theirs, ours := p.export(p.sum(p.began, false, f.total))
		p.is(fmt.Sprint(i, ", theirs"), valuesOf(theirs, "m"), f.theirs)
		p.is(fmt.Sprint(i, ", ours"), valuesOf(ours, "m"), f.ours)
	}
}

// TestEMFDifference_counterResets has a counter begin anew with more than it
// ended with, and fall.
func TestEMFDifference_counterResets(t *testing.T) {
	p := newEMFPair(t, false, nil)
	again := p.began.Add(time.Second)
	for i, f := range []struct {
		start        time.Time
		total        float64
		theirs, ours string
	}{{p.began, 100, "[]", "[100]"}, {p.began, 110, "[10]", "[10]"}, {again, 130, "[20]", "[130]"}, {again, 5, "[5]", "[5]"}} {
		theirs, ours := p.export(p.sum(f.start, true, f.total))
		p.is(fmt.Sprint(i, ", theirs"), valuesOf(theirs, "m"), f.theirs)
		p.is(fmt.Sprint(i, ", ours"), valuesOf(ours, "m"), f.ours)
	}
}

func (p *emfPair) histogram(temporality pmetric.AggregationTemporality, scale uint64) func(pmetric.Metric) {
	return func(m pmetric.Metric) {
		m.SetEmptyHistogram().SetAggregationTemporality(temporality)
		dp := m.Histogram().DataPoints().AppendEmpty()
		dp.SetStartTimestamp(pcommon.NewTimestampFromTime(p.began))
		dp.SetTimestamp(pcommon.NewTimestampFromTime(p.at))
		dp.ExplicitBounds().FromRaw([]float64{1, 2, 4, 8})
		dp.BucketCounts().FromRaw([]uint64{0, 50 * scale, 40 * scale, 10 * scale, 0})
		dp.SetCount(100 * scale)
		dp.SetSum(260 * float64(scale))
	}
}

func TestEMFDifference_percentiles(t *testing.T) {
	p := newEMFPair(t, false, nil)
	theirs, ours := p.export(p.histogram(pmetric.AggregationTemporalityDelta, 1))
	p.is("theirs", text(p.one(theirs)), `{"Count":100,"Max":0,"Min":0,"Sum":260}`)
	set := p.one(ours)
	values, counts := floatsOf(set["Values"]), floatsOf(set["Counts"])
	if got := percentileOf(values, counts, 0.5); got < 1 || got > 2 {
		t.Errorf("p50 is %g, want one in its bucket, 1 to 2", got)
	}
	if got := percentileOf(values, counts, 0.95); got < 4 || got > 8 {
		t.Errorf("p95 is %g, want one in its bucket, 4 to 8", got)
	}
}

func floatsOf(v any) []float64 {
	var list []float64
	all, _ := v.([]any)
	for _, f := range all {
		list = append(list, f.(float64))
	}
	return list
}

// percentileOf is the value of a rank; values ascend.
func percentileOf(values, counts []float64, share float64) float64 {
	total, before := 0.0, 0.0
	for _, n := range counts {
		total += n
	}
	for i, n := range counts {
		if before += n; before >= share*total {
			return values[i]
		}
	}
	return math.NaN()
}

func TestEMFDifference_cumulativeHistograms(t *testing.T) {
	p := newEMFPair(t, false, nil)
	for i, f := range []struct {
		scale        uint64
		theirs, ours string
	}{{1, "100", "100"}, {2, "200", "100"}, {3, "300", "100"}} {
		theirs, ours := p.export(p.histogram(pmetric.AggregationTemporalityCumulative, f.scale))
		p.is(fmt.Sprint(i, ", theirs"), p.one(theirs)["Count"], f.theirs)
		p.is(fmt.Sprint(i, ", ours"), p.one(ours)["Count"], f.ours)
	}
}

func TestEMFDifference_unknownExtremes(t *testing.T) {
	p := newEMFPair(t, false, nil)
	theirs, ours := p.export(p.histogram(pmetric.AggregationTemporalityDelta, 1))
	p.is("theirs", fmt.Sprint(p.one(theirs)["Min"], p.one(theirs)["Max"]), "0 0")
	low, high := p.one(ours)["Min"].(float64), p.one(ours)["Max"].(float64)
	if low < 1 || high > 8 {
		t.Errorf("from %g to %g: not in the buckets that have counts", low, high)
	}
}

// exponential is a histogram of a bucket at 1 to 4 and one at 16 to 64.
func (p *emfPair) exponential(m pmetric.Metric) {
	m.SetEmptyExponentialHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
	dp := m.ExponentialHistogram().DataPoints().AppendEmpty()
	dp.SetTimestamp(pcommon.NewTimestampFromTime(p.at))
	dp.SetScale(-1)
	dp.Positive().BucketCounts().FromRaw([]uint64{30, 0, 10})
	dp.SetCount(40)
	dp.SetSum(260)
	dp.SetMin(1.5)
	dp.SetMax(20)
}

func TestEMFDifference_exponentialMiddles(t *testing.T) {
	p := newEMFPair(t, false, nil)
	sum := func(set map[string]any) float64 {
		total := 0.0
		for i, n := range floatsOf(set["Counts"]) {
			total += n * floatsOf(set["Values"])[i]
		}
		return total
	}
	theirs, ours := p.export(p.exponential)
	p.is("theirs", text(p.one(theirs)["Values"]), "[40,2.5]")
	p.is("theirs, values by counts", sum(p.one(theirs)), "475")
	if got := sum(p.one(ours)); math.Abs(got-260) > 1e-9 {
		t.Errorf("ours, values by counts: %g, want the recorded sum, 260", got)
	}
	values := floatsOf(p.one(ours)["Values"])
	p.is("ours, from and to", fmt.Sprint(values[0], values[len(values)-1]), "1.5 20")
}

func TestEMFDifference_summaryTotals(t *testing.T) {
	p := newEMFPair(t, false, nil)
	for i, f := range []struct {
		count        uint64
		theirs, ours string
	}{{10, "10", "10"}, {15, "15", "5"}} {
		theirs, ours := p.export(func(m pmetric.Metric) {
			dp := m.SetEmptySummary().DataPoints().AppendEmpty()
			dp.SetStartTimestamp(pcommon.NewTimestampFromTime(p.began))
			dp.SetTimestamp(pcommon.NewTimestampFromTime(p.at))
			dp.SetCount(f.count)
			dp.SetSum(float64(f.count))
		})
		p.is(fmt.Sprint(i, ", theirs"), p.one(theirs)["Count"], f.theirs)
		p.is(fmt.Sprint(i, ", ours"), p.one(ours)["Count"], f.ours)
	}
}

// TestEMFDifference_numbers has values that CloudWatch does not take: theirs
// writes what is finite.
func TestEMFDifference_numbers(t *testing.T) {
	p := newEMFPair(t, true, nil)
	theirs, ours := p.export(p.gauge("a", 0x1p400), p.gauge("b", math.Inf(1)), p.gauge("c", 0x1p-400), p.gauge("d", 1))
	p.is("theirs, too large", len(valuesOf(theirs, "a")), "1")
	p.is("ours, too large", len(valuesOf(ours, "a")), "0")
	p.is("theirs, infinite", len(valuesOf(theirs, "b")), "0")
	p.is("ours, infinite", len(valuesOf(ours, "b")), "0")
	if v := valuesOf(theirs, "c"); len(v) != 1 || v[0] == 0.0 {
		t.Errorf("theirs, too close to zero: %v", v)
	}
	p.is("ours, too close to zero", valuesOf(ours, "c"), "[0]")
	p.is("ours, counted", p.twin.encoder.Dropped(), "map[not_finite:1 out_of_range:1]")
}

// TestEMFDifference_oldPoints has one point of three weeks ago among good ones:
// with it, theirs sends nothing at all.
func TestEMFDifference_oldPoints(t *testing.T) {
	p := newEMFPair(t, true, nil)
	md := pmetric.NewMetrics()
	points := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	points.SetName("m")
	list := points.SetEmptyGauge().DataPoints()
	for i := range 3 {
		dp := list.AppendEmpty()
		p.number(dp, p.began, float64(i))
		dp.Attributes().PutInt("i", int64(i))
	}
	list.At(1).SetTimestamp(pcommon.NewTimestampFromTime(p.at.Add(-21 * 24 * time.Hour)))
	p.is("ours", len(p.twin.export(md)), "2")
	p.is("ours, counted", p.twin.encoder.Dropped(), "map[too_old:1]")
	if err := p.peer.exporter.ConsumeMetrics(t.Context(), md); err == nil || !strings.Contains(err.Error(), "older than 14 days") {
		t.Errorf("theirs: %v", err)
	}
	p.is("theirs", len(p.peer.documents), "0")
}
