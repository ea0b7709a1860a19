package localaws

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// What the console tells of the number of metrics, and what each dimension costs.

// A namespaceCost is a namespace with its dimensions, the dearest first.
type namespaceCost struct {
	Namespace  string          `json:"namespace"`
	Series     int             `json:"series"`
	Free       bool            `json:"free"` // AWS's own are not paid for
	Cost       float64         `json:"cost"` // US dollars a month
	Names      []nameCost      `json:"names"`
	Dimensions []dimensionCost `json:"dimensions"`
}

type nameCost struct {
	Name   string  `json:"name"`
	Series int     `json:"series"`
	Cost   float64 `json:"cost"`
}

// A dimensionCost is what would be saved without the dimension: series that it
// alone tells apart become one.
type dimensionCost struct {
	Name   string   `json:"name"`
	Values int      `json:"values"`
	Series int      `json:"series"` // that have it
	Saved  int      `json:"saved"`
	Cost   float64  `json:"cost"`
	Sample []string `json:"sample"` // values that most series have
}

// maxSampleValues is how many values of a dimension the console names.
const maxSampleValues = 5

func consoleCardinality(s *Server, _ *http.Request) (any, error) {
	namespaces := make(map[string][]seriesInfo)
	paid := 0
	for _, m := range s.metrics.list(func(*metricSeries) bool { return true }) {
		namespaces[m.namespace] = append(namespaces[m.namespace], m)
		if !isVended(m.namespace) {
			paid++
		}
	}
	out := []namespaceCost{}
	for namespace, list := range namespaces {
		out = append(out, costOf(namespace, list, paid))
	}
	slices.SortFunc(out, func(a, b namespaceCost) int {
		return cmp.Or(cmp.Compare(b.Series, a.Series), strings.Compare(a.Namespace, b.Namespace))
	})
	return map[string]any{"namespaces": out, "series": paid, "cost": customMetricPrice.cost(paid), "price": customMetricPrice}, nil
}

// isVended tells the namespaces of AWS's own metrics.
func isVended(namespace string) bool { return strings.HasPrefix(namespace, "AWS/") }

// costOf takes a namespace apart. Each part costs what the account would pay
// less without it; prices fall with the number of all.
func costOf(namespace string, list []seriesInfo, paid int) namespaceCost {
	out := namespaceCost{Namespace: namespace, Series: len(list), Free: isVended(namespace), Names: []nameCost{}, Dimensions: []dimensionCost{}}
	saving := func(n int) float64 {
		if out.Free {
			return 0
		}
		return customMetricPrice.cost(paid) - customMetricPrice.cost(paid-n)
	}
	out.Cost = saving(len(list))
	names, dimensions := make(map[string]int), make(map[string]map[string]int)
	for i := range list {
		names[list[i].name]++
		for _, d := range list[i].dimensions {
			if dimensions[d.name] == nil {
				dimensions[d.name] = make(map[string]int)
			}
			dimensions[d.name][d.value]++
		}
	}
	for name, n := range names {
		out.Names = append(out.Names, nameCost{name, n, saving(n)})
	}
	slices.SortFunc(out.Names, func(a, b nameCost) int {
		return cmp.Or(cmp.Compare(b.Series, a.Series), strings.Compare(a.Name, b.Name))
	})
	for name, values := range dimensions {
		d := dimensionCost{Name: name, Values: len(values), Saved: len(list) - distinctWithout(list, name), Sample: commonest(values)}
		for _, n := range values {
			d.Series += n
		}
		d.Cost = saving(d.Saved)
		out.Dimensions = append(out.Dimensions, d)
	}
	slices.SortFunc(out.Dimensions, func(a, b dimensionCost) int {
		return cmp.Or(cmp.Compare(b.Saved, a.Saved), cmp.Compare(b.Values, a.Values), strings.Compare(a.Name, b.Name))
	})
	return out
}

// distinctWithout is how many metrics are left when a dimension is dropped.
func distinctWithout(list []seriesInfo, dropped string) int {
	keys := make(map[string]bool, len(list))
	for i := range list {
		rest := slices.DeleteFunc(slices.Clone(list[i].dimensions), func(d dimension) bool { return d.name == dropped })
		keys[metricKey(list[i].namespace, list[i].name, rest)] = true
	}
	return len(keys)
}

// commonest are the values that most series have.
func commonest(values map[string]int) []string {
	all := make([]string, 0, len(values))
	for v := range values {
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(values[b], values[a]), strings.Compare(a, b)) })
	return all[:min(len(all), maxSampleValues)]
}

// An otlpName is a metric by OTLP.
type otlpName struct {
	Name        string   `json:"name"`
	Type        string   `json:"type"`
	Unit        string   `json:"unit"`
	Temporality string   `json:"temporality"`
	Series      int      `json:"series"`
	Labels      []string `json:"labels"` // by name, without those of the system
}

// consoleOTLPMetrics are the metrics that PromQL can ask for.
func consoleOTLPMetrics(s *Server, _ *http.Request) (any, error) {
	byName := make(map[string]*otlpName)
	seen := make(map[string]map[string]bool)
	s.otlp.store.Series(math.MinInt64, math.MaxInt64, nil, func(l labels.Labels) bool {
		name := l.Get(model.MetricNameLabel)
		m := byName[name]
		if m == nil {
			m = &otlpName{Name: name, Type: l.Get(typeLabel), Unit: l.Get(unitLabel), Temporality: l.Get(temporalityLabel)}
			byName[name], seen[name] = m, make(map[string]bool)
		}
		m.Series++
		l.Range(func(label labels.Label) {
			if !strings.HasPrefix(label.Name, "__") {
				seen[name][label.Name] = true
			}
		})
		return true
	})
	out := make([]otlpName, 0, len(byName))
	for name, m := range byName {
		for label := range seen[name] {
			m.Labels = append(m.Labels, label)
		}
		slices.Sort(m.Labels)
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b otlpName) int { return strings.Compare(a.Name, b.Name) })
	return map[string]any{"metrics": out}, nil
}
