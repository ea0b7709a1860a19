package samplingproxy

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/config/confignet"
	"go.opentelemetry.io/collector/config/configtls"

	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/awsapi"
)

// Config has the keys of the collector's awsproxy extension and of its awsxray
// receiver's proxy_server.
type Config struct {
	// TCPAddrConfig is where the proxy listens.
	confignet.TCPAddrConfig `mapstructure:",squash"`
	// ProxyAddress is an HTTP proxy on the way to AWS.
	ProxyAddress string `mapstructure:"proxy_address"`
	// TLS says which certificates of X-Ray's are good.
	TLS configtls.ClientConfig `mapstructure:"tls"`
	// Region is the region asked; "" means that of the environment, the profile, or the EC2 instance.
	Region string `mapstructure:"region"`
	// RoleARN is a role to assume for the calls.
	RoleARN string `mapstructure:"role_arn"`
	// AWSEndpoint is X-Ray's address, instead of the region's own.
	AWSEndpoint string `mapstructure:"aws_endpoint"`
	// LocalMode has the EC2 metadata service not asked.
	LocalMode bool `mapstructure:"local_mode"`
	// ServiceName is the service that is asked: "xray", which is all this proxy is for.
	ServiceName string `mapstructure:"service_name"`
}

// DefaultEndpoint is where the X-Ray daemon listens.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-daemon-configuration.html
const DefaultEndpoint = "localhost:2000"

// DefaultConfig listens where the X-Ray daemon does.
func DefaultConfig() Config {
	return Config{TCPAddrConfig: confignet.TCPAddrConfig{Endpoint: DefaultEndpoint}, ServiceName: awsapi.XRay.String()}
}

// Validate refuses what can never work.
func (c *Config) Validate() error {
	switch {
	case c.Endpoint == "":
		return errors.New("endpoint is empty; it must be like " + DefaultEndpoint)
	case c.ServiceName != awsapi.XRay.String():
		return errors.New("service_name must be xray: this proxy makes no other service's calls")
	}
	return nil
}

// Upstream connects to X-Ray as the configuration says.
func (c *Config) Upstream(ctx context.Context, userAgent string) (Upstream, error) {
	settings := awsclient.Default()
	settings.Endpoint, settings.Region, settings.RoleARN = c.AWSEndpoint, c.Region, c.RoleARN
	settings.LocalMode, settings.ProxyAddress = c.LocalMode, c.ProxyAddress
	settings.NoVerifySSL, settings.CertificateFilePath = c.TLS.InsecureSkipVerify, c.TLS.CAFile
	return settings.Client(ctx, awsapi.XRay, userAgent)
}
