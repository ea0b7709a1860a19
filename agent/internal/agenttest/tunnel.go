package agenttest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// A Tunnel is an HTTP proxy that answers CONNECT, and leads to one server whatever it is asked for.
type Tunnel struct {
	URL string

	to    string
	mu    sync.Mutex
	asked []string
}

// NewTunnel starts a proxy that leads to this address.
func NewTunnel(t testing.TB, to string) *Tunnel {
	t.Helper()
	p := &Tunnel{to: to}
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	p.URL = srv.URL
	return p
}

// Asked is what it was asked for, as "CONNECT xray.us-east-1.amazonaws.com:443": each once, in order of the alphabet.
func (p *Tunnel) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := slices.Clone(p.asked)
	slices.Sort(all)
	return slices.Compact(all)
}

func (p *Tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.Method+" "+r.Host)
	p.mu.Unlock()
	if r.Method != http.MethodConnect {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	up, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", p.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
	down, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = up.Close()
		return
	}
	go func() {
		_, _ = io.Copy(up, buffered)
		_ = up.Close()
	}()
	_, _ = io.Copy(down, up)
	_ = down.Close()
}
