package awsapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func TestCredentialsThatFail(t *testing.T) {
	p := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was made") })
	cause := errors.New("no EC2 IMDS role found")
	c := p.client(t, XRay, func(c *Config) {
		c.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, cause })
	})
	err := callOf(t, c)
	if e := asError(t, err); e.Code != "CredentialsUnavailable" || !e.Retryable() || e.OutcomeUnknown() || !errors.Is(err, cause) {
		t.Errorf("%v, retryable %v", e, e.Retryable())
	}
}

// Credentials are asked for by the first call, once, and again after the service called them expired.
func TestCredentialsAreCached(t *testing.T) {
	asked, expiredNow := 0, false
	p := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if expiredNow {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"__type":"ExpiredTokenException"}`)
		}
	})
	c := p.client(t, XRay, func(c *Config) {
		c.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			asked++
			return testCredentials().Retrieve(ctx)
		})
	})
	f := func(want int, fails bool) {
		t.Helper()
		if err := callOf(t, c); (err != nil) != fails {
			t.Error(err)
		} else if fails && !asError(t, err).Retryable() {
			t.Errorf("%v is not worth another try", err)
		}
		if asked != want {
			t.Errorf("asked %d times, want %d", asked, want)
		}
	}
	if asked != 0 {
		t.Errorf("asked before the first call")
	}
	f(1, false)
	f(1, false)
	expiredNow = true
	f(1, true)
	expiredNow = false
	f(2, false)
}

// A wrong clock is corrected by the server's after the first refusal.
func TestClockSkew(t *testing.T) {
	f := func(ahead time.Duration, code string, corrected bool) {
		t.Helper()
		server := testTime().Add(ahead)
		p := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", server.Format(http.TimeFormat))
			at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
			if err != nil || server.Sub(at).Abs() > 5*time.Minute || !corrected {
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, `{"__type":"`+code+`"}`)
			}
		})
		c := p.client(t, XRay)
		if e := asError(t, callOf(t, c)); e.Retryable() != corrected {
			t.Errorf("%v %s: retryable %v", ahead, code, e.Retryable())
		}
		if err := callOf(t, c); (err == nil) != corrected {
			t.Errorf("%v %s: second call %v", ahead, code, err)
		}
	}
	f(10*time.Minute, "InvalidSignatureException", true)
	f(-2*time.Hour, "RequestTimeTooSkewed", true)
	f(-2*time.Hour, "SignatureDoesNotMatch", true)
	f(time.Minute, "InvalidSignatureException", false) // the clock is right, the key is wrong
	f(10*time.Minute, "AccessDeniedException", false)
}
