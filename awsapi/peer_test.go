package awsapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The credentials of AWS's own examples.
const (
	testKey    = "AKIDEXAMPLE00000"
	testSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	testToken  = "IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////8="
)

// testTime is when tests sign.
func testTime() time.Time { return time.Date(2026, 11, 23, 20, 5, 7, 0, time.UTC) }

func testCredentials() aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: testKey, SecretAccessKey: testSecret, SessionToken: testToken}, nil
	})
}

// A request is what arrived.
type request struct {
	method, host, path string
	header             http.Header
	raw, body          []byte // as sent, and decompressed
}

// A peer is a service that answers as told and keeps what arrived.
type peer struct {
	server *httptest.Server
	mu     sync.Mutex
	got    []request
}

// serve starts a peer. Every request must be signed well, unless the test's credentials are anonymous.
func serve(t *testing.T, answer http.HandlerFunc) *peer {
	t.Helper()
	p := &peer{}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client went away
		}
		req := request{method: r.Method, host: r.Host, path: r.URL.RequestURI(), header: r.Header.Clone(), raw: raw, body: raw}
		if r.Header.Get("Content-Encoding") == "gzip" {
			req.body = gunzip(t, raw)
		}
		p.mu.Lock()
		p.got = append(p.got, req)
		p.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(p.server.Close)
	return p
}

func (p *peer) last(t *testing.T) request {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.got) == 0 {
		t.Fatal("no request arrived")
	}
	return p.got[len(p.got)-1]
}

func gunzip(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Error(err)
		return nil
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Error(err)
	}
	return out
}

// client returns a client for p that believes to talk to the real host, so that signatures are the same in each run.
func (p *peer) client(t *testing.T, s Service, change ...func(*Config)) *Client {
	t.Helper()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", p.server.Listener.Addr().String())
		},
		DisableCompression: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	c := Config{
		Service: s, Region: "us-east-1", Endpoint: "http://" + s.String() + ".us-east-1.amazonaws.com",
		Credentials: testCredentials(), HTTPClient: &http.Client{Transport: transport}, Now: testTime,
	}
	for _, f := range change {
		f(&c)
	}
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// ok answers every request with that JSON.
func ok(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

// checkSignature recomputes the request's signature from AWS's description of Signature Version 4, not with the signer
// that made it. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func checkSignature(t *testing.T, r request, service, region string) {
	t.Helper()
	rest, ok := strings.CutPrefix(r.header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		t.Fatalf("Authorization %q", r.header.Get("Authorization"))
	}
	fields := map[string]string{}
	for _, f := range strings.Split(rest, ", ") {
		k, v, _ := strings.Cut(f, "=")
		fields[k] = v
	}
	stamp := r.header.Get("X-Amz-Date")
	scope := stamp[:8] + "/" + region + "/" + service + "/aws4_request"
	if want := testKey + "/" + scope; fields["Credential"] != want {
		t.Errorf("credential %q, want %q", fields["Credential"], want)
	}
	signed := strings.Split(fields["SignedHeaders"], ";")
	var canonical strings.Builder
	canonical.WriteString(r.method + "\n" + r.path + "\n\n")
	for _, name := range signed {
		value := r.header.Get(name)
		if name == "host" {
			value = r.host
		}
		canonical.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	canonical.WriteString("\n" + fields["SignedHeaders"] + "\n" + hexSum(r.raw))
	toSign := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + hexSum([]byte(canonical.String()))
	key := []byte("AWS4" + testSecret)
	for _, part := range strings.Split(scope, "/") {
		key = mac(key, part)
	}
	if want := hex.EncodeToString(mac(key, toSign)); fields["Signature"] != want {
		t.Errorf("signature %q, want %q", fields["Signature"], want)
	}
	if r.header.Get("X-Amz-Security-Token") != testToken {
		t.Errorf("security token %q", r.header.Get("X-Amz-Security-Token"))
	}
	for name := range r.header {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-amz") && !slices.Contains(signed, name) {
			t.Errorf("header %s is not signed", name)
		}
	}
}

func mac(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// asError returns the *Error in err.
func asError(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v is no *Error", err)
	}
	return e
}
