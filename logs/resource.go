package logs

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// serviceName is the resource attribute that has a field of its own.
// https://opentelemetry.io/docs/specs/semconv/resource/#service
const serviceName attribute.Key = "service.name"

// keepResource is the default of Config.Resource.
func keepResource(key attribute.Key) bool {
	return key != serviceName && !strings.HasPrefix(string(key), "telemetry.")
}
