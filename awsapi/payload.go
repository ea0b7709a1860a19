package awsapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// maxPooled is the largest buffer that is used again. Bodies end at about 1 MiB, X-Ray's at 3; one large body should
// not be held for ever.
const maxPooled = 4 << 20

// A bodyPool holds used buffers and compressors. One buffer stays for good: what calls a few times a second need a
// sync.Pool has often forgotten by the next one.
type bodyPool struct {
	one             atomic.Pointer[payload]
	payloads, gzips sync.Pool
}

// A payload is a request body that is used again. The transport may still write a body after the call has returned, so
// the buffer is used again only if the transport said of each attempt that it has written all that it will.
//
// The transport gets the bytes themselves, not a reader of ours: of what it knows to be in memory it sends the head and
// the body in one write, and needs no buffer for the copying.
type payload struct {
	pool           *bodyPool
	data           []byte
	handed         bool         // to a transport
	started, ended atomic.Int32 // attempts that got a connection, and those that have written
	sent           atomic.Bool  // some of it may have been sent
}

func (pool *bodyPool) new() *payload {
	p := pool.one.Swap(nil)
	if p == nil {
		p, _ = pool.payloads.Get().(*payload)
	}
	if p == nil {
		p = &payload{pool: pool}
	}
	p.data, p.handed = p.data[:0], false
	p.started.Store(0)
	p.ended.Store(0)
	p.sent.Store(false)
	return p
}

// release is for who made the payload, once its call has returned.
func (p *payload) release() {
	n := p.started.Load()
	if idle := !p.handed || n > 0 && n == p.ended.Load(); idle && cap(p.data) <= maxPooled && !p.pool.one.CompareAndSwap(nil, p) {
		p.pool.payloads.Put(p)
	}
}

func (p *payload) reader() io.ReadCloser {
	p.handed = true
	return io.NopCloser(bytes.NewReader(p.data))
}

// traced is the context of a request that carries the payload.
func (p *payload) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:      func(httptrace.GotConnInfo) { p.started.Add(1) },
		WroteHeaders: func() { p.sent.Store(true) },
		WroteRequest: func(httptrace.WroteRequestInfo) { p.ended.Add(1) },
	})
}

// Write appends, for the compressor.
func (p *payload) Write(b []byte) (int, error) {
	p.data = append(p.data, b...)
	return len(b), nil
}

// compress returns data compressed, fast rather than small: the fields of metrics repeat enough.
func (pool *bodyPool) compress(data []byte) *payload {
	p := pool.new()
	w, ok := pool.gzips.Get().(*gzip.Writer)
	if !ok {
		w, _ = gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is valid
	}
	defer pool.gzips.Put(w)
	w.Reset(p)
	_, _ = w.Write(data) // a payload takes everything
	_ = w.Close()
	return p
}
