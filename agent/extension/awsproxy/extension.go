// Package awsproxy is the collector extension that answers X-Ray's samplers: it
// makes the calls GetSamplingRules and GetSamplingTargets for them with a
// signature, from a cache and added up; see package samplingproxy. The awsxray
// receiver has the same on its own port.
//
// It takes the keys of the collector's extension of this name.
package awsproxy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/extension"
	"go.uber.org/zap"

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

// Limits of connections.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	idleTimeout   = 2 * time.Minute
)

type proxy struct {
	set     extension.Settings
	cfg     *Config
	server  *http.Server
	serving sync.WaitGroup
	address string
}

// Start listens. Where there is no way to X-Ray, it says so and answers with the
// reason.
func (p *proxy) Start(ctx context.Context, host component.Host) error {
	upstream, err := p.cfg.Upstream(ctx, p.set.BuildInfo.Command+"/"+p.set.BuildInfo.Version)
	if err != nil {
		p.set.Logger.Warn("samplers can't have rules of X-Ray's from this agent", zap.Error(err))
		upstream = samplingproxy.NoUpstream{Reason: err}
	}
	listener, err := p.cfg.Listen(ctx)
	if err != nil {
		return fmt.Errorf("listen on TCP %q: %w; choose another endpoint", p.cfg.Endpoint, err)
	}
	p.address = listener.Addr().String()
	p.server = &http.Server{
		Handler: samplingproxy.New(upstream, nil), ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout,
		IdleTimeout: idleTimeout, ErrorLog: zap.NewStdLog(p.set.Logger),
	}
	p.serving.Go(func() {
		if err := p.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(err))
		}
	})
	return nil
}

// Shutdown answers what was asked, until ctx ends.
func (p *proxy) Shutdown(ctx context.Context) error {
	if p.server == nil {
		return nil
	}
	err := p.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, p.server.Close())
	}
	p.serving.Wait()
	return err
}
