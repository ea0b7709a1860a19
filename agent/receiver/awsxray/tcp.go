package awsxray

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/updraft-otel/updraft/agent/internal/samplingproxy"
)

// Limits of connections.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	idleTimeout   = 2 * time.Minute
)

// A tcpServer is the TCP side of the port: sampling rules, and OTLP.
type tcpServer struct {
	address net.Addr
	http    *http.Server
	grpc    *grpc.Server
	serving sync.WaitGroup
}

// serveTCP serves what comes to listener.
func serveTCP(ctx context.Context, r *xrayReceiver, host component.Host, listener net.Listener) *tcpServer {
	upstream, err := r.cfg.ProxyServer.Upstream(ctx, r.set.BuildInfo.Command+"/"+r.set.BuildInfo.Version)
	if err != nil { // what does not ask for rules can do without
		r.set.Logger.Warn("samplers can't have rules of X-Ray's from this agent", zap.Error(err))
		upstream = samplingproxy.NoUpstream{Reason: err}
	}
	proxy := samplingproxy.New(upstream, nil)
	otlp := newOTLP(r)
	s := &tcpServer{address: listener.Addr(), grpc: otlp.grpcServer()}
	s.http = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			switch {
			case req.ProtoMajor == 2 && strings.HasPrefix(req.Header.Get("Content-Type"), "application/grpc"):
				s.grpc.ServeHTTP(w, req)
			case strings.HasPrefix(req.URL.Path, "/v1/"):
				otlp.ServeHTTP(w, req)
			default:
				proxy.ServeHTTP(w, req)
			}
		}),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
		Protocols: new(http.Protocols), ErrorLog: zap.NewStdLog(r.set.Logger),
	}
	s.http.Protocols.SetHTTP1(true)
	s.http.Protocols.SetUnencryptedHTTP2(true)
	s.serving.Go(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(err))
		}
	})
	return s
}

func (s *tcpServer) shutdown(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	s.grpc.Stop()
	s.serving.Wait()
	return err
}
