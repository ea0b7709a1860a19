package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Paths of the services' one method each.
const (
	grpcTraces  = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
	grpcLogs    = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
	grpcMetrics = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
)

// maxAnswer is how much of an answer is read.
const maxAnswer = 1 << 20

// A Client sends requests. Its methods may be called from any goroutine.
type Client struct {
	cfg   Config
	url   string
	host  string
	gzips sync.Pool
}

// New returns a client that works as c says. It connects to nothing yet.
func New(c Config) (*Client, error) {
	c, address, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	if c.Protocol == ProtocolGRPC {
		address = &url.URL{Scheme: address.Scheme, Host: address.Host} // the method's path is added
	}
	return &Client{cfg: c, url: address.String(), host: address.Host}, nil
}

// Endpoint returns where requests go, without what gRPC adds to it.
func (c *Client) Endpoint() string { return c.cfg.Endpoint }

// A Rejection is what a receiver that took a request says about the spans,
// log records or data points it left out of it. It does not say which.
type Rejection struct {
	Items   int64
	Message string
}

// ExportTraces sends the n items of a resource as one request; see
// [AppendTraces]. An error is an *Error and concerns all of them.
func (c *Client) ExportTraces(ctx context.Context, resource string, n int, item func(i int) []byte) (Rejection, error) {
	if err := c.checkResource(resource); err != nil {
		return Rejection{}, err
	}
	return c.export(ctx, grpcTraces, c.body(AppendTraces, resource, n, item))
}

// ExportLogs is like [Client.ExportTraces], for the items of [AppendLogItem].
func (c *Client) ExportLogs(ctx context.Context, resource string, n int, item func(i int) []byte) (Rejection, error) {
	if err := c.checkResource(resource); err != nil {
		return Rejection{}, err
	}
	return c.export(ctx, grpcLogs, c.body(AppendLogs, resource, n, item))
}

// ExportMetrics is like [Client.ExportTraces], for the items of [MetricItems].
func (c *Client) ExportMetrics(ctx context.Context, resource string, n int, item func(i int) []byte) (Rejection, error) {
	return c.export(ctx, grpcMetrics, c.body(AppendMetrics, resource, n, item))
}

// checkResource holds a resource of traces or logs to AWS's limit.
func (c *Client) checkResource(resource string) error {
	if c.cfg.Signer == nil || len(resource) <= MaxAWSResourceBytes {
		return nil
	}
	return &Error{Host: c.host, Message: fmt.Sprintf(
		"not sent: the resource has %d bytes, AWS takes %d; set fewer resource attributes", len(resource), MaxAWSResourceBytes)}
}

func (c *Client) export(ctx context.Context, method string, body []byte) (Rejection, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	var sent atomic.Bool
	req, err := c.newRequest(ctx, method, body, &sent)
	if err != nil {
		return Rejection{}, &Error{Host: c.host, Message: err.Error(), err: err}
	}
	if c.cfg.Signer != nil {
		if err := c.cfg.Signer.Sign(ctx, req, body); err != nil {
			return Rejection{}, &Error{Host: c.host, Message: err.Error(), err: err, again: true}
		}
	}
	resp, err := c.cfg.HTTPClient.Do(req)
	if err != nil {
		return Rejection{}, c.networkError(err, sent.Load())
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if c.cfg.Protocol == ProtocolGRPC {
		return c.grpcAnswer(resp, answer, err)
	}
	return c.httpAnswer(resp, answer, err)
}

// appendRequest is AppendTraces, AppendLogs or AppendMetrics.
type appendRequest func(dst []byte, resource string, n int, item func(i int) []byte) []byte

// body is the request as it is sent: with gRPC's frame around it if that is the
// protocol, and compressed if that was asked for.
func (c *Client) body(appendRequest appendRequest, resource string, n int, item func(i int) []byte) []byte {
	var frame []byte
	if c.cfg.Protocol == ProtocolGRPC {
		frame = make([]byte, frameHead)
	}
	if !c.cfg.Gzip {
		body := appendRequest(frame, resource, n, item)
		if frame != nil {
			binary.BigEndian.PutUint32(body[1:], uint32(len(body)-frameHead))
		}
		return body
	}
	packed := bytes.NewBuffer(frame)
	c.compress(packed, appendRequest(nil, resource, n, item))
	body := packed.Bytes()
	if frame != nil {
		body[0] = 1
		binary.BigEndian.PutUint32(body[1:], uint32(len(body)-frameHead))
	}
	return body
}

func (c *Client) compress(to io.Writer, data []byte) {
	w, ok := c.gzips.Get().(*gzip.Writer)
	if !ok {
		w, _ = gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is valid
	}
	defer c.gzips.Put(w)
	w.Reset(to)
	_, _ = w.Write(data) // a buffer takes everything
	_ = w.Close()
}

func (c *Client) newRequest(ctx context.Context, method string, body []byte, sent *atomic.Bool) (*http.Request, error) {
	address := c.url
	if c.cfg.Protocol == ProtocolGRPC {
		address += method
	}
	reader := func() (io.ReadCloser, error) { return &bodyReader{Reader: bytes.NewReader(body), sent: sent}, nil }
	first, _ := reader()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, first)
	if err != nil {
		return nil, err
	}
	req.ContentLength, req.GetBody = int64(len(body)), reader
	for name, value := range c.cfg.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	if c.cfg.Protocol == ProtocolGRPC {
		req.Header.Set("Content-Type", "application/grpc")
		req.Header.Set("TE", "trailers")
		if c.cfg.Gzip {
			req.Header.Set("Grpc-Encoding", "gzip")
		}
		if deadline, ok := ctx.Deadline(); ok {
			req.Header.Set("Grpc-Timeout", grpcTimeout(time.Until(deadline)))
		}
		return req, nil
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if c.cfg.Gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	return req, nil
}

// A bodyReader notes that something was read, and so may have left.
type bodyReader struct {
	*bytes.Reader
	sent *atomic.Bool
}

// Read implements io.Reader.
func (r *bodyReader) Read(b []byte) (int, error) {
	r.sent.Store(true)
	return r.Reader.Read(b)
}

// WriteTo implements io.WriterTo.
func (r *bodyReader) WriteTo(w io.Writer) (int64, error) {
	r.sent.Store(true)
	return r.Reader.WriteTo(w)
}

// Close does nothing: nobody else has the body.
func (*bodyReader) Close() error { return nil }

func (c *Client) networkError(err error, sent bool) *Error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the address, which is in the message already
	}
	return &Error{Host: c.host, Message: clean(err.Error()), err: err, again: true, unknown: sent}
}

func (c *Client) httpAnswer(resp *http.Response, answer []byte, readErr error) (Rejection, error) {
	if resp.StatusCode/100 == 2 {
		if readErr != nil {
			return Rejection{}, c.networkError(readErr, true)
		}
		return parseRejection(resp.Header.Get("Content-Type"), answer), nil
	}
	_, message, after := parseStatus(resp.Header.Get("Content-Type"), answer)
	e := &Error{Host: c.host, Code: strconv.Itoa(resp.StatusCode), StatusCode: resp.StatusCode}
	e.After = max(after, retryAfter(resp.Header))
	if r, ok := c.cfg.Signer.(refuser); ok {
		message, e.again = r.Refused(resp, message)
	}
	e.Message = explain(clean(message), resp.StatusCode)
	return Rejection{}, e
}
