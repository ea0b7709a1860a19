package metrics

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// EMFEncoder makes documents in the embedded metric format of points, whoever
// measured them. Points of one time and with the same labels share a document.
//
// It is not safe for concurrent use. It remembers series for SeriesMemory; in a
// steady state it allocates nothing.
type EMFEncoder struct {
	points *converter
	split  Splitter
	groups []*group // that are in use, in the order of their first points
	unused []*group
	began  bool
	line   func([]byte) // calls emit with what is in writing
	now    *group
	emit   func(key string, at time.Time, line []byte)
}

// A group is a document in the making.
type group struct {
	set        *labelSet
	millis     int64
	part       int
	document   Document
	listed     bool // a metric gave the document its dimensions
	numbers    []float64
	statistics []Statistics
}

// NewEMFEncoder returns an encoder. It needs no queue in c, and no namespace if
// each Resource has its own.
func NewEMFEncoder(c Config) (*EMFEncoder, error) {
	c.Namespace = CleanNamespace(c.Namespace)
	if c.Key == "" {
		c.Key = c.Namespace
	}
	points, err := newConverter(c, toDocuments)
	if err != nil {
		return nil, err
	}
	e := &EMFEncoder{points: points}
	e.split.texts = &floatTexts{}
	if points.config.Compat { // elsewhere hardly a value comes twice
		e.split.texts = newFloatTexts()
	}
	points.emit = e.add
	e.line = func(line []byte) { e.emit(e.now.set.key, e.now.document.Time, line) }
	return e, nil
}

// Add takes a point of m. Nothing of the two is kept, but m.Resource must not
// change before Lines.
func (e *EMFEncoder) Add(m *Metric, p *Point) {
	if !e.began {
		e.began = true
		e.points.begin()
	}
	e.points.point(m, p)
}

// Lines calls emit with a line for each document of what was added since the
// last call: its resource's key, the time of its measurements, and the line
// without a line end, escaped where Config.Escaped says so. It is valid until
// emit returns.
func (e *EMFEncoder) Lines(emit func(key string, at time.Time, line []byte)) {
	e.emit = emit
	for _, g := range e.groups {
		e.now = g
		e.split.Lines(&g.document, e.line)
		g.reset()
	}
	for _, g := range slices.Backward(e.groups) { // so that the next round finds each as it was
		e.unused = append(e.unused, g)
	}
	e.groups, e.now, e.emit, e.began = e.groups[:0], nil, nil, false
}

// Dropped counts what was not written as it came, by reason.
func (e *EMFEncoder) Dropped() map[string]int64 {
	all := maps.Clone(e.points.dropped)
	for reason, n := range e.split.dropped {
		all[reason] += n
	}
	return all
}

// add puts a value into its document.
func (e *EMFEncoder) add(s *series, v *value) {
	g := e.group(s.set, v)
	m := g.measurement(s)
	m.Value = v.value
	if len(v.values) > 0 {
		m.Values, m.Counts = g.keep(v.values), g.keep(v.counts)
	}
	if v.isStatistics {
		g.statistics = append(g.statistics, v.statistics)
		m.Statistics = &g.statistics[len(g.statistics)-1]
	}
	switch {
	case len(s.names) == 0:
		m.Dimensions = unlisted
	case !g.listed:
		g.listed = true
		g.document.Dimensions, g.document.opening, g.document.Properties = s.names, s.opening, s.set.listedProperties
	case !sameList(g.document.Dimensions, s.names) && !sameNames(g.document.Dimensions, s.names):
		m.Dimensions = s.names
	}
}

// unlisted are the dimensions of a value of which no metric is made.
var unlisted = [][]string{}

// sameList says whether a and b are one list in memory.
func sameList(a, b [][]string) bool { return len(a) == len(b) && len(a) > 0 && &a[0] == &b[0] }

// sameNames says whether a and b say the same, but for one being nil.
func sameNames(a, b [][]string) bool { return slices.EqualFunc(a, b, slices.Equal[[]string]) }

// keep copies numbers to where they stay until the document is written.
func (g *group) keep(list []float64) []float64 {
	start := len(g.numbers)
	g.numbers = append(g.numbers, list...)
	return g.numbers[start:len(g.numbers):len(g.numbers)]
}

// measurement adds one of a series, without its value.
func (g *group) measurement(s *series) *DocumentMetric {
	inst := s.inst
	g.document.Metrics = append(g.document.Metrics, DocumentMetric{Name: inst.name, Unit: inst.unit, Resolution: s.resolution, directive: s.directive})
	m := &g.document.Metrics[len(g.document.Metrics)-1]
	if m.Unit == UnitNone {
		m.Unit = ""
	}
	at := slices.Index(resolutions[:], s.resolution)
	if inst.texts[at] == nil {
		inst.texts[at] = g.document.form.metricTexts(m)
	}
	m.texts = inst.texts[at]
	return m
}

// lookBack is how many of the last documents of a set of labels are looked through for the one of a point's time.
const lookBack = 64

// group finds the document of a value: that of its labels at its time.
func (e *EMFEncoder) group(set *labelSet, v *value) *group {
	if set.round != e.points.round {
		set.round, set.open = e.points.round, set.open[:0]
	}
	millis, part := v.at.UnixMilli(), 0
	if e.points.config.Compat {
		part = v.part
	}
	for _, g := range slices.Backward(set.open[max(0, len(set.open)-lookBack):]) { // most are of the time of the point before
		if g.millis == millis && g.part == part && len(g.document.Metrics) < MaxDocumentMetrics {
			return g
		}
	}
	g := e.free()
	g.set, g.millis, g.part = set, millis, part
	g.document.form, g.document.Time, g.document.Namespace = e.points.form, v.at, set.namespace
	g.document.Labels, g.document.Properties = set.labels, set.properties
	g.document.labelsJSON = set.labelsJSON
	set.open = append(set.open, g)
	e.groups = append(e.groups, g)
	return g
}

func (e *EMFEncoder) free() *group {
	if n := len(e.unused); n > 0 {
		g := e.unused[n-1]
		e.unused = e.unused[:n-1]
		return g
	}
	return &group{}
}

// maxKeptMetrics and maxKeptNumbers bound the memory a group keeps when it is
// not in use.
const (
	maxKeptMetrics = 1000
	maxKeptNumbers = 100_000
)

func (g *group) reset() {
	metrics, numbers, statistics := g.document.Metrics[:0], g.numbers[:0], g.statistics[:0]
	if cap(metrics) > maxKeptMetrics || cap(numbers) > maxKeptNumbers {
		metrics, numbers, statistics = nil, nil, nil
	}
	*g = group{document: Document{Metrics: metrics}, numbers: numbers, statistics: statistics}
}

// properties are what a document says beside labels and metrics: the labels
// that are JSON, and what the collector's exporter writes.
func (c *converter) properties(set *labelSet, kind Kind) {
	labels := set.labels[:0:0]
	for _, l := range set.labels {
		if c.jsonSet[l.Name] && json.Valid([]byte(l.Value)) {
			set.properties = append(set.properties, Property{Name: l.Name, JSON: compactJSON(l.Value)})
			continue
		}
		labels = append(labels, l)
	}
	set.labels = labels
	if c.config.Compat && c.resource.prometheus {
		set.properties = append(set.properties, Property{Name: "prom_metric_type", Value: attribute.StringValue(prometheusKind(kind))})
	}
	set.listedProperties = set.properties
	if c.config.Compat {
		set.listedProperties = append(slices.Clip(set.properties), Property{Name: "Version", Value: attribute.StringValue("1")})
	}
}
