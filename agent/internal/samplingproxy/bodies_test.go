package samplingproxy

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.uber.org/zap"
)

// TestServer_stalledClients has clients send all but the end of large requests and stay: those that there is no room for are
// refused, and when the others have gone all is as before.
func TestServer_stalledClients(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := Serve(listener, New(&account{rules: "{}"}, nil), zap.NewNop(), componenttest.NewNopHost())
	defer func() { _ = server.Shutdown(context.WithoutCancel(t.Context())) }()
	address := listener.Addr().String()
	const clients = maxBodies/maxBody + 2
	answers := make(chan int, clients)
	var open []net.Conn
	for range clients {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
		go func() {
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", SegmentsPath, maxBody)
			_, _ = conn.Write(bytes.Repeat([]byte(" "), maxBody-1))
		}()
		go func() {
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				return // it was closed
			}
			_ = resp.Body.Close()
			answers <- resp.StatusCode
		}()
	}
	select {
	case status := <-answers:
		if status != http.StatusServiceUnavailable {
			t.Errorf("a client too many is answered %d", status)
		}
	case <-time.After(10 * time.Second):
		t.Errorf("%d clients hold 8 MiB each", clients)
	}
	for _, conn := range open {
		_ = conn.Close()
	}
	for end := time.Now().Add(10 * time.Second); ; {
		status, text := post(t, "http://"+address+SegmentsPath, strings.Repeat(" ", 1000))
		if status == http.StatusOK {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d %s", status, text)
		}
	}
}
