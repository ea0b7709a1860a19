package sampling

import (
	"math/bits"
	"slices"
	"strings"
)

// An index narrows the rules down to the few that a trace may match, by single bytes of what the rules ask about. It
// looks at no more than maxProbes bytes for each groupSize rules, and leaves the rest to the rules themselves.

// groupSize is how many rules share a word of bits; maxProbes how many bytes are looked at for them, and lastProbe how
// far behind the beginning the last of these may stand.
const (
	groupSize = 64
	maxProbes = 4
	lastProbe = 63
)

// A group is the index of up to groupSize rules.
type group struct {
	rules  []*compiledRule
	all    uint64
	probes []probe
}

// A probe is a byte of a fact, and the rules that may match by it.
type probe struct {
	fact, at int
	may      [256]uint64 // by the byte
	short    uint64      // where the fact ends before
	score    int
}

func newGroups(rules []*compiledRule) (groups []group) {
	for some := range slices.Chunk(rules, groupSize) {
		groups = append(groups, newGroup(some))
	}
	return groups
}

// newGroup chooses the bytes that tell most rules apart.
func newGroup(rules []*compiledRule) group {
	g := group{rules: rules, all: ^uint64(0) >> (groupSize - len(rules))}
	var beginnings [numFacts][]string
	for fact := range numFacts {
		for _, r := range rules {
			beginnings[fact] = append(beginnings[fact], r.beginning(fact))
		}
	}
	for fact := range numFacts {
		for at := range lastProbe + 1 {
			if p := newProbe(fact, at, beginnings[fact]); p.score > 0 {
				g.probes = append(g.probes, p)
			}
		}
	}
	slices.SortStableFunc(g.probes, func(a, b probe) int { return b.score - a.score })
	g.probes = slices.Clone(g.probes[:min(len(g.probes), maxProbes)])
	return g
}

// beginning returns what a fact must begin with for the rule to match, in lower case.
func (c *compiledRule) beginning(fact int) string {
	if p := &c.facts[fact]; !p.any {
		text, _, _ := strings.Cut(p.parts[0].text, "?")
		return text
	}
	return ""
}

// newProbe makes the probe of a byte. Its score is how many rules it tells from the largest number that agree in it; 0
// where no rule asks for it.
func newProbe(fact, at int, beginnings []string) probe {
	p := probe{fact: fact, at: at}
	var asked uint64
	var agree [256]int
	for i, text := range beginnings {
		if at < len(text) {
			asked |= 1 << i
			p.may[text[at]] |= 1 << i
			agree[text[at]]++
		}
	}
	if asked == 0 {
		return p
	}
	p.score = bits.OnesCount64(asked) - slices.Max(agree[:]) + 1
	others := ^asked // whatever stands there
	for c := range p.may {
		p.may[c] |= others
	}
	for c := 'a'; c <= 'z'; c++ {
		p.may[c-'a'+'A'] = p.may[c]
	}
	p.short = others
	return p
}

// match returns the first rule of the group that matches, or nil.
func (g *group) match(f *facts) *compiledRule {
	left := g.all
	for i := range g.probes {
		p := &g.probes[i]
		if text := f.text[p.fact]; p.at < len(text) {
			left &= p.may[text[p.at]]
		} else {
			left &= p.short
		}
	}
	for ; left != 0; left &= left - 1 {
		if r := g.rules[bits.TrailingZeros64(left)]; r.match(f) {
			return r
		}
	}
	return nil
}
