package localaws

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// violations collects what is wrong with a request to CloudWatch, which tells
// of all of it at once: the texts stand on lines of their own, under the code
// of the first.
type violations struct {
	c     *call
	in    any // the request
	rule  *Rule
	texts []string
}

// maxViolations is how many violations of one call are recorded and told.
const maxViolations = 100

// err is AWS's error for all violations; nil without one.
func (v *violations) err() error {
	if v.rule == nil {
		return nil
	}
	return newError(v.c.op.service, v.rule.Code, strings.Join(v.texts, "\n"))
}

// item is the part of a request that is shown with its violations.
type item struct {
	*violations
	shown func() []byte
}

// item is a part of the request, which is encoded once, when something is wrong with it.
func (v *violations) item(part any) item {
	return item{v, sync.OnceValue(func() []byte { return shownJSON(part) })}
}

// whole is the request itself as an item.
func (v *violations) whole() item { return v.item(v.in) }

// shownJSON is a request, or a part of it, as the page of what was refused
// shows it; as it came it may be CBOR.
func shownJSON(in any) []byte {
	text, err := json.Marshal(in)
	if err != nil {
		return nil
	}
	return text
}

// fail records a violation; args are for the rule's text.
func (i item) fail(rule *Rule, field string, value any, args ...any) {
	if len(i.texts) >= maxViolations {
		return
	}
	text := rule.Message
	if strings.Contains(text, "%") {
		text = fmt.Sprintf(text, args...)
	}
	i.c.record(rule, field, value, i.shown(), text, true)
	i.texts = append(i.texts, text)
	if i.rule == nil {
		i.rule = rule
	}
}

// required reports whether a text is there; field is its path.
func (i item) required(field string, text *string) bool {
	if text == nil || *text == "" {
		i.fail(&ruleMetricRequired, field, "", field)
		return false
	}
	return true
}

// text checks the length and the characters of a name or a value.
func (i item) text(field, text string, most int) {
	if !isPrintableASCII(text) {
		i.fail(&ruleMetricASCII, field, text, field)
	}
	if len([]rune(text)) > most {
		i.fail(&ruleMetricLength, field, text, field, most+1)
	}
}

func isPrintableASCII(text string) bool {
	for k := range len(text) {
		if text[k] < ' ' || text[k] > '~' {
			return false
		}
	}
	return true
}

// namespace checks a namespace; reserved ones may be read but not written.
func (i item) namespace(text *string, write bool) {
	if !i.required("Namespace", text) {
		return
	}
	i.text("Namespace", *text, maxMetricName)
	switch {
	case strings.HasPrefix(*text, ":"):
		i.fail(&ruleNamespace, "Namespace", *text, *text)
	case write && strings.HasPrefix(*text, "AWS/"):
		i.fail(&ruleNamespace, "Namespace", *text, "AWS/")
	}
}

// dimensions checks the dimensions of a metric; path is their path.
func (i item) dimensions(path string, list []metricDimension) {
	if len(list) > maxMetricDimensions {
		i.fail(&ruleDimensionCount, path, len(list), path)
	}
	seen := make(map[string]bool, len(list))
	for k, d := range list {
		at := fmt.Sprintf("%s.member.%d", path, k+1)
		if i.required(at+".Name", d.Name) {
			i.text(at+".Name", *d.Name, maxDimensionName)
			i.notBlank(at+".Name", *d.Name)
			if strings.HasPrefix(*d.Name, ":") {
				i.fail(&ruleDimensionColon, at+".Name", *d.Name, *d.Name, at+".Name")
			}
			if seen[*d.Name] {
				i.fail(&ruleDimensionTwice, at+".Name", *d.Name, path, *d.Name)
			}
			seen[*d.Name] = true
		}
		if i.required(at+".Value", d.Value) {
			i.text(at+".Value", *d.Value, maxDimensionValue)
			i.notBlank(at+".Value", *d.Value)
		}
	}
}

func (i item) notBlank(field, text string) {
	if strings.TrimSpace(text) == "" {
		i.fail(&ruleDimensionBlank, field, text, field)
	}
}

// unit checks a unit, if there is one.
func (i item) unit(rule *Rule, field string, unit *string) {
	if unit != nil && !slices.Contains(strings.Split(units, ", "), *unit) {
		i.fail(rule, field, *unit, field, units)
	}
}
