package metricstat_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/updraft-otel/updraft/localaws/internal/metricstat"
)

func hundred() *metricstat.Distribution {
	d := new(metricstat.Distribution)
	for i := 100; i >= 1; i-- { // 1 to 100, each once
		d.Add(float64(i), 1)
	}
	return d
}

func TestOf(t *testing.T) {
	f := func(name string, want float64) {
		t.Helper()
		s, err := metricstat.Parse(name)
		if err != nil {
			t.Error(err)
			return
		}
		if got, ok := s.Of(hundred()); !ok || math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: got %v, %v, want %v", name, got, ok, want)
		}
	}
	f("SampleCount", 100)
	f("Sum", 5050)
	f("Average", 50.5)
	f("Minimum", 1)
	f("Maximum", 100)
	f("p0", 1)
	f("p0.0", 1)
	f("p7", 7)
	f("p50", 50)
	f("p99", 99)
	f("p99.5", 100)
	f("p100", 100)
	f("tm90", 45.5)         // the mean of 1 to 90
	f("TM(:90%)", 45.5)     //
	f("TM(2%:98%)", 50.5)   // 3 to 98
	f("TM(10%:)", 55.5)     // 11 to 100
	f("TM(10:20)", 15.5)    // 11 to 20
	f("IQM", 50.5)          // 26 to 75
	f("tc90", 90)           //
	f("TC(0.5%:99%)", 98.5) // fractions of a sample count
	f("TC(80:500)", 20)     // 81 to 100
	f("TC(:0.5)", 0)        //
	f("ts90", 4095)         //
	f("TS(80%:)", 1810)     // 81 to 100
	f("wm98", 50.47)        // 99 and 100 become 98
	f("WM(10%:90%)", 50.4)  // 1 to 9 become 10, 91 to 100 become 90
	f("WM(10:90)", 50.4)    //
	f("PR(:30)", 30)        //
	f("PR(10:20)", 10)      // 10 exclusive, 20 inclusive
	f("PR(99.5:)", 1)       //
	f("TM(0.0000000001%:)", 50.5)
}

func TestParse_refuses(t *testing.T) {
	f := func(name string) {
		t.Helper()
		if _, err := metricstat.Parse(name); err == nil {
			t.Errorf("Parse(%q): no error", name)
		}
	}
	f("")
	f("average")
	f("p")
	f("p101")
	f("P99")
	f("p-1")
	f("p1e1")
	f("p99.12345678901")
	f("tm")
	f("tm101")
	f("TM90")
	f("tm(10%:90%)")
	f("TM(:)")
	f("TM(10%:90)")
	f("TM(90%:10%)")
	f("TM(10%:101%)")
	f("PR(10%:90%)")
	f("PR()")
	f("IQM50")
}

func TestOf_unavailable(t *testing.T) {
	p50, err := metricstat.Parse("p50")
	if err != nil {
		t.Fatal(err)
	}
	f := func(title string, want bool, fill func(d *metricstat.Distribution)) {
		t.Helper()
		d := new(metricstat.Distribution)
		fill(d)
		if _, ok := p50.Of(d); ok != want {
			t.Errorf("%s: available %v, want %v", title, ok, want)
		}
	}
	f("no samples", false, func(*metricstat.Distribution) {})
	f("raw values", true, func(d *metricstat.Distribution) { d.Add(3, 1) })
	f("statistic set", false, func(d *metricstat.Distribution) { d.AddSet(2, 5, 1, 4) })
	f("set of one sample", true, func(d *metricstat.Distribution) { d.AddSet(1, 4, 4, 4) })
	f("set of equal samples", true, func(d *metricstat.Distribution) { d.AddSet(3, 12, 4, 4) })
	f("set that does not add up", false, func(d *metricstat.Distribution) { d.AddSet(3, 13, 4, 4) })
	f("set among raw values", false, func(d *metricstat.Distribution) { d.Add(3, 1); d.AddSet(2, 5, 1, 4) })
	f("a negative value", false, func(d *metricstat.Distribution) { d.Add(3, 9); d.Add(-1, 1) })
}

// Percentiles equal an exact computation over the expanded samples, however
// they came in: one by one, counted, or merged.
func TestPercentile_exact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var all []float64
	parts := make([]metricstat.Distribution, 7)
	for range 5000 {
		value := math.Floor(r.ExpFloat64()*1000) / 10
		count := 1 + r.IntN(4)
		parts[r.IntN(len(parts))].Add(value, float64(count))
		for range count {
			all = append(all, value)
		}
	}
	var d metricstat.Distribution
	for i := range parts {
		d.Merge(&parts[i])
	}
	slices.Sort(all)
	if d.Count != float64(len(all)) || d.Min != all[0] || d.Max != all[len(all)-1] {
		t.Fatalf("count %v, min %v, max %v", d.Count, d.Min, d.Max)
	}
	for tenths := 1; tenths <= 1000; tenths++ {
		rank := (tenths*len(all) + 999) / 1000 // rounded up
		name := "p" + strconv.FormatFloat(float64(tenths)/10, 'f', -1, 64)
		s, err := metricstat.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := s.Of(&d); got != all[rank-1] {
			t.Fatalf("%s: got %v, want %v", name, got, all[rank-1])
		}
	}
}

func TestAdd_joinsEqualValues(t *testing.T) {
	var d metricstat.Distribution
	for i := range 100_000 {
		d.Add(float64(i%10), 1)
	}
	if d.Len() > 200 || d.Count != 100_000 {
		t.Errorf("%d samples for 10 values, count %v", d.Len(), d.Count)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"p99.9", "TM(2%:98%)", "PR(:300)", "wm98", "IQM", "Sum"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		s, err := metricstat.Parse(name)
		if err != nil {
			return
		}
		if v, ok := s.Of(hundred()); ok && (math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Errorf("%q: %v", name, v)
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	var d metricstat.Distribution
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.Add(float64(i%1000), 1)
	}
}
