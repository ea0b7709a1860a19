package awsapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Sign signs a request that the caller sends itself; body is what is sent.
func (c *Client) Sign(ctx context.Context, r *http.Request, body []byte) error {
	_, _, err := c.sign(r.WithContext(ctx), body) // shares r's headers
	if err != nil {
		return c.localError(call{operation: r.URL.Path}, "CredentialsUnavailable", err, true)
	}
	return nil
}

// Refused learns from the answer to a request of [Client.Sign] that did not
// work, message being its text: expired credentials are fetched anew and a wrong
// clock is corrected, both for the next request. It returns the text without
// credentials, and whether another try may help for one of these reasons.
func (c *Client) Refused(resp *http.Response, message string) (cleaned string, again bool) {
	var creds aws.Credentials
	var signedAt time.Time
	if r := resp.Request; r != nil {
		creds, _ = c.credentials.Retrieve(r.Context()) // kept by the cache
		signedAt, _ = time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	}
	code, _, _ := strings.Cut(resp.Header.Get("X-Amzn-ErrorType"), ":")
	cleaned = clean(redact(message, creds))
	outdated := expired(code) || resp.StatusCode == http.StatusForbidden && strings.Contains(message, "security token included in the request is expired")
	if cache, ok := c.credentials.(*aws.CredentialsCache); ok && outdated {
		cache.Invalidate()
	}
	server, err := http.ParseTime(resp.Header.Get("Date"))
	if err == nil && resp.StatusCode == http.StatusForbidden && !signedAt.IsZero() && server.Sub(signedAt).Abs() > clockTolerance {
		c.skew.Store(int64(server.Sub(c.cfg.Now())))
		return cleaned, true
	}
	return cleaned, outdated
}

// RegionOfHost reports whether a host is a service's own of some region, by its
// ordinary, FIPS or dual-stack name, and which region that is.
func RegionOfHost(s Service, host string) (region string, ok bool) {
	for _, prefix := range []string{s.String() + ".", s.String() + "-fips."} {
		rest, found := strings.CutPrefix(strings.ToLower(host), prefix)
		region, _, _ = strings.Cut(rest, ".")
		if !found || !validRegion(region) {
			continue
		}
		p := partitionOf(region)
		if suffix := rest[len(region):]; suffix == "."+p.suffix || suffix == "."+p.dualStackSuffix {
			return region, true
		}
	}
	return "", false
}
