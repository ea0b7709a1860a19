package awsclient

import (
	"bytes"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/awsapi"
)

// alone leaves nothing of the machine's own AWS settings, and no metadata service.
func alone(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE",
		"AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
		"ECS_CONTAINER_METADATA_FILE", "ECS_CONTAINER_METADATA_URI_V4",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDBASE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// A peer is a server that keeps what it is asked.
type peer struct {
	*httptest.Server
	mu   sync.Mutex
	seen []*http.Request
	body []string
}

// start serves, answering each call with answer.
func start(t *testing.T, tls bool, answer http.HandlerFunc) *peer {
	t.Helper()
	p := &peer{}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		p.mu.Lock()
		r.Body = io.NopCloser(bytes.NewReader(body)) // a proxy reads it again
		p.seen, p.body = append(p.seen, r), append(p.body, string(body))
		p.mu.Unlock()
		answer(w, r)
	}))
	p.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // handshakes that must fail
	if tls {
		p.StartTLS()
	} else {
		p.Start()
	}
	t.Cleanup(p.Close)
	return p
}

func (p *peer) calls() []*http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*http.Request(nil), p.seen...)
}

func (p *peer) host() string { return p.Listener.Addr().String() }

func ok(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }

// call makes a call of X-Ray's as the settings say.
func call(t *testing.T, s Settings) error {
	t.Helper()
	client, err := s.Client(t.Context(), awsapi.XRay, "test")
	if err != nil {
		return err
	}
	_, err = client.Post(t.Context(), "/GetSamplingRules", []byte("{}"))
	return err
}

func wantError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: error %v, want %s", what, err, want)
	}
}

// stsAnswer is what AWS's reference of AssumeRole shows.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const stsAnswer = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><AssumedRoleId>ARO123EXAMPLE123:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/send/s</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>wJalr</SecretAccessKey><SessionToken>AQoDYXdz</SessionToken>
<Expiration>2099-11-09T13:34:41Z</Expiration></Credentials></AssumeRoleResult>
<ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata></AssumeRoleResponse>`

// TestRole assumes the role once, with the credentials of the place, and signs with the role's.
func TestRole(t *testing.T) {
	alone(t)
	sts := start(t, false, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, stsAnswer)
	})
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	xray := start(t, false, ok)
	s := Default()
	s.Region, s.Endpoint = "eu-west-1", xray.URL
	s.RoleARN, s.ExternalID = "arn:aws:iam::123456789012:role/send", "a shared secret"
	client, err := s.Client(t.Context(), awsapi.XRay, "test")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := client.Post(t.Context(), "/GetSamplingRules", []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(sts.calls()); n != 1 {
		t.Fatalf("the role is assumed %d times", n)
	}
	if a := sts.calls()[0].Header.Get("Authorization"); !strings.Contains(a, "Credential=AKIDBASE/") || !strings.Contains(a, "/eu-west-1/sts/") {
		t.Errorf("STS is called with %s", a)
	}
	for _, want := range []string{"Action=AssumeRole", "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fsend", "ExternalId=a+shared+secret"} {
		if !strings.Contains(sts.body[0], want) {
			t.Errorf("STS is asked %s, without %s", sts.body[0], want)
		}
	}
	for _, r := range xray.calls() {
		if a := r.Header.Get("Authorization"); !strings.Contains(a, "Credential=AKIDROLE/") || r.Header.Get("X-Amz-Security-Token") != "AQoDYXdz" {
			t.Errorf("X-Ray is called with %s, token %q", a, r.Header.Get("X-Amz-Security-Token"))
		}
	}
}

// TestRole_refused: that the role may not be assumed is said by the call.
func TestRole_refused(t *testing.T) {
	alone(t)
	sts := start(t, false, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>`)
	})
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	xray := start(t, false, ok)
	s := Default()
	s.Region, s.Endpoint, s.RoleARN = "eu-west-1", xray.URL, "arn:aws:iam::123456789012:role/send"
	wantError(t, "role", call(t, s), "sts:AssumeRole")
	if n := len(xray.calls()); n != 0 {
		t.Errorf("X-Ray is called %d times", n)
	}
}

// TestProxy sends through a proxy of either kind: one that reads the request, and one that joins two connections.
func TestProxy(t *testing.T) {
	alone(t)
	xray := start(t, false, ok)
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Host = xray.host() }}
	proxy := start(t, false, forward.ServeHTTP)
	s := Default()
	s.Region, s.Endpoint, s.ProxyAddress = "eu-west-1", "http://xray.eu-west-1.example", proxy.URL
	if err := call(t, s); err != nil {
		t.Error(err)
	}
	if got := xray.calls(); len(got) != 1 || got[0].Host != "xray.eu-west-1.example" {
		t.Errorf("X-Ray is called %d times", len(got))
	}

	secure := start(t, true, ok)
	tunnel := agenttest.NewTunnel(t, secure.host())
	s.Endpoint, s.ProxyAddress, s.NoVerifySSL = "https://xray.eu-west-1.example", tunnel.URL, true
	if err := call(t, s); err != nil {
		t.Error(err)
	}
	if asked := tunnel.Asked(); !slices.Equal(asked, []string{"CONNECT xray.eu-west-1.example:443"}) || len(secure.calls()) != 1 {
		t.Errorf("the proxy is asked for %q, X-Ray called %d times", asked, len(secure.calls()))
	}

	s.ProxyAddress = "http://127.0.0.1:1" // nothing listens
	wantError(t, "no proxy", call(t, s), "proxyconnect")
	s.ProxyAddress = "http://user:pass word@x"
	wantError(t, "no address", s.Validate(), "proxy_address")
}

// TestCertificates: whom the settings trust.
func TestCertificates(t *testing.T) {
	alone(t)
	xray := start(t, true, ok)
	dir := t.TempDir()
	write := func(name string, text []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: xray.Certificate().Raw}))
	s := Default()
	s.Region, s.MaxRetries = "eu-west-1", 1
	s.Endpoint = xray.host() // without a scheme it is https
	wantError(t, "the system's authorities", call(t, s), "certificate")

	trusting := s
	trusting.CertificateFilePath = good
	if err := call(t, trusting); err != nil {
		t.Errorf("certificate_file_path: %v", err)
	}
	trusting.CertificateFilePath = filepath.Join(dir, "none.pem")
	wantError(t, "no file", call(t, trusting), "certificate_file_path")
	trusting.CertificateFilePath = write("no.pem", []byte("no certificate"))
	wantError(t, "no certificate", call(t, trusting), "certificate_file_path")

	careless := s
	careless.NoVerifySSL = true
	if err := call(t, careless); err != nil {
		t.Errorf("no_verify_ssl: %v", err)
	}
	t.Setenv("AWS_CA_BUNDLE", good)
	if err := call(t, s); err != nil {
		t.Errorf("AWS_CA_BUNDLE: %v", err)
	}
}

// TestCredentials: which of several credentials count.
func TestCredentials(t *testing.T) {
	alone(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	file := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(file, []byte("[default]\naws_access_key_id=AKIDDEFAULT\naws_secret_access_key=s\n[other]\naws_access_key_id=AKIDOTHER\naws_secret_access_key=s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(want, profile string) {
		t.Helper()
		xray := start(t, false, ok)
		s := Default()
		s.Region, s.Endpoint, s.Profile, s.SharedCredentialsFile = "eu-west-1", xray.URL, profile, []string{file}
		if err := call(t, s); err != nil {
			t.Error(err)
		} else if a := xray.calls()[0].Header.Get("Authorization"); !strings.Contains(a, "Credential="+want+"/") {
			t.Errorf("profile %q signs with %s", profile, a)
		}
	}
	f("AKIDDEFAULT", "")
	f("AKIDOTHER", "other")
	s := Default()
	s.Region, s.Profile, s.SharedCredentialsFile = "eu-west-1", "absent", []string{file}
	wantError(t, "no such profile", call(t, s), "absent")
}

func TestValidate(t *testing.T) {
	f := func(want string, change func(*Settings)) {
		t.Helper()
		s := Default()
		change(&s)
		wantError(t, want, s.Validate(), want)
	}
	f("num_workers", func(s *Settings) { s.NumWorkers = -1 })
	f("request_timeout_seconds", func(s *Settings) { s.RequestTimeoutSeconds = -1 })
	f("max_retries", func(s *Settings) { s.MaxRetries = -1 })
	f("imds_retries", func(s *Settings) { s.IMDSRetries = -1 })
	s := Default()
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
	if s.MaxRetries = 0; s.Attempts() != awsAttempts {
		t.Errorf("%d attempts", s.Attempts())
	}
}
