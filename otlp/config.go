package otlp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Protocols, as OTEL_EXPORTER_OTLP_PROTOCOL names them.
const (
	ProtocolHTTP = "http/protobuf"
	ProtocolGRPC = "grpc"
)

// DefaultTimeout is how long one request may take unless Config says else.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
const DefaultTimeout = 10 * time.Second

// Limits of AWS's endpoints for traces and logs, where a request beyond one of
// them is refused whole. Of what is given in KB and MB the smaller reading is
// taken.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
const (
	MaxXRayBytes        = 5_000_000 // of the request before compression
	MaxXRaySpans        = 10_000
	MaxXRaySpanBytes    = 200_000
	MaxLogsBytes        = 1_000_000 // likewise, and of one record
	MaxLogsRecords      = 10_000
	MaxAWSResourceBytes = 16_000 // a resource and a scope of it
	MaxAWSSpread        = 24 * time.Hour
)

// A Signer signs requests as AWS wants it. body is what is sent, compressed if
// it is. Package awsapi's Client is one.
type Signer interface {
	Sign(ctx context.Context, r *http.Request, body []byte) error
}

// A refuser is a Signer that learns from answers: whether another try may help
// because of what it has learned, and the text without its secrets.
type refuser interface {
	Refused(resp *http.Response, message string) (cleaned string, again bool)
}

// Config says where a [Client] sends, and how. [TracesConfig], [LogsConfig]
// and [MetricsConfig] fill it from the standard variables.
type Config struct {
	// Endpoint is the whole address for HTTP, as http://localhost:4318/v1/traces;
	// scheme, host and port for gRPC, as http://localhost:4317. Required.
	Endpoint string

	// EndpointSource says who decided on Endpoint, for reports.
	EndpointSource string

	// Protocol is ProtocolHTTP, or ProtocolGRPC; "" means ProtocolHTTP.
	Protocol string

	// Headers come with each request.
	Headers map[string]string

	// Gzip compresses requests.
	Gzip bool

	// Timeout is how long one request may take; 0 means DefaultTimeout.
	Timeout time.Duration

	// TLS has the certificates, for https; nil means the system's.
	TLS *tls.Config

	// Signer signs the requests, for AWS's endpoints: HTTP/1.1 and
	// ProtocolHTTP only. Nil leaves them as they are.
	Signer Signer

	// HTTPClient sends the requests; nil means one of our own with TLS as above.
	HTTPClient *http.Client

	// UserAgent is the User-Agent header; "" means "updraft".
	UserAgent string
}

func (c Config) withDefaults() (Config, *url.URL, error) {
	address, err := url.Parse(c.Endpoint)
	switch {
	case err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https":
		return c, nil, errors.New("otlp: the endpoint is no address; it must be like http://localhost:4318/v1/traces")
	case address.User != nil:
		return c, nil, errors.New("otlp: the endpoint has a user name or password in it; use a header instead")
	}
	if c.Protocol == "" {
		c.Protocol = ProtocolHTTP
	}
	switch {
	case c.Protocol != ProtocolHTTP && c.Protocol != ProtocolGRPC:
		return c, nil, fmt.Errorf("otlp: protocol %q is none of %s, %s", c.Protocol, ProtocolHTTP, ProtocolGRPC)
	case c.Signer != nil && c.Protocol != ProtocolHTTP:
		return c, nil, fmt.Errorf("otlp: AWS's endpoints speak %s only; set OTEL_EXPORTER_OTLP_PROTOCOL=%s", ProtocolHTTP, ProtocolHTTP)
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.UserAgent == "" {
		c.UserAgent = "updraft"
	}
	if c.HTTPClient == nil {
		c.HTTPClient = c.newHTTPClient()
	}
	return c, address, nil
}

// idleConnections is more than the sends that run at a time.
const idleConnections = 64

func (c Config) newHTTPClient() *http.Client {
	protocols := new(http.Protocols)
	switch {
	case c.Protocol == ProtocolGRPC:
		protocols.SetHTTP2(true)
		protocols.SetUnencryptedHTTP2(true)
	case c.Signer != nil:
		protocols.SetHTTP1(true) // all that AWS's endpoints speak
	default:
		protocols.SetHTTP1(true)
		protocols.SetHTTP2(true)
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			TLSClientConfig:     c.TLS,
			Protocols:           protocols,
			MaxIdleConnsPerHost: idleConnections,
			IdleConnTimeout:     90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second,
			DisableCompression:  true, // answers are small
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
