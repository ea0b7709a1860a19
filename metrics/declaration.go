package metrics

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Declaration says of the metrics it matches whether they are sent, and by
// which dimensions. All declarations that match apply, in their order.
//
// Patterns of metrics and attributes may hold * for any text and ? for one
// character, and match the whole name. A pattern between slashes, as in
// /^http\./, is a regular expression, which matches anywhere in it.
type Declaration struct {
	// Metrics are patterns of names, one of which must match. Default: all.
	Metrics []string `json:"metrics,omitempty" yaml:"metrics,omitempty"`
	// Labels are conditions, one of which must hold. Default: none.
	Labels []LabelCondition `json:"labels,omitempty" yaml:"labels,omitempty"`
	// Deny sends nothing.
	Deny bool `json:"deny,omitempty" yaml:"deny,omitempty"`
	// AllowAttributes are patterns of the attributes that may be dimensions.
	// Default: all.
	AllowAttributes []string `json:"allow_attributes,omitempty" yaml:"allow_attributes,omitempty"`
	// DenyAttributes are patterns of those that may not.
	DenyAttributes []string `json:"deny_attributes,omitempty" yaml:"deny_attributes,omitempty"`
	// Rename gives attributes other names, by which all else here knows them.
	Rename map[string]string `json:"rename,omitempty" yaml:"rename,omitempty"`
	// Dimensions are the dimension sets, in place of the one set of all. A set
	// counts if the point has all of it. If none does, no metric is made;
	// documents still hold the value.
	Dimensions [][]string `json:"dimensions,omitempty" yaml:"dimensions,omitempty"`
	// RollUp adds further sets, each of which makes metrics that CloudWatch
	// bills: RollUpZero, RollUpSingle, RollUpZeroAndSingle.
	RollUp string `json:"roll_up,omitempty" yaml:"roll_up,omitempty"`
	// Unit is the unit, in UCUM or CloudWatch's word, of metrics that have
	// none; with OverwriteUnit of all.
	Unit          string `json:"unit,omitempty" yaml:"unit,omitempty"`
	OverwriteUnit bool   `json:"overwrite_unit,omitempty" yaml:"overwrite_unit,omitempty"`
	// Resolution is HighResolution or StandardResolution.
	Resolution int `json:"resolution,omitempty" yaml:"resolution,omitempty"`
}

// Roll-ups of a Declaration. Where there is a ScopeDimension, it stays in each.
const (
	// RollUpZero adds the set of no dimension, if there is any dimension.
	RollUpZero = "zero"
	// RollUpSingle adds a set of each dimension alone.
	RollUpSingle = "single"
	// RollUpZeroAndSingle adds both.
	RollUpZeroAndSingle = "zero_and_single"
)

// LabelCondition holds if the values of the labels Names, with Separator
// between them, match Pattern. A label that is not there has an empty value.
type LabelCondition struct {
	Names []string `json:"names" yaml:"names"`
	// Separator is ";" by default.
	Separator string `json:"separator,omitempty" yaml:"separator,omitempty"`
	Pattern   string `json:"pattern" yaml:"pattern"`
}

// maxDeclarationsBytes bounds what ParseDeclarations reads.
const maxDeclarationsBytes = 1 << 20

var errDeclarationsSize = errors.New("metrics: declarations are longer than 1 MiB")

// ParseDeclarations reads a list of declarations in YAML or JSON, and checks
// them. A key that does not exist is an error.
func ParseDeclarations(text []byte) ([]Declaration, error) {
	if len(text) > maxDeclarationsBytes {
		return nil, errDeclarationsSize
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	var list []Declaration
	if err := dec.Decode(&list); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("metrics: declarations: %w", err)
	}
	if _, err := compileDeclarations(list); err != nil {
		return nil, err
	}
	return list, nil
}

// A rule is a Declaration ready for use.
type rule struct {
	*Declaration
	index                int
	metrics, allow, deny patterns
	labels               []condition
}

type condition struct {
	LabelCondition
	pattern *regexp.Regexp
}

type patterns []*regexp.Regexp

func (list patterns) match(s string) bool {
	for _, p := range list {
		if p.MatchString(s) {
			return true
		}
	}
	return false
}

func compileDeclarations(list []Declaration) ([]rule, error) {
	rules := make([]rule, len(list))
	for i := range list {
		rules[i].index = i
		if err := rules[i].compile(&list[i]); err != nil {
			return nil, fmt.Errorf("metrics: declaration %d: %w", i+1, err)
		}
	}
	return rules, nil
}

func (r *rule) compile(d *Declaration) error {
	r.Declaration = d
	for _, part := range []struct {
		texts []string
		to    *patterns
	}{{d.Metrics, &r.metrics}, {d.AllowAttributes, &r.allow}, {d.DenyAttributes, &r.deny}} {
		for _, text := range part.texts {
			p, err := compilePattern(text)
			if err != nil {
				return err
			}
			*part.to = append(*part.to, p)
		}
	}
	for _, l := range d.Labels {
		if len(l.Names) == 0 || l.Pattern == "" {
			return errors.New("a condition of labels needs names and a pattern")
		}
		p, err := compilePattern(l.Pattern)
		if err != nil {
			return err
		}
		if l.Separator == "" {
			l.Separator = ";"
		}
		r.labels = append(r.labels, condition{l, p})
	}
	return d.check()
}

func (d *Declaration) check() error {
	for _, set := range d.Dimensions {
		if len(set) > MaxDimensions {
			return fmt.Errorf("a set of %d dimensions: CloudWatch takes %d", len(set), MaxDimensions)
		}
	}
	switch d.RollUp {
	case "", RollUpZero, RollUpSingle, RollUpZeroAndSingle:
	default:
		return fmt.Errorf("roll_up %q is none of %s, %s, %s", d.RollUp, RollUpZero, RollUpSingle, RollUpZeroAndSingle)
	}
	if !validResolution(d.Resolution) {
		return fmt.Errorf("resolution %d is neither 1 nor 60", d.Resolution)
	}
	return nil
}

func compilePattern(text string) (*regexp.Regexp, error) {
	if n := len(text); n > 1 && text[0] == '/' && text[n-1] == '/' {
		return regexp.Compile(text[1 : n-1])
	}
	text = regexp.QuoteMeta(text)
	text = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(text)
	return regexp.Compile("(?s)^(?:" + text + ")$")
}

func (r *rule) choosesDimensions() bool { return len(r.Dimensions) > 0 || r.RollUp != "" }

func (r *rule) matchesName(name string) bool { return len(r.metrics) == 0 || r.metrics.match(name) }

func (r *rule) matchesLabels(labels []Label) bool {
	for i := range r.labels {
		if r.labels[i].holds(labels) {
			return true
		}
	}
	return len(r.labels) == 0
}

func (c *condition) holds(labels []Label) bool {
	var text strings.Builder
	for i, name := range c.Names {
		if i > 0 {
			text.WriteString(c.Separator)
		}
		for _, l := range labels {
			if l.Name == name {
				text.WriteString(l.Value)
				break
			}
		}
	}
	return c.pattern.MatchString(text.String())
}
