package sampling

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Limits of rules. Those of X-Ray bound what is taken from a service.
// https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html
const (
	// MaxRules is how many rules are taken from a service. X-Ray keeps 25 and the default one, unless the account's
	// quota was raised; what has more is not X-Ray.
	// https://docs.aws.amazon.com/general/latest/gr/xray.html
	MaxRules = 1000
	// maxName, maxPattern and maxAttributes are the longest name, the longest pattern, ResourceARN's, and the most
	// attributes of a rule.
	maxName, maxPattern, maxAttributes = 32, 500, 5
)

// A Rule says how many of the traces that it matches are recorded: ReservoirSize a second, and of the others the part
// FixedRate. All of its patterns must match; one that is empty restricts nothing.
//
// In a pattern, * stands for any run of characters and ? for one; the case of ASCII letters does not count.
type Rule struct {
	// Name is the rule's name, in statistics and reports; a local rule without one is called by its place in the list.
	Name string
	// Priority orders X-Ray's rules, the lowest first; local ones are in the order of their list.
	Priority int64
	// ReservoirSize is traces a second: of X-Ray's rules all services' together, of a local one this process's.
	ReservoirSize int64
	// FixedRate is the part of the other traces, from 0 to 1.
	FixedRate float64

	// ServiceName is a pattern of the resource's service.name.
	ServiceName string
	// ServiceType is a pattern of X-Ray's name for where the service runs, as "AWS::ECS::Container".
	ServiceType string
	// ResourceARN is a pattern of the ARN of what the service runs on.
	ResourceARN string
	// Host is a pattern of the server.address attribute.
	Host string
	// HTTPMethod is a pattern of the http.request.method attribute.
	HTTPMethod string
	// URLPath is a pattern of the url.path attribute; a request that says none is for "/".
	URLPath string
	// SpanName is a pattern of the first span's name. X-Ray's own rules have no such field.
	SpanName string
	// Attributes are patterns of other attributes by their keys, all of which must be there.
	Attributes map[string]string

	// Boost lets X-Ray raise FixedRate for a while when there are anomalies; nil without.
	Boost *Boost
	// ModifiedAt is when X-Ray's rule was last changed.
	ModifiedAt time.Time
}

// A Boost bounds what X-Ray may do to a rule's rate.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-adaptive-sampling.html
type Boost struct {
	// MaxRate is the highest rate, from 0 to 1.
	MaxRate float64
	// Cooldown is how long there is no other boost after one.
	Cooldown time.Duration
	// NoDefaultAnomalies makes anomalies only of what [Adaptive] calls one.
	NoDefaultAnomalies bool
}

// check says what is wrong with a rule's numbers.
func (r *Rule) check() error {
	if !(r.FixedRate >= 0 && r.FixedRate <= 1) { // also NaN
		return fmt.Errorf("rule %q: rate %v is not from 0 to 1", clip(r.Name), r.FixedRate)
	}
	if r.ReservoirSize < 0 {
		return fmt.Errorf("rule %q: %d traces a second is less than none", clip(r.Name), r.ReservoirSize)
	}
	return nil
}

// checkRemote says what no rule of X-Ray has.
func (r *Rule) checkRemote() error {
	if r.Name == "" || len(r.Name) > maxName {
		return fmt.Errorf("rule %q: its name has not 1 to %d characters", clip(r.Name), maxName)
	}
	if len(r.Attributes) > maxAttributes {
		return fmt.Errorf("rule %q: %d attributes, of %d", r.Name, len(r.Attributes), maxAttributes)
	}
	for _, pattern := range r.patterns() {
		if len(pattern) > maxPattern {
			return fmt.Errorf("rule %q: a pattern of %d characters, of %d", r.Name, len(pattern), maxPattern)
		}
	}
	if b := r.Boost; b != nil && !(b.MaxRate >= 0 && b.MaxRate <= 1) {
		return fmt.Errorf("rule %q: a boost to %v is not from 0 to 1", r.Name, b.MaxRate)
	}
	return r.check()
}

func (r *Rule) patterns() []string {
	all := []string{r.ServiceName, r.ServiceType, r.ResourceARN, r.Host, r.HTTPMethod, r.URLPath, r.SpanName}
	for key, value := range r.Attributes {
		all = append(all, key, value)
	}
	return all
}

func clip(s string) string {
	if len(s) > maxName {
		return strings.ToValidUTF8(s[:maxName], "") + "…"
	}
	return s
}

// usable returns the rules of a service in their order, without those that make no sense, and says which those are.
func usable(rules []Rule) ([]Rule, error) {
	var problems []error
	kept := make([]Rule, 0, len(rules))
	seen := make(map[string]bool, len(rules))
	for i := range rules {
		r := &rules[i]
		if err := r.checkRemote(); err != nil {
			problems = append(problems, err)
			continue
		}
		if seen[r.Name] {
			problems = append(problems, fmt.Errorf("rule %q is there twice", r.Name))
			continue
		}
		seen[r.Name] = true
		kept = append(kept, *r)
	}
	slices.SortFunc(kept, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Name, b.Name))
	})
	const told = 3
	if len(problems) > told {
		problems = append(problems[:told], fmt.Errorf("and %d more", len(problems)-told))
	}
	return kept, errors.Join(problems...)
}

// condition is what a rule asks for, for people to read.
func (r *Rule) condition() string {
	var b strings.Builder
	say := func(field, pattern string) {
		if compiled := compilePattern(pattern); !compiled.any {
			fmt.Fprintf(&b, "%s=%s ", field, clipPattern(pattern))
		}
	}
	say("service", r.ServiceName)
	say("type", r.ServiceType)
	say("resource", r.ResourceARN)
	say("host", r.Host)
	say("method", r.HTTPMethod)
	say("path", r.URLPath)
	say("span", r.SpanName)
	for _, key := range slices.Sorted(maps.Keys(r.Attributes)) {
		fmt.Fprintf(&b, "%s=%s ", key, clipPattern(r.Attributes[key]))
	}
	if b.Len() == 0 {
		return "all"
	}
	return strings.TrimSuffix(b.String(), " ")
}

func clipPattern(s string) string {
	if s == "" {
		return "*"
	}
	return s
}
