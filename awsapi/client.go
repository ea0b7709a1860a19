package awsapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// DefaultCompressFrom is the size from which AWS's SDKs compress a PutMetricData body.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-compression.html
const DefaultCompressFrom = 10_240

// maxResponse is how much of an answer is read. AWS's answers to these calls are a few kilobytes; what answers may not
// be AWS.
const maxResponse = 1 << 20

// idleConnections is how many unused connections are kept to the endpoint: more than the sends that run at a time, or
// each burst would pay for new TLS handshakes.
const idleConnections = 64

// writeBuffer is what a connection gathers before it writes: net/http takes 32 KiB anew for each body that is longer.
const writeBuffer = 64 << 10

// Config says how to reach one service. [Resolve] fills it as AWS's SDKs would.
type Config struct {
	// Service is the service. Required.
	Service Service
	// Region is the region to sign for. Required, but where nothing is signed and Endpoint is set: for what answers on
	// the way to AWS, as the X-Ray daemon.
	Region string
	// Endpoint is the service's address; "" means the region's own. A path is put before the paths of the calls.
	Endpoint string
	// EndpointSource says who decided on Endpoint, for reports.
	EndpointSource string
	// Credentials sign the requests; aws.AnonymousCredentials leaves them unsigned. Required. They are asked for by
	// the first call, not by New.
	Credentials aws.CredentialsProvider
	// HTTPClient sends the requests. Nil means one with a pool large enough for parallel sends and no timeout of its
	// own: the calls' contexts have them.
	HTTPClient *http.Client
	// UserAgent is the User-Agent header; "" means "updraft".
	UserAgent string
	// CompressFrom is the size of a PutMetricData body from which it is compressed; 0 means DefaultCompressFrom,
	// a negative number never.
	CompressFrom int
	// LogsFormat comes with PutLogEvents as x-amzn-logs-format; [FormatEMF] says that the events are metrics.
	LogsFormat string
	// Now returns the time; nil means time.Now.
	Now func() time.Time
}

// FormatEMF is the [Config.LogsFormat] of events in CloudWatch's embedded metric format. CloudWatch Logs takes those
// without it by now.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Generation_PutLogEvents.html
const FormatEMF = "json/emf"

// A Client makes the calls of one service. Its methods may be called from any goroutine.
type Client struct {
	cfg         Config
	endpoint    string // without a slash at the end
	signingName string
	anonymous   bool
	credentials aws.CredentialsProvider
	signer      *v4.Signer
	bodies      bodyPool
	skew        atomic.Int64 // what the server's clock is ahead of ours, once it refused our time
}

// New returns a client that works as c says. It connects to nothing yet.
func New(c Config) (*Client, error) {
	names, ok := c.Service.names()
	if !ok {
		return nil, fmt.Errorf("awsapi: %v is not a service", c.Service)
	}
	if c.Credentials == nil {
		return nil, fmt.Errorf("awsapi: no credentials for %v; set Config.Credentials", c.Service)
	}
	anonymous := aws.IsCredentialsProvider(c.Credentials, aws.AnonymousCredentials{})
	if unsigned := anonymous && c.Endpoint != "" && c.Region == ""; !unsigned && !validRegion(c.Region) {
		return nil, fmt.Errorf("awsapi: region %q is not a region's name; set AWS_REGION, as in AWS_REGION=eu-west-1", c.Region)
	}
	if c.Endpoint == "" {
		endpoint, err := endpointOf(c.Service, c.Region, false, false)
		if err != nil {
			return nil, fmt.Errorf("awsapi: %w", err)
		}
		c.Endpoint = endpoint
	}
	if err := checkEndpoint(c.Endpoint); err != nil {
		return nil, fmt.Errorf("awsapi: endpoint of %v: %w", c.Service, err)
	}
	if c.UserAgent == "" {
		c.UserAgent = "updraft"
	}
	if c.CompressFrom == 0 {
		c.CompressFrom = DefaultCompressFrom
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.HTTPClient = withoutRedirects(c.HTTPClient)
	return &Client{
		cfg:         c,
		endpoint:    strings.TrimRight(c.Endpoint, "/"),
		signingName: names.signing,
		anonymous:   anonymous,
		credentials: cached(c.Credentials),
		signer:      v4.NewSigner(),
	}, nil
}

// checkEndpoint refuses what is no address. Its errors do not repeat it: it may hold a password.
func checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("not an address; it must be like https://host or http://127.0.0.1:4580")
	case u.User != nil:
		return errors.New("has a user name or password in it; requests are signed, remove them")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("has a query or fragment; it must be like https://host/path")
	}
	return nil
}

func cached(p aws.CredentialsProvider) aws.CredentialsProvider {
	if _, ok := p.(*aws.CredentialsCache); ok {
		return p
	}
	return aws.NewCredentialsCache(p)
}

// withoutRedirects returns the client, or our own, made not to follow redirects: a signature holds for one address.
func withoutRedirects(c *http.Client) *http.Client {
	if c == nil {
		t, ok := http.DefaultTransport.(*http.Transport)
		if !ok {
			t = &http.Transport{Proxy: http.ProxyFromEnvironment}
		}
		c = &http.Client{Transport: tuned(t.Clone())}
	}
	if c.CheckRedirect != nil {
		return c
	}
	copied := *c
	copied.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &copied
}

// tuned sets what a transport needs for parallel sends to one host.
func tuned(t *http.Transport) *http.Transport {
	t.MaxIdleConns = max(t.MaxIdleConns, idleConnections)
	t.MaxIdleConnsPerHost = max(t.MaxIdleConnsPerHost, idleConnections)
	if t.DialContext == nil {
		t.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	t.DisableCompression = true // answers are small; the wire form stays ours
	t.WriteBufferSize = max(t.WriteBufferSize, writeBuffer)
	return t
}

// A call is one request, but for the address and the signature.
type call struct {
	operation   string
	path        string
	contentType string
	header      [][2]string
	compress    bool
}

// do sends body and returns the answer to a call that worked. It takes body over.
func (c *Client) do(ctx context.Context, k call, body *payload) ([]byte, error) {
	defer body.release()
	if k.compress && c.cfg.CompressFrom >= 0 && len(body.data) >= c.cfg.CompressFrom {
		packed := c.bodies.compress(body.data)
		defer packed.release()
		body = packed
		k.header = append(k.header[:len(k.header):len(k.header)], [2]string{"Content-Encoding", "gzip"})
	}
	req, err := c.newRequest(ctx, k, body)
	if err != nil {
		return nil, c.localError(k, "InvalidRequest", err, false)
	}
	creds, signedAt, err := c.sign(req, body.data)
	if err != nil {
		return nil, c.localError(k, "CredentialsUnavailable", err, true)
	}
	resp, err := c.cfg.HTTPClient.Do(req)
	if err != nil {
		return nil, c.networkError(k, err, body.sent.Load())
	}
	defer resp.Body.Close()
	answer, readErr := io.ReadAll(io.LimitReader(resp.Body, maxResponse+1))
	if resp.StatusCode/100 != 2 {
		return nil, c.answerError(k, resp, answer, creds, signedAt)
	}
	if readErr != nil {
		return nil, c.networkError(k, readErr, true)
	}
	if len(answer) > maxResponse {
		return nil, c.badAnswer(k, resp, errors.New("it is longer than 1 MiB"))
	}
	return answer, nil
}

func (c *Client) newRequest(ctx context.Context, k call, body *payload) (*http.Request, error) {
	req, err := http.NewRequestWithContext(body.traced(ctx), http.MethodPost, c.endpoint+k.path, body.reader())
	if err != nil {
		return nil, err
	}
	req.ContentLength = int64(len(body.data))
	req.GetBody = func() (io.ReadCloser, error) { return body.reader(), nil }
	req.Header.Set("Content-Type", k.contentType)
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	for _, h := range k.header {
		req.Header.Set(h[0], h[1])
	}
	return req, nil
}

// sign signs the request with the server's time as far as we know it.
func (c *Client) sign(req *http.Request, body []byte) (creds aws.Credentials, at time.Time, err error) {
	at = c.cfg.Now().Add(time.Duration(c.skew.Load()))
	if c.anonymous {
		return creds, at, nil
	}
	if creds, err = c.credentials.Retrieve(req.Context()); err != nil {
		return creds, at, err
	}
	sum := sha256.Sum256(body)
	return creds, at, c.signer.SignHTTP(req.Context(), creds, req, hex.EncodeToString(sum[:]), c.signingName, c.cfg.Region, at)
}
