package samplingproxy

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"
)

// Connect returns a proxy to X-Ray as the configuration says. Where there is no way to X-Ray it says so in the log, and the
// proxy answers with the reason: what does not ask for rules can do without.
func Connect(ctx context.Context, c *Config, build component.BuildInfo, logger *zap.Logger) *Proxy {
	upstream, err := c.Upstream(ctx, build.Command+"/"+build.Version)
	if err != nil {
		logger.Warn("samplers can't have rules of X-Ray's from this agent", zap.Error(err))
		upstream = noUpstream{err}
	}
	return New(upstream, nil)
}

// noUpstream answers every call with the reason why there is none.
type noUpstream struct{ reason error }

// Post implements [Upstream].
func (n noUpstream) Post(context.Context, string, []byte) ([]byte, error) { return nil, n.reason }

// Limits of connections.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	idleTimeout   = 2 * time.Minute
)

// A Server is the TCP side of the daemon's port, HTTP/1.1 and HTTP/2 without TLS. [Serve] makes one.
type Server struct {
	address net.Addr
	http    http.Server
	serving sync.WaitGroup
	bodies  bodies
}

// Serve has the handler answer what comes to the listener until Shutdown. It tells the host when it can't go on.
func Serve(listener net.Listener, handler http.Handler, logger *zap.Logger, host component.Host) *Server {
	s := &Server{address: listener.Addr(), http: http.Server{
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
		Protocols: new(http.Protocols), ErrorLog: zap.NewStdLog(logger),
	}}
	s.http.Handler = s.bodies.serve(handler)
	s.http.Protocols.SetHTTP1(true)
	s.http.Protocols.SetUnencryptedHTTP2(true)
	s.serving.Go(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(err))
		}
	})
	return s
}

// Addr is where it listens.
func (s *Server) Addr() net.Addr { return s.address }

// Shutdown answers what was asked, until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	s.serving.Wait()
	return err
}
