package bench

import (
	"fmt"
	"slices"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsemfexporter"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// metricsOf are the metrics that the directives of documents list, as JSON.
func metricsOf(documents []map[string]any) []string {
	var list []string
	for _, d := range documents {
		for _, one := range directivesEMF(d) {
			all, _ := one["Metrics"].([]any)
			for _, m := range all {
				list = append(list, text(m))
			}
		}
	}
	slices.Sort(list)
	return list
}

// dimensionsOf are the dimension sets of all directives, as JSON.
func dimensionsOf(documents []map[string]any) []string {
	var list []string
	for _, d := range documents {
		for _, one := range directivesEMF(d) {
			list = append(list, text(one["Dimensions"]))
		}
	}
	slices.Sort(list)
	return list
}

func TestEMFDifference_units(t *testing.T) {
	p := newEMFPair(t, true, nil)
	f := func(unit, theirs, ours string) {
		t.Helper()
		a, b := p.export(func(m pmetric.Metric) {
			p.gauge("m", 1)(m)
			m.SetUnit(unit)
		})
		p.is(unit+", theirs", metricsOf(a), `[{"Name":"m","StorageResolution":60,"Unit":"`+theirs+`"}]`)
		if ours != "" {
			ours = `,"Unit":"` + ours + `"`
		}
		p.is(unit+", ours", metricsOf(b), `[{"Name":"m","StorageResolution":60`+ours+`}]`)
	}
	f("", "", "")
	f("1", "", "")
	f("ns", "", "")
	f("MiBy", "MiBy", "")
	f("{request}", "{request}", "")
	f("%", "%", "")
	f("ms", "Milliseconds", "Milliseconds")
	f("Count/Second", "Count/Second", "Count/Second")
}

func TestEMFDifference_minimumAboveMaximum(t *testing.T) {
	p := newEMFPair(t, true, nil)
	theirs, ours := p.export(func(m pmetric.Metric) {
		p.histogram(pmetric.AggregationTemporalityDelta, 1)(m)
		m.Histogram().DataPoints().At(0).SetMin(1.25)
	})
	p.is("theirs", text(p.one(theirs)), `{"Count":100,"Max":0,"Min":1.25,"Sum":260}`)
	p.is("ours", text(p.one(ours)), `{"Count":100,"Max":1.25,"Min":0,"Sum":260}`)
}

func TestEMFDifference_emptyLists(t *testing.T) {
	p := newEMFPair(t, true, nil)
	theirs, ours := p.export(func(m pmetric.Metric) {
		m.SetEmptyExponentialHistogram().DataPoints().AppendEmpty().SetTimestamp(pcommon.NewTimestampFromTime(p.at))
	})
	p.is("theirs", text(p.one(theirs)), `{"Count":0,"Counts":[],"Max":0,"Min":0,"Sum":0,"Values":[]}`)
	p.is("ours", text(p.one(ours)), `{"Count":0,"Max":0,"Min":0,"Sum":0}`)
}

// TestEMFDifference_manyMetrics has more metrics with the same labels than a
// directive may list.
func TestEMFDifference_manyMetrics(t *testing.T) {
	p := newEMFPair(t, true, nil)
	var many []func(pmetric.Metric)
	for i := range 150 {
		many = append(many, p.gauge(fmt.Sprint("m", i), float64(i)))
	}
	theirs, ours := p.export(many...)
	perDirective := func(documents []map[string]any) (list []int) {
		for _, d := range documents {
			for _, one := range directivesEMF(d) {
				list = append(list, len(one["Metrics"].([]any)))
			}
		}
		return list
	}
	p.is("theirs", perDirective(theirs), "[150]")
	p.is("ours", perDirective(ours), "[100 50]")
	p.is("ours, of all", slices.Equal(metricsOf(theirs), withEmptyUnits(metricsOf(ours))), "true")
}

// withEmptyUnits writes metrics as theirs does, which have none.
func withEmptyUnits(list []string) []string {
	for i := range list {
		list[i] = list[i][:len(list[i])-1] + `,"Unit":""}`
	}
	return list
}

func TestEMFDifference_manyDimensions(t *testing.T) {
	p := newEMFPair(t, true, nil)
	var labels []string
	for i := range 36 {
		labels = append(labels, fmt.Sprintf("label%02d", i), "v")
	}
	theirs, ours := p.export(p.gauge("m", 1, labels...))
	count := func(documents []map[string]any) (list []int) {
		for _, one := range directivesEMF(documents[0]) {
			for _, set := range one["Dimensions"].([]any) {
				list = append(list, len(set.([]any)))
			}
		}
		return list
	}
	p.is("theirs", count(theirs), "[36]")
	p.is("ours", count(ours), "[30]")
	p.is("ours, the other labels", ours[0]["label35"], "v")
	p.is("ours, counted", p.twin.encoder.Dropped(), "map[dimension_limit:6]")
}

// TestEMFDifference_sameName has two metrics of one name and with the same
// labels, which differ in their units.
func TestEMFDifference_sameName(t *testing.T) {
	p := newEMFPair(t, true, nil)
	unit := func(v float64, unit string) func(pmetric.Metric) {
		return func(m pmetric.Metric) {
			p.gauge("m", v)(m)
			m.SetUnit(unit)
		}
	}
	theirs, ours := p.export(unit(1, "s"), unit(2, "ms"))
	p.is("theirs", valuesOf(theirs, "m"), "[1]")
	p.is("ours", valuesOf(ours, "m"), "[1 2]")
}

// TestEMFDifference_labels has labels that make a dimension void, or stand in
// the place of another member.
func TestEMFDifference_labels(t *testing.T) {
	p := newEMFPair(t, true, nil)
	theirs, ours := p.export(p.gauge("m", 1, "empty", "", "m", "of the label", "_aws", "x", "Version", "7", "k", "v"))
	p.is("theirs", dimensionsOf(theirs), `[[["Version","_aws","empty","k","m"]]]`)
	p.is("ours", dimensionsOf(ours), `[[["Version","_aws.attribute","k","m.attribute"]]]`)
	member := func(d map[string]any, names ...string) (list []any) {
		for _, name := range names {
			list = append(list, d[name])
		}
		return list
	}
	p.is("theirs, members", member(theirs[0], "empty", "m", "Version"), "[ 1 1]")
	p.is("ours, members", member(ours[0], "empty", "m", "Version", "m.attribute", "_aws.attribute"), "[<nil> 1 7 of the label x]")
}

func TestEMFDifference_jsonLabels(t *testing.T) {
	p := newEMFPair(t, true, func(c *awsemfexporter.Config) { c.ParseJSONEncodedAttributeValues = []string{"json"} })
	theirs, ours := p.export(p.gauge("m", 1, "json", `{"a":1}`, "k", "v"))
	p.is("theirs", dimensionsOf(theirs), `[[["json","k"]]]`)
	p.is("ours", dimensionsOf(ours), `[[["k"]]]`)
	p.is("theirs and ours", text(theirs[0]["json"]) == text(ours[0]["json"]), "true")
}

func TestEMFDifference_namelessScope(t *testing.T) {
	p := newEMFPair(t, true, nil)
	md := pmetric.NewMetrics()
	scopes := md.ResourceMetrics().AppendEmpty().ScopeMetrics()
	for _, name := range []string{"first", ""} {
		s := scopes.AppendEmpty()
		s.Scope().SetName(name)
		p.gauge("of "+name, 1)(s.Metrics().AppendEmpty())
	}
	theirs, ours := p.exportAll(md)
	p.is("theirs", dimensionsOf(theirs), `[[["OTelLib"]]]`)
	p.is("ours", dimensionsOf(ours), `[[["OTelLib"]] [[]]]`)
}

// TestEMFDifference_receivers has the Prometheus receiver's metrics in one
// request with others of the same namespace and labels. Which resource's word
// theirs takes for both depends on which comes first.
func TestEMFDifference_receivers(t *testing.T) {
	p := newEMFPair(t, true, nil)
	md := pmetric.NewMetrics()
	for _, receiver := range []string{"prometheus", "otlp"} {
		rm := md.ResourceMetrics().AppendEmpty()
		rm.Resource().Attributes().PutStr("receiver", receiver)
		p.gauge("of "+receiver, 1)(rm.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty())
	}
	theirs, ours := p.exportAll(md)
	p.is("theirs, documents", len(theirs), "1")
	p.is("theirs", valuesOf(theirs, "prom_metric_type"), "[gauge]")
	p.is("ours, documents", len(ours), "2")
	p.is("ours", valuesOf(ours, "prom_metric_type"), "[gauge]")
}

// TestEMFDifference_rounding has a bucket far from one, where theirs has raised
// a rounded base to a large power.
func TestEMFDifference_rounding(t *testing.T) {
	p := newEMFPair(t, true, nil)
	theirs, ours := p.export(func(m pmetric.Metric) {
		p.exponential(m)
		dp := m.ExponentialHistogram().DataPoints().At(0)
		dp.SetScale(10)
		dp.Positive().SetOffset(1 << 14) // a little above 2^16
	})
	a, b := floatsOf(p.one(theirs)["Values"]), floatsOf(p.one(ours)["Values"])
	if len(a) != len(b) || slices.Equal(a, b) {
		t.Errorf("theirs %v, ours %v: want them to differ", a, b)
	}
	for i := range b {
		if !almost(a[i], b[i]) {
			t.Errorf("theirs %g, ours %g: differ by more than rounding", a[i], b[i])
		}
	}
}
