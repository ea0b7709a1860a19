package metrics

import (
	"time"

	"go.opentelemetry.io/otel"
)

// converter makes of points what CloudWatch takes, and says so to emit. It is
// not safe for concurrent use.
//
// What a series' labels come to is worked out once and kept for SeriesMemory,
// as are totals: in a steady state a point costs one look-up and no memory.
type converter struct {
	config  Config
	target  target
	form    form // of documents
	rules   []rule
	fixed   []Label
	limit   int // values of one histogram
	jsonSet map[string]bool
	since   time.Time // totals that began before have been counted by others

	emit func(s *series, v *value)

	now         time.Time // of this round
	round       uint64
	swept       time.Time
	instruments map[instrumentKey]*instrument
	last        *instrument
	sets        map[string]*labelSet
	directives  map[string]uint32 // by the rules that lead to them
	resource    resource
	key         []byte
	value       value
	powers      powers
	dist        distribution
	before      distribution
	labels      []Label
	dropped     map[string]int64
	memory      int  // most bytes that are remembered
	held        int  // that are
	full        bool // and it was said
}

// value is what one point comes to.
type value struct {
	at             time.Time
	value          float64
	values, counts []float64
	statistics     Statistics
	isStatistics   bool
	part           int // of what the collector's exporter puts into documents of their own
}

func newConverter(c Config, t target) (*converter, error) {
	if !validResolution(c.Resolution) {
		return nil, errResolution
	}
	rules, err := compileDeclarations(c.Declarations)
	if err != nil {
		return nil, err
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.OnProblem == nil {
		c.OnProblem = otel.Handle
	}
	if c.MaxSeries == 0 {
		c.MaxSeries = DefaultMaxSeries
	}
	c.Compat = c.Compat && t == toDocuments
	limit := MaxValues
	if t == toDocuments {
		limit = MaxDocumentValues
	}
	now := c.Now()
	conv := &converter{
		config: c, target: t, rules: rules, limit: limit, memory: maxMemory, jsonSet: map[string]bool{},
		since: now, now: now, swept: now,
		instruments: map[instrumentKey]*instrument{}, sets: map[string]*labelSet{}, directives: map[string]uint32{}, dropped: map[string]int64{},
	}
	conv.dist.powers, conv.before.powers = &conv.powers, &conv.powers
	for _, name := range c.JSONLabels {
		conv.jsonSet[name] = true
	}
	if c.Escaped {
		conv.form = escaped
	}
	for _, d := range c.Dimensions {
		conv.fixed = conv.addLabel(conv.fixed, d.Name, d.Value)
	}
	return conv, nil
}

func (c *converter) drop(reason string, n int) {
	if n > 0 {
		c.dropped[reason] += int64(n)
	}
}

// begin starts a round: what is added before the next one may share a document.
func (c *converter) begin() {
	c.now = c.config.Now()
	c.round++
	c.resource.known = false
	c.sweep()
}

// point converts one point.
func (c *converter) point(m *Metric, p *Point) {
	if p.Missing {
		c.drop(DropNoValue, 1)
		return
	}
	at := p.Time
	if at.IsZero() {
		at = c.now
	}
	if reason := c.timeRefusal(at); reason != "" {
		c.drop(reason, 1)
		return
	}
	if c.tooLarge(m, p) {
		c.drop(DropTooLarge, 1)
		return
	}
	inst := c.instrument(m)
	switch {
	case inst.name == "":
		c.drop(DropNoName, 1)
		return
	case inst.denied:
		return
	case m.Kind > KindSummary:
		c.drop(DropUnsupported, 1)
		return
	}
	if reason := c.numberRefusal(m, p); reason != "" {
		c.drop(reason, 1)
		return
	}
	s := c.series(inst, m, p.Labels)
	if s == nil {
		return
	}
	c.drop(DropDimensionLimit, s.extraDimensions)
	c.value = value{at: at, values: c.value.values[:0], counts: c.value.counts[:0]}
	if c.config.Compat {
		c.compatPoint(s, m, p)
		return
	}
	c.convert(s, m, p)
}

func (c *converter) timeRefusal(at time.Time) string {
	switch age := c.now.Sub(at); {
	case age > MaxAge-timeMargin:
		return DropTooOld
	case age < -(MaxAhead - timeMargin):
		return DropTooNew
	}
	return ""
}

// numberRefusal looks at what makes a point of no use as a whole.
func (c *converter) numberRefusal(m *Metric, p *Point) string {
	switch m.Kind {
	case KindGauge, KindSum:
		return refusal(p.Value)
	case KindSummary:
		for _, q := range p.Quantiles {
			if reason := refusal(q.Value); reason != "" {
				return reason
			}
		}
		return refusal(p.Sum)
	}
	if c.config.Compat {
		return c.compatRefusal(p)
	}
	return ""
}

func (c *converter) convert(s *series, m *Metric, p *Point) {
	switch m.Kind {
	case KindGauge:
		c.number(s, p.Value)
	case KindSum:
		v, ok := p.Value, true
		if m.Monotonic && m.Cumulative {
			v, ok = c.sumIncrease(s, p)
		}
		if ok {
			c.number(s, v)
		}
	case KindHistogram, KindExponential:
		c.histogram(s, m, p)
	case KindSummary:
		c.summary(s, m, p)
	}
}

func (c *converter) number(s *series, v float64) {
	c.value.value = settled(v)
	c.emit(s, &c.value)
}

// histogram emits a distribution, unless it is empty.
func (c *converter) histogram(s *series, m *Metric, p *Point) {
	if m.Cumulative {
		if !c.histogramIncrease(s, m, p) {
			return
		}
	} else if m.Kind == KindHistogram {
		c.dist.explicit(p)
	} else {
		c.dist.exponential(p)
	}
	complete := c.dist.fill(&c.value, c.limit)
	if !complete {
		c.drop(DropOutOfRange, 1)
	}
	if len(c.value.values) > 0 {
		c.emit(s, &c.value)
	}
}
