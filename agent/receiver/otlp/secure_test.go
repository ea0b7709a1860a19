package otlp_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/bearertokenauthextension"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// token is what a client must know.
const token = "s3cret"

// withBearer are the factories, and the extension that asks for a token.
func withBearer() (otelcol.Factories, error) {
	f, err := factories()
	bearer := bearertokenauthextension.NewFactory()
	f.Extensions = map[component.Type]extension.Factory{bearer.Type(): bearer}
	return f, err
}

// An authority signs certificates for this machine.
type authority struct {
	pool *x509.CertPool
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{pool: x509.NewCertPool(), key: key, file: filepath.Join(t.TempDir(), "ca.pem")}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	writePEM(t, a.file, "CERTIFICATE", der)
	return a
}

// sign makes a certificate and its key, as files and as what a client has.
func (a *authority) sign(t *testing.T) (certFile, keyFile string, both tls.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writePEM(t, certFile, "CERTIFICATE", der)
	writePEM(t, keyFile, "EC PRIVATE KEY", private)
	if both, err = tls.LoadX509KeyPair(certFile, keyFile); err != nil {
		t.Fatal(err)
	}
	return certFile, keyFile, both
}

func writePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestReceiver_tlsAndAuth takes spans from who comes with a certificate of the authority and with the token, and from nobody
// else.
func TestReceiver_tlsAndAuth(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	ca := newAuthority(t)
	cert, key, _ := ca.sign(t)
	_, _, own := ca.sign(t)
	_, _, foreign := newAuthority(t).sign(t)
	grpcAddr, httpAddr := agenttest.FreeAddr(t), agenttest.FreeAddr(t)
	secure := fmt.Sprintf("tls: {cert_file: %q, key_file: %q, client_ca_file: %q}, auth: {authenticator: bearertokenauth}", cert, key, ca.file)
	agenttest.Start(t, withBearer, fmt.Sprintf(`
extensions: {bearertokenauth: {token: %q}}
receivers: {otlp: {protocols: {grpc: {endpoint: %q, %s}, http: {endpoint: %q, %s}}}}
exporters: {awsxray: {region: us-east-1}}
service:
  extensions: [bearertokenauth]
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [awsxray]}}
`, token, grpcAddr, secure, httpAddr, secure))

	sent := 0
	f := func(name string, ok bool, certificate tls.Certificate, authorization string) {
		t.Helper()
		config := &tls.Config{RootCAs: ca.pool, Certificates: []tls.Certificate{certificate}}
		err := sendGRPC(t, grpcAddr, config, authorization)
		if (err == nil) != ok {
			t.Errorf("%s, gRPC: %v", name, err)
		}
		httpErr := sendHTTP(t, httpAddr, config, authorization)
		if (httpErr == nil) != ok {
			t.Errorf("%s, HTTP: %v", name, httpErr)
		}
		if ok {
			sent += 2
		}
		if authorization != "Bearer "+token && len(certificate.Certificate) > 0 && certificate.Leaf == own.Leaf && status.Code(err) != codes.Unauthenticated {
			t.Errorf("%s: %v, want Unauthenticated", name, err)
		}
	}
	f("known, with the token", true, own, "Bearer "+token)
	f("known, without a token", false, own, "")
	f("known, with another token", false, own, "Bearer x")
	f("unknown, with the token", false, foreign, "Bearer "+token)
	f("without a certificate", false, tls.Certificate{}, "Bearer "+token)
	agenttest.Eventually(t, "what was taken arrives", func() bool { return aws.Counts().Segments == sent })
}

func sendGRPC(t *testing.T, addr string, config *tls.Config, authorization string) error {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", authorization)
	_, err = ptraceotlp.NewGRPCClient(conn).Export(ctx, ptraceotlp.NewExportRequestFromTraces(agenttest.Traces(1)))
	return err
}

func sendHTTP(t *testing.T, addr string, config *tls.Config, authorization string) error {
	t.Helper()
	body, err := ptraceotlp.NewExportRequestFromTraces(agenttest.Traces(1)).MarshalProto()
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+addr+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("Authorization", authorization)
	transport := &http.Transport{TLSClientConfig: config}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", resp.Status)
	}
	return nil
}
