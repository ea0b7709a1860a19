package pmetrics

import (
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/updraft-otel/updraft/metrics"
)

// maxTexts is how many texts of whole numbers are remembered: status codes, ports, partitions.
const maxTexts = 10_000

// maxDepth is how deep attribute values may be nested. A request from outside may nest them a million times, for which a
// stack is no place.
const maxDepth = 64

// tooDeep stands for a value that is nested deeper.
const tooDeep = "(nested too deep)"

// Labels are attributes as labels: lists and maps as JSON, in the order they come.
func Labels(attributes pcommon.Map) []metrics.Label {
	labels := make([]metrics.Label, 0, attributes.Len())
	for name, v := range attributes.All() {
		labels = append(labels, metrics.Label{Name: name, Value: Text(v)})
	}
	return labels
}

// Text is an attribute's value as text, as the collector has it.
func Text(v pcommon.Value) string {
	if v.Type() == pcommon.ValueTypeStr {
		return v.Str()
	}
	if deeper(v, maxDepth) {
		return tooDeep
	}
	return v.AsString()
}

// deeper tells whether a value is nested deeper than so many levels.
func deeper(v pcommon.Value, levels int) bool {
	switch v.Type() {
	case pcommon.ValueTypeSlice:
		for _, one := range v.Slice().All() {
			if levels == 0 || deeper(one, levels-1) {
				return true
			}
		}
	case pcommon.ValueTypeMap:
		for _, one := range v.Map().All() {
			if levels == 0 || deeper(one, levels-1) {
				return true
			}
		}
	}
	return false
}

// texts remembers the texts of whole numbers.
type texts struct {
	known map[int64]string
}

func (t *texts) of(v pcommon.Value) string {
	if v.Type() != pcommon.ValueTypeInt {
		return Text(v)
	}
	if text, ok := t.known[v.Int()]; ok {
		return text
	}
	if t.known == nil || len(t.known) >= maxTexts {
		t.known = map[int64]string{}
	}
	text := strconv.FormatInt(v.Int(), 10)
	t.known[v.Int()] = text
	return text
}
