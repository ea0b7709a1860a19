package updraft

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// newResource says who the telemetry comes from: the defaults, over them the
// environment, over that what the Config says.
func (c Config) newResource(ctx context.Context, env environment, chosen *choices) (*resource.Resource, error) {
	name, version := buildIdentity()
	byDefault := []attribute.KeyValue{semconv.ServiceName(name)}
	if version != "" {
		byDefault = append(byDefault, semconv.ServiceVersion(version))
	}
	// A detector's partial failure still gives a resource; the error is reported.
	res, err := resource.New(ctx,
		resource.WithAttributes(byDefault...),
		resource.WithTelemetrySDK(),
		resource.WithHost(),
		resource.WithProcessPID(),
		resource.WithFromEnv(), // OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME
		resource.WithAttributes(c.said()...),
	)
	if res == nil {
		res = resource.NewSchemaless(append(byDefault, c.said()...)...)
	}
	service := attributeOf(res, "service.name")
	if variable := "OTEL_RESOURCE_ATTRIBUTES"; c.ServiceName == "" && env.serviceName == "" && service != name {
		chosen.add("service.name", service, variable)
	} else {
		chosen.pick("service.name", c.ServiceName, "OTEL_SERVICE_NAME", env.serviceName, service)
	}
	for _, key := range []string{"service.version", "deployment.environment.name"} {
		if v := attributeOf(res, key); v != "" {
			chosen.add(key, v, "resource")
		}
	}
	return res, err
}

// said is the part of the resource that code gave.
func (c Config) said() []attribute.KeyValue {
	said := append([]attribute.KeyValue(nil), c.ResourceAttributes...)
	if c.ServiceName != "" {
		said = append(said, semconv.ServiceName(c.ServiceName))
	}
	if c.ServiceVersion != "" {
		said = append(said, semconv.ServiceVersion(c.ServiceVersion))
	}
	if c.Environment != "" {
		said = append(said, semconv.DeploymentEnvironmentNameKey.String(c.Environment))
	}
	return said
}

// buildIdentity names the program by its main package, else by its file.
func buildIdentity() (name, version string) {
	if info, ok := debug.ReadBuildInfo(); ok && info.Path != "" && info.Path != "command-line-arguments" {
		name = path.Base(info.Path)
		if v := info.Main.Version; v != "(devel)" {
			version = v
		}
		return name, version
	}
	return "unknown_service:" + filepath.Base(os.Args[0]), ""
}

func attributeOf(res *resource.Resource, key string) string {
	v, _ := res.Set().Value(attribute.Key(key))
	return v.String()
}
