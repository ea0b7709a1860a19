package metrics

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

const (
	// resolutionLabel is the attribute that the collector's exporter takes for
	// a metric's resolution.
	resolutionLabel = "aws.emf.storage_resolution"
	// overflowLabel is the SDK's, of what is beyond a limit of series.
	overflowLabel = "otel.metric.overflow"
	// ownSuffix is put behind a label whose name is the metric's, or AWS's.
	ownSuffix = ".attribute"
)

// A series is a metric with certain labels, and what these come to.
type series struct {
	inst             *instrument
	seen             time.Time
	denied, overflow bool
	namespace        string
	set              *labelSet     // of a document
	names            [][]string    // its dimension sets; none: no metric is made
	opening          []byte        // of a document's directive for these
	directive        uint32        // which of them, under Compat
	dimensions       [][]Dimension // of datums, one for each set
	extraDimensions  int           // left out
	resolution       int
	seat             *seat
	total            *total
	bytes            int // that are counted for it, with its total
}

// A labelSet is what the documents of many metrics have in common.
type labelSet struct {
	id             string
	holders        int
	namespace, key string
	labels         []Label
	labelsJSON     []byte     // the labels as members of a document
	names          [][]string // of the last series, which most others share
	opening        []byte     // and its opening
	properties     []Property
	// listedProperties are those of a document of which metrics are made.
	listedProperties []Property
	round            uint64
	open             []*group // of this round, by time
}

// resource is what the series of one resource have in common. It is worked out
// once a round and resource.
type resource struct {
	known          bool
	of             *Resource
	namespace, key string
	labels         []Label
	prometheus     bool
	id             []byte
}

// of makes c.resource that of r.
func (c *converter) useResource(r *Resource) {
	if c.resource.known && c.resource.of == r {
		return
	}
	now := &c.resource
	now.known, now.of, now.labels, now.prometheus = true, r, now.labels[:0], false
	now.namespace, now.key = c.config.Namespace, c.config.Key
	if r != nil {
		if r.Namespace != "" {
			now.namespace = r.Namespace
		}
		if r.Key != "" {
			now.key = r.Key
		}
		now.prometheus = r.Prometheus
		for _, l := range r.Labels {
			if c.config.ResourceAttributes != nil && c.config.ResourceAttributes(attribute.Key(l.Name)) {
				now.labels = append(now.labels, l)
			}
		}
	}
	sortLabels(now.labels) // a collector may get them in another order each time
	now.id = appendText(appendText(now.id[:0], now.namespace), now.key)
	now.id = strconv.AppendBool(now.id, now.prometheus)
	now.id = appendLabels(now.id, now.labels)
}

func appendText(dst []byte, s string) []byte {
	if len(s) < 0x80 { // a varint of one byte
		return append(append(dst, byte(len(s))), s...)
	}
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendLabels(dst []byte, labels []Label) []byte {
	for i := range labels {
		dst = appendText(appendText(dst, labels[i].Name), labels[i].Value)
	}
	return dst
}

// maxShort is how many labels are sorted best by moving each to its place.
const maxShort = 64

// sortLabels sorts what is sorted already as a rule, and short.
func sortLabels(labels []Label) {
	if len(labels) > maxShort {
		slices.SortStableFunc(labels, func(a, b Label) int { return strings.Compare(a.Name, b.Name) })
		return
	}
	for i := 1; i < len(labels); i++ {
		for k := i; k > 0 && labels[k].Name < labels[k-1].Name; k-- {
			labels[k], labels[k-1] = labels[k-1], labels[k]
		}
	}
}

// series finds the series of a metric with labels; nil if it is not to be sent.
func (c *converter) series(inst *instrument, m *Metric, labels []Label) *series {
	c.useResource(m.Resource)
	sortLabels(labels)
	c.key = append(c.key[:0], c.resource.id...)
	c.key = appendLabels(appendText(c.key, m.Scope), labels)
	s, ok := inst.series[string(c.key)]
	if !ok {
		s = c.newSeries(inst, m, labels)
	}
	if s == nil || s.denied {
		return nil
	}
	s.seen = c.now
	if s.overflow {
		c.drop(DropSeriesOverflow, 1)
	}
	return s
}

func (c *converter) newSeries(inst *instrument, m *Metric, labels []Label) *series {
	key := string(c.key)
	s := c.shape(inst, m, labels)
	if !c.takeSeat(s) {
		c.forget(inst, s)
		s = c.overflow(inst, m)
	}
	if known := c.config.MaxSeries * knownFactor; inst.kept && (known <= 0 || len(inst.series) < known) {
		if size := s.sizeUnder(key); c.hold(size) {
			s.bytes = size
			inst.series[key] = s
			return s
		}
	}
	c.forget(inst, s)
	s.seat = nil
	if m.Cumulative && m.Kind != KindGauge { // increases need a memory
		c.drop(DropSeriesLimit, 1)
		return nil
	}
	return s // this once
}

// overflow is a series that stands for one beyond the limit.
func (c *converter) overflow(inst *instrument, m *Metric) *series {
	if !inst.overflown {
		inst.overflown = true
		c.config.OnProblem(errTooManySeries(inst.name, c.config.MaxSeries))
	}
	s := c.shape(inst, m, []Label{{overflowLabel, "true"}})
	s.overflow = true
	return s
}

// takeSeat finds s a seat among those its instrument may have.
func (c *converter) takeSeat(s *series) bool {
	if c.config.MaxSeries < 0 || s.denied {
		return true
	}
	c.key = append(c.key[:0], s.namespace...)
	if s.set != nil {
		c.key = appendText(c.key, s.set.key)
	}
	for _, set := range s.dimensions {
		c.key = appendLabels(append(c.key, 0), set)
	}
	p, ok := s.inst.seats[string(c.key)]
	if !ok {
		if len(s.inst.seats) >= c.config.MaxSeries {
			return false
		}
		p = &seat{key: string(c.key)}
		s.inst.seats[p.key] = p
	}
	p.holders++
	s.seat = p
	return true
}

// shape works out what labels come to.
func (c *converter) shape(inst *instrument, m *Metric, labels []Label) *series {
	s := &series{inst: inst, seen: c.now, namespace: c.resource.namespace, resolution: c.config.Resolution}
	all := slices.Clone(c.fixed)
	for _, l := range c.resource.labels {
		if c.config.Compat && m.Scope != "" && l.Name == c.config.ScopeDimension {
			continue // theirs writes the scope over it
		}
		all = c.addLabel(all, l.Name, l.Value)
	}
	if c.config.ScopeDimension != "" {
		all = c.addLabel(all, c.config.ScopeDimension, m.Scope)
	}
	own := len(all)
	for _, l := range labels {
		if l.Name == resolutionLabel {
			if seconds, err := strconv.Atoi(l.Value); err == nil && seconds != 0 && validResolution(seconds) {
				s.resolution = seconds
			}
			continue
		}
		all = c.addLabel(all, l.Name, l.Value)
	}
	chosen := choice{labels: all, own: own}
	chosen.choose(c, inst, s)
	if c.target == toDocuments {
		if c.config.Compat && s.resolution == 0 {
			s.resolution = StandardResolution
		}
		s.set = c.labelSet(chosen.labels, m.Kind)
		if s.set.opening == nil || !sameNames(s.set.names, s.names) {
			s.set.names, s.set.opening = s.names, c.form.opening(nil, s.set.namespace, s.names)
		}
		s.names, s.opening = s.set.names, s.set.opening
	}
	return s
}

// addLabel adds a label as CloudWatch takes it, unless there is one of that
// name, or nothing to it.
func (c *converter) addLabel(labels []Label, name, text string) []Label {
	name = c.cleanLabelName(name)
	if !c.isJSON(name) {
		text = c.cleanValue(text)
	}
	if name == "" || text == "" || hasLabel(labels, name) {
		return labels
	}
	return append(labels, Label{strings.Clone(name), strings.Clone(text)})
}

// isJSON says whether documents take a label's text as JSON; it is no dimension.
func (c *converter) isJSON(name string) bool { return c.target == toDocuments && c.jsonSet[name] }

// labelSet finds the set of a document's labels.
func (c *converter) labelSet(labels []Label, kind Kind) *labelSet {
	c.key = appendText(appendText(c.key[:0], c.resource.namespace), c.resource.key)
	if c.config.Compat { // the collector's exporter never joins kinds
		c.key = strconv.AppendBool(append(c.key, byte(kind)), c.resource.prometheus)
	}
	c.key = appendLabels(c.key, labels)
	set, ok := c.sets[string(c.key)]
	if !ok {
		set = &labelSet{id: string(c.key), namespace: c.resource.namespace, key: c.resource.key, labels: labels}
		c.properties(set, kind)
		set.labelsJSON = (&Document{form: c.form, Labels: set.labels}).appendLabels(nil, 0)
		c.sets[set.id] = set
		c.held += set.size()
	}
	set.holders++
	return set
}
