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
		dst = appendName(dst, start, p.Name)
		if p.JSON != nil {
			dst = append(dst, p.JSON...)
		} else {
			dst = appendjson.Value(dst, p.Value)
		}
	}
	for i := range d.Metrics {
		m := &d.Metrics[i]
		if m.texts != nil {
			dst = append(appendComma(dst, start), m.texts.member...)
		} else {
			dst = appendName(dst, start, m.Name)
		}
		dst = appendMeasurement(dst, m, texts)
	}
	return append(dst, '}')
}

// appendLabels appends the labels as members of the object that began at start.
func (d *Document) appendLabels(dst []byte, start int) []byte {
	if len(d.labelsJSON) > 0 {
		return append(appendComma(dst, start), d.labelsJSON...)
	}
	for i := range d.Labels {
		dst = appendjson.String(appendName(dst, start, d.Labels[i].Name), d.Labels[i].Value)
	}
	return dst
}

// appendName appends the name of a member of the object that began at start.
func appendName(dst []byte, start int, name string) []byte {
	return append(appendjson.String(appendComma(dst, start), name), ':')
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
	const opening = `"_aws":{"CloudWatchMetrics":[`
	start := len(dst)
	dst = append(dst, opening...)
	for i := range d.Metrics {
		if m := &d.Metrics[i]; m.listed() && !m.sharesSets(d.Metrics[:i]) {
			if len(dst) > start+len(opening) {
				dst = append(dst, ',')
			}
			dst = appendDirective(dst, d, i)
		}
	}
	if len(dst) == start+len(opening) {
		return dst[:start]
	}
	dst = append(dst, `],"Timestamp":`...)
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
		dst = appendOpening(dst, d.Namespace, m.Dimensions)
	case d.opening != nil:
		dst = append(dst, d.opening...)
	default:
		dst = appendOpening(dst, d.Namespace, d.Dimensions)
	}
	dst = appendListed(dst, m)
	for k := i + 1; k < len(d.Metrics); k++ {
		if other := &d.Metrics[k]; m.sameSets(other) {
			dst = appendListed(append(dst, ','), other)
		}
	}
	return append(dst, `]}`...)
}

// appendOpening appends what stands before the metrics of a directive.
func appendOpening(dst []byte, namespace string, sets [][]string) []byte {
	dst = appendjson.String(append(dst, `{"Namespace":`...), namespace)
	dst = appendSets(append(dst, `,"Dimensions":[`...), sets)
	return append(dst, `],"Metrics":[`...)
}

// appendSets appends dimension sets, of which there must be one at least.
func appendSets(dst []byte, sets [][]string) []byte {
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
			dst = appendjson.String(dst, name)
		}
		dst = append(dst, ']')
	}
	return dst
}

// metricTexts are what documents say of a metric, as JSON.
type metricTexts struct {
	member []byte // its name, and a colon
	listed []byte // what appendListed appends
}

func newMetricTexts(m *DocumentMetric) *metricTexts {
	return &metricTexts{member: appendName(nil, 0, m.Name), listed: appendListed(nil, m)}
}

func appendListed(dst []byte, m *DocumentMetric) []byte {
	if m.texts != nil {
		return append(dst, m.texts.listed...)
	}
	dst = appendjson.String(append(dst, `{"Name":`...), m.Name)
	if m.Unit != "" {
		dst = appendjson.String(append(dst, `,"Unit":`...), m.Unit)
	}
	if m.Resolution != 0 {
		dst = strconv.AppendInt(append(dst, `,"StorageResolution":`...), int64(m.Resolution), 10)
	}
	return append(dst, '}')
}

// appendMeasurement appends a metric's value. A list with counts, and a
// statistic set, are objects as the CloudWatch agent writes them; AWS's page
// tells of numbers and lists of numbers alone.
func appendMeasurement(dst []byte, m *DocumentMetric, texts *floatTexts) []byte {
	switch {
	case len(m.Values) > 0 && len(m.Counts) > 0:
		dst = appendFloatsJSON(append(dst, `{"Values":`...), m.Values, texts)
		dst = appendCountsJSON(append(dst, `,"Counts":`...), m.Counts)
		s := m.Statistics
		if s == nil {
			own := statisticsOf(m.Values, m.Counts)
			s = &own
		}
		return appendStatistics(append(dst, ','), s)
	case len(m.Values) > 0:
		return appendFloatsJSON(dst, m.Values, nil)
	case m.Statistics != nil:
		return appendStatistics(append(dst, '{'), m.Statistics)
	}
	return appendjson.Float(dst, m.Value)
}

func appendStatistics(dst []byte, s *Statistics) []byte {
	dst = appendjson.Float(append(dst, `"Max":`...), s.Maximum)
	dst = appendjson.Float(append(dst, `,"Min":`...), s.Minimum)
	dst = appendjson.Float(append(dst, `,"Count":`...), s.SampleCount)
	dst = appendjson.Float(append(dst, `,"Sum":`...), s.Sum)
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
