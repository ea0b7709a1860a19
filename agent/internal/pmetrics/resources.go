package pmetrics

import (
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/updraft-otel/updraft/agent/internal/attrkey"
	"github.com/updraft-otel/updraft/metrics"
)

// maxResources is how many resources are remembered: an agent has a few applications, a gateway a few hundred.
const maxResources = 1024

// Resources remembers what was made of resources, from one request to the next. It may be used from any goroutine.
type Resources struct {
	// New makes the library's resource of the attributes of one. It must keep nothing of them but texts. Default: one
	// with all of them as labels.
	New func(pcommon.Map) *metrics.Resource

	mu    sync.Mutex
	known map[string]*metrics.Resource
	key   []byte
}

// Of is what New makes of a resource with these attributes.
func (r *Resources) Of(attributes pcommon.Map) *metrics.Resource {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, simple := attrkey.Append(r.key[:0], attributes)
	r.key = key
	if !simple {
		return r.make(attributes)
	}
	if known, ok := r.known[string(key)]; ok {
		return known
	}
	if r.known == nil || len(r.known) >= maxResources {
		r.known = map[string]*metrics.Resource{}
	}
	made := r.make(attributes)
	r.known[string(key)] = made
	return made
}

func (r *Resources) make(attributes pcommon.Map) *metrics.Resource {
	if r.New != nil {
		return r.New(attributes)
	}
	return &metrics.Resource{Labels: Labels(attributes)}
}
