package metrics

import (
	"math"
	"strconv"
)

// summary emits a statistic set, or with DetailedSummaries the quantiles one by
// one. CloudWatch computes no percentiles from a statistic set.
func (c *converter) summary(s *series, m *Metric, p *Point) {
	sum, count, ok := p.Sum, float64(p.Count), true
	if m.Cumulative {
		sum, count, ok = c.summaryIncrease(s, p)
	}
	if !ok {
		return
	}
	if c.config.DetailedSummaries {
		c.detailedSummary(m, p, sum, count)
		return
	}
	if count > 0 {
		c.value.statistics, c.value.isStatistics = summaryStatistics(p, sum, count), true
		c.emit(s, &c.value)
	}
}

func (c *converter) summaryIncrease(s *series, p *Point) (sum, count float64, ok bool) {
	how := c.advance(s, p, grownCount)
	if how == stale {
		c.drop(DropOutOfOrder, 1)
		return 0, 0, false
	}
	t := s.total
	sum, count = p.Sum, float64(p.Count)
	if how == further {
		sum, count = p.Sum-t.value, float64(p.Count-t.count)
	}
	t.start, t.at, t.value, t.count = p.Start, p.Time, p.Sum, p.Count
	return sum, count, how != unknown
}

// summaryStatistics takes the lowest and the highest quantile for minimum and
// maximum; the mean lies between them in any case.
func summaryStatistics(p *Point, sum, count float64) Statistics {
	mean := sum / count
	low, high := mean, mean
	for _, q := range p.Quantiles {
		low, high = min(low, q.Value), max(high, q.Value)
	}
	return Statistics{SampleCount: count, Sum: settled(sum), Minimum: settled(low), Maximum: settled(high)}
}

// Names of the parts of a detailed summary, as in the collector's exporter.
const (
	sumSuffix     = "_sum"
	countSuffix   = "_count"
	quantileLabel = "quantile"
)

func (c *converter) detailedSummary(m *Metric, p *Point, sum, count float64) {
	part := func(name, unit string, labels []Label, v float64) {
		one := Metric{Resource: m.Resource, Scope: m.Scope, Name: name, Unit: unit, Kind: m.Kind}
		if inst := c.instrument(&one); !inst.denied && finite(v) {
			if s := c.series(inst, &one, labels); s != nil {
				c.number(s, v)
				c.value.part++
			}
		}
	}
	part(m.Name+sumSuffix, m.Unit, p.Labels, sum)
	unit := "1"
	if c.config.Compat {
		unit = m.Unit
	}
	part(m.Name+countSuffix, unit, p.Labels, count)
	for _, q := range p.Quantiles {
		if math.IsNaN(q.Quantile) {
			continue
		}
		c.labels = append(c.labels[:0], p.Labels...)
		c.labels = append(c.labels, Label{quantileLabel, strconv.FormatFloat(q.Quantile, 'g', -1, 64)})
		part(m.Name, m.Unit, c.labels, q.Value)
	}
}
