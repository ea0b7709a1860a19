package pmetrics

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/updraft-otel/updraft/agent/internal/attrkey"
	"github.com/updraft-otel/updraft/metrics"
)

// Resources are the library's resources, each made once for all requests that bring the same attributes. It may be used
// from any goroutine.
type Resources struct {
	known attrkey.Cache[*metrics.Resource]
}

// NewResources returns resources that are made of attributes by a function, which must keep nothing of them but texts. nil
// makes those with all attributes as labels.
func NewResources(of func(pcommon.Map) *metrics.Resource) *Resources {
	if of == nil {
		of = func(attributes pcommon.Map) *metrics.Resource { return &metrics.Resource{Labels: Labels(attributes)} }
	}
	return &Resources{attrkey.Cache[*metrics.Resource]{New: of}}
}

// Of is the resource with these attributes.
func (r *Resources) Of(attributes pcommon.Map) *metrics.Resource { return r.known.Of(attributes) }
