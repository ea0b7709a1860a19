package metrics

import (
	"maps"
	"slices"
)

// A Splitter writes documents as lines that AWS takes, as many as it needs.
// What one document has no room for goes to the next one with the same labels:
//
//   - metrics beyond MaxDocumentMetrics,
//   - values of a metric beyond MaxDocumentValues,
//   - a metric with a name that stands in the document already,
//   - metrics that would make the line longer than MaxDocumentBytes.
//
// What no document can hold is left out and counted, see Dropped. The zero
// value is ready for use. It is not safe for concurrent use, and reuses its
// memory: in a steady state it allocates nothing.
type Splitter struct {
	part    Document
	metrics []DocumentMetric // the part's
	todo    []DocumentMetric
	line    []byte
	labels  []Label
	dropped map[string]int64
	texts   *floatTexts // or nil
}

// Reasons, in Dropped, of what a Splitter leaves out.
const (
	// DropNameTaken counts labels and properties whose name is that of another
	// member of the document, and dimensions that name no label.
	DropNameTaken = "name_taken"
	// DropTooLarge counts properties, then labels, then metrics that make a
	// document longer than MaxDocumentBytes even alone. Encoders count points with more labels or buckets than any
	// application measures, too.
	DropTooLarge = "too_large"
)

// memberAWS is the member that tells CloudWatch what to do.
const memberAWS = "_aws"

// Lines calls line with each line, which has no line end and is valid until
// line returns. Nothing is written of a document without metrics and without
// properties.
func (s *Splitter) Lines(d *Document, line func([]byte)) {
	s.part = *d
	if d.fits() {
		own := s.todo
		s.todo = d.Metrics // only read, since none has dimensions of its own
		s.tidy()
		s.write(line)
		s.todo, s.part = own, Document{}
		return
	}
	s.todo = s.todo[:0]
	for i := range d.Metrics {
		s.take(&d.Metrics[i])
	}
	if len(s.todo) == 0 && len(d.Properties) == 0 {
		return
	}
	s.tidy()
	for first := true; first || len(s.todo) > 0; first = false {
		s.next()
		s.write(line)
	}
	s.part = Document{}
}

// fits says whether one document takes all metrics as they are, as a rule.
func (d *Document) fits() bool {
	if len(d.Metrics) == 0 || len(d.Metrics) > MaxDocumentMetrics {
		return false
	}
	for i := range d.Metrics {
		m := &d.Metrics[i]
		if len(m.Dimensions) > 0 || len(m.Values) > MaxDocumentValues || m.refusal() != "" || hasMetric(d.Metrics[:i], m.Name) {
			return false
		}
	}
	return true
}

// Dropped counts what was left out, by reason.
func (s *Splitter) Dropped() map[string]int64 { return maps.Clone(s.dropped) }

func (s *Splitter) drop(reason string, n int) {
	if n <= 0 {
		return
	}
	if s.dropped == nil {
		s.dropped = map[string]int64{}
	}
	s.dropped[reason] += int64(n)
}

// take notes m as to be written, if CloudWatch takes its numbers.
func (s *Splitter) take(m *DocumentMetric) {
	if reason := m.refusal(); reason != "" {
		s.drop(reason, 1)
		return
	}
	s.todo = append(s.todo, *m)
}

// refusal is the reason CloudWatch does not take m, or nothing.
func (m *DocumentMetric) refusal() string {
	if m.Name == "" || m.Name == memberAWS {
		return DropNoName
	}
	if len(m.Values) == 0 && m.Statistics == nil {
		return refusal(m.Value)
	}
	for _, list := range [...][]float64{m.Values, m.Counts} {
		if taken(list) {
			continue
		}
		for _, f := range list {
			if reason := refusal(f); reason != "" {
				return reason
			}
		}
	}
	if st := m.Statistics; st != nil {
		for _, f := range [...]float64{st.SampleCount, st.Sum, st.Minimum, st.Maximum} {
			if reason := refusal(f); reason != "" {
				return reason
			}
		}
	}
	return ""
}

// tidy leaves each name to one member: a metric before a label, a label before
// a property, the first label before another.
func (s *Splitter) tidy() {
	d := &s.part
	if slices.ContainsFunc(d.Labels, s.takenLabel) || repeated(d.Labels) {
		s.labels = s.labels[:0]
		for _, l := range d.Labels {
			if s.takenLabel(l) || hasLabel(s.labels, l.Name) {
				s.drop(DropNameTaken, 1)
				continue
			}
			s.labels = append(s.labels, l)
		}
		d.Labels, d.labelsJSON = s.labels, nil
	}
	if slices.ContainsFunc(d.Properties, s.takenProperty) {
		kept := slices.DeleteFunc(slices.Clone(d.Properties), s.takenProperty)
		s.drop(DropNameTaken, len(d.Properties)-len(kept))
		d.Properties = kept
	}
	if sets := s.sets(d.Dimensions); !sameList(sets, d.Dimensions) {
		d.Dimensions, d.opening = sets, nil
	}
	for i := range s.todo {
		if own := s.todo[i].Dimensions; len(own) > 0 {
			s.todo[i].Dimensions = s.sets(own)
		}
	}
}

func (s *Splitter) takenLabel(l Label) bool {
	return l.Name == "" || l.Name == memberAWS || s.isMetric(l.Name)
}

func (s *Splitter) takenProperty(p Property) bool {
	return p.Name == "" || p.Name == memberAWS || s.isMetric(p.Name) || hasLabel(s.part.Labels, p.Name)
}

func (s *Splitter) isMetric(name string) bool { return hasMetric(s.todo, name) }

func hasMetric(list []DocumentMetric, name string) bool {
	for i := range list {
		if list[i].Name == name {
			return true
		}
	}
	return false
}

func hasLabel(labels []Label, name string) bool {
	for i := range labels {
		if labels[i].Name == name {
			return true
		}
	}
	return false
}

func repeated(labels []Label) bool {
	for i := range labels {
		if hasLabel(labels[:i], labels[i].Name) {
			return true
		}
	}
	return false
}

// sets is sets without what makes CloudWatch refuse the whole directive: names
// that are no label, and those beyond MaxDimensions.
func (s *Splitter) sets(sets [][]string) [][]string {
	ok := func(set []string) bool {
		return len(set) <= MaxDimensions && !slices.ContainsFunc(set, s.unknown)
	}
	for i := range sets {
		if !ok(sets[i]) {
			return s.repairedSets(sets)
		}
	}
	return sets
}

func (s *Splitter) unknown(name string) bool { return !hasLabel(s.part.Labels, name) }

func (s *Splitter) repairedSets(sets [][]string) [][]string {
	repaired := make([][]string, 0, len(sets))
	for _, set := range sets {
		known := slices.DeleteFunc(slices.Clone(set), s.unknown)
		s.drop(DropNameTaken, len(set)-len(known))
		s.drop(DropDimensionLimit, len(known)-MaxDimensions)
		repaired = append(repaired, known[:min(len(known), MaxDimensions)])
	}
	return repaired
}

// next moves into the part what fits of what is to be written.
func (s *Splitter) next() {
	part, left := s.metrics[:0], s.todo[:0]
	for _, m := range s.todo {
		if len(part) == MaxDocumentMetrics || hasMetric(part, m.Name) {
			left = append(left, m)
			continue
		}
		if head, tail, more := m.cut(); more {
			left = append(left, tail)
			m = head
		}
		part = append(part, m)
	}
	s.part.Metrics, s.metrics, s.todo = part, part, left
}

// cut takes off the values beyond MaxDocumentValues.
func (m *DocumentMetric) cut() (head, tail DocumentMetric, more bool) {
	if len(m.Values) <= MaxDocumentValues {
		return DocumentMetric{}, DocumentMetric{}, false
	}
	head, tail = *m, *m
	head.Statistics, tail.Statistics = nil, nil // they follow from the values of each
	head.Values, tail.Values = m.Values[:MaxDocumentValues], m.Values[MaxDocumentValues:]
	if len(m.Counts) > MaxDocumentValues {
		head.Counts, tail.Counts = m.Counts[:MaxDocumentValues], m.Counts[MaxDocumentValues:]
	}
	return head, tail, true
}

// write writes the part, in halves if it is too long.
func (s *Splitter) write(line func([]byte)) {
	s.line = appendEMF(s.line[:0], &s.part, s.texts)
	if len(s.line) <= MaxDocumentBytes || s.part.form.size(s.line) <= MaxDocumentBytes {
		line(s.line)
		return
	}
	all := s.part
	switch n := len(all.Metrics); {
	case n > 1:
		for _, half := range [...][]DocumentMetric{all.Metrics[:n/2], all.Metrics[n/2:]} {
			s.part.Metrics = half
			s.write(line)
		}
		s.part.Metrics = all.Metrics
	case len(all.Properties) > 0:
		s.drop(DropTooLarge, len(all.Properties))
		s.part.Properties = nil
		if n > 0 {
			s.write(line)
		}
	case s.dropLabels():
		s.write(line)
		s.part.Labels, s.part.labelsJSON = all.Labels, all.labelsJSON // others may need them
	default:
		s.drop(DropTooLarge, n)
	}
}

// dropLabels leaves out the labels that no dimension set names, if any.
func (s *Splitter) dropLabels() bool {
	kept := slices.DeleteFunc(slices.Clone(s.part.Labels), func(l Label) bool { return !s.isDimension(l.Name) })
	left := len(s.part.Labels) - len(kept)
	s.drop(DropTooLarge, left)
	s.part.Labels, s.part.labelsJSON = kept, nil
	return left > 0
}

func (s *Splitter) isDimension(name string) bool {
	named := func(set []string) bool { return slices.Contains(set, name) }
	if slices.ContainsFunc(s.part.Dimensions, named) {
		return true
	}
	return slices.ContainsFunc(s.part.Metrics, func(m DocumentMetric) bool { return slices.ContainsFunc(m.Dimensions, named) })
}
