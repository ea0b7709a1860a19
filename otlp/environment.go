package otlp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// TracesConfig returns what the standard variables say, as getenv reads them:
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, …_PROTOCOL, …_INSECURE, …_HEADERS,
// …_COMPRESSION, …_TIMEOUT, …_CERTIFICATE, …_CLIENT_CERTIFICATE and
// …_CLIENT_KEY, each of which comes before the same name without TRACES_. The
// error names the variable that makes no sense.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
func TracesConfig(getenv func(string) string) (Config, error) {
	return variables{getenv, general + "TRACES_", "v1/traces"}.config()
}

// LogsConfig is like [TracesConfig], for OTEL_EXPORTER_OTLP_LOGS_ENDPOINT and its
// like.
func LogsConfig(getenv func(string) string) (Config, error) {
	return variables{getenv, general + "LOGS_", "v1/logs"}.config()
}

// MetricsConfig is like [TracesConfig], for OTEL_EXPORTER_OTLP_METRICS_ENDPOINT
// and its like.
func MetricsConfig(getenv func(string) string) (Config, error) {
	return metricsVariables(getenv).config()
}

func metricsVariables(getenv func(string) string) variables {
	return variables{getenv, general + "METRICS_", "v1/metrics"}
}

func (e variables) config() (Config, error) {
	c := Config{Protocol: ProtocolHTTP}
	if _, v := e.get("PROTOCOL"); v != "" {
		c.Protocol = strings.ToLower(v)
	}
	if c.Protocol != ProtocolHTTP && c.Protocol != ProtocolGRPC {
		name, _ := e.get("PROTOCOL")
		return c, fmt.Errorf("%s=%q: want %s or %s", name, c.Protocol, ProtocolHTTP, ProtocolGRPC)
	}
	var errs []error
	for _, read := range []func(*Config) error{e.endpoint, e.headers, e.compression, e.timeout, e.tls} {
		errs = append(errs, read(&c))
	}
	return c, errors.Join(errs...)
}

const general = "OTEL_EXPORTER_OTLP_"

// variables are those of a signal, which come before the general ones.
type variables struct {
	getenv       func(string) string
	prefix, path string
}

// get returns the value that counts and the name of its variable; an empty
// value is as none.
func (e variables) get(setting string) (name, value string) {
	for _, prefix := range []string{e.prefix, general} {
		if v := strings.TrimSpace(e.getenv(prefix + setting)); v != "" {
			return prefix + setting, v
		}
	}
	return general + setting, ""
}

func (e variables) endpoint(c *Config) error {
	name, v := e.get("ENDPOINT")
	c.EndpointSource = name
	if v == "" {
		c.EndpointSource = "default"
		c.Endpoint = "http://localhost:4318/" + e.path
		if c.Protocol == ProtocolGRPC {
			c.Endpoint = "http://localhost:4317"
		}
		return nil
	}
	if c.Protocol == ProtocolGRPC && !strings.Contains(v, "://") {
		scheme := "https://"
		if _, insecure := e.get("INSECURE"); strings.EqualFold(insecure, "true") {
			scheme = "http://"
		}
		v = scheme + v
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%s is no address; it must be like http://localhost:4318", name)
	}
	switch {
	case c.Protocol == ProtocolGRPC:
	case !strings.HasPrefix(name, e.prefix):
		u = u.JoinPath(e.path)
	case u.Path == "":
		u.Path = "/"
	}
	c.Endpoint = u.String()
	return nil
}

func (e variables) headers(c *Config) error {
	name, v := e.get("HEADERS")
	if v == "" {
		return nil
	}
	c.Headers = map[string]string{}
	for pair := range strings.SplitSeq(v, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		key, value, ok := strings.Cut(pair, "=")
		key = strings.TrimSpace(key)
		decoded, err := url.PathUnescape(strings.TrimSpace(value))
		if !ok || err != nil || !token(key) || strings.ContainsAny(decoded, "\r\n\x00") {
			return fmt.Errorf("%s: want name=value pairs separated by commas, the values percent-encoded", name) // not the value: it may be secret
		}
		c.Headers[key] = decoded
	}
	return nil
}

// token reports whether s can be a header's name.
func token(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

func (e variables) compression(c *Config) error {
	name, v := e.get("COMPRESSION")
	switch strings.ToLower(v) {
	case "gzip":
		c.Gzip = true
	case "", "none":
	default:
		return fmt.Errorf("%s=%q: want gzip or none", name, v)
	}
	return nil
}

func (e variables) timeout(c *Config) error {
	name, v := e.get("TIMEOUT")
	if v == "" {
		return nil
	}
	ms, err := strconv.ParseUint(v, 10, 31)
	if err != nil {
		return fmt.Errorf("%s=%q: want milliseconds", name, v)
	}
	c.Timeout = time.Duration(ms) * time.Millisecond
	return nil
}

func (e variables) tls(c *Config) error {
	caName, ca := e.get("CERTIFICATE")
	certName, cert := e.get("CLIENT_CERTIFICATE")
	keyName, key := e.get("CLIENT_KEY")
	if ca == "" && cert == "" && key == "" {
		return nil
	}
	c.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return fmt.Errorf("%s: %w", caName, err)
		}
		c.TLS.RootCAs = x509.NewCertPool()
		if !c.TLS.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("%s: %q has no PEM certificate", caName, ca)
		}
	}
	if cert == "" && key == "" {
		return nil
	}
	if cert == "" || key == "" {
		return fmt.Errorf("%s and %s go together; set both", certName, keyName)
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("%s: %w", certName, err)
	}
	c.TLS.Certificates = []tls.Certificate{pair}
	return nil
}
