// Package agenttest runs the collector's own service inside a test, from the text of a configuration.
package agenttest

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/otelcol"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/updraft-otel/updraft/localaws"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// An Agent is a running service.
type Agent struct {
	// Logs are the lines it has written, from info on.
	Logs *observer.ObservedLogs

	collector *otelcol.Collector
	done      chan error
}

// Start runs a service of these components as the text of configuration says, until the test ends or Stop. It fails the
// test if the service does not start.
func Start(t testing.TB, factories func() (otelcol.Factories, error), yaml string) *Agent {
	t.Helper()
	return StartSettings(t, settings(factories), "yaml:"+yaml)
}

// StartSettings runs a distribution as these configurations say, later ones merged over earlier ones, until the test ends
// or Stop. It fails the test if the service does not start.
func StartSettings(t testing.TB, set otelcol.CollectorSettings, uris ...string) *Agent {
	t.Helper()
	a, err := start(t, set, uris...)
	if err != nil {
		t.Fatalf("the agent does not start: %v", err)
	}
	t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			t.Errorf("the agent's end: %v", err)
		}
	})
	return a
}

// StartError runs a service that must not start, and returns why it does not.
func StartError(t testing.TB, factories func() (otelcol.Factories, error), yaml string) error {
	t.Helper()
	a, err := start(t, settings(factories), "yaml:"+yaml)
	if err == nil {
		_ = a.Stop()
		t.Fatal("the agent starts, and must not")
	}
	return err
}

// settings are those of a plain collector of these components.
func settings(factories func() (otelcol.Factories, error)) otelcol.CollectorSettings {
	return otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: "agenttest", Version: "0"},
		Factories: factories,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			DefaultScheme:     "env",
			ProviderFactories: []confmap.ProviderFactory{yamlprovider.NewFactory(), envprovider.NewFactory()},
		}},
	}
}

func start(t testing.TB, set otelcol.CollectorSettings, uris ...string) (*Agent, error) {
	core, logs := observer.New(zap.InfoLevel)
	set.DisableGracefulShutdown, set.SkipSettingGRPCLogger = true, true
	set.LoggingOptions = []zap.Option{zap.WrapCore(func(zapcore.Core) zapcore.Core { return core })}
	set.ConfigProviderSettings.ResolverSettings.URIs = uris
	collector, err := otelcol.NewCollector(set)
	if err != nil {
		return nil, err
	}
	a := &Agent{Logs: logs, collector: collector, done: make(chan error, 1)}
	go func() { a.done <- collector.Run(context.WithoutCancel(t.Context())) }()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		select {
		case err := <-a.done:
			if err == nil {
				err = fmt.Errorf("it ended at once")
			}
			return nil, err
		case <-time.After(5 * time.Millisecond):
		}
		if collector.GetState() == otelcol.StateRunning {
			return a, nil
		}
	}
	collector.Shutdown()
	return nil, fmt.Errorf("not running after %v", patience)
}

// Stop ends the service as a signal would, and returns what it ended with. It may be called again.
func (a *Agent) Stop() error {
	a.collector.Shutdown()
	select {
	case err := <-a.done:
		a.done <- nil
		return err
	case <-time.After(2 * patience):
		return fmt.Errorf("not ended after %v", 2*patience)
	}
}

// AWS starts localaws and points the AWS SDK of this process at it.
func AWS(t *testing.T, c localaws.Config) *localaws.Server {
	t.Helper()
	srv, err := localaws.Start(context.WithoutCancel(t.Context()), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	t.Setenv("AWS_ACCESS_KEY_ID", localaws.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", localaws.SecretAccessKey)
	t.Setenv("AWS_SESSION_TOKEN", "")
	t.Setenv("AWS_PROFILE", "")
	t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
	t.Setenv("AWS_ENDPOINT_URL", srv.URL())
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return srv
}

// FreeAddr is an address of this machine on which nothing listens.
func FreeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Dial connects to an agent over gRPC, without TLS, until the test ends.
func Dial(t testing.TB, addr string, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Eventually waits until ok, and fails the test when it does not come.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		if ok() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not after %v: %s", patience, what)
		}
		<-time.After(10 * time.Millisecond)
	}
}
