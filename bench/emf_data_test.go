package bench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// An emfGenerator makes metrics of all kinds, round after round of the same
// series, as both exporters are to take them. It leaves out what
// docs/metrics-mapping.md lists as different.
type emfGenerator struct {
	*rand.Rand
	at         time.Time
	totals     map[string]float64
	prometheus bool // the last resource comes from that receiver
}

func newEMFGenerator(seed uint64) *emfGenerator {
	return &emfGenerator{
		Rand: rand.New(rand.NewPCG(seed, 77)), at: time.Now().Truncate(time.Second), totals: map[string]float64{},
	}
}

// round is a request: some resources, each with scopes, metrics and points.
func (g *emfGenerator) round() pmetric.Metrics {
	g.at = g.at.Add(time.Second)
	md := pmetric.NewMetrics()
	for r := range 3 {
		rm := md.ResourceMetrics().AppendEmpty()
		_ = rm.Resource().Attributes().FromRaw(map[string]any{"service.name": fmt.Sprint("service", r), "host.id": 17, "region": "eu"})
		if r == 1 {
			rm.Resource().Attributes().PutStr("service.namespace", "shop")
			rm.Resource().Attributes().PutStr("method", "of the resource")
			rm.Resource().Attributes().PutStr("OTelLib", "of the resource")
		}
		if r == 2 && g.prometheus {
			rm.Resource().Attributes().PutStr("receiver", "prometheus")
		}
		for s := range 2 {
			sm := rm.ScopeMetrics().AppendEmpty()
			if s == 1 {
				sm.Scope().SetName("lib/http")
			}
			for m := range 12 {
				g.metric(sm.Metrics().AppendEmpty(), fmt.Sprintf("r%ds%d", r, s), m)
			}
		}
	}
	return md
}

var emfUnits = []string{"", "1", "ns", "ms", "s", "us", "By", "bit", "Percent", "Count/Second", "{request}", "MiBy"}

func (g *emfGenerator) metric(m pmetric.Metric, where string, i int) {
	m.SetName(fmt.Sprintf("%s.metric_%d", where, i))
	m.SetUnit(emfUnits[emfKey(where, i)%len(emfUnits)])
	temporality := pmetric.AggregationTemporality(1 + i%2)
	switch i % 6 {
	case 0:
		g.each(m.SetEmptyGauge().DataPoints().AppendEmpty, where, i)
	case 1, 2:
		sum := m.SetEmptySum()
		sum.SetAggregationTemporality(temporality)
		sum.SetIsMonotonic(i%3 == 0)
		g.each(sum.DataPoints().AppendEmpty, where, i)
	case 3:
		h := m.SetEmptyHistogram()
		h.SetAggregationTemporality(temporality)
		for range 3 {
			g.histogram(h.DataPoints().AppendEmpty(), len(where)+h.DataPoints().Len())
		}
	case 4:
		h := m.SetEmptyExponentialHistogram()
		h.SetAggregationTemporality(temporality)
		for range 3 {
			g.exponential(h.DataPoints().AppendEmpty(), len(where)+h.DataPoints().Len())
		}
	case 5:
		m.SetEmptySummary()
		for range 3 {
			g.summary(m)
		}
	}
}

// emfKey is a number that is the same in each round.
func emfKey(where string, i int) int {
	n := i * 7
	for _, c := range where {
		n = n*31 + int(c)
	}
	return n
}

// emfLabels are the k-th of a metric's sets of attributes.
func emfLabels(to pcommon.Map, k int) {
	switch k % 5 {
	case 0:
		return
	case 1:
		to.PutStr("route", "/cart")
	case 2:
		to.PutStr("route", "/pay")
		to.PutInt("status", 200)
	case 3:
		to.PutStr("route", "Größe \"x\" <&>")
		to.PutBool("ok", true)
		to.PutDouble("ratio", 0.25)
		to.PutStr("method", "GET")
		to.PutStr("json", `{"a":[1,"b"]}`)
	case 4:
		to.PutStr("method", "POST")
		to.PutStr("aws.emf.storage_resolution", "1")
		to.PutEmptySlice("list").AppendEmpty().SetInt(3)
	}
}

func (g *emfGenerator) each(next func() pmetric.NumberDataPoint, where string, i int) {
	for k := range 5 {
		dp := next()
		emfLabels(dp.Attributes(), k)
		dp.SetTimestamp(pcommon.NewTimestampFromTime(g.at))
		key := fmt.Sprint(where, i, k)
		g.totals[key] += math.Round(1000*g.NormFloat64()) / 8
		switch g.IntN(12) {
		case 0:
			dp.SetDoubleValue(math.NaN())
		case 1:
			dp.SetDoubleValue(math.Inf(1))
		case 2:
			dp.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
		case 3:
			dp.SetIntValue(int64(g.totals[key]))
		default:
			dp.SetDoubleValue(g.totals[key])
		}
	}
}

func (g *emfGenerator) histogram(dp pmetric.HistogramDataPoint, k int) {
	emfLabels(dp.Attributes(), k)
	dp.SetTimestamp(pcommon.NewTimestampFromTime(g.at))
	dp.ExplicitBounds().FromRaw([]float64{1, 2, 5})
	dp.BucketCounts().FromRaw([]uint64{g.Uint64N(9), g.Uint64N(9), g.Uint64N(9), g.Uint64N(9)})
	for _, n := range dp.BucketCounts().All() {
		dp.SetCount(dp.Count() + n)
	}
	dp.SetSum(g.Float64() * 100)
	if g.IntN(3) > 0 {
		dp.SetMin(g.Float64())
		dp.SetMax(5 + g.Float64())
	}
	if g.IntN(15) == 0 {
		dp.SetSum(math.NaN())
	}
}

func (g *emfGenerator) exponential(dp pmetric.ExponentialHistogramDataPoint, k int) {
	emfLabels(dp.Attributes(), k)
	dp.SetTimestamp(pcommon.NewTimestampFromTime(g.at))
	dp.SetScale(int32(g.IntN(6)))
	fill := func(b pmetric.ExponentialHistogramDataPointBuckets, n int) {
		b.SetOffset(int32(g.IntN(20) - 10))
		for range n {
			count := g.Uint64N(4)
			b.BucketCounts().Append(count)
			dp.SetCount(dp.Count() + count)
		}
	}
	fill(dp.Positive(), []int{0, 1, 30, 99, 100, 160, 260}[g.IntN(7)])
	if g.IntN(3) == 0 {
		fill(dp.Negative(), g.IntN(120))
	}
	dp.SetZeroCount(g.Uint64N(3))
	dp.SetCount(dp.Count() + dp.ZeroCount())
	dp.SetSum(g.NormFloat64() * 50)
	if g.IntN(3) > 0 {
		dp.SetMin(-1e9)
		dp.SetMax(1e9)
	}
}

func (g *emfGenerator) summary(m pmetric.Metric) {
	dp := m.Summary().DataPoints().AppendEmpty()
	emfLabels(dp.Attributes(), m.Summary().DataPoints().Len())
	dp.SetTimestamp(pcommon.NewTimestampFromTime(g.at))
	key := m.Name() + fmt.Sprint(m.Summary().DataPoints().Len())
	g.totals[key] += float64(g.IntN(50))
	dp.SetCount(uint64(g.totals[key]))
	dp.SetSum(g.totals[key] * 2.5)
	for i := range g.IntN(4) {
		q := dp.QuantileValues().AppendEmpty()
		q.SetQuantile([]float64{0, 0.5, 0.99, 1}[i])
		q.SetValue(float64(i) + g.Float64())
	}
}
