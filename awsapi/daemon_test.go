package awsapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

func TestParseDaemonAddress(t *testing.T) {
	good := func(s, udp, tcp string) {
		t.Helper()
		if a, err := ParseDaemonAddress(s); err != nil || a.UDP != udp || a.TCP != tcp {
			t.Errorf("%q: %+v, %v", s, a, err)
		}
	}
	good("", "127.0.0.1:2000", "127.0.0.1:2000")
	good("xray-daemon:2000", "xray-daemon:2000", "xray-daemon:2000")
	good("[::1]:2000", "[::1]:2000", "[::1]:2000")
	good("tcp:10.0.0.1:2000 udp:10.0.0.2:2001", "10.0.0.2:2001", "10.0.0.1:2000")
	good(" udp:[fe80::1]:3000   tcp:daemon:2000 ", "[fe80::1]:3000", "daemon:2000")
	bad := func(s string) {
		t.Helper()
		if a, err := ParseDaemonAddress(s); err == nil || !strings.Contains(err.Error(), "must be like") {
			t.Errorf("%q: %+v, %v", s, a, err)
		}
	}
	bad("127.0.0.1")
	bad(":2000")
	bad("daemon:0")
	bad("daemon:65536")
	bad("::1:2000")
	bad("udp:10.0.0.1:2000")
	bad("udp:10.0.0.1:2000 udp:10.0.0.1:2000")
	bad("tcp:a:1 udp:b:2 udp:c:3")
}

// listen is a daemon's port.
func listenDaemon(t *testing.T, address string) net.PacketConn {
	t.Helper()
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	return conn
}

func receive(t *testing.T, conn net.PacketConn) string {
	t.Helper()
	buffer := make([]byte, 1<<16)
	n, _, err := conn.ReadFrom(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:n])
}

func newDaemon(t *testing.T, address string) *Daemon {
	t.Helper()
	d, err := NewDaemon(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestDaemon_PutSegments(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		conn := listenDaemon(t, address)
		d := newDaemon(t, conn.LocalAddr().String())
		documents := [][]byte{[]byte(`{"id":"a"}`), bytes.Repeat([]byte("x"), MaxDaemonSegmentBytes+1), []byte(`{"id":"b"}`)}
		tooLong, err := d.PutSegments(t.Context(), len(documents), func(i int) []byte { return documents[i] })
		if err != nil || len(tooLong) != 1 || tooLong[0] != 1 {
			t.Errorf("%v, %v", tooLong, err)
		}
		for _, want := range []string{`{"id":"a"}`, `{"id":"b"}`} {
			if got := receive(t, conn); got != "{\"format\":\"json\",\"version\":1}\n"+want {
				t.Errorf("%q", got)
			}
		}
		longest := bytes.Repeat([]byte("x"), MaxDaemonSegmentBytes)
		if tooLong, err := d.PutSegments(t.Context(), 1, func(int) []byte { return longest }); err != nil || len(tooLong) != 0 {
			t.Errorf("the longest: %v, %v", tooLong, err)
		}
		if got := receive(t, conn); len(got) != MaxDatagram {
			t.Errorf("%d bytes", len(got))
		}
	}
}

func TestDaemon_PutOTLP(t *testing.T) {
	conn := listenDaemon(t, "127.0.0.1:0")
	d := newDaemon(t, conn.LocalAddr().String())
	f := func(sampled bool, prefix string) {
		t.Helper()
		request := bytes.Repeat([]byte{0, 1, 0xff}, MaxDaemonOTLPBytes/3)
		if err := d.PutOTLP(t.Context(), request, sampled); err != nil {
			t.Fatal(err)
		}
		want := "{\"format\":\"json\",\"version\":1}\n" + prefix + base64.StdEncoding.EncodeToString(request)
		if got := receive(t, conn); got != want {
			t.Errorf("%d bytes, want %d: %.60q", len(got), len(want), got)
		}
	}
	f(true, "T1S")
	f(false, "T1U")
	var e *DaemonError
	if err := d.PutOTLP(t.Context(), make([]byte, MaxDaemonOTLPBytes+1), true); !errors.As(err, &e) || !e.Splittable() || e.Retryable() {
		t.Errorf("%v", err)
	}
}

// A daemon that starts after the application gets what was refused before.
func TestDaemon_refused(t *testing.T) {
	conn := listenDaemon(t, "127.0.0.1:0")
	address := conn.LocalAddr().String()
	_ = conn.Close()
	d := newDaemon(t, address)
	document := func(int) []byte { return []byte("{}") }
	var e *DaemonError
	if _, err := d.PutSegments(t.Context(), 1, document); !errors.As(err, &e) || !e.Retryable() || !e.OutcomeUnknown() || !strings.Contains(err.Error(), "nobody listens") {
		t.Fatalf("%v", err)
	}
	conn = listenDaemon(t, address)
	if _, err := d.PutSegments(t.Context(), 1, document); err != nil {
		t.Fatal(err)
	}
	receive(t, conn)
}

// A name is looked up again, since what it names may move.
func TestDaemon_resolvesAgain(t *testing.T) {
	conn := listenDaemon(t, "127.0.0.1:0")
	_, port, _ := net.SplitHostPort(conn.LocalAddr().String())
	d := newDaemon(t, net.JoinHostPort("localhost", port))
	now := time.Now()
	d.now = func() time.Time { return now }
	document := func(int) []byte { return []byte("{}") }
	sources := map[string]bool{}
	for range 3 {
		if _, err := d.PutSegments(t.Context(), 1, document); err != nil {
			t.Fatal(err)
		}
		_, from, err := conn.ReadFrom(make([]byte, 100))
		if err != nil {
			t.Fatal(err)
		}
		sources[from.String()] = true
		now = now.Add(daemonResolveEvery / 2)
	}
	if len(sources) != 2 {
		t.Errorf("sockets %v, want a second one after %v", sources, daemonResolveEvery)
	}
}

func TestDaemon_unknownHost(t *testing.T) {
	d := newDaemon(t, "no-such-host.invalid:2000")
	var e *DaemonError
	if _, err := d.PutSegments(context.Background(), 1, func(int) []byte { return nil }); !errors.As(err, &e) || !e.Retryable() || e.OutcomeUnknown() {
		t.Errorf("%v", err)
	}
	if _, err := NewDaemon("nowhere"); err == nil {
		t.Error("an address without a port is taken")
	}
}

func FuzzParseDaemonAddress(f *testing.F) {
	for _, s := range []string{"", "a:1", "tcp:a:1 udp:b:2", "[::1]:2000", "udp: tcp:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := ParseDaemonAddress(s); err == nil && (!hostPort(a.UDP) || !hostPort(a.TCP)) {
			t.Errorf("%q: %+v", s, a)
		}
	})
}
