package otlp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// certificate makes a self-signed certificate that is good for server and
// client, and returns the paths of it and its key.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: encoded}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestExportTraces_clientCertificate(t *testing.T) {
	cert, key := certificate(t)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(pair.Leaf)
	got := make(chan *http.Request, 4)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r
		w.Header().Set("Trailer", "Grpc-Status")
		_, _ = w.Write([]byte{0, 0, 0, 0, 0})
		w.Header().Set("Grpc-Status", "0")
	}))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = nil
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12}
	s.StartTLS()
	t.Cleanup(s.Close)

	f := func(protocol string, withKey bool) {
		t.Helper()
		set := map[string]string{"PROTOCOL": protocol, "ENDPOINT": s.URL, "CERTIFICATE": cert}
		if withKey {
			set["CLIENT_CERTIFICATE"], set["TRACES_CLIENT_KEY"] = cert, key
		}
		c, err := TracesConfig(func(name string) string { return set[name[len(general):]] })
		if err != nil {
			t.Fatal(err)
		}
		_, err = send(t, c)
		if !withKey {
			var e *Error
			if !errors.As(err, &e) || !e.Retryable() {
				t.Errorf("%s without a client certificate: %v", protocol, err)
			}
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", protocol, err)
		}
		if r := <-got; r.ProtoMajor != 2 || len(r.TLS.PeerCertificates) != 1 {
			t.Errorf("%s: %s, %d certificates", protocol, r.Proto, len(r.TLS.PeerCertificates))
		}
	}
	f(ProtocolHTTP, true)
	f(ProtocolGRPC, true)
	f(ProtocolHTTP, false)
	f(ProtocolGRPC, false)
}
