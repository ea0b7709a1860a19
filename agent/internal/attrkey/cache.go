package attrkey

import (
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// maxKnown is how many resources are remembered: an agent has a few applications, a gateway a few hundred.
const maxKnown = 1024

// A Cache remembers what was made of resources, from one request to the next. It may be used from any goroutine.
type Cache[T any] struct {
	// New makes something of a resource's attributes, of which it must keep nothing but texts.
	New func(pcommon.Map) T

	mu    sync.Mutex
	known map[string]T
	key   []byte
}

// Of is what New makes of a resource with these attributes.
func (c *Cache[T]) Of(attributes pcommon.Map) T {
	c.mu.Lock()
	defer c.mu.Unlock()
	key, simple := Append(c.key[:0], attributes)
	c.key = key
	if !simple {
		return c.New(attributes)
	}
	if known, ok := c.known[string(key)]; ok {
		return known
	}
	if c.known == nil || len(c.known) >= maxKnown {
		c.known = map[string]T{}
	}
	made := c.New(attributes)
	c.known[string(key)] = made
	return made
}
