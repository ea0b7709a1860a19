package pmetrics

import (
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/updraft-otel/updraft/agent/internal/attributes"
	"github.com/updraft-otel/updraft/metrics"
)

// maxTexts is how many texts of whole numbers are remembered: status codes, ports, partitions.
const maxTexts = 10_000

// Labels are attributes as labels: lists and maps as JSON, in the order they come.
func Labels(m pcommon.Map) []metrics.Label {
	labels := make([]metrics.Label, 0, m.Len())
	for name, v := range m.All() {
		labels = append(labels, metrics.Label{Name: name, Value: attributes.Text(v)})
	}
	return labels
}

// texts remembers the texts of whole numbers.
type texts struct {
	known map[int64]string
}

func (t *texts) of(v pcommon.Value) string {
	if v.Type() != pcommon.ValueTypeInt {
		return attributes.Text(v)
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
