package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// Resolve takes from an AWS configuration what a client of s needs: region, credentials, HTTP client and endpoint.
//
// The endpoint is what AWS's SDKs would use: AWS_ENDPOINT_URL_<SERVICE>, else AWS_ENDPOINT_URL, else the service's
// endpoint_url in the profile's services section, else the profile's endpoint_url, else the region's own with
// AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT applied. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS leaves out the
// first four. An endpoint set in code, by config.WithBaseEndpoint or cfg.BaseEndpoint, comes before the global ones.
// Config.EndpointSource names the one that decided.
func Resolve(ctx context.Context, cfg aws.Config, s Service) (Config, error) {
	names, ok := s.names()
	if !ok {
		return Config{}, fmt.Errorf("awsapi: %v is not a service", s)
	}
	c := Config{
		Service:      s,
		Region:       cfg.Region,
		Credentials:  cfg.Credentials,
		HTTPClient:   httpClient(cfg.HTTPClient),
		CompressFrom: int(cfg.RequestMinCompressSizeBytes),
	}
	if cfg.DisableRequestCompression {
		c.CompressFrom = -1
	}
	if c.Region == "" {
		return c, fmt.Errorf("awsapi: no AWS region is set for %v; set AWS_REGION, as in AWS_REGION=eu-west-1", s)
	}
	fips, dualStack, err := variants(ctx, cfg.ConfigSources)
	if err != nil {
		return c, fmt.Errorf("awsapi: endpoint of %v: %w", s, err)
	}
	c.Endpoint, c.EndpointSource, err = configuredEndpoint(ctx, cfg, names.sdkID)
	if err != nil {
		return c, fmt.Errorf("awsapi: endpoint of %v: %w", s, err)
	}
	if c.Endpoint != "" {
		return c, compatible(c, fips, dualStack)
	}
	c.EndpointSource = regionSource(fips, dualStack)
	if c.Endpoint, err = endpointOf(s, c.Region, fips, dualStack); err != nil {
		return c, fmt.Errorf("awsapi: endpoint of %v: %w", s, err)
	}
	return c, nil
}

// compatible is AWS's rule that an endpoint of one's own has no variants.
func compatible(c Config, fips, dualStack bool) error {
	switch {
	case fips:
		return fmt.Errorf("awsapi: AWS_USE_FIPS_ENDPOINT and the endpoint from %s exclude each other; unset one", c.EndpointSource)
	case dualStack:
		return fmt.Errorf("awsapi: AWS_USE_DUALSTACK_ENDPOINT and the endpoint from %s exclude each other; unset one", c.EndpointSource)
	}
	return nil
}

func regionSource(fips, dualStack bool) string {
	source := "region"
	if fips {
		source += ", AWS_USE_FIPS_ENDPOINT"
	}
	if dualStack {
		source += ", AWS_USE_DUALSTACK_ENDPOINT"
	}
	return source
}

// variants asks the sources of a configuration, which are in order of precedence, for FIPS and dual-stack.
func variants(ctx context.Context, sources []any) (fips, dualStack bool, err error) {
	fipsState, err := first(sources, func(p interface {
		GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error)
	}) (aws.FIPSEndpointState, bool, error) {
		return p.GetUseFIPSEndpoint(ctx)
	})
	if err != nil {
		return false, false, err
	}
	dualState, err := first(sources, func(p interface {
		GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error)
	}) (aws.DualStackEndpointState, bool, error) {
		return p.GetUseDualStackEndpoint(ctx)
	})
	return fipsState == aws.FIPSEndpointStateEnabled, dualState == aws.DualStackEndpointStateEnabled, err
}

// first returns what the first source that implements P and has a value says.
func first[P, V any](sources []any, get func(P) (V, bool, error)) (V, error) {
	var none V
	for _, s := range sources {
		p, ok := s.(P)
		if !ok {
			continue
		}
		if v, found, err := get(p); found || err != nil {
			return v, err
		}
	}
	return none, nil
}

// configuredEndpoint returns the endpoint that someone configured and where, or "".
func configuredEndpoint(ctx context.Context, cfg aws.Config, sdkID string) (endpoint, source string, err error) {
	base := aws.ToString(cfg.BaseEndpoint)
	ignore, _, err := config.GetIgnoreConfiguredEndpoints(ctx, cfg.ConfigSources)
	if err != nil || ignore {
		return base, "code", err // the SDK has left out the environment and the profile already
	}
	env, shared := sourcesOf(cfg.ConfigSources)
	if v, found, err := env.GetServiceBaseEndpoint(ctx, sdkID); found || err != nil {
		return v, "AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(sdkID, " ", "_")), err
	}
	switch {
	case base != "" && base != env.BaseEndpoint && base != shared.BaseEndpoint:
		return base, "code", nil
	case base != "" && base == env.BaseEndpoint:
		return base, "AWS_ENDPOINT_URL", nil
	}
	if v, found, err := shared.GetServiceBaseEndpoint(ctx, sdkID); found || err != nil {
		return v, fmt.Sprintf("services section of profile %q", shared.Profile), err
	}
	return base, fmt.Sprintf("endpoint_url of profile %q", shared.Profile), nil
}

func sourcesOf(sources []any) (env config.EnvConfig, shared config.SharedConfig) {
	for _, s := range sources {
		switch s := s.(type) {
		case config.EnvConfig:
			env = s
		case config.SharedConfig:
			shared = s
		}
	}
	return env, shared
}

// httpClient turns the configuration's HTTP client into a standard one, keeping what was configured: proxy,
// certificates (AWS_CA_BUNDLE), timeouts. Nil means our own.
func httpClient(c aws.HTTPClient) *http.Client {
	switch c := c.(type) {
	case nil:
		return nil
	case *http.Client:
		return c
	case interface{ GetTransport() *http.Transport }: // the SDK's own client; this is a copy of its transport
		return &http.Client{Transport: tuned(c.GetTransport())}
	}
	return &http.Client{Transport: roundTripper{c}}
}

// A roundTripper is an HTTP client of the SDK's kind as a transport.
type roundTripper struct{ client aws.HTTPClient }

// RoundTrip hands the request on.
func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.client.Do(r)
	if err == nil && resp == nil {
		return nil, errors.New("the HTTP client returned neither response nor error")
	}
	return resp, err
}
