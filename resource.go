package updraft

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"

	"github.com/updraft-otel/updraft/detect"
	"github.com/updraft-otel/updraft/logs"
)

// newResource says who the telemetry comes from: the defaults, over them the
// place that was detected, over that the environment, over that what the
// Config says. What could not be detected is in the choices; it is no problem.
func (t *Telemetry) newResource(ctx context.Context, env environment) error {
	c, chosen := t.config, &t.choices
	place, missing := c.detect(ctx)
	name, version := buildIdentity()
	if function := attributeOf(place, "faas.name"); function != "" {
		name = function
	}
	byDefault := []attribute.KeyValue{semconv.ServiceName(name)}
	if version != "" {
		byDefault = append(byDefault, semconv.ServiceVersion(version))
	}
	// A detector's partial failure still gives a resource; the error is reported.
	own, err := resource.New(ctx, resource.WithAttributes(byDefault...), resource.WithTelemetrySDK(), resource.WithHost(), resource.WithProcessPID())
	said, saidErr := resource.New(ctx,
		resource.WithFromEnv(), // OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME
		resource.WithAttributes(c.said()...),
	)
	res, mergeErr := merged(own, place, said)
	t.resource, t.place = res, without(place, said)

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
	if platform := attributeOf(res, "cloud.platform"); platform != "" {
		chosen.add("platform", platform, "resource")
	}
	if missing != nil {
		chosen.add("platform", strings.ReplaceAll(missing.Error(), "\n", "; "), "not detected")
	}
	return errors.Join(err, saidErr, mergeErr)
}

// detect says where the process runs, as far as that can be found out.
func (c Config) detect(ctx context.Context) (*resource.Resource, error) {
	detectors := c.Detectors
	if detectors == nil {
		detectors = []resource.Detector{detect.AWS{}}
	}
	return resource.Detect(ctx, detectors...)
}

// merged merges resources, each over those before it.
func merged(list ...*resource.Resource) (*resource.Resource, error) {
	all := resource.Empty()
	var errs []error
	for _, r := range list {
		next, err := resource.Merge(all, r)
		if next != nil {
			all = next
		}
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}

// without is the attributes of r that said has not.
func without(r, said *resource.Resource) *attribute.Set {
	set, _ := attribute.NewSetWithFiltered(r.Attributes(), func(kv attribute.KeyValue) bool {
		return !said.Set().HasValue(kv.Key)
	})
	return &set
}

// inLines says which attributes of the resource each log line carries: of those
// that were detected only the ones that tell instances of a service apart, since
// a line is paid for by its length.
func (t *Telemetry) inLines(key attribute.Key) bool {
	switch key {
	case semconv.HostNameKey, semconv.AWSECSTaskIDKey, semconv.ServiceVersionKey, semconv.DeploymentEnvironmentNameKey:
		return true
	}
	return logs.KeepResource(key) && !t.place.HasValue(key)
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
