package localaws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// The X-Ray daemon's TCP side, on the address of its UDP port: X-Ray's SDKs and
// ADOT POST GetSamplingRules and SamplingTargets to it without a signature, which
// the daemon adds. Here the calls are done at once, by the same rules and faults
// as on the main port. It leaves out the other calls, which the daemon would pass
// on too; they are refused, with what to do.
//
// Read from https://docs.aws.amazon.com/xray/latest/devguide/xray-daemon.html and
// https://github.com/aws/aws-xray-daemon, pkg/proxy

// proxyPaths are what the port serves.
var proxyPaths = []string{"/GetSamplingRules", "/SamplingTargets"}

// proxyOperation is what the rules call a call of the daemon's TCP port.
const proxyOperation = "daemon's TCP port"

// portAttempts is how often a port is looked for that is free on both sides.
const portAttempts = 20

// listenDaemon opens the daemon's two ports and serves them until Close.
func (s *Server) listenDaemon(ctx context.Context) error {
	if s.cfg.ListenUDP == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(s.cfg.ListenUDP)
	if err != nil || port != "0" {
		return s.listenBoth(ctx)
	}
	for range portAttempts { // one port that is free in TCP and in UDP
		lc := net.ListenConfig{}
		var tcp net.Listener
		if tcp, err = lc.Listen(ctx, "tcp", s.cfg.ListenUDP); err != nil {
			return fmt.Errorf("listen on %q: %w; choose another address", s.cfg.ListenUDP, err)
		}
		s.cfg.ListenUDP = net.JoinHostPort(host, strconv.Itoa(tcp.Addr().(*net.TCPAddr).Port))
		if err = s.listenUDP(ctx); err == nil {
			s.serveProxy(tcp)
			return nil
		}
		_ = tcp.Close()
		s.cfg.ListenUDP = net.JoinHostPort(host, port)
	}
	return err
}

// listenBoth opens both sides of an address that is given.
func (s *Server) listenBoth(ctx context.Context) error {
	lc := net.ListenConfig{}
	tcp, err := lc.Listen(ctx, "tcp", s.cfg.ListenUDP)
	if err != nil {
		return fmt.Errorf("listen on TCP %q: %w; choose another address", s.cfg.ListenUDP, err)
	}
	if err := s.listenUDP(ctx); err != nil {
		return errors.Join(err, tcp.Close())
	}
	s.serveProxy(tcp)
	return nil
}

func (s *Server) serveProxy(listener net.Listener) {
	s.proxy = &http.Server{
		Handler:           http.HandlerFunc(s.serveSampling),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
	}
	s.serving.Go(func() {
		if err := s.proxy.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Logger.Error("the daemon's TCP port has failed; restart the server", "error", err)
		}
	})
}

// serveSampling takes one call. A browser has no business here: a page's script
// could report statistics, though it could not read the answer.
func (s *Server) serveSampling(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost && slices.Contains(proxyPaths, r.URL.Path) && r.Header.Get("Origin") == "" {
		s.serveCall(w, r, false)
		return
	}
	s.requests.Add(1)
	defer s.changes.Add(1)
	c := &call{srv: s, requestID: newRequestID(), now: s.cfg.Now(), protocol: wire.RestJSON, op: &operation{service: serviceXRay, name: proxyOperation}}
	err := c.refuse(&ruleProxyPath, "path", r.Method+" "+r.URL.Path, nil)
	var e *wire.Error
	if errors.As(err, &e) {
		e.Status = http.StatusNotFound
	}
	c.answerError(w, err)
}
