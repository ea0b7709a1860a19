package metrics

import "maps"

// DatumEncoder makes data for PutMetricData of points, whoever measured them.
// It is not safe for concurrent use, and remembers series for SeriesMemory.
type DatumEncoder struct {
	points *converter
	datum  Datum
	emit   func(namespace string, d *Datum)
}

// NewDatumEncoder returns an encoder that calls emit with each datum and its
// namespace. The datum is valid until emit returns.
func NewDatumEncoder(c Config, emit func(namespace string, d *Datum)) (*DatumEncoder, error) {
	c.Namespace = CleanNamespace(c.Namespace)
	points, err := newConverter(c, toDatums)
	if err != nil {
		return nil, err
	}
	e := &DatumEncoder{points: points, emit: emit}
	points.emit = e.add
	return e, nil
}

// Begin starts a round: it reads the clock, and forgets what is too old.
func (e *DatumEncoder) Begin() { e.points.begin() }

// Add converts a point of m; Begin must have been called. Nothing of the two is
// kept, but m.Resource must not change before the next Begin.
func (e *DatumEncoder) Add(m *Metric, p *Point) { e.points.point(m, p) }

// Dropped counts what was not sent as it came, by reason.
func (e *DatumEncoder) Dropped() map[string]int64 { return maps.Clone(e.points.dropped) }

// add emits a datum for each dimension set.
func (e *DatumEncoder) add(s *series, v *value) {
	e.datum = Datum{Name: s.inst.name, Unit: s.inst.unit, Resolution: s.resolution, Time: v.at, Value: v.value}
	if len(v.values) > 0 {
		e.datum.Values, e.datum.Counts = v.values, v.counts
	}
	if v.isStatistics {
		e.datum.Statistics = &v.statistics
	}
	for _, set := range s.dimensions {
		e.datum.Dimensions = set
		e.emit(s.namespace, &e.datum)
	}
}
