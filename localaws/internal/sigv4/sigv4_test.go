package sigv4

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

var (
	verifier = Verifier{AccessKeyID: "local", SecretAccessKey: "local"}
	keys     = aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}
	signedAt = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	payload  = []byte(`{"TraceSegmentDocuments":[]}`)
)

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// signed is a request as the SDK's own signer makes it, read again by a server.
func signed(t *testing.T, method, url, service string, creds aws.Credentials, hash string, change func(r *http.Request)) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Amz-Meta", "  a   b ")
	if change != nil {
		change(r)
	}
	if err := v4.NewSigner().SignHTTP(context.Background(), creds, r, hash, service, "eu-central-1", signedAt); err != nil {
		t.Fatal(err)
	}
	return received(t, r)
}

// received sends a request over a connection, so that it is seen as a server does.
func received(t *testing.T, r *http.Request) *http.Request {
	t.Helper()
	var got *http.Request
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r }))
	defer srv.Close()
	host := r.URL.Host
	r = r.Clone(t.Context())
	r.Host = host
	r.URL.Host = strings.TrimPrefix(srv.URL, "http://")
	r.URL.Scheme = "http"
	resp, err := srv.Client().Transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return got
}

func TestVerify(t *testing.T) {
	f := func(r *http.Request) {
		t.Helper()
		if err := verifier.Verify(r, payload, "xray", signedAt.Add(4*time.Minute)); err != nil {
			t.Errorf("%s: %v", r.URL, err)
		}
	}
	f(signed(t, "POST", "http://localhost:4580/TraceSegments", "xray", keys, hashOf(payload), nil))
	f(signed(t, "POST", "http://localhost:4580/", "xray", keys, hashOf(payload), nil))
	f(signed(t, "POST", "http://localhost:4580/a%20b/%C3%A4?b=2&a=1&a-b=3&c=%2F+x&a=0", "xray", keys, hashOf(payload), nil))
	f(signed(t, "POST", "http://localhost:4580/x", "xray", aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local", SessionToken: "t"}, hashOf(payload), nil))
	f(signed(t, "POST", "http://localhost:4580/x", "xray", keys, unsignedPayload, func(r *http.Request) {
		r.Header.Set(contentSHAHeader, unsignedPayload)
	}))
	f(signed(t, "POST", "http://localhost:4580/x", "xray", keys, hashOf(payload), func(r *http.Request) {
		r.Header.Set(contentSHAHeader, hashOf(payload))
	}))
}

func TestVerify_presigned(t *testing.T) {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost:4580/?Action=ListMetrics&X-Amz-Expires=60", nil)
	if err != nil {
		t.Fatal(err)
	}
	address, _, err := v4.NewSigner().PresignHTTP(context.Background(), keys, r, hashOf(nil), "monitoring", "us-east-1", signedAt)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil); err != nil {
		t.Fatal(err)
	}
	got := received(t, r)
	if err := verifier.Verify(got, nil, "monitoring", signedAt.Add(59*time.Second)); err != nil {
		t.Error(err)
	}
	if err := verifier.Verify(got, nil, "monitoring", signedAt.Add(61*time.Second)); reasonOf(err) != Skew {
		t.Errorf("expired: %v", err)
	}
}

func reasonOf(err error) Reason {
	var e *Error
	if !errors.As(err, &e) {
		return -1
	}
	return e.Reason
}

func TestVerify_refused(t *testing.T) {
	good := func() *http.Request {
		return signed(t, "POST", "http://localhost:4580/TraceSegments?a=1", "xray", keys, hashOf(payload), nil)
	}
	f := func(r *http.Request, want Reason) {
		t.Helper()
		if err := verifier.Verify(r, payload, "xray", signedAt); reasonOf(err) != want {
			t.Errorf("got %v, want reason %d", err, want)
		}
	}
	change := func(do func(r *http.Request)) *http.Request {
		r := good()
		do(r)
		return r
	}
	auth := good().Header.Get("Authorization")
	f(change(func(r *http.Request) { r.Header.Del("Authorization") }), Missing)
	f(change(func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }), Missing)
	f(change(func(r *http.Request) { r.Header.Set("Authorization", auth[:strings.Index(auth, "Signature=")]) }), Incomplete)
	f(change(func(r *http.Request) { r.Header.Set("Authorization", strings.Replace(auth, "Credential", "Kredit", 1)) }), Incomplete)
	f(change(func(r *http.Request) { r.Header.Set("Authorization", strings.Replace(auth, "/xray/", "/", 1)) }), Incomplete)
	f(change(func(r *http.Request) { r.Header.Del("X-Amz-Date") }), Incomplete)
	f(change(func(r *http.Request) { r.Header.Set("Authorization", strings.Replace(auth, "local", "other", 1)) }), UnknownKey)
	f(change(func(r *http.Request) { r.URL.RawQuery = "a=2" }), Mismatch)
	f(change(func(r *http.Request) { r.URL.Path = "/Traces" }), Mismatch)
	f(change(func(r *http.Request) { r.Host = "elsewhere" }), Mismatch)
	f(change(func(r *http.Request) { r.Header.Set("X-Amz-Meta", "b") }), Mismatch)
	f(change(func(r *http.Request) { r.Header.Set(contentSHAHeader, hashOf(nil)) }), Mismatch)
	f(signed(t, "POST", "http://h/", "xray", aws.Credentials{AccessKeyID: "local", SecretAccessKey: "wrong"}, hashOf(payload), nil), Mismatch)
	f(signed(t, "POST", "http://h/", "logs", keys, hashOf(payload), nil), Scope)

	if err := verifier.Verify(good(), []byte("another body"), "xray", signedAt); reasonOf(err) != Mismatch {
		t.Errorf("body: %v", err)
	}
	late := verifier.Verify(good(), payload, "xray", signedAt.Add(MaxSkew+time.Second))
	if reasonOf(late) != Skew || !strings.HasPrefix(late.Error(), "Signature expired: 20261123T120000Z is now earlier than 20261123T120001Z") {
		t.Errorf("late: %v", late)
	}
	early := verifier.Verify(good(), payload, "xray", signedAt.Add(-MaxSkew-time.Second))
	if reasonOf(early) != Skew || !strings.HasPrefix(early.Error(), "Signature not yet current") {
		t.Errorf("early: %v", early)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=local/20261123/us-east-1/xray/aws4_request, SignedHeaders=host;x-amz-date, Signature=00", "/TraceSegments?a=1&X-Amz-Algorithm=x")
	f.Add("AWS4-HMAC-SHA256", "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2Fb%2Fc%2Fd%2Faws4_request&X-Amz-Date=20261123T120000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=0&X-Amz-Expires=-1")
	f.Fuzz(func(t *testing.T, auth, target string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost"+target, nil)
		if err != nil {
			return
		}
		r.Header.Set("Authorization", auth)
		r.Header.Set("X-Amz-Date", "20261123T120000Z")
		if err := verifier.Verify(r, nil, "xray", signedAt); err == nil {
			t.Error("a made-up signature is right")
		}
	})
}
