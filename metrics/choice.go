package metrics

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// A choice is the dimensions of one series in the making.
type choice struct {
	labels   []Label // all; the first own are not the point's
	own      int
	rules    []*rule
	scope    string
	names    []string   // of labels that may be dimensions
	sets     [][]string // that were chosen
	declared bool       // that some rule has dimension sets
}

// choose applies the rules and puts what they come to into s.
func (ch *choice) choose(c *converter, inst *instrument, s *series) {
	for _, r := range inst.rules {
		if !r.matchesLabels(ch.labels) {
			continue
		}
		ch.rules = append(ch.rules, r)
		s.denied = s.denied || r.Deny
		if r.Resolution != 0 && (s.resolution == 0 || s.resolution == c.config.Resolution) {
			s.resolution = r.Resolution
		}
	}
	ch.rename(c, inst.name)
	ch.scope = c.config.ScopeDimension
	ch.candidates(c)
	ch.find()
	if c.config.DeclaredOnly && !slices.ContainsFunc(ch.rules, (*rule).choosesDimensions) {
		ch.sets = nil
	}
	ch.limit(s)
	s.names = ch.sets
	if c.config.Compat {
		s.directive = c.directive(ch.rules)
	}
	for _, set := range ch.sets {
		s.dimensions = append(s.dimensions, ch.dimensions(set))
	}
}

// rename gives labels the names that rules give them, and another to one that
// would stand in the metric's place.
func (ch *choice) rename(c *converter, metric string) {
	for _, r := range ch.rules {
		for i := range ch.labels {
			if to := c.cleanLabelName(r.Rename[ch.labels[i].Name]); to != "" && !hasLabel(ch.labels, to) {
				ch.labels[i].Name = to
			}
		}
	}
	for i := range ch.labels {
		if l := &ch.labels[i]; l.Name == metric || l.Name == memberAWS {
			l.Name = c.cleanLabelName(l.Name + ownSuffix)
		}
	}
}

// candidates are the labels that may be dimensions.
func (ch *choice) candidates(c *converter) {
	for i, l := range ch.labels {
		if c.isJSON(l.Name) {
			continue
		}
		if i >= ch.own && c.config.Attributes != nil && !c.config.Attributes(attribute.Key(l.Name)) {
			continue
		}
		if ch.allowed(l.Name) {
			ch.names = append(ch.names, l.Name)
		}
	}
}

func (ch *choice) allowed(name string) bool {
	for _, r := range ch.rules {
		if len(r.allow) > 0 && !r.allow.match(name) || r.deny.match(name) {
			return false
		}
	}
	return true
}

// find makes the sets: those that rules have, else the one of all; then what is
// rolled up.
func (ch *choice) find() {
	for _, r := range ch.rules {
		ch.declared = ch.declared || len(r.Dimensions) > 0
		for _, set := range r.Dimensions {
			if ch.hasAll(set) {
				ch.add(set)
			}
		}
	}
	if !ch.declared {
		ch.add(ch.names)
	}
	for _, r := range ch.rules {
		ch.rollUp(r.RollUp)
	}
}

func (ch *choice) hasAll(set []string) bool {
	for _, name := range set {
		if !slices.Contains(ch.names, name) {
			return false
		}
	}
	return true
}

// add adds a set, unless it is there in whatever order.
func (ch *choice) add(set []string) {
	set = slices.Compact(slices.Sorted(slices.Values(set)))
	same := func(other []string) bool {
		return len(other) == len(set) && !slices.ContainsFunc(other, func(name string) bool { return !slices.Contains(set, name) })
	}
	if slices.ContainsFunc(ch.sets, same) {
		return
	}
	ordered := make([]string, 0, len(set)) // as the labels are
	for _, name := range ch.names {
		if slices.Contains(set, name) {
			ordered = append(ordered, name)
		}
	}
	ch.sets = append(ch.sets, ordered)
}

func (ch *choice) rollUp(option string) {
	var base []string
	others := slices.DeleteFunc(slices.Clone(ch.names), func(name string) bool { return name == ch.scope })
	if len(others) < len(ch.names) {
		base = []string{ch.scope}
	}
	if (option == RollUpZero || option == RollUpZeroAndSingle) && len(others) > 0 {
		ch.add(base)
	}
	if option == RollUpSingle || option == RollUpZeroAndSingle {
		for _, name := range others {
			ch.add(append(slices.Clone(base), name))
		}
	}
}

// limit keeps the first MaxDimensions of each set.
func (ch *choice) limit(s *series) {
	for i, set := range ch.sets {
		if extra := len(set) - MaxDimensions; extra > 0 {
			s.extraDimensions += extra
			ch.sets[i] = set[:MaxDimensions]
		}
	}
}

func (ch *choice) dimensions(set []string) []Dimension {
	list := make([]Dimension, 0, len(set))
	for _, l := range ch.labels {
		if slices.Contains(set, l.Name) {
			list = append(list, l)
		}
	}
	return list
}

// The names and values of a series, made fit for CloudWatch. Documents name
// dimensions in 250 bytes. Under Compat, other characters than ASCII stay as
// they are: AWS's pages do not say what becomes of them.

func (c *converter) cleanName(s string) string { return c.clean(s, MaxNameBytes, true) }

func (c *converter) cleanLabelName(s string) string {
	if c.target == toDocuments {
		return c.clean(s, MaxDocumentNameBytes, true)
	}
	return CleanName(s)
}

func (c *converter) cleanValue(s string) string { return c.clean(s, MaxDimensionValueBytes, false) }

func (c *converter) clean(s string, limit int, name bool) string {
	if c.config.Compat && len(s) <= limit && strings.TrimSpace(s) != "" {
		return s
	}
	return clean(s, limit, name)
}

// addDimension adds a dimension as CloudWatch takes it, unless there is one of
// that name, or nothing to it.
func addDimension(dims []Dimension, name, value string) []Dimension {
	name, value = CleanName(name), CleanValue(value)
	if name == "" || value == "" || hasLabel(dims, name) {
		return dims
	}
	return append(dims, Dimension{name, value})
}
