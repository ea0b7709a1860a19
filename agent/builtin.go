package agent

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.uber.org/zap"
)

// configs are the built-in configurations: one for each place, and those that the AWS Distro for OpenTelemetry has in its
// image, under ecs.
//
//go:embed config
var configs embed.FS

// builtinScheme is the scheme of their addresses, as in --config builtin:eks.yaml.
const builtinScheme = "builtin"

// adotConfigs is where the AWS Distro's image has its configurations: task definitions name them there.
// https://github.com/aws-observability/aws-otel-collector/tree/main/config/ecs
const adotConfigs = "/etc/ecs/"

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
	path := strings.TrimPrefix(uri, "file:")
	name, adot := strings.CutPrefix(path, adotConfigs)
	if !adot || !errors.Is(err, fs.ErrNotExist) {
		return retrieved, err
	}
	text, missing := builtin("ecs/" + name)
	if missing != nil {
		return nil, err
	}
	if p.logger != nil {
		p.logger.Info("There is no such file; the built-in configuration of that name is taken", zap.String("path", path))
	}
	return confmap.NewRetrievedFromYAML(text)
}
