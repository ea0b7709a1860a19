package awsxray

import (
	"errors"
	"fmt"

	"github.com/updraft-otel/updraft/agent/internal/samplingproxy"
)

// Config is the receiver's settings.
type Config struct {
	// Endpoint is the UDP address that documents come to.
	Endpoint string `mapstructure:"endpoint"`
	// Transport is "udp".
	Transport string `mapstructure:"transport"`
	// ProxyServer is the TCP side; null means none.
	ProxyServer *samplingproxy.Config `mapstructure:"proxy_server"`
	// Verbatim carries documents unread through the pipeline, for pipelines in which only the awsxray exporter looks
	// at spans: nothing can be lost and it costs least. The distribution sets it by itself where that is so.
	Verbatim bool `mapstructure:"verbatim"`
	// BufferMiB bounds the documents that have come and that the pipeline has not taken yet, in MiB.
	BufferMiB int `mapstructure:"buffer_mib"`
}

const (
	transportUDP     = "udp"
	defaultBufferMiB = 16
	maxBufferMiB     = 64 << 10 // a twentieth of it is taken at the start
)

func defaultConfig() *Config {
	proxy := samplingproxy.DefaultConfig()
	return &Config{Endpoint: samplingproxy.DefaultEndpoint, Transport: transportUDP, ProxyServer: &proxy, BufferMiB: defaultBufferMiB}
}

// Validate refuses what can never work.
func (c *Config) Validate() error {
	switch {
	case c.Endpoint == "":
		return errors.New("endpoint is empty; it must be like " + samplingproxy.DefaultEndpoint)
	case c.Transport != transportUDP:
		return fmt.Errorf("transport is %q; X-Ray's documents come by udp", c.Transport)
	case c.BufferMiB < 1 || c.BufferMiB > maxBufferMiB:
		return fmt.Errorf("buffer_mib is %d; it must be 1 to %d", c.BufferMiB, maxBufferMiB)
	}
	return nil
}
