package metrics

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"slices"
)

// What the collector's awsemf exporter makes of points, where that differs from
// what this package does: nothing but Config.Compat leads here.

// compatRefusal is of histograms: theirs drops a point with a sum, min or max
// that is no number.
func (c *converter) compatRefusal(p *Point) string {
	for _, f := range [...]float64{p.Sum, p.Min, p.Max} {
		if reason := refusal(f); reason != "" {
			return reason
		}
	}
	return ""
}

func (c *converter) compatPoint(s *series, m *Metric, p *Point) {
	switch m.Kind {
	case KindGauge:
		c.number(s, p.Value)
	case KindSum:
		if v, ok := c.compatIncrease(s, m, p); ok {
			c.number(s, v)
		}
	case KindHistogram:
		c.compatStatistics(s, p.Max, p.Min, float64(p.Count), p.Sum)
	case KindExponential:
		c.compatExponential(s, p)
	case KindSummary:
		c.compatSummary(s, m, p)
	}
}

// compatStatistics emits a statistic set. Where the minimum is above the
// maximum, as it is when one of the two is not known and therefore zero, they
// change places: CloudWatch makes nothing of such a set.
func (c *converter) compatStatistics(s *series, highest, lowest, count, sum float64) {
	if lowest > highest {
		lowest, highest = highest, lowest
	}
	c.value.isStatistics = true
	c.value.statistics = Statistics{SampleCount: count, Sum: sum, Minimum: lowest, Maximum: highest}
	c.emit(s, &c.value)
}

// compatIncrease is the difference of a total, whether or not it may fall. The
// first one is kept to itself; the start is not looked at.
func (c *converter) compatIncrease(s *series, m *Metric, p *Point) (float64, bool) {
	if !m.Cumulative {
		return p.Value, true
	}
	if s.total == nil {
		s.total = &total{value: p.Value}
		return p.Value, c.config.RetainFirst
	}
	increase := p.Value - s.total.value
	s.total.value = p.Value
	if increase < 0 {
		return p.Value, true
	}
	return increase, true
}

// compatSummary takes the first and the last quantile for minimum and maximum.
// Totals are those of the Prometheus receiver alone.
func (c *converter) compatSummary(s *series, m *Metric, p *Point) {
	sum, count := p.Sum, float64(p.Count)
	if c.resource.prometheus {
		if s.total == nil {
			s.total = &total{value: p.Sum, count: p.Count}
			if !c.config.RetainFirst {
				return
			}
		} else {
			sum, count = p.Sum-s.total.value, float64(p.Count-s.total.count)
			s.total.value, s.total.count = p.Sum, p.Count
		}
	}
	if c.config.DetailedSummaries {
		c.detailedSummary(m, p, sum, count)
		return
	}
	highest, lowest := 0.0, 0.0
	if n := len(p.Quantiles); n > 0 {
		highest, lowest = p.Quantiles[n-1].Value, p.Quantiles[0].Value
	}
	c.compatStatistics(s, highest, lowest, count, sum)
}

// compatExponential gives each bucket its arithmetic middle, from the highest
// to the lowest, in parts of at most MaxDocumentValues. Only the first part has
// the sum; each has a minimum and a maximum of its own, but for those that the
// point has.
func (c *converter) compatExponential(s *series, p *Point) {
	total := len(p.Positive.Counts) + len(p.Negative.Counts)
	if p.ZeroCount > 0 {
		total++
	}
	sum, from := p.Sum, 0
	for from < total {
		first := from == 0
		from = c.compatPart(p, from, total)
		v := &c.value
		if len(v.values) == 0 {
			break
		}
		v.statistics.Sum, sum = sum, 0
		if first {
			v.statistics.Maximum = p.Max
		}
		if !compatMore(p, from, total) {
			v.statistics.Minimum = p.Min
		}
		if v.statistics.Minimum > v.statistics.Maximum {
			v.statistics.Minimum, v.statistics.Maximum = v.statistics.Maximum, v.statistics.Minimum
		}
		c.emit(s, v)
		v.part++
	}
	if c.value.part == 0 {
		c.compatStatistics(s, p.Max, p.Min, float64(p.Count), p.Sum)
	}
}

// compatMore says whether a bucket from a number on is not empty.
func compatMore(p *Point, from, total int) bool {
	for i := from; i < total; i++ {
		if compatCount(p, i) > 0 {
			return true
		}
	}
	return false
}

// compatPart makes the values of the buckets from a number on, and says how far
// it came. A part that is full has the lower end of its last bucket as minimum.
func (c *converter) compatPart(p *Point, from, total int) int {
	v, capacity := &c.value, min(MaxDocumentValues, total-from)
	v.values, v.counts, v.isStatistics = v.values[:0], v.counts[:0], true
	v.statistics = Statistics{Maximum: p.Max, Minimum: p.Min}
	for ; from < total && len(v.values) < capacity; from++ {
		n := compatCount(p, from)
		if n == 0 {
			continue
		}
		low, high := c.compatBucket(p, from)
		if len(v.values) == 0 {
			v.statistics.Maximum = high
		}
		v.values = append(v.values, (low+high)/2)
		v.counts = append(v.counts, float64(n))
		v.statistics.SampleCount += float64(n)
		if len(v.values) == capacity {
			v.statistics.Minimum = low
		}
	}
	return from
}

// compatCount is the count of the bucket of a number, counted from the highest.
func compatCount(p *Point, i int) uint64 {
	if k := len(p.Positive.Counts) - 1 - i; k >= 0 {
		return p.Positive.Counts[k]
	}
	i -= len(p.Positive.Counts)
	if p.ZeroCount > 0 {
		if i == 0 {
			return p.ZeroCount
		}
		i--
	}
	return p.Negative.Counts[i]
}

// compatBucket is where that bucket lies.
func (c *converter) compatBucket(p *Point, i int) (low, high float64) {
	if k := len(p.Positive.Counts) - 1 - i; k >= 0 {
		index := int64(p.Positive.Offset) + int64(k)
		return c.powers.of(p.Scale, index), c.powers.of(p.Scale, index+1)
	}
	i -= len(p.Positive.Counts)
	if p.ZeroCount > 0 {
		if i == 0 {
			return 0, 0
		}
		i--
	}
	index := int64(p.Negative.Offset) + int64(i)
	return -c.powers.of(p.Scale, index+1), -c.powers.of(p.Scale, index)
}

// directive tells apart the metrics for which different rules chose dimensions:
// theirs has a directive for each combination of rules, be the dimensions the
// same or not.
func (c *converter) directive(rules []*rule) uint32 {
	c.key = c.key[:0]
	for _, r := range rules {
		if r.choosesDimensions() {
			c.key = binary.AppendUvarint(c.key, uint64(r.index))
		}
	}
	id, ok := c.directives[string(c.key)]
	if !ok {
		id = uint32(len(c.directives))
		c.directives[string(c.key)] = id
	}
	return id
}

// compatUnit is their unit, and none where theirs is not CloudWatch's.
func compatUnit(unit string) string {
	switch unit {
	case "ms", "s", "us", "By", "bit":
		return Unit(unit)
	}
	if isUnit(unit) {
		return unit
	}
	return ""
}

// prometheusKind is what theirs says in prom_metric_type.
func prometheusKind(kind Kind) string {
	return [...]string{KindGauge: "gauge", KindSum: "counter", KindHistogram: "histogram", KindExponential: "", KindSummary: "summary"}[kind]
}

// compactJSON is a JSON text on one line.
func compactJSON(text string) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		return []byte("null") // it was valid
	}
	return slices.Clip(b.Bytes())
}
