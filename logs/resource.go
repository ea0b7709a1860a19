package logs

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// serviceName is the resource attribute that has a field of its own.
// https://opentelemetry.io/docs/specs/semconv/resource/#service
const serviceName attribute.Key = "service.name"

// KeepResource is the default of Config.Resource: all but service.name, which
// has a field of its own, and telemetry.*.
func KeepResource(key attribute.Key) bool {
	return key != serviceName && !strings.HasPrefix(string(key), "telemetry.")
}

// A Resource is what events say of where they come from, encoded once for all
// of them. It does not change, and may be shared.
type Resource struct {
	service    string
	attributes []attribute.KeyValue
	json       []byte // attributes
}

// NewResource makes a resource of OpenTelemetry's attributes. keep says which
// of them each line carries; nil means as Config.Resource does.
func NewResource(attributes []attribute.KeyValue, keep func(attribute.Key) bool) *Resource {
	if keep == nil {
		keep = KeepResource
	}
	r := new(Resource)
	for _, kv := range attributes {
		if kv.Key == serviceName {
			r.service = kv.Value.String()
		}
		if keep(kv.Key) {
			r.attributes = append(r.attributes, kv)
		}
	}
	if len(r.attributes) > 0 {
		r.json = appendAttributes(nil, r.attributes, appendjson.Value)
	}
	return r
}

// SetResource sets Service and Resource, without encoding them again.
func (e *Event) SetResource(r *Resource) {
	e.Service, e.Resource, e.resourceJSON = r.service, r.attributes, r.json
}
