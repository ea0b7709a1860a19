package awsapi

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// eager answers each request before it reads the body, and then takes what comes of it. It returns its address, and a
// function that ends it and returns the bodies.
func eager(t *testing.T) (addr string, bodies func() [][]byte) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all [][]byte
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				req, err := http.ReadRequest(r)
				if err != nil {
					return
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
				body, _ := io.ReadAll(req.Body) // all, or what came until the client hung up
				mu.Lock()
				defer mu.Unlock()
				all = append(all, body)
			})
		}
	})
	return "http://" + l.Addr().String(), func() [][]byte {
		l.Close()
		serving.Wait()
		return all
	}
}

// TestPayload_answeredEarly has the transport write bodies while their calls have returned and others are made: no body
// may have bytes of another.
func TestPayload_answeredEarly(t *testing.T) {
	addr, bodies := eager(t)
	transport := &http.Transport{DisableKeepAlives: true}
	c, err := New(Config{Service: XRay, Region: "us-east-1", Endpoint: addr, Credentials: testCredentials(), HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	const calls = 8
	for i := range calls {
		doc := []byte(`{"a":"` + strings.Repeat(fmt.Sprint(i), 60_000) + `"}`)
		_, _ = c.PutTraceSegments(context.WithoutCancel(t.Context()), MaxSegments, func(int) []byte { return doc })
	}
	transport.CloseIdleConnections()
	all := bodies()
	if len(all) != calls {
		t.Errorf("%d bodies, want %d", len(all), calls)
	}
	for _, body := range all {
		kinds := 0
		for i := range calls {
			if bytes.Contains(body, []byte(strings.Repeat(fmt.Sprint(i), 100))) {
				kinds++
			}
		}
		if kinds > 1 {
			t.Errorf("a body of %d bytes has parts of %d calls", len(body), kinds)
		}
	}
}
