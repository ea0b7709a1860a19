package samplingproxy

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// maxBodies is the most of all bodies together that is being read, or was read by who has not answered yet: clients that
// send nearly all of a request and then stay would else fill the memory.
const maxBodies = 128 << 20

// ErrBusy is what a body ends with where there is no room for the rest. gRPC's server makes UNAVAILABLE of it.
var ErrBusy = errors.New("too much is being received at present; try again later")

// bodies counts the bytes of the requests at hand.
type bodies struct{ held atomic.Int64 }

// serve has next answer, and counts what it reads until it has.
func (b *bodies) serve(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := &countedBody{ReadCloser: r.Body, of: b}
		defer body.giveBack()
		r.Body = body
		next.ServeHTTP(w, r)
	})
}

type countedBody struct {
	io.ReadCloser
	of *bodies

	mu   sync.Mutex // gRPC reads in a goroutine of its own, which may come late
	read int64
	done bool
}

// Read implements io.Reader.
func (c *countedBody) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done {
		return n, err
	}
	c.read += int64(n)
	if c.of.held.Add(int64(n)) > maxBodies {
		return 0, ErrBusy
	}
	return n, err
}

func (c *countedBody) giveBack() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of.held.Add(-c.read)
	c.done = true
}
