package agent

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.uber.org/zap"
)

// configs are the built-in configurations: one for each place, and those that the AWS Distro for OpenTelemetry has in its
// image, under adot.
//
//go:embed config
var configs embed.FS

// builtinScheme is the scheme of their addresses, as in --config builtin:eks.yaml.
const builtinScheme = "builtin"

// adotConfigs is where the AWS Distro's image has its configurations: task definitions and its own command name them there.
// https://github.com/aws-observability/aws-otel-collector/blob/main/cmd/awscollector/Dockerfile
const adotConfigs = "/etc/"

// adotLacking are the AWS Distro's configurations that need what this distribution has not.
var adotLacking = []struct{ pattern, needs string }{
	{"ecs/ecs-amp*-prometheus.yaml", "the receiver prometheus and the exporter prometheusremotewrite"},
	{"ecs/ecs-amp*.yaml", "the exporter prometheusremotewrite"},
	{"ecs/otel-instance-metrics-config.yaml", "the receiver awscontainerinsightreceiver"},
	{"eks/prometheus/config-*.yaml", "the receiver prometheus"},
}

func builtin(name string) ([]byte, error) {
	text, err := configs.ReadFile("config/" + name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, fmt.Errorf("no built-in configuration %q", name)
	}
	return text, err
}

// A builtinProvider reads built-in configurations.
type builtinProvider struct{}

func newBuiltinProvider() confmap.ProviderFactory {
	return confmap.NewProviderFactory(func(confmap.ProviderSettings) confmap.Provider { return builtinProvider{} })
}

func (builtinProvider) Retrieve(_ context.Context, uri string, _ confmap.WatcherFunc) (*confmap.Retrieved, error) {
	text, err := builtin(strings.TrimPrefix(uri, builtinScheme+":"))
	if err != nil {
		return nil, err
	}
	return confmap.NewRetrievedFromYAML(text)
}

func (builtinProvider) Scheme() string                 { return builtinScheme }
func (builtinProvider) Shutdown(context.Context) error { return nil }

// A fileProvider is the collector's own, but for the AWS Distro's files: where they are missing, the built-in ones are
// taken.
type fileProvider struct {
	confmap.Provider
	logger *zap.Logger
}

func newFileProvider() confmap.ProviderFactory {
	return confmap.NewProviderFactory(func(set confmap.ProviderSettings) confmap.Provider {
		return fileProvider{Provider: fileprovider.NewFactory().Create(set), logger: set.Logger}
	})
}

func (p fileProvider) Retrieve(ctx context.Context, uri string, watch confmap.WatcherFunc) (*confmap.Retrieved, error) {
	retrieved, err := p.Provider.Retrieve(ctx, uri, watch)
	file := strings.TrimPrefix(uri, "file:")
	name, adot := strings.CutPrefix(file, adotConfigs)
	if !adot || !errors.Is(err, fs.ErrNotExist) {
		return retrieved, err
	}
	text, missing := builtin("adot/" + name)
	if missing != nil {
		return nil, errors.Join(err, lacking(name))
	}
	if p.logger != nil {
		p.logger.Info("There is no such file; the built-in configuration of that name is taken", zap.String("path", file))
	}
	return confmap.NewRetrievedFromYAML(text)
}

// lacking says why a configuration of the AWS Distro's is not built in, if it is one.
func lacking(name string) error {
	for _, l := range adotLacking {
		if ok, _ := path.Match(l.pattern, name); ok {
			return fmt.Errorf("the AWS Distro's configuration of that name needs %s; docs/configs.md tells how to build an agent that has it", l.needs)
		}
	}
	return nil
}
