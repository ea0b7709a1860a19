package loadbalancing_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
)

// A nameServer answers every question for IPv4 addresses with the same ones.
type nameServer struct {
	mu    sync.Mutex
	addrs []netip.Addr
	asked int
}

// set changes the answer; none is an error.
func (s *nameServer) set(addrs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addrs = nil
	for _, a := range addrs {
		s.addrs = append(s.addrs, netip.MustParseAddr(a))
	}
}

func (s *nameServer) answer(query []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil || len(m.Questions) != 1 {
		return nil
	}
	s.asked++
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	if len(s.addrs) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	}
	if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
		for _, a := range s.addrs {
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: a.As4()},
			})
		}
	}
	packed, err := m.Pack()
	if err != nil {
		return nil
	}
	return packed
}

// names runs a name server and has this process ask it, and nobody else.
func names(t *testing.T) *nameServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &nameServer{}
	var done sync.WaitGroup
	done.Go(func() {
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(s.answer(buf[:n]), from)
		}
	})
	usual := net.DefaultResolver
	dialer := &net.Dialer{Resolver: usual} // a lookup that was given up may dial when the default one is put back
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	t.Cleanup(func() { net.DefaultResolver = usual; _ = conn.Close(); done.Wait() })
	return s
}

// TestTraces_dns follows the addresses of a name: one more, another, and none, when the known ones stay.
func TestTraces_dns(t *testing.T) {
	server := names(t)
	a := newGateway(t)
	_, port, err := net.SplitHostPort(a.addr)
	if err != nil {
		t.Fatal(err)
	}
	b := &gateway{traces: map[pcommon.TraceID]int{}}
	b.serve(t, "127.0.0.2:"+port)
	e := start(t, fmt.Sprintf("protocol: {otlp: {tls: {insecure: true}}}\nresolver: {dns: {hostname: gateways.example.com., port: %q, interval: 20ms, timeout: 5s}}\n%s", port, queue))
	data, ids := some(50)
	consume(t, e, data)
	server.set("127.0.0.1")
	agenttest.Eventually(t, "what waited for a name's answer is at a", func() bool { traces, _ := a.count(); return traces == len(ids) })

	server.set("127.0.0.2", "127.0.0.1")
	agenttest.Eventually(t, "b has a share", func() bool {
		data, _ := some(20)
		consume(t, e, data)
		traces, _ := b.count()
		return traces > 0
	})

	server.set("127.0.0.2")
	agenttest.Eventually(t, "b has all", func() bool {
		data, ids := some(20)
		consume(t, e, data)
		agenttest.Eventually(t, "delivery", func() bool {
			for _, id := range ids {
				if a.has(id)+b.has(id) != 2 {
					return false
				}
			}
			return true
		})
		for _, id := range ids {
			if a.has(id) > 0 {
				return false
			}
		}
		return true
	})

	server.set()
	server.mu.Lock()
	asked := server.asked
	server.mu.Unlock()
	agenttest.Eventually(t, "the name is asked for again", func() bool {
		server.mu.Lock()
		defer server.mu.Unlock()
		return server.asked > asked+4
	})
	data, ids = some(20)
	consume(t, e, data)
	agenttest.Eventually(t, "b is still known", func() bool {
		for _, id := range ids {
			if b.has(id) != 2 {
				return false
			}
		}
		return true
	})
}
