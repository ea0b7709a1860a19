// Package awsproxy is the collector extension that answers X-Ray's samplers: it
// makes the calls GetSamplingRules and GetSamplingTargets for them with a
// signature, from a cache and added up; see package samplingproxy. The awsxray
// receiver has the same on its own port.
//
// It takes the keys of the collector's extension of this name.
package awsproxy

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"

	"github.com/updraft-otel/updraft/agent/internal/samplingproxy"
)

// Type is the name in configurations.
var Type = component.MustNewType("awsproxy")

// Config is the extension's settings.
type Config struct {
	samplingproxy.Config `mapstructure:",squash"`
}

// NewFactory returns the extension's factory.
func NewFactory() extension.Factory {
	return extension.NewFactory(Type,
		func() component.Config { return &Config{samplingproxy.DefaultConfig()} },
		func(_ context.Context, set extension.Settings, cfg component.Config) (extension.Extension, error) {
			return &proxy{set: set, cfg: cfg.(*Config)}, nil
		}, component.StabilityLevelBeta)
}

type proxy struct {
	set    extension.Settings
	cfg    *Config
	server *samplingproxy.Server
}

// Start listens.
func (p *proxy) Start(ctx context.Context, host component.Host) error {
	handler := samplingproxy.Connect(ctx, &p.cfg.Config, p.set.BuildInfo, p.set.Logger)
	listener, err := p.cfg.Listen(ctx)
	if err != nil {
		return fmt.Errorf("listen on TCP %q: %w; choose another endpoint", p.cfg.Endpoint, err)
	}
	p.server = samplingproxy.Serve(listener, handler, p.set.Logger, host)
	return nil
}

// Shutdown answers what was asked, until ctx ends.
func (p *proxy) Shutdown(ctx context.Context) error {
	if p.server == nil {
		return nil
	}
	return p.server.Shutdown(ctx)
}
