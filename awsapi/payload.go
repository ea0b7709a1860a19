package awsapi

import (
	"bytes"
	"compress/gzip"
	"io"
	"sync"
	"sync/atomic"
)

// maxPooled is the largest buffer that is used again. Bodies end at about 1 MiB, X-Ray's at 3; one large body should
// not be held for ever.
const maxPooled = 4 << 20

// A bodyPool holds used buffers and compressors.
type bodyPool struct{ payloads, gzips sync.Pool }

// A payload is a request body that is used again. The transport may still read a body after the call has returned, so
// the buffer is free only when the call and every reader have let go of it.
type payload struct {
	pool *bodyPool
	data []byte
	refs atomic.Int32
	sent atomic.Bool // some of it was read by the transport
}

func (pool *bodyPool) new() *payload {
	p, ok := pool.payloads.Get().(*payload)
	if !ok {
		p = &payload{pool: pool}
	}
	p.data = p.data[:0]
	p.sent.Store(false)
	p.refs.Store(1)
	return p
}

func (p *payload) release() {
	if p.refs.Add(-1) == 0 && cap(p.data) <= maxPooled {
		p.pool.payloads.Put(p)
	}
}

func (p *payload) reader() io.ReadCloser {
	p.refs.Add(1)
	r := &payloadReader{payload: p}
	r.reader.Reset(p.data)
	return r
}

// Write appends, for the compressor.
func (p *payload) Write(b []byte) (int, error) {
	p.data = append(p.data, b...)
	return len(b), nil
}

type payloadReader struct {
	mu      sync.Mutex // Close may come while Read runs
	reader  bytes.Reader
	payload *payload
}

// Read reads until Close.
func (r *payloadReader) Read(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.payload == nil {
		return 0, io.ErrClosedPipe
	}
	r.payload.sent.Store(true)
	return r.reader.Read(b)
}

// Close lets go of the buffer. It may be called again.
func (r *payloadReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.payload != nil {
		r.payload.release()
		r.payload = nil
	}
	return nil
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
