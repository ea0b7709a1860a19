package metrics

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// identity is what tells one series from others, as it was given.
type identity struct {
	name, unit string
	resolution int64
	dimensions []Dimension
}

// is tells whether two are one. Dimensions may be in another order.
func (a *identity) is(b *identity) bool {
	return a.name == b.name && a.unit == b.unit && a.resolution == b.resolution && sameDimensions(a.dimensions, b.dimensions)
}

func sameDimensions(a, b []Dimension) bool {
	if len(a) != len(b) || len(a) > MaxDimensions {
		return false
	}
	if slices.Equal(a, b) {
		return true
	}
	var found uint32 // of b, as bits
	for _, d := range a {
		at := -1
		for i := range b {
			if found>>i&1 == 0 && b[i] == d {
				at = i
				break
			}
		}
		if at < 0 {
			return false
		}
		found |= 1 << at
	}
	return true
}

// handSeries is a metric with its dimensions, as it was given and as it leaves.
type handSeries struct {
	identity
	hash uint64

	metric   string
	sentUnit string
	sent     []Dimension
	group    string // the dimensions as one text

	overflow bool
	users    int // cells; guarded by the registry
}

// DimensionOverflow is the one dimension, "true", of the series that stands for
// those beyond a limit, as in OpenTelemetry's SDKs.
const DimensionOverflow = "otel.metric.overflow"

// clone shares no memory with the caller of Put, so that what Put is given can
// stay on the caller's stack.
func (a *identity) clone() identity {
	b := identity{strings.Clone(a.name), strings.Clone(a.unit), a.resolution, nil}
	for _, d := range a.dimensions {
		b.dimensions = append(b.dimensions, Dimension{strings.Clone(d.Name), strings.Clone(d.Value)})
	}
	return b
}

// newSeries repairs what CloudWatch would refuse, or says why it can't.
func newSeries(id identity, hash uint64, c *RecorderConfig) (s *handSeries, reason, why string) {
	s = &handSeries{identity: id, hash: hash, metric: CleanName(id.name)}
	if s.metric == "" {
		return nil, DropNoName, "it has no name"
	}
	var ok bool
	if s.sentUnit, ok = handUnit(id.unit); !ok {
		return nil, DropBadUnit, fmt.Sprintf("CloudWatch has no unit %q", id.unit)
	}
	s.sent = slices.Clone(c.Dimensions)
	longest := MaxNameBytes
	if slices.ContainsFunc(c.Outputs, func(o Output) bool { return o.Format == Documents }) {
		longest = MaxDocumentNameBytes
	}
	for _, d := range id.dimensions {
		name := clean(d.Name, longest, true)
		if name == "" {
			return nil, DropNoDimensionName, "a dimension has no name"
		}
		s.sent = addDimension(s.sent, name, d.Value)
	}
	if n := max(len(s.sent), len(s.dimensions)); n > MaxDimensions {
		return nil, DropTooManyDimensions, fmt.Sprintf("it has %d dimensions, CloudWatch takes %d", n, MaxDimensions)
	}
	for _, d := range s.sent {
		s.group += d.Name + "\x00" + d.Value + "\x00" // cleaned, they have no such byte
	}
	return s, "", ""
}

// registry knows the series that there are, so that they are not too many: limit
// of them, and as many that stand for others.
type registry struct {
	limit int

	mu    sync.Mutex // guards what follows
	known map[uint64][]*handSeries
	count [2]int // without, and with, those that stand for others
}

func index(overflow bool) int {
	if overflow {
		return 1
	}
	return 0
}

// use finds a series and counts one more user of it. It returns nil for an
// unknown one, and whether there is room for it.
func (g *registry) use(id *identity, hash uint64, overflow bool) (s *handSeries, room bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.known[hash] {
		if s.is(id) {
			s.users++
			return s, true
		}
	}
	return nil, g.count[index(overflow)] < g.limit
}

// add adds a series with one user, or takes the one that another was quicker to
// add.
func (g *registry) add(s *handSeries) *handSeries {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, known := range g.known[s.hash] {
		if known.is(&s.identity) {
			known.users++
			return known
		}
	}
	if g.known == nil {
		g.known = map[uint64][]*handSeries{}
	}
	s.users = 1
	g.known[s.hash] = append(g.known[s.hash], s)
	g.count[index(s.overflow)]++
	return s
}

// leave counts one user less, and forgets a series that has none.
func (g *registry) leave(s *handSeries) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s.users--; s.users > 0 {
		return
	}
	rest := slices.DeleteFunc(g.known[s.hash], func(other *handSeries) bool { return other == s })
	if len(rest) == 0 {
		delete(g.known, s.hash)
	} else {
		g.known[s.hash] = rest
	}
	g.count[index(s.overflow)]--
}
