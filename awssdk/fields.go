package awssdk

import (
	"strings"

	"go.opentelemetry.io/otel/propagation"
)

// fields are the trace context as a propagator writes it: few, so a list. A
// propagator sets each key once or again.
type fields []field

type field struct{ key, value string }

var _ propagation.TextMapCarrier = (*fields)(nil)

// Get implements propagation.TextMapCarrier.
func (f *fields) Get(key string) string {
	for _, e := range *f {
		if strings.EqualFold(e.key, key) {
			return e.value
		}
	}
	return ""
}

// Set implements propagation.TextMapCarrier.
func (f *fields) Set(key, value string) {
	for i := range *f {
		if strings.EqualFold((*f)[i].key, key) {
			(*f)[i].value = value
			return
		}
	}
	if *f == nil {
		*f = make(fields, 0, 4)
	}
	*f = append(*f, field{key, value})
}

// Keys implements propagation.TextMapCarrier.
func (f *fields) Keys() []string {
	keys := make([]string, len(*f))
	for i, e := range *f {
		keys[i] = e.key
	}
	return keys
}
