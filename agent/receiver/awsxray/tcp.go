package awsxray

import (
	"context"
	"net"
	"net/http"
	"strings"

	"go.opentelemetry.io/collector/component"
	"google.golang.org/grpc"

	"github.com/updraft-otel/updraft/agent/internal/samplingproxy"
)

// A tcpServer is the TCP side of the port: sampling rules, and OTLP.
type tcpServer struct {
	*samplingproxy.Server
	grpc *grpc.Server
}

// serveTCP serves what comes to listener.
func serveTCP(ctx context.Context, r *xrayReceiver, host component.Host, listener net.Listener) *tcpServer {
	proxy := samplingproxy.Connect(ctx, r.cfg.ProxyServer, r.set.BuildInfo, r.set.Logger)
	otlp := newOTLP(r)
	s := &tcpServer{grpc: otlp.grpcServer()}
	s.Server = samplingproxy.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case req.ProtoMajor == 2 && strings.HasPrefix(req.Header.Get("Content-Type"), "application/grpc"):
			s.grpc.ServeHTTP(w, req)
		case strings.HasPrefix(req.URL.Path, "/v1/"):
			otlp.ServeHTTP(w, req)
		default:
			proxy.ServeHTTP(w, req)
		}
	}), r.set.Logger, host)
	return s
}

func (s *tcpServer) shutdown(ctx context.Context) error {
	defer s.grpc.Stop()
	return s.Shutdown(ctx)
}
