package localaws_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/localaws"
	"github.com/updraft-otel/updraft/metrics"
)

// How many metrics are made up, in all and with -soak, and how many share a
// round.
const (
	randomSets     = 8_000
	randomSetsSoak = 100_000
	setsPerRound   = 50
)

// A pointMaker makes up metrics, of all kinds, some of which no one would send
// on purpose.
type pointMaker struct {
	*rand.Rand
	point metrics.Point
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func (g *pointMaker) number() float64 {
	switch g.IntN(12) {
	case 0:
		return pick(g.Rand, math.NaN(), math.Inf(1), math.Inf(-1), math.Ldexp(1, 400), -math.MaxFloat64, math.SmallestNonzeroFloat64, math.Ldexp(1, 360), 0)
	case 1:
		return -g.ExpFloat64()
	case 2:
		return math.Ldexp(g.Float64(), g.IntN(700)-350)
	}
	return math.Exp(3 * g.NormFloat64())
}

func (g *pointMaker) text() string {
	switch g.IntN(30) {
	case 0:
		return pick(g.Rand, "", " ", "_aws", "Version", ":", "\x00", "\xff\xfe", "ключ", `a"b\c`, "\n", "otel.metric.overflow", "aws.emf.storage_resolution")
	case 1:
		return strings.Repeat(pick(g.Rand, "x", "é", "\""), g.IntN(3000))
	}
	return fmt.Sprint(pick(g.Rand, "route", "host", "status", "duration", "m"), g.IntN(6))
}

func (g *pointMaker) time(now time.Time) time.Time {
	switch g.IntN(50) {
	case 0:
		return time.Time{}
	case 1:
		return now.Add(time.Duration(g.NormFloat64() * 20 * 24 * float64(time.Hour)))
	}
	return now.Add(-time.Duration(g.IntN(3)) * time.Second)
}

func (g *pointMaker) metric() *metrics.Metric {
	return &metrics.Metric{
		Name: g.text(), Scope: pick(g.Rand, "", "lib"), Kind: metrics.Kind(g.IntN(5)), Cumulative: g.IntN(2) == 0, Monotonic: g.IntN(2) == 0,
		Unit: pick(g.Rand, "", "1", "s", "By/s", "{request}", "furlong", "ns", "Count/Second", "\xff"),
	}
}

func (g *pointMaker) next(now time.Time) *metrics.Point {
	p := &g.point
	*p = metrics.Point{Labels: p.Labels[:0], Time: g.time(now), Start: pick(g.Rand, time.Time{}, now, now.Add(-time.Hour)), Missing: g.IntN(60) == 0}
	for range pick(g.Rand, 0, 1, 2, 3, 5, 40) {
		name := g.text()
		if len(p.Labels) > 5 {
			name += fmt.Sprint(len(p.Labels))
		}
		p.Labels = append(p.Labels, metrics.Label{Name: name, Value: g.text()})
	}
	p.Value, p.Sum, p.Min, p.Max, p.Count = g.number(), g.number(), g.number(), g.number(), g.Uint64N(100)
	for range pick(g.Rand, 0, 1, 3, 20, 200) {
		p.Bounds = append(p.Bounds, float64(len(p.Bounds))+g.Float64())
	}
	p.Buckets = g.counts(len(p.Bounds) + pick(g.Rand, 1, 1, 1, 0))
	p.Scale, p.ZeroCount, p.ZeroThreshold = int32(g.IntN(24)-4), g.Uint64N(3), pick(g.Rand, 0, 0, 0.1, math.NaN(), -1)
	p.Positive = metrics.PowerBuckets{Offset: int32(g.IntN(200) - 100), Counts: g.counts(pick(g.Rand, 0, 1, 20, 160, 400))}
	p.Negative = metrics.PowerBuckets{Offset: int32(g.IntN(200) - 100), Counts: g.counts(pick(g.Rand, 0, 0, 0, 10))}
	for range g.IntN(4) {
		p.Quantiles = append(p.Quantiles, metrics.Quantile{Quantile: g.Float64(), Value: g.number()})
	}
	return p
}

func (g *pointMaker) counts(n int) []uint64 {
	list := make([]uint64, n)
	for i := range list {
		list[i] = pick(g.Rand, 0, 1, g.Uint64N(1000))
		if g.IntN(5000) == 0 {
			list[i] = math.MaxUint64
		}
	}
	return list
}

// TestMetricsRandom sends whatever is made of made-up points, by both ways and
// with all that can be chosen: nothing of it may be refused.
func TestMetricsRandom(t *testing.T) {
	sets := randomSets
	if *soak {
		sets = randomSetsSoak
	}
	for i, c := range []metrics.Config{
		{},
		{UnitsInNames: true, DetailedSummaries: true, ScopeDimension: "OTelLib", MaxSeries: 20, JSONLabels: []string{"route1"}, OnProblem: func(error) {}},
		{Compat: true, ScopeDimension: "OTelLib", Declarations: []metrics.Declaration{{RollUp: metrics.RollUpZeroAndSingle}}},
		{Compat: true, DetailedSummaries: true, DeclaredOnly: true, Declarations: []metrics.Declaration{
			{Metrics: []string{"/r/"}, Dimensions: [][]string{{"route1", "route2"}, {"host1"}, {}}}, {Metrics: []string{"m*"}, Rename: map[string]string{"host1": "host2"}},
		}},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) { testRandom(t, c, uint64(i), sets/4) })
	}
}

func testRandom(t *testing.T, c metrics.Config, seed uint64, sets int) {
	now := testNow
	srv := startAt(t, localaws.Config{Now: func() time.Time { return now }})
	createStream(t, logsClient(srv), "/metrics/shop", "s")
	data := &datumSink{t: t, calls: callsOf(t, srv, awsapi.CloudWatch)}
	lines := &documentSink{t: t, calls: callsOf(t, srv, awsapi.Logs)}
	c.Namespace, c.Now = "shop", func() time.Time { return now }
	var body []byte
	datums, err := metrics.NewDatumEncoder(c, func(namespace string, d *metrics.Datum) {
		body = metrics.AppendDatum(body[:0], d)
		_ = data.Put(namespace, d.Time, body)
	})
	if err != nil {
		t.Fatal(err)
	}
	documents, err := metrics.NewEMFEncoder(c)
	if err != nil {
		t.Fatal(err)
	}
	g := &pointMaker{Rand: rand.New(rand.NewPCG(seed, 5))}
	for range sets / setsPerRound {
		datums.Begin()
		for range setsPerRound {
			m := g.metric()
			for range pick(g.Rand, 1, 1, 1, 2) {
				p := g.next(now)
				datums.Add(m, p)
				documents.Add(m, p)
			}
		}
		documents.Lines(func(key string, at time.Time, line []byte) { _ = lines.Put(key, at, line) })
		if t.Failed() {
			return
		}
	}
	_, _ = data.Flush(t.Context()), lines.Flush(t.Context())
	if n := srv.Counts().Refused; n != 0 {
		t.Errorf("%d are refused: %.2000s", n, fmt.Sprintf("%+v", srv.Refused()))
	}
	t.Logf("%d sets: %d datums, %d documents; dropped %v, %v", sets, data.total, lines.total, datums.Dropped(), documents.Dropped())
}
