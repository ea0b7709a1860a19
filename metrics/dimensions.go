package metrics

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
)

// dimensions are the exporter's own, then the point's attributes by name. What
// has no value is left out; of one name the first counts; the first
// MaxDimensions are kept.
func (c *converter) dimensions(attrs attribute.Set) []Dimension {
	dims := slices.Clone(c.fixed)
	for iter := attrs.Iter(); iter.Next(); {
		kv := iter.Attribute()
		if c.keep != nil && !c.keep(kv.Key) {
			continue
		}
		dims = addDimension(dims, string(kv.Key), kv.Value.String())
	}
	if extra := len(dims) - MaxDimensions; extra > 0 {
		c.drop(DropDimensionLimit, extra)
		dims = dims[:MaxDimensions]
	}
	return dims
}

func addDimension(dims []Dimension, name, value string) []Dimension {
	name, value = CleanName(name), CleanValue(value)
	if name == "" || value == "" {
		return dims
	}
	for _, d := range dims {
		if d.Name == name {
			return dims
		}
	}
	return append(dims, Dimension{name, value})
}
