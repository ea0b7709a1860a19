package metrics

import (
	"strings"
	"time"
)

// SeriesMemory is how long a series is remembered after its last point: its
// totals, and its place among Config.MaxSeries. CloudWatch bills metrics by the
// hour: https://aws.amazon.com/cloudwatch/pricing/
const SeriesMemory = time.Hour

// sweepEvery is how often forgotten series are looked for.
const sweepEvery = SeriesMemory / 4

// knownFactor is how many series of a metric are remembered for each one that
// it may have: several become one where dimensions are left out.
const knownFactor = 10

// An instrument is a metric, whatever its labels.
type instrument struct {
	key        instrumentKey
	name, unit string // as CloudWatch has them
	denied     bool
	rules      []*rule // that match the name
	series     map[string]*series
	seats      map[string]*seat
	overflown  bool // and it was said
	kept       bool // among those that the converter remembers
	texts      [len(resolutions)]*metricTexts
}

type instrumentKey struct {
	name, unit string
	kind       Kind
}

// A seat is one of an instrument's MaxSeries.
type seat struct {
	key     string
	holders int
}

// instrument finds the instrument of a metric.
func (c *converter) instrument(m *Metric) *instrument {
	key := instrumentKey{m.Name, m.Unit, m.Kind}
	if c.last != nil && c.last.key == key {
		return c.last
	}
	inst, ok := c.instruments[key]
	if !ok {
		key = instrumentKey{strings.Clone(key.name), strings.Clone(key.unit), key.kind}
		inst = c.newInstrument(key)
		if inst.kept = c.hold(inst.size()); inst.kept {
			c.instruments[key] = inst
		}
	}
	c.last = inst
	return inst
}

func (c *converter) newInstrument(key instrumentKey) *instrument {
	inst := &instrument{key: key, series: map[string]*series{}, seats: map[string]*seat{}}
	name, unit := key.name, key.unit
	for i := range c.rules {
		r := &c.rules[i]
		if !r.matchesName(name) {
			continue
		}
		inst.rules = append(inst.rules, r)
		inst.denied = inst.denied || r.Deny && len(r.labels) == 0
		if r.Unit != "" && (r.OverwriteUnit || unit == "") {
			unit = r.Unit
		}
	}
	inst.unit = Unit(unit)
	if c.config.Compat {
		inst.unit = compatUnit(unit)
	}
	if c.config.UnitsInNames && inst.unit == UnitNone {
		name += unitSuffix(unit)
	}
	inst.name = c.cleanName(name)
	return inst
}

// unitSuffix is how a unit that CloudWatch does not have stands in a name.
func unitSuffix(unit string) string {
	unit = strings.Trim(unit, "{}")
	if unit == "" {
		return ""
	}
	return "_" + unit
}

// sweep forgets series without a point for SeriesMemory, and what belonged to
// them.
func (c *converter) sweep() {
	if c.now.Sub(c.swept) < sweepEvery {
		return
	}
	c.swept, c.last, c.full = c.now, nil, false
	for key, inst := range c.instruments {
		for name, s := range inst.series {
			if c.now.Sub(s.seen) >= SeriesMemory {
				c.forget(inst, s)
				delete(inst.series, name)
			}
		}
		if len(inst.series) == 0 {
			delete(c.instruments, key)
			c.held -= inst.size()
		}
	}
}

func (c *converter) forget(inst *instrument, s *series) {
	c.held -= s.bytes
	if s.seat != nil {
		if s.seat.holders--; s.seat.holders == 0 {
			delete(inst.seats, s.seat.key)
		}
	}
	if s.set != nil {
		if s.set.holders--; s.set.holders == 0 {
			delete(c.sets, s.set.id)
			c.held -= s.set.size()
		}
	}
}
