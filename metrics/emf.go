package metrics

import (
	"strconv"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// AppendEMF appends d as one JSON object without a line end. It checks nothing:
// limits, and names that stand twice, are a Splitter's matter. Equal documents
// give equal bytes.
func AppendEMF(dst []byte, d *Document) []byte { return appendEMF(dst, d, nil) }

// appendEMF is AppendEMF with a memory for numbers of lists, which may be nil.
func appendEMF(dst []byte, d *Document, texts *floatTexts) []byte {
	dst = append(dst, '{')
	start := len(dst)
	dst = appendDirectives(dst, d)
	dst = d.appendLabels(dst, start)
	for i := range d.Properties {
		p := &d.Properties[i]
		dst = d.form.value(d.form.name(dst, start, p.Name), p)
	}
	for i := range d.Metrics {
		m := &d.Metrics[i]
		if m.texts != nil {
			dst = append(appendComma(dst, start), m.texts.member...)
		} else {
			dst = d.form.name(dst, start, m.Name)
		}
		dst = d.form.measurement(dst, m, texts)
	}
	return append(dst, '}')
}

// appendLabels appends the labels as members of the object that began at start.
func (d *Document) appendLabels(dst []byte, start int) []byte {
	if len(d.labelsJSON) > 0 {
		return append(appendComma(dst, start), d.labelsJSON...)
	}
	for i := range d.Labels {
		dst = d.form.string(d.form.name(dst, start, d.Labels[i].Name), d.Labels[i].Value)
	}
	return dst
}

// name appends the name of a member of the object that began at start.
func (f form) name(dst []byte, start int, name string) []byte {
	return append(f.string(appendComma(dst, start), name), ':')
}

// appendComma appends a comma unless the object that began at start is empty.
func appendComma(dst []byte, start int) []byte {
	if len(dst) > start {
		return append(dst, ',')
	}
	return dst
}

// appendDirectives appends _aws, unless no metric is to be made. Metrics with
// the same dimensions share a directive.
func appendDirectives(dst []byte, d *Document) []byte {
	start := len(dst)
	dst = append(d.form.key(append(d.form.key(dst, memberAWS), '{'), "CloudWatchMetrics"), '[')
	first := len(dst)
	for i := range d.Metrics {
		if m := &d.Metrics[i]; m.listed() && !m.sharesSets(d.Metrics[:i]) {
			dst = appendDirective(appendComma(dst, first), d, i)
		}
	}
	if len(dst) == first {
		return dst[:start]
	}
	dst = d.form.key(append(dst, ']', ','), "Timestamp")
	return append(strconv.AppendInt(dst, d.Time.UnixMilli(), 10), '}')
}

// listed says whether a metric is to be made of m.
func (m *DocumentMetric) listed() bool { return m.Dimensions == nil || len(m.Dimensions) > 0 }

// sameSets says whether m and other have one directive.
func (m *DocumentMetric) sameSets(other *DocumentMetric) bool {
	return m.directive == other.directive && (m.Dimensions == nil) == (other.Dimensions == nil) && sameNames(m.Dimensions, other.Dimensions)
}

func (m *DocumentMetric) sharesSets(list []DocumentMetric) bool {
	for i := range list {
		if m.sameSets(&list[i]) {
			return true
		}
	}
	return false
}

// appendDirective appends the directive of metric i and of those after it that
// have the same dimensions.
func appendDirective(dst []byte, d *Document, i int) []byte {
	m := &d.Metrics[i]
	switch {
	case m.Dimensions != nil:
		dst = d.form.opening(dst, d.Namespace, m.Dimensions)
	case d.opening != nil:
		dst = append(dst, d.opening...)
	default:
		dst = d.form.opening(dst, d.Namespace, d.Dimensions)
	}
	dst = d.form.listed(dst, m)
	for k := i + 1; k < len(d.Metrics); k++ {
		if other := &d.Metrics[k]; m.sameSets(other) {
			dst = d.form.listed(append(dst, ','), other)
		}
	}
	return append(dst, `]}`...)
}

// opening appends what stands before the metrics of a directive.
func (f form) opening(dst []byte, namespace string, sets [][]string) []byte {
	dst = f.string(f.key(append(dst, '{'), "Namespace"), namespace)
	dst = f.sets(append(f.key(append(dst, ','), "Dimensions"), '['), sets)
	return append(f.key(append(dst, ']', ','), "Metrics"), '[')
}

// sets appends dimension sets, of which there must be one at least.
func (f form) sets(dst []byte, sets [][]string) []byte {
	if len(sets) == 0 {
		return append(dst, `[]`...)
	}
	for i, set := range sets {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '[')
		for k, name := range set {
			if k > 0 {
				dst = append(dst, ',')
			}
			dst = f.string(dst, name)
		}
		dst = append(dst, ']')
	}
	return dst
}

// metricTexts are what documents of one form say of a metric.
type metricTexts struct {
	member []byte // its name, and a colon
	listed []byte // what stands for it in a directive
}

func (f form) metricTexts(m *DocumentMetric) *metricTexts {
	return &metricTexts{member: f.name(nil, 0, m.Name), listed: f.listed(nil, m)}
}

// listed appends what stands for a metric in a directive.
func (f form) listed(dst []byte, m *DocumentMetric) []byte {
	if m.texts != nil {
		return append(dst, m.texts.listed...)
	}
	dst = f.string(f.key(append(dst, '{'), "Name"), m.Name)
	if m.Unit != "" {
		dst = f.string(f.key(append(dst, ','), "Unit"), m.Unit)
	}
	if m.Resolution != 0 {
		dst = strconv.AppendInt(f.key(append(dst, ','), "StorageResolution"), int64(m.Resolution), 10)
	}
	return append(dst, '}')
}

// measurement appends a metric's value. A list with counts, and a statistic set,
// are objects as the CloudWatch agent writes them; AWS's page tells of numbers
// and lists of numbers alone.
func (f form) measurement(dst []byte, m *DocumentMetric, texts *floatTexts) []byte {
	switch {
	case len(m.Values) > 0 && len(m.Counts) > 0:
		dst = appendFloatsJSON(f.key(append(dst, '{'), "Values"), m.Values, texts)
		dst = appendCountsJSON(f.key(append(dst, ','), "Counts"), m.Counts)
		s := m.Statistics
		if s == nil {
			own := statisticsOf(m.Values, m.Counts)
			s = &own
		}
		return f.statistics(append(dst, ','), s)
	case len(m.Values) > 0:
		return appendFloatsJSON(dst, m.Values, nil)
	case m.Statistics != nil:
		return f.statistics(append(dst, '{'), m.Statistics)
	}
	return appendjson.Float(dst, m.Value)
}

func (f form) statistics(dst []byte, s *Statistics) []byte {
	dst = appendjson.Float(f.key(dst, "Max"), s.Maximum)
	dst = appendjson.Float(f.key(append(dst, ','), "Min"), s.Minimum)
	dst = appendjson.Float(f.key(append(dst, ','), "Count"), s.SampleCount)
	dst = appendjson.Float(f.key(append(dst, ','), "Sum"), s.Sum)
	return append(dst, '}')
}

// statisticsOf sums up values and counts.
func statisticsOf(values, counts []float64) Statistics {
	s := Statistics{Minimum: values[0], Maximum: values[0]}
	for i, v := range values {
		s.Minimum, s.Maximum = min(s.Minimum, v), max(s.Maximum, v)
		if i < len(counts) {
			s.SampleCount += counts[i]
			s.Sum += counts[i] * v
		}
	}
	return s
}
