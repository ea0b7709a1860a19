// Package awsclient is what the agent's AWS components share: the keys that say how to reach AWS, which are those of the
// collector's AWS components and of the CloudWatch agent's, and the connection they stand for.
package awsclient

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"go.opentelemetry.io/collector/component"

	"github.com/updraft-otel/updraft/awsapi"
)

// Defaults of Settings.
const (
	// DefaultRequestTimeout is in seconds, as the collector's AWS exporters have it.
	DefaultRequestTimeout = 30
	// DefaultMaxRetries is how many attempts a call has before its items go back to the exporter's queue.
	DefaultMaxRetries = 2
)

// Settings are the keys of a component that calls AWS. Embed them with mapstructure's ",squash".
type Settings struct {
	// NumWorkers bounds the calls at a time; 0 leaves it to the component, which uses as many as keep up.
	NumWorkers int `mapstructure:"num_workers"`
	// Endpoint is the service's address, instead of the region's own.
	Endpoint string `mapstructure:"endpoint"`
	// RequestTimeoutSeconds bounds one call; 0 means no bound but the exporter's timeout.
	RequestTimeoutSeconds int `mapstructure:"request_timeout_seconds"`
	// MaxRetries is how many attempts a call has in all, before its items go back to the queue; 0 means AWS's default of 3.
	MaxRetries int `mapstructure:"max_retries"`
	// NoVerifySSL accepts any certificate of the endpoint's.
	NoVerifySSL bool `mapstructure:"no_verify_ssl"`
	// ProxyAddress is the HTTP proxy; "" means that of HTTPS_PROXY and NO_PROXY.
	ProxyAddress string `mapstructure:"proxy_address"`
	// Region is the AWS region; "" means that of the environment, the profile, the ECS task, or the EC2 instance, in this
	// order.
	Region string `mapstructure:"region"`
	// LocalMode has the EC2 metadata service not asked for a region: the agent is not on EC2.
	LocalMode bool `mapstructure:"local_mode"`
	// ResourceARN is the AWS resource the agent runs on, for its telemetry records.
	ResourceARN string `mapstructure:"resource_arn"`
	// RoleARN is a role to assume for the calls.
	RoleARN string `mapstructure:"role_arn"`
	// ExternalID is told when the role is assumed.
	ExternalID string `mapstructure:"external_id"`

	// The rest is the CloudWatch agent's.

	// CertificateFilePath is a file of certificate authorities, in PEM, that count instead of the system's, as
	// AWS_CA_BUNDLE does.
	CertificateFilePath string `mapstructure:"certificate_file_path"`
	// IMDSRetries is how often the EC2 metadata service is asked again.
	IMDSRetries int `mapstructure:"imds_retries"`
	// Profile is the profile of the shared configuration.
	Profile string `mapstructure:"profile"`
	// SharedCredentialsFile are files of credentials, instead of ~/.aws/credentials.
	SharedCredentialsFile []string `mapstructure:"shared_credentials_file"`
	// Middleware names an extension that counts the agent's calls; there is none in this distribution, and it is
	// ignored.
	Middleware *component.ID `mapstructure:"middleware"`
}

// Default returns the settings that hold where nothing is said.
func Default() Settings {
	return Settings{RequestTimeoutSeconds: DefaultRequestTimeout, MaxRetries: DefaultMaxRetries}
}

// Validate refuses what can never work.
func (s *Settings) Validate() error {
	for _, n := range []struct {
		key   string
		value int
	}{{"num_workers", s.NumWorkers}, {"request_timeout_seconds", s.RequestTimeoutSeconds}, {"max_retries", s.MaxRetries}, {"imds_retries", s.IMDSRetries}} {
		if n.value < 0 {
			return fmt.Errorf("%s is %d; it must not be negative", n.key, n.value)
		}
	}
	if _, err := url.Parse(s.ProxyAddress); err != nil {
		return errProxy
	}
	return nil
}

var errProxy = errors.New("proxy_address is no address; it must be like http://host:port")

// awsAttempts is what AWS's SDKs take where nothing is said.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
const awsAttempts = 3

// Attempts is how many attempts a call has.
func (s *Settings) Attempts() int {
	if s.MaxRetries == 0 {
		return awsAttempts
	}
	return s.MaxRetries
}

// RequestTimeout bounds one call; 0 means no bound.
func (s *Settings) RequestTimeout() time.Duration {
	return time.Duration(s.RequestTimeoutSeconds) * time.Second
}

// UserAgent says who calls: an agent and its version.
func UserAgent(b component.BuildInfo) string {
	return fmt.Sprintf("%s/%s (%s; %s)", b.Command, b.Version, runtime.GOOS, runtime.GOARCH)
}

// Client connects to a service of AWS's as the settings say. userAgent says who calls; change, where there is one, has the
// last word.
func (s *Settings) Client(ctx context.Context, service awsapi.Service, userAgent string, change ...func(*awsapi.Config)) (*awsapi.Client, error) {
	cfg, err := s.AWSConfig(ctx)
	if err != nil {
		return nil, err
	}
	resolved, err := awsapi.Resolve(ctx, cfg, service)
	if err != nil {
		return nil, err
	}
	if s.Endpoint != "" {
		resolved.Endpoint, resolved.EndpointSource = withScheme(s.Endpoint), "endpoint"
	}
	resolved.UserAgent = userAgent
	for _, f := range change {
		f(&resolved)
	}
	return awsapi.New(resolved)
}

func withScheme(endpoint string) string {
	if strings.Contains(endpoint, "://") {
		return endpoint
	}
	return "https://" + endpoint
}

// errNoRegion ends with what to do about it.
var errNoRegion = errors.New("no AWS region; set region: in the configuration or AWS_REGION in the environment")

// AWSConfig is the AWS configuration that the settings stand for, with a region, and credentials of the role that is to
// be assumed.
func (s *Settings) AWSConfig(ctx context.Context) (aws.Config, error) {
	cfg, err := s.load(ctx, s.Region)
	if err == nil && cfg.Region == "" { // credentials may need one too, so they are made anew with it
		region := s.regionOfPlace(ctx)
		if region == "" {
			return aws.Config{}, errNoRegion
		}
		cfg, err = s.load(ctx, region)
	}
	if err != nil {
		return aws.Config{}, err
	}
	if s.RoleARN != "" {
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), s.RoleARN,
			func(o *stscreds.AssumeRoleOptions) {
				if s.ExternalID != "" {
					o.ExternalID = &s.ExternalID
				}
			}))
	}
	return cfg, nil
}

// load reads the environment and the shared configuration; region counts instead of theirs unless it is "".
func (s *Settings) load(ctx context.Context, region string) (aws.Config, error) {
	client, err := s.httpClient()
	if err != nil {
		return aws.Config{}, err
	}
	options := []func(*config.LoadOptions) error{config.WithHTTPClient(client), config.WithRegion(region)}
	if s.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(s.Profile))
	}
	if len(s.SharedCredentialsFile) > 0 {
		options = append(options, config.WithSharedCredentialsFiles(s.SharedCredentialsFile))
	}
	if s.CertificateFilePath != "" {
		authorities, err := s.authorities()
		if err != nil {
			return aws.Config{}, fmt.Errorf("certificate_file_path: %w", err)
		}
		options = append(options, config.WithCustomCABundle(bytes.NewReader(authorities)))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("AWS configuration: %w", err)
	}
	return cfg, nil
}

// authorities reads the certificate authorities. The SDK's own error of a file without any does not say where to look.
func (s *Settings) authorities() ([]byte, error) {
	text, err := os.ReadFile(s.CertificateFilePath)
	if err == nil && !x509.NewCertPool().AppendCertsFromPEM(text) {
		err = fmt.Errorf("there is no certificate in %s; it must be in PEM", s.CertificateFilePath)
	}
	return text, err
}

// How connections are kept: as many as calls may run at a time, or each burst would pay for new TLS handshakes.
const (
	idleTimeout     = 90 * time.Second
	idleConnections = 256
	// writeBuffer is more than most calls have: net/http takes 32 KiB anew for what does not fit, with each call.
	writeBuffer = 128 << 10
)

// httpClient is the SDK's own client, so that AWS_CA_BUNDLE and the like still count, with our connections.
func (s *Settings) httpClient() (*awshttp.BuildableClient, error) {
	proxy := http.ProxyFromEnvironment
	if s.ProxyAddress != "" {
		address, err := url.Parse(s.ProxyAddress)
		if err != nil {
			return nil, errProxy
		}
		proxy = http.ProxyURL(address)
	}
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.Proxy = proxy
		t.IdleConnTimeout = idleTimeout
		t.MaxIdleConns, t.MaxIdleConnsPerHost = idleConnections, idleConnections
		t.DisableCompression = true // answers are small
		t.WriteBufferSize = writeBuffer
		if s.NoVerifySSL {
			t.TLSClientConfig.InsecureSkipVerify = true
		}
	}), nil
}
